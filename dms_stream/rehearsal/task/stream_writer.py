"""Writing records to the Kinesis stream, in order, while the next ones are made."""

from collections.abc import Callable, Sequence
from queue import Queue
from threading import Thread
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from constructs_lib.dms.limits import LARGEST_RECORD_BYTES
from dms_stream.rehearsal.errors import RefusedError, RehearsalError
from dms_stream.rehearsal.mapping.table_recipe import Message

# https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
_MOST_RECORDS = 500
_MOST_BYTES = 5 * 1024 * 1024
_BATCHES_AHEAD = 8
_ATTEMPTS = 5

_Entry = dict[str, Any]


class StreamWriter:
    """Puts records on a stream; they count as written once `flush` or a mark says so.

    Args:
        kinesis: boto3's client.
        stream_name: The stream.
        ends_in_newline: Whether each record ends in a newline.

    Attributes:
        sent: Records that the stream has accepted.
        sent_bytes: Their size.
    """

    def __init__(self, kinesis: Any, stream_name: str, *, ends_in_newline: bool = False) -> None:
        self._kinesis, self._stream = kinesis, stream_name
        self._ending = b"\n" if ends_in_newline else b""
        self._batch: list[_Entry] = []
        self._bytes = 0
        self._queue: Queue[list[_Entry] | Callable[[], None] | None] = Queue(_BATCHES_AHEAD)
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
        with self._queue.mutex:
            queued = [work for work in self._queue.queue if isinstance(work, list)]
        return len(self._batch) + self._in_flight + sum(len(batch) for batch in queued)

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
        self._queue.put(None)
        self._thread.join()

    def _send_batch(self) -> None:
        if self._batch:
            self._enqueue(self._batch)
            self._batch, self._bytes = [], 0

    def _enqueue(self, work: list[_Entry] | Callable[[], None]) -> None:
        self._check()
        self._queue.put(work)

    def _check(self) -> None:
        if self._failure is not None:
            raise RehearsalError(
                f"the stream {self._stream} does not accept records: {self._failure}; run it again "
                "to continue from the last checkpoint"
            ) from self._failure

    def _work(self) -> None:
        while (work := self._queue.get()) is not None:
            try:
                if self._failure is None:
                    if callable(work):
                        work()
                    else:
                        self._put(work)
            except (BotoCoreError, ClientError, OSError, RehearsalError) as error:
                self._failure = error
            finally:
                self._queue.task_done()
        self._queue.task_done()

    def _put(self, batch: Sequence[_Entry]) -> None:
        left = list(batch)
        self._in_flight = len(left)
        for _ in range(_ATTEMPTS):
            answer = self._kinesis.put_records(StreamName=self._stream, Records=left)
            if not answer.get("FailedRecordCount"):
                break
            # boto3 retries failed calls, but not the records that a call could not place
            left = [
                entry
                for entry, result in zip(left, answer["Records"], strict=True)
                if result.get("ErrorCode")
            ]
        else:
            raise RehearsalError(f"{len(left)} records were refused {_ATTEMPTS} times")
        self._in_flight = 0
        self.sent += len(batch)
        self.sent_bytes += sum(len(entry["Data"]) for entry in batch)
