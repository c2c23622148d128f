"""Where a stream is read from, call by call, and what is said of what was read."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber

from dms_stream.rehearsal.delivery.checkpoint import Position
from dms_stream.rehearsal.delivery.records import Batch, Record, StreamReader
from tests.support.nobodys_client import nobodys_client

START = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
ARRIVED = datetime(2026, 1, 2, 3, 5, tzinfo=UTC)


@pytest.fixture
def kinesis() -> Any:
    """A client that nobody answers but a test."""
    return nobodys_client("kinesis")


@pytest.fixture
def stub(kinesis: Any) -> Iterator[Stubber]:
    """Its answers; each is asked for, in this order."""
    with Stubber(kinesis) as stub:
        yield stub
        stub.assert_no_pending_responses()


def shards(stub: Stubber, *parents: list[int]) -> None:
    """The stream has these shards, each with its parents."""
    listed = []
    for number, of in enumerate(parents):
        names = dict(zip(("ParentShardId", "AdjacentParentShardId"), of, strict=False))
        listed.append(
            {
                "ShardId": f"shard-{number}",
                **{key: f"shard-{parent}" for key, parent in names.items()},
                "HashKeyRange": {"StartingHashKey": "0", "EndingHashKey": "1"},
                "SequenceNumberRange": {"StartingSequenceNumber": "0"},
            }
        )
    stub.add_response("list_shards", {"Shards": listed}, {"StreamName": "changes"})


def opens(stub: Stubber, shard: int, iterator: str, **where: Any) -> None:
    """A shard is read from there on."""
    stub.add_response(
        "get_shard_iterator",
        {"ShardIterator": iterator},
        {
            "StreamName": "changes",
            "ShardId": f"shard-{shard}",
            **(where or {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": START}),
        },
    )


def after(number: int) -> dict[str, str]:
    """Behind a record."""
    return {
        "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
        "StartingSequenceNumber": str(number),
    }


def gives(
    stub: Stubber, iterator: str, following: str | None, *numbers: int, behind: int | None = 0
) -> None:
    """These records are read."""
    records = [
        {
            "SequenceNumber": str(number),
            "ApproximateArrivalTimestamp": ARRIVED,
            "Data": f"{number}".encode(),
            "PartitionKey": "k",
        }
        for number in numbers
    ]
    answer = {"Records": records, "NextShardIterator": following, "MillisBehindLatest": behind}
    given = {key: value for key, value in answer.items() if value is not None}
    stub.add_response("get_records", given, {"ShardIterator": iterator, "Limit": 5_000})


def record(shard: int, number: int) -> Record:
    """One that was read."""
    return Record(f"shard-{shard}", str(number), ARRIVED.timestamp(), f"{number}".encode())


def reader(kinesis: Any, **positions: Position) -> StreamReader:
    """One that goes on at positions, by the number of the shard."""
    by_shard = {name.replace("_", "-"): position for name, position in positions.items()}
    return StreamReader(kinesis, "changes", start=START, positions=by_shard)


def test_it_begins_where_it_is_told_and_goes_on_where_it_was(kinesis: Any, stub: Stubber) -> None:
    shards(stub, [], [])
    opens(stub, 0, "zero", **after(41))
    opens(stub, 1, "one")
    found = reader(kinesis, shard_0=Position("AFTER_SEQUENCE_NUMBER", "41"))
    gives(stub, "zero", "zero-2", 42, 43, behind=7)
    gives(stub, "one", "one-2", behind=None)
    assert list(found.batches()) == [
        Batch("shard-0", [record(0, 42), record(0, 43)], True, 7, is_end=False),
        Batch("shard-1", [], False, 0, is_end=False),
    ]
    gives(stub, "zero-2", "zero-3")
    gives(stub, "one-2", "one-3", 1)
    assert [(len(each.records), each.is_behind) for each in found.batches()] == [
        (0, False),
        (1, False),
    ]


def test_a_shard_waits_for_its_parents_and_one_that_has_ended_is_not_read_again(
    kinesis: Any, stub: Stubber
) -> None:
    family: list[list[int]] = [[], [], [0], [1, 2], [0], [9]]
    shards(stub, *family)
    opens(stub, 1, "one")
    opens(stub, 2, "two")
    opens(stub, 4, "four")
    # its parent's records are older than what the stream keeps
    opens(stub, 5, "five")
    found = reader(kinesis, shard_0=Position("SHARD_END", ""))

    gives(stub, "one", None, 5)
    shards(stub, *family)
    gives(stub, "two", None)
    shards(stub, *family)
    opens(stub, 3, "three")
    gives(stub, "four", "four-2")
    gives(stub, "five", "five-2")
    assert [(each.shard, each.is_end) for each in found.batches()] == [
        *(("shard-1", True), ("shard-2", True)),
        *(("shard-4", False), ("shard-5", False)),
    ]
    gives(stub, "four-2", "four-3")
    gives(stub, "five-2", "five-3")
    gives(stub, "three", "three-2")
    assert [each.shard for each in found.batches()] == ["shard-4", "shard-5", "shard-3"]


def test_a_full_answer_is_not_the_last_one(kinesis: Any, stub: Stubber) -> None:
    shards(stub, [])
    opens(stub, 0, "zero")
    found = reader(kinesis)
    gives(stub, "zero", "zero-2", *range(4_999))
    gives(stub, "zero-2", "zero-3", *range(5_000))
    assert [each.is_behind for _ in range(2) for each in found.batches()] == [False, True]


@pytest.mark.parametrize("has_read", [True, False])
def test_an_iterator_that_has_expired_is_made_anew_where_it_was(
    kinesis: Any, stub: Stubber, has_read: bool
) -> None:
    shards(stub, [])
    opens(stub, 0, "zero")
    found = reader(kinesis)
    gives(stub, "zero", "zero-2", *([8] if has_read else []))
    list(found.batches())
    stub.add_client_error("get_records", "ExpiredIteratorException")
    opens(stub, 0, "again", **(after(8) if has_read else {}))
    gives(stub, "again", "again-2", 9)
    (batch,) = found.batches()
    assert batch.records == [record(0, 9)]
