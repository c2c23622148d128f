"""The delivery itself: from the Kinesis stream into the bucket, as Firehose does it."""

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event
from typing import IO

from botocore.exceptions import BotoCoreError, ClientError

from dms_stream.rehearsal.delivery import checkpoint
from dms_stream.rehearsal.delivery.buffers import Buffer, Progress, Target
from dms_stream.rehearsal.delivery.clients import Clients
from dms_stream.rehearsal.delivery.compression import ENCODERS, PlainEncoder, finished
from dms_stream.rehearsal.delivery.conversion import ParquetEncoder, RejectedRecordError
from dms_stream.rehearsal.delivery.deployed_delivery import DeployedDelivery
from dms_stream.rehearsal.delivery.errors import DeliveryError
from dms_stream.rehearsal.delivery.failures import Failure, extraction_failed, too_many_partitions
from dms_stream.rehearsal.delivery.partitioning import NoPartition, Partition
from dms_stream.rehearsal.delivery.prefixes import object_name
from dms_stream.rehearsal.delivery.records import Record, StreamReader

# https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html: 5 calls/s and shard
_POLL_SECONDS = 0.2
_TELL_SECONDS = 1.0
# AWS tells only how long Firehose tries again, a day:
# https://docs.aws.amazon.com/firehose/latest/dev/retry.html
_RETRY_SECONDS = 30.0
_LEAST_RETRY_SECONDS = 0.5
# beginnings of Kinesis's error codes
_RETRIED = ("KMS", "ProvisionedThroughputExceeded")


@dataclass(frozen=True)
class Put:
    """An object that was put.

    Attributes:
        key: Its name.
        records: Records in it.
        bytes: Its size.
        is_error: Whether it holds what could not be delivered.
        oldest_arrival: When its oldest record arrived on the stream, in seconds since 1970.
        at: When it was in the bucket, in seconds since 1970.
        waiting_since: When the oldest record arrived that is still to be put; None: there is none.
    """

    key: str
    records: int
    bytes: int
    is_error: bool
    oldest_arrival: float
    at: float
    waiting_since: float | None = None

    @property
    def latency(self) -> float:
        """Seconds from the oldest record's arrival on the stream to the object."""
        return self.at - self.oldest_arrival


@dataclass(frozen=True)
class Read:
    """What was read from the stream since the last one.

    Attributes:
        records: Records.
        bytes: Their size.
        millis_behind: How far the slowest shard is behind the stream's end.
        waiting_since: When the oldest record arrived that is still to be put; None: there is none.
        failed: Records among them that go below the error prefix, by `Failure.kind`.
    """

    records: int
    bytes: int
    millis_behind: int
    waiting_since: float | None = None
    failed: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class RefusedPut:
    """An object that S3 refused.

    Attributes:
        code: S3's error code.
        message: What S3 said.
        waiting_since: When its oldest record arrived, in seconds since 1970.
    """

    code: str
    message: str
    waiting_since: float


@dataclass(frozen=True)
class RefusedRead:
    """A read that was refused: the stream's key cannot be used, or there are too many readers.

    Attributes:
        code: Kinesis's error code, such as `KMSDisabledException`.
        message: What Kinesis said.
    """

    code: str
    message: str


