"""Writing records to the Kinesis stream, in order, while the next ones are made."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from constructs_lib.dms.limits import LARGEST_RECORD_BYTES
from dms_stream.rehearsal.errors import RefusedError, RehearsalError
from dms_stream.rehearsal.mapping.table_recipe import Message
from dms_stream.rehearsal.task.batch_queue import Batch, BatchQueue, Entry, Kept, Work

# https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
_MOST_RECORDS = 500
_MOST_BYTES = 5 * 1024 * 1024
_ATTEMPTS = 5
_THROTTLED = "ProvisionedThroughputExceededException"
# a shard takes more with each second
_THROTTLED_SECONDS = 0.2
# beyond them reading waits: what is on disk has to be written before a task has stopped
_MOST_ROWS_ON_DISK = 200_000


class StreamWriter:
    """Puts records on a stream; they count as written once `flush` or a mark says so.

    A transaction goes to the stream once it is committed. Until then, and while the stream takes
    less than comes, it waits in memory and beyond that on disk, as with DMS.

    Args:
        kinesis: boto3's client.
        stream_name: The stream.
        folder: Where rows lie that are beyond the memory.
        ends_in_newline: Whether each record ends in a newline.

    Attributes:
        sent: Records that the stream has accepted.
        sent_bytes: Their size.
    """

    def __init__(
        self, kinesis: Any, stream_name: str, *, folder: Path, ends_in_newline: bool = False
    ) -> None:
        self._kinesis, self._stream = kinesis, stream_name
        self._ending = b"\n" if ends_in_newline else b""
        self._batch: Batch = []
        self._bytes = 0
        self._queue = BatchQueue(folder)
        self._is_in_transaction = False
        self._holds = False
        self._failure: BaseException | None = None
        self._in_flight = 0
        self.sent = 0
        self.sent_bytes = 0
        self._thread = Thread(target=self._work, name="stream-writer", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Records of the batch that is being filled."""
        return len(self._batch)

    @property
    def unaccepted(self) -> int:
        """Records made that the stream has not accepted yet, about."""
        kept = self.kept
        return kept.source_memory + kept.source_disk + kept.target_memory + kept.target_disk

    @property
    def kept(self) -> Kept:
        """Where those are."""
        found, filled = self._queue.kept(), len(self._batch)
        of_source = filled if self._is_in_transaction else 0
        return replace(
            found,
            source_memory=found.source_memory + of_source,
            target_memory=found.target_memory + self._in_flight + filled - of_source,
        )

    def allow_disk(self, allowed: bool) -> None:
        """Whether rows may go to the disk; a full load's need not, as they wait at the source."""
        self._queue.spools = allowed

    def begin(self) -> None:
        """What is put from now on waits for `commit`."""
        self._is_in_transaction = True

    def commit(self) -> None:
        """What was put since `begin` is committed.

        Raises:
            RehearsalError: the stream did not accept earlier ones.
        """
        self._is_in_transaction = False
        # most transactions fill no batch, and a lock costs as much as a row
        if self._holds:
            self._holds = False
            self._queue.release(most_rows_on_disk=_MOST_ROWS_ON_DISK)
            self._check()

    def put(self, message: Message, describe: Callable[[], str]) -> None:
        """Add a record.

        Args:
            message: The record.
            describe: Describes the record, for a refusal.

        Raises:
            RefusedError: it is larger than Kinesis accepts.
            RehearsalError: the stream did not accept earlier ones.
        """
        data = message.text.encode() + self._ending
        size = len(data) + len(message.partition_key.encode())
        if size > LARGEST_RECORD_BYTES.value:
            raise RefusedError(
                "a record is too large for Kinesis",
                [
                    f"{describe()}: {size:,} bytes with the partition key, and Kinesis takes at "
                    f"most {LARGEST_RECORD_BYTES.value:,}: lower LobMaxSize, or remove a column "
                    "by a rule"
                ],
            )
        if len(self._batch) == _MOST_RECORDS or self._bytes + size > _MOST_BYTES:
            self._send_batch()
        self._batch.append({"Data": data, "PartitionKey": message.partition_key})
        self._bytes += size

    def mark(self, then: Callable[[], None]) -> None:
        """Call `then` once the stream has accepted everything put so far."""
        self._send_batch()
        self._enqueue(then)
        self._queue.release()

    def flush(self) -> None:
        """Wait until the stream has accepted everything put so far.

        Raises:
            RehearsalError: it did not.
        """
        self._send_batch()
        self._queue.join()
        self._check()

    def close(self) -> None:
        """End the thread; what was not accepted yet may be lost: `flush` first."""
        self._queue.close()
        self._thread.join()

    def _send_batch(self) -> None:
        if self._batch:
            self._enqueue(self._batch)
            self._batch, self._bytes = [], 0

    def _enqueue(self, work: Work) -> None:
        self._check()
        try:
            self._queue.put(work)
        except OSError as error:
            raise RehearsalError(
                f"rows that wait for the stream {self._stream} do not fit on the disk: {error}; "
                "make room and run it again to continue from the last checkpoint"
            ) from error
        if self._is_in_transaction:
            self._holds = True
        else:
            self._queue.release()

    def _check(self) -> None:
        if self._failure is not None:
            raise RehearsalError(
                f"the stream {self._stream} does not accept records: {self._failure}; run it again "
                "to continue from the last checkpoint"
            ) from self._failure

    def _work(self) -> None:
        while (work := self._queue.take()) is not None:
            try:
                if self._failure is None:
                    if callable(work):
                        work()
                    else:
                        self._put(work)
            except (BotoCoreError, ClientError, OSError, RehearsalError) as error:
                self._failure = error
            finally:
                self._queue.done()

    def _put(self, batch: Sequence[Entry]) -> None:
        left, refusals = list(batch), 0
        self._in_flight = len(left)
        while True:
            answer = self._kinesis.put_records(StreamName=self._stream, Records=left)
            if not answer.get("FailedRecordCount"):
                break
            # boto3 retries failed calls, but not the records that a call could not place
            refused = [
                (entry, result["ErrorCode"])
                for entry, result in zip(left, answer["Records"], strict=True)
                if result.get("ErrorCode")
            ]
            left = [entry for entry, _ in refused]
            if all(code == _THROTTLED for _, code in refused):
                time.sleep(_THROTTLED_SECONDS)  # as DMS does, until the stream takes them
                continue
            refusals += 1
            if refusals == _ATTEMPTS:
                raise RehearsalError(f"{len(left)} records were refused {_ATTEMPTS} times")
        self._in_flight = 0
        self.sent += len(batch)
        self.sent_bytes += sum(len(entry["Data"]) for entry in batch)
