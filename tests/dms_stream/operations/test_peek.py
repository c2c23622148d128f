"""The latest records of the stream, decoded, by table and operation."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dms_stream.operations.peek import PeekedRecord, peek
from tests.support.operated import Operated, OperatingCommand

# each asks an embedded AWS or a stand-in of it
pytestmark = pytest.mark.slow


def data(operation: str, table: str, **row: Any) -> bytes:
    """A record of DMS."""
    metadata = {
        "timestamp": "2026-01-01T00:00:00Z",
        "record-type": "data",
        "operation": operation,
        "partition-key-type": "primary-key",
        "schema-name": "dms_sample",
        "table-name": table,
    }
    return json.dumps({"data": row, "metadata": metadata}).encode()


CONTROL = json.dumps(
    {
        "control": {"table-def": {"columns": {"id": {"type": "INT32"}}}},
        "metadata": {
            "timestamp": "2026-01-01T00:00:00Z",
            "record-type": "control",
            "operation": "create-table",
            "partition-key-type": "task-id",
            "schema-name": "dms_sample",
            "table-name": "tickets",
        },
    }
).encode()


def put(operated: Operated, *records: bytes) -> None:
    kinesis = operated.client("kinesis")
    for record in records:
        kinesis.put_record(StreamName="changes", Data=record, PartitionKey="key")


def latest(operated: Operated, **options: Any) -> list[PeekedRecord]:
    return peek(operated.client("kinesis"), "changes", **{"most": 10, **options})


def test_the_latest_come_last_and_no_more_than_asked_for(operated: Operated) -> None:
    put(operated, *(data("insert", "tickets", id=number) for number in range(5)))
    found = latest(operated, most=2)
    assert [record.record.data for record in found if record.record] == [{"id": 3}, {"id": 4}]  # type: ignore[union-attr]
    assert {(record.operation, record.table) for record in found} == {
        ("insert", "dms_sample.tickets")
    }
    assert found[0].partition_key == "key"


def test_what_is_no_record_of_dms_is_shown_as_that(operated: Operated) -> None:
    put(operated, b"nonsense")
    (found,) = latest(operated)
    assert found.record is None
    assert "is not one JSON document" in found.problem


class Old:
    """boto3's client of a stream whose records came some time ago."""

    def __init__(self, kinesis: Any, age: timedelta) -> None:
        self._kinesis, self._age = kinesis, age
        self.since: list[datetime] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kinesis, name)

    def get_shard_iterator(self, **asked: Any) -> Any:
        """From which moment on is read."""
        self.since.append(asked["Timestamp"])
        return self._kinesis.get_shard_iterator(
            **asked | {"Timestamp": asked["Timestamp"] + self._age}
        )

    def get_records(self, **asked: Any) -> Any:
        """Records that came so long ago."""
        page = self._kinesis.get_records(**asked)
        for record in page["Records"]:
            record["ApproximateArrivalTimestamp"] -= self._age
        return page


def test_it_looks_further_back_until_it_has_enough_or_the_stream_ends(operated: Operated) -> None:
    put(operated, data("insert", "tickets", id=1), data("insert", "tickets", id=2))
    now = datetime.now(UTC) + timedelta(seconds=1)
    old = Old(operated.client("kinesis"), timedelta(hours=1))
    found = peek(old, "changes", most=2, now=now)
    assert len(found) == 2
    assert [now - since for since in old.since] == [
        timedelta(minutes=minutes) for minutes in (5, 20, 80)
    ]
    old = Old(operated.client("kinesis"), timedelta(hours=1))
    found = peek(old, "changes", most=3, now=now)
    assert len(found) == 2
    assert now - old.since[-1] == timedelta(hours=24)


NOW = datetime(2026, 1, 2, tzinfo=UTC)