class DeliveryWorker:
    """Delivers a stream until it is stopped.

    Records are kept in one buffer per partition; an object is put when its buffer is full or old
    enough, and the checkpoint is written after each put. So whatever ends the worker, the next one
    loses nothing, and delivers what was read since the checkpoint once more: at least once.

    Args:
        deployed: The delivery stream.
        clients: Where it is deployed.
        checkpoint_path: File for the checkpoint; its folder exists.
        time_scale: Factor on the buffer interval: 0.1 puts after 30 s what Firehose would put
            after 300 s. Sizes are not scaled.
        on_put: Called with each object.
        on_read: Called every second while records come.
        on_refused: Called with each object that S3 refuses, which is tried again until it is put,
            as Firehose does; None: that ends the worker.
        on_refused_read: Called with each read that is refused for the stream's key or for too many
            readers, which is tried again, as Firehose does; None: that ends the worker.
        clock: Seconds of a monotonic clock.

    Raises:
        DeliveryError: the checkpoint cannot be read, or Kinesis or S3 does not answer.
    """

    def __init__(
        self,
        deployed: DeployedDelivery,
        clients: Clients,
        *,
        checkpoint_path: Path,
        time_scale: float = 1.0,
        on_put: Callable[[Put], None] = lambda _put: None,
        on_read: Callable[[Read], None] = lambda _read: None,
        on_refused: Callable[[RefusedPut], None] | None = None,
        on_refused_read: Callable[[RefusedRead], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._deployed = deployed
        self._clients = clients
        self._checkpoint_path = checkpoint_path
        self._interval = deployed.buffer_interval.total_seconds() * time_scale
        self._on_put, self._on_read, self._on_refused = on_put, on_read, on_refused
        self._on_refused_read, self._is_refused = on_refused_read, False
        self._retry_seconds = max(_RETRY_SECONDS * time_scale, _LEAST_RETRY_SECONDS)
        self._stop, self._finish = Event(), Event()
        self._failed: Counter[str] = Counter()
        self._read_records = self._read_bytes = 0
        self._told_at, self._told_behind = float("-inf"), 0
        self._clock = clock
        self._buffers: dict[Target, Buffer] = {}
        self._partitions = 0
        self._extension = deployed.extension or (
            ParquetEncoder.extension
            if deployed.conversion
            else ENCODERS[deployed.compression].extension
        )
        positions = checkpoint.load(checkpoint_path, deployed.identity).shards
        self._progress = Progress(positions)
        self._reader = StreamReader(
            clients.kinesis, deployed.stream, start=deployed.start, positions=positions
        )

    def run(
        self,
        *,
        stop: Event,
        finish: Event,
        drains: SimpleQueue[int] | None = None,
        on_drained: Callable[[int], None] = lambda _number: None,
    ) -> None:
        """Deliver until `stop` or `finish` is set.

        Args:
            stop: End at once; what is in the buffers is delivered by the next worker.
            finish: End when everything on the stream is in the bucket.
            drains: Numbers of requests to put everything on the stream, and to go on.
            on_drained: Called with the number when that is done.
        """
        drain: int | None = None
        self._stop, self._finish = stop, finish
        try:
            while not stop.is_set():
                is_asked_to_finish, began = finish.is_set(), time.monotonic()
                if (is_behind := self._read_or_wait(stop)) is None:
                    continue
                if is_asked_to_finish and not is_behind:
                    self.put_all()
                    return
                if drain is not None and not is_behind:
                    self.put_all()
                    on_drained(drain)
                    drain = None
                if not is_asked_to_finish and drain is None:
                    # a call costs as much as hundreds of its records: better few calls, and full
                    rest = 0.0 if is_behind else began + _POLL_SECONDS - time.monotonic()
                    drain = _asked(drains, stop, max(0.0, rest))
        except InterruptedError:
            return  # told to end while S3 refuses
        except (BotoCoreError, ClientError) as error:
            raise DeliveryError(
                f"the delivery stream {self._deployed.name} cannot go on: {error}. What it has put "
                "is kept; run it again to deliver the rest"
            ) from error
        finally:
            for buffer in self._buffers.values():
                buffer.encoder.close()

    def put_all(self) -> None:
        """Put everything that is in the buffers."""
        for buffer in list(self._buffers.values()):
            self._put(buffer)

    def _read_or_wait(self, stop: Event) -> bool | None:
        """Whether there is more to read; None: the stream refuses it, for now."""
        try:
            is_behind = self._read_once(stop)
        except ClientError as error:
            code = str(error.response["Error"]["Code"])
            if self._on_refused_read is None or not code.startswith(_RETRIED):
                raise
            message = str(error.response["Error"].get("Message", code))
            if not self._is_refused:
                self._log(f"Kinesis.{code}", message)
            self._is_refused, self._told_at = True, float("-inf")
            self._on_refused_read(RefusedRead(code, message))
            if stop.wait(self._retry_seconds) or self._finish.is_set():
                raise InterruptedError from None
            return None
        self._is_refused = False
        return is_behind

    def _read_once(self, stop: Event) -> bool:
        is_behind, millis_behind = False, 0
        for batch in self._reader.batches():
            if stop.is_set():
                return False
            self._take(batch.records)
            self._read_records += len(batch.records)
            self._read_bytes += sum(len(record.data) for record in batch.records)
            millis_behind = max(millis_behind, batch.millis_behind)
            if batch.is_end:
                self._progress.end(batch.shard)
            is_behind = is_behind or batch.is_behind or batch.is_end
            self._put_due()
        self._put_due()
        self._tell_of_read(millis_behind)
        return is_behind

    def _tell_of_read(self, millis_behind: int) -> None:
        now = self._clock()
        # after a refusal the first read tells that it is over
        is_new = self._read_records or millis_behind != self._told_behind or self._is_refused
        if is_new and now - self._told_at >= _TELL_SECONDS:
            self._on_read(
                Read(
                    self._read_records,
                    self._read_bytes,
                    millis_behind,
                    self._waiting_since,
                    dict(self._failed),
                )
            )
            self._failed.clear()
            self._read_records = self._read_bytes = 0
            self._told_at, self._told_behind = now, millis_behind

    def _take(self, records: list[Record]) -> None:
        extraction = self._deployed.extraction
        if extraction is None:
            for record in records:
                self._progress.take(record)
                self._add((), record)
            return
        partitions = extraction.partitions([record.data for record in records])
        for record, partition in zip(records, partitions, strict=True):
            self._progress.take(record)
            if isinstance(partition, NoPartition):
                self._add_failed(record, extraction_failed(partition.message))
            else:
                self._add(partition, record)

    def _add(self, partition: Partition, record: Record) -> None:
        buffer = self._buffers.get(partition)
        if buffer is None and partition and self._partitions >= self._deployed.active_partitions:
            self._add_failed(record, too_many_partitions(self._deployed.active_partitions))
            return
        data = record.data
        if self._deployed.conversion is None:
            data += self._deployed.delimiter
        else:
            try:
                data = self._deployed.conversion.normalized(data)
            except RejectedRecordError as error:
                self._add_failed(record, error.failure)
                return
        if buffer is None:
            buffer = self._open(partition, record)
        buffer.add(record, data)
        if buffer.size >= self._deployed.buffer_bytes:
            self._put(buffer)

    def _add_failed(self, record: Record, failure: Failure) -> None:
        self._failed[failure.kind] += 1
        buffer = self._buffers.get(failure.error_type)
        if buffer is None:
            buffer = self._open(failure.error_type, record)
            self._log(failure.code, failure.message)
        line = failure.line(
            record.data,
            arrival=record.arrival,
            now=time.time(),
            sequence_number=record.sequence_number,
        )
        buffer.add(record, line)
        if buffer.size >= self._deployed.buffer_bytes:
            self._put(buffer)

    def _open(self, target: Target, record: Record) -> Buffer:
        encoder: PlainEncoder | ParquetEncoder
        if isinstance(target, str):
            encoder = PlainEncoder()
        elif self._deployed.conversion is not None:
            encoder = ParquetEncoder(self._deployed.conversion)
        else:
            encoder = ENCODERS[self._deployed.compression]()
        if not isinstance(target, str):
            self._partitions += 1
        buffer = Buffer(target, encoder, opened=self._clock(), oldest_arrival=record.arrival)
        self._buffers[target] = buffer
        return buffer

    def _put_due(self) -> None:
        now = self._clock()
        for buffer in list(self._buffers.values()):
            if now - buffer.opened >= self._interval:
                self._put(buffer)

    def _put(self, buffer: Buffer) -> None:
        key = self._key(buffer)
        options = {}
        if self._deployed.kms_key:
            options = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self._deployed.kms_key}
        if buffer.encoder.content_encoding:
            options["ContentEncoding"] = buffer.encoder.content_encoding
        with finished(buffer.encoder) as body:
            size = body.seek(0, 2)
            self._put_until_accepted(buffer, key, body, options)
        del self._buffers[buffer.target]
        is_error = isinstance(buffer.target, str)
        if not is_error:
            self._partitions -= 1
        checkpoint.save(
            self._checkpoint_path,
            checkpoint.Checkpoint(
                self._deployed.identity, self._progress.positions(self._buffers.values())
            ),
        )
        self._on_put(
            Put(
                key,
                buffer.records,
                size,
                is_error,
                buffer.oldest_arrival,
                time.time(),
                self._waiting_since,
            )
        )

    @property
    def _waiting_since(self) -> float | None:
        return min((buffer.oldest_arrival for buffer in self._buffers.values()), default=None)

    def _put_until_accepted(
        self, buffer: Buffer, key: str, body: IO[bytes], options: Mapping[str, str]
    ) -> None:
        is_logged = False
        while True:
            body.seek(0)
            try:
                self._clients.s3.put_object(
                    Bucket=self._deployed.bucket,
                    Key=key,
                    Body=body,
                    ContentType="application/octet-stream",
                    **options,
                )
                return
            except ClientError as error:
                if self._on_refused is None:
                    raise
                code = str(error.response["Error"]["Code"])
                message = str(error.response["Error"].get("Message", code))
                if not is_logged:
                    self._log(f"S3.{code}", message)
                    is_logged = True
                self._on_refused(RefusedPut(code, message, buffer.oldest_arrival))
            # until it is put nothing is read: what comes waits on the stream
            if self._stop.wait(self._retry_seconds) or self._finish.is_set():
                raise InterruptedError

    def _key(self, buffer: Buffer) -> str:
        moment = datetime.fromtimestamp(buffer.oldest_arrival, UTC).astimezone(self._deployed.zone)
        deployed = self._deployed
        if isinstance(buffer.target, str):
            prefix = deployed.error_prefix.evaluate(moment, error_type=buffer.target)
            # seen without an extension on AWS: https://github.com/floci-io/floci/issues/3235
            return prefix + object_name(deployed.name, deployed.version, moment, "")
        keys = dict(zip(deployed.prefix.keys, buffer.target, strict=False))
        name = object_name(deployed.name, deployed.version, moment, self._extension)
        return deployed.prefix.evaluate(moment, keys=keys) + name

    def _log(self, code: str, reason: str) -> None:
        """Log the first failure of an object, as Firehose does."""
        if self._deployed.log is None:
            return
        message = {
            "deliveryStreamARN": self._deployed.arn,
            "destination": f"arn:aws:s3:::{self._deployed.bucket}",
            "deliveryStreamVersionId": self._deployed.version,
            "message": reason,
            "errorCode": code,
        }
        try:
            self._clients.logs.put_log_events(
                logGroupName=self._deployed.log.group,
                logStreamName=self._deployed.log.stream,
                logEvents=[{"timestamp": int(time.time() * 1000), "message": json.dumps(message)}],
            )
        except self._clients.logs.exceptions.ResourceNotFoundException:
            return  # Firehose carries on without its log


def _asked(drains: SimpleQueue[int] | None, stop: Event, seconds: float) -> int | None:
    """Wait for the next read; a request to drain cuts it short."""
    if drains is None:
        stop.wait(seconds)
        return None
    try:
        return drains.get(timeout=seconds)
    except Empty:
        return None
