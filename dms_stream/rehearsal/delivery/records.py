"""Reading a Kinesis stream: all its shards, parents before their children."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from dms_stream.rehearsal.delivery.checkpoint import Position

# Kinesis gives up to 10,000, which keep the embedded AWS from answering others for too long; with
# 2,000 a load takes 6 % longer:
# https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html
_RECORDS_PER_CALL = 5_000


class Record(NamedTuple):
    """A record of the stream.

    Attributes:
        shard: Shard it came from.
        sequence_number: Its number there.
        arrival: When it arrived, in seconds since 1970.
        data: What it holds.
    """

    shard: str
    sequence_number: str
    arrival: float
    data: bytes


@dataclass(frozen=True)
class Batch:
    """What one call read.

    Attributes:
        shard: Shard it came from.
        records: In their order; may be none.
        is_behind: Whether there is more to read.
        millis_behind: How far behind the end of the shard the last record is.
        is_end: Whether the shard was closed and has been read whole.
    """

    shard: str
    records: list[Record]
    is_behind: bool
    millis_behind: int
    is_end: bool


class StreamReader:
    """Reads a stream from where its delivery stands.

    Args:
        kinesis: A boto3 client.
        stream: Name of the stream.
        start: Where to read a shard that the positions do not name.
        positions: Where to resume, by shard.
    """

    def __init__(
        self, kinesis: Any, stream: str, *, start: datetime, positions: Mapping[str, Position]
    ) -> None:
        self._kinesis = kinesis
        self._stream = stream
        self._start = start
        self._positions = dict(positions)
        self._ended = {
            shard for shard, position in positions.items() if position.kind == "SHARD_END"
        }
        self._iterators: dict[str, str] = {}
        self._open_shards()

    def batches(self) -> Iterator[Batch]:
        """One call to each shard that is open."""
        for shard in list(self._iterators):
            yield self._read(shard)

    def _read(self, shard: str) -> Batch:
        try:
            answer = self._get(shard)
        except self._kinesis.exceptions.ExpiredIteratorException:
            # it expires after five minutes: the machine slept
            self._iterators[shard] = self._iterator(shard)
            answer = self._get(shard)
        records = [
            Record(
                shard,
                one["SequenceNumber"],
                one["ApproximateArrivalTimestamp"].timestamp(),
                one["Data"],
            )
            for one in answer["Records"]
        ]
        if records:
            self._positions[shard] = Position("AFTER_SEQUENCE_NUMBER", records[-1].sequence_number)
        following = answer.get("NextShardIterator")
        if following:
            self._iterators[shard] = following
        else:
            del self._iterators[shard]
            self._ended.add(shard)
            self._open_shards()
        millis_behind = int(answer.get("MillisBehindLatest", 0))
        is_behind = millis_behind > 0 or len(records) >= _RECORDS_PER_CALL
        return Batch(shard, records, is_behind, millis_behind, is_end=not following)

    def _get(self, shard: str) -> Any:
        return self._kinesis.get_records(
            ShardIterator=self._iterators[shard], Limit=_RECORDS_PER_CALL
        )

    def _open_shards(self) -> None:
        pages = self._kinesis.get_paginator("list_shards").paginate(StreamName=self._stream)
        shards = [shard for page in pages for shard in page["Shards"]]
        names = {shard["ShardId"] for shard in shards}
        for shard in shards:
            name = shard["ShardId"]
            parents = {shard.get("ParentShardId"), shard.get("AdjacentParentShardId")}
            waits = (parents & names) - self._ended
            if name not in self._iterators and name not in self._ended and not waits:
                self._iterators[name] = self._iterator(name)

    def _iterator(self, shard: str) -> str:
        where: dict[str, Any] = {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": self._start}
        if position := self._positions.get(shard):
            where = {
                "ShardIteratorType": position.kind,
                "StartingSequenceNumber": position.sequence_number,
            }
        answer = self._kinesis.get_shard_iterator(StreamName=self._stream, ShardId=shard, **where)
        return str(answer["ShardIterator"])