class Endless:
    """A stream of two pages of shards, each with an old record at every read and no end."""

    def __init__(self) -> None:
        self.since: list[timedelta] = []
        self.limits: list[int] = []

    def list_shards(self, **request: Any) -> Any:
        if "NextToken" in request:
            assert request == {"NextToken": "more"}
            return {"Shards": [{"ShardId": "two"}]}
        return {"Shards": [{"ShardId": "one"}], "NextToken": "more"}

    def get_shard_iterator(self, **request: Any) -> Any:
        assert request.pop("ShardId") in ("one", "two")
        self.since.append(NOW - request.pop("Timestamp"))
        assert request == {"StreamName": "changes", "ShardIteratorType": "AT_TIMESTAMP"}
        return {"ShardIterator": "next"}

    def get_records(self, **request: Any) -> Any:
        self.limits.append(request.pop("Limit"))
        assert request == {"ShardIterator": "next"}
        record = {
            "ApproximateArrivalTimestamp": NOW - timedelta(days=9),
            "SequenceNumber": str(len(self.limits)),
            "PartitionKey": "key",
            "Data": CONTROL,
        }
        return {"Records": [record], "NextShardIterator": "next", "MillisBehindLatest": 1}


def test_a_look_has_an_end_however_much_the_stream_holds() -> None:
    stream = Endless()
    found = peek(stream, "changes", most=10**6, retention=timedelta(hours=1), now=NOW)
    # two shards, three steps back: 5 minutes, 20, and all of an hour
    minutes = [each.total_seconds() / 60 for each in stream.since]
    assert sorted(minutes) == [5, 5, 20, 20, 60, 60]
    assert stream.limits == [1000] * 50 * 6
    assert len(found) == 300
    assert {(each.operation, each.table) for each in found} == {
        ("create-table", "dms_sample.tickets")
    }


def test_records_of_one_moment_stay_in_their_shards_order() -> None:
    class Twins(Endless):
        def get_records(self, **_: Any) -> Any:
            self.limits.append(0)
            moment = NOW - timedelta(seconds=len(self.limits))
            records = [
                {
                    "ApproximateArrivalTimestamp": moment,
                    "SequenceNumber": number,
                    "PartitionKey": "key",
                    "Data": CONTROL,
                }
                for number in ("9", "10")
            ]
            return {"Records": records, "MillisBehindLatest": 0}

    found = peek(Twins(), "changes", most=4, now=NOW)
    assert [record.sequence_number for record in found] == ["9", "10"] * 2
    assert [NOW - record.at for record in found] == [timedelta(seconds=n) for n in (2, 2, 1, 1)]


def test_one_step_is_enough_where_it_finds_enough() -> None:
    stream = Endless()
    assert len(peek(stream, "changes", most=3, now=NOW)) == 3
    assert len(stream.since) == 2


def test_the_command_filters(dms_stream: OperatingCommand, operated: Operated) -> None:
    put(
        operated,
        CONTROL,
        data("load", "tickets", id=1),
        data("update", "tickets", id=1, name="[red]Ada"),
        data("update", "persons", id=7),
    )
    text = dms_stream.succeed("peek")
    assert text.count("dms_sample.tickets") == 3
    assert '"name": "[red]Ada"' in text
    told = json.loads(
        dms_stream.succeed(
            *("peek", "--table", "dms_sample.tickets", "--operation", "update", "--json")
        )
    )
    assert [each["record"]["data"] for each in told] == [{"id": 1, "name": "[red]Ada"}]
    assert "create-table" in dms_stream.succeed("peek", "--operation", "control")
    assert "persons" not in dms_stream.succeed("peek", "-n", "9", "--operation", "load")
    assert dms_stream.succeed("peek", "--operation", "delete") == (
        "no such record in 24 h, which is all that the stream keeps\n"
    )
    assert "allowed: load, insert, update, delete, control" in dms_stream.refuse(
        "peek", "--operation", "upsert"
    )


@pytest.mark.parametrize("field", ["before-image", "before"])
def test_the_row_before_the_change_is_read_from_the_settings_field(
    dms_stream: OperatingCommand, operated: Operated, field: str
) -> None:
    settings = json.dumps({"BeforeImageSettings": {"FieldName": field}})
    operated.state["resources"].append(
        {
            "mode": "managed",
            "type": "aws_dms_replication_task",
            "name": "task",
            "instances": [{"attributes": {"replication_task_settings": settings}}],
        }
    )
    operated.save()
    record = json.loads(data("update", "tickets", id=2))
    put(operated, json.dumps(record | {field: {"id": 1}}).encode())
    assert 'before-image: {"id": 1}' in dms_stream.succeed("peek")
