"""A shard's records, what it tells of its traffic, and what it takes within a second."""

import pytest

from dms_stream.local_aws import shard_records
from dms_stream.local_aws.shard_records import ShardLimits, ShardRecords, Traffic

MIB = 1024 * 1024


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the clock shows."""
    now = [1_700_000_000.0]
    monkeypatch.setattr(shard_records, "time", lambda: now[0])
    return now


def test_records_are_found_by_their_numbers(clock: list[float]) -> None:
    records = ShardRecords()
    assert (len(records), records.last, [*records]) == (0, 0, [])
    assert records.append("one", "YQ==", None) == 1
    clock[0] += 5
    assert records.extend([("two", "YWI=", "7"), ("three", "YWJj", None)]) == range(2, 4)
    assert [*records] == [1, 2, 3]
    assert (records[2].partition_key, records[2].explicit_hash_key) == ("two", "7")
    with pytest.raises(KeyError, match="4"):
        records[4]
    # one that its clock puts before the last arrived with it
    clock[0] -= 10
    records.append("four", "YQ==", None)
    found = records.after(1, most=10, most_bytes=MIB)
    assert [(each.number, each.arrived) for each in found] == [
        (2, 1_700_000_005.0),
        (3, 1_700_000_005.0),
        (4, 1_700_000_005.0),
    ]
    assert [records.last_before(1_700_000_000.0 + seconds) for seconds in (0, 1, 5, 6)] == [
        *(0, 1, 1, 4)
    ]


def test_an_answer_holds_what_fits_and_one_at_least(clock: list[float]) -> None:
    records = ShardRecords()
    records.extend([("key", "YWJj", None)] * 4)
    assert [each.number for each in records.after(0, most=3, most_bytes=MIB)] == [1, 2, 3]
    # by the size of what base64 stands for: 3 bytes each
    assert [each.number for each in records.after(0, most=9, most_bytes=3)] == [1, 2]
    assert [each.number for each in records.after(1, most=9, most_bytes=2)] == [2]
    clock[0] += 2
    assert records.after(4, most=9, most_bytes=MIB) == []
    assert records.take_traffic() == Traffic(
        records_in=4, bytes_in=12, records_out=6, bytes_out=24, reads=4
    )
    assert records.take_traffic() == Traffic()
    records.after(0, most=2, most_bytes=MIB)
    assert records.take_traffic().iterator_age_millis == 2_000


@pytest.mark.usefixtures("clock")
def test_within_a_second_it_takes_so_many_records(clock: list[float]) -> None:
    limits = ShardLimits()
    assert [limits.takes(1) for _ in range(1_001)] == [True] * 1_000 + [False]
    clock[0] += 0.9
    assert not limits.takes(1)
    clock[0] += 0.1
    assert limits.takes(1)


@pytest.mark.usefixtures("clock")
def test_within_a_second_it_takes_a_mebibyte_and_answers_five_times(clock: list[float]) -> None:
    limits = ShardLimits()
    assert limits.takes(MIB)
    assert not limits.takes(1)
    assert [limits.answers() for _ in range(6)] == [True] * 5 + [False]
    clock[0] += 1
    assert not limits.takes(MIB + 1)
    assert limits.takes(MIB - 1)
    assert limits.takes(1)
    assert limits.answers()
