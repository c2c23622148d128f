"""Kinesis data streams: tags, reading by ARN, and puts that are fast and lose nothing."""

from itertools import count, islice
from typing import Any

from moto.kinesis.models import KinesisBackend, Record, Shard
from moto.kinesis.responses import KinesisResponse

from local_aws.repairs import Method, Repairs

repairs = Repairs()

# https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html
_MOST_RECORDS = 10_000
_MOST_BYTES = 10 * 1024 * 1024


@repairs.around(KinesisResponse, "create_stream")
def _create_stream(original: Method, self: KinesisResponse) -> Any:
    # moto drops the tags given at creation
    answer = original(self)
    if tags := self._get_param("Tags"):
        self.kinesis_backend.add_tags_to_stream(
            stream_arn=None, stream_name=self._get_param("StreamName"), tags=tags
        )
    return answer


@repairs.around(KinesisBackend, "get_shard_iterator")
def _get_shard_iterator(
    original: Method,
    self: KinesisBackend,
    stream_arn: str | None,
    stream_name: str | None,
    *args: Any,
) -> Any:
    # moto writes the name into the iterator, also when the stream was named by its ARN
    name = self.describe_stream(stream_arn, stream_name).stream_name
    return original(self, None, name, *args)


@repairs.around(Shard, "get_max_sequence_number")
def _get_max_sequence_number(original: Method, self: Shard) -> int:  # noqa: ARG001
    # moto copies all keys to find the last, at every put
    return next(reversed(self.records), 0)


@repairs.around(Shard, "get_records")
def _get_records(
    original: Method,  # noqa: ARG001
    self: Shard,
    last_sequence_id: str,
    limit: int | None,
) -> tuple[list[Record], int, int]:
    # moto walks through the whole shard from its start, at every call; numbers have no gaps
    start = int(last_sequence_id) + 1
    found: list[Record] = []
    size = 0
    for number in islice(count(start), min(limit or _MOST_RECORDS, _MOST_RECORDS)):
        record = self.records.get(number)
        if record is None or size > _MOST_BYTES:
            break
        found.append(record)
        size += len(record.data) * 3 // 4  # it is kept in base64
    if not found:
        return [], int(last_sequence_id), 0
    newest = self.records[self.get_max_sequence_number()]
    behind = newest.created_at - found[-1].created_at
    return found, found[-1].sequence_number, int(behind * 1000)
