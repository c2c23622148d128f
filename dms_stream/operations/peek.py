"""The latest records of a pipeline's stream, decoded."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from dms_stream.messages import ControlRecord, DataRecord, MessageError, decode

# how far back the search goes before it gives up, each step four times as far
_FIRST_STEP = timedelta(minutes=5)
_STEPS_GROW = 4
# a shard answers five reads a second:
# https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html
_RECORDS_A_READ = 1000
_READS_A_SHARD = 50
_SHARDS_AT_ONCE = 8


@dataclass(frozen=True)
class PeekedRecord:
    """A record of the stream.

    Attributes:
        at: When Kinesis got it.
        shard: The shard it is on.
        sequence_number: Its number there.
        partition_key: Its partition key.
        operation: `load`, `insert`, `update`, `delete`, or a control record's; empty where it is
            no record of DMS's.
        table: Schema and table; empty where the record names none.
        record: The record, decoded; None where it is no record of DMS's.
        problem: What is wrong with it; empty where nothing is.
    """

    at: datetime
    shard: str
    sequence_number: str
    partition_key: str
    operation: str
    table: str
    record: DataRecord | ControlRecord | None
    problem: str = ""


def peek(
    kinesis: Any,
    stream_name: str,
    *,
    wanted: Callable[[PeekedRecord], bool] = lambda _: True,
    most: int,
    before_image_field: str = "before-image",
    retention: timedelta = timedelta(hours=24),
    now: datetime | None = None,
) -> list[PeekedRecord]:
    """The latest records that are wanted, the newest last.

    It looks at the last five minutes, then further back, until it has found enough or has reached
    the end of what the stream keeps. Of a shard it reads at most 50,000 records.

    Args:
        kinesis: boto3's client.
        stream_name: The stream.
        wanted: Whether a record is.
        most: How many.
        before_image_field: Key of the row before the change.
        retention: How long the stream keeps a record.
        now: The moment of the look; default: now.
    """
    moment = now or datetime.now(UTC)
    shards = [shard["ShardId"] for shard in _shards(kinesis, stream_name)]
    back, reached = _FIRST_STEP, moment
    found: list[PeekedRecord] = []
    while len(found) < most and moment - reached < retention:
        since = max(moment - back, moment - retention)
        read = partial(
            _read,
            kinesis,
            stream_name,
            since=since,
            until=reached,
            before_image_field=before_image_field,
        )
        with ThreadPoolExecutor(_SHARDS_AT_ONCE) as threads:
            newer = [record for records in threads.map(read, shards) for record in records]
        newer = [record for record in newer if wanted(record)]
        # those of one moment stay as their shard has them
        found = sorted([*newer, *found], key=lambda record: record.at)
        reached, back = since, back * _STEPS_GROW
    return found[-most:]


def _shards(kinesis: Any, stream_name: str) -> Iterator[dict[str, Any]]:
    request = {"StreamName": stream_name}
    while True:
        page = kinesis.list_shards(**request)
        yield from page["Shards"]
        if not page.get("NextToken"):
            return
        request = {"NextToken": page["NextToken"]}


def _read(
    kinesis: Any,
    stream_name: str,
    shard: str,
    *,
    since: datetime,
    until: datetime,
    before_image_field: str,
) -> list[PeekedRecord]:
    found: list[PeekedRecord] = []
    iterator = kinesis.get_shard_iterator(
        StreamName=stream_name,
        ShardId=shard,
        ShardIteratorType="AT_TIMESTAMP",
        Timestamp=since,
    )["ShardIterator"]
    for _ in range(_READS_A_SHARD):
        page = kinesis.get_records(ShardIterator=iterator, Limit=_RECORDS_A_READ)
        for record in page["Records"]:
            if record["ApproximateArrivalTimestamp"] >= until:
                return found
            found.append(_peeked(record, shard, before_image_field))
        iterator = page.get("NextShardIterator")
        if iterator is None or page.get("MillisBehindLatest", 0) == 0:
            break
    return found


def _peeked(record: dict[str, Any], shard: str, before_image_field: str) -> PeekedRecord:
    where = (
        record["ApproximateArrivalTimestamp"],
        shard,
        record["SequenceNumber"],
        record["PartitionKey"],
    )
    try:
        decoded = decode(record["Data"], before_image_field=before_image_field)
    except MessageError as error:
        return PeekedRecord(*where, "", "", None, str(error))
    metadata = decoded.metadata
    table = ".".join(part for part in (metadata.schema_name, metadata.table_name) if part)
    return PeekedRecord(*where, metadata.operation, table, decoded)
