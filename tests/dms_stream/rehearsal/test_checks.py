"""What a rehearsal says of what it moved, beside the verdicts on the tables."""

from dataclasses import replace
from typing import Any

import pytest

from dms_stream.rehearsal.checks import check_alterations, check_delivery, check_task
from dms_stream.rehearsal.delivery import Put
from dms_stream.rehearsal.result import OperationCounts, TableVerdict
from tests.dms_stream.rehearsal.mapping.test_rules_and_records import task

DONE: dict[str, Any] = {"lobs_cut": {}, "key_changes": {}, "unsupported": {}}


@pytest.mark.parametrize(
    ("done", "name", "detail"),
    [
        ({"lobs_cut": {"shop.person": 3}}, "no LOB was cut", "shop.person: 3"),
        (
            {"key_changes": {"shop.person": 2}},
            "consumers can follow key changes",
            "shop.person: 2 updates changed the key, and no record holds the old key",
        ),
        (
            {"unsupported": {"shop.person": ["ALTER TABLE … RENAME"]}},
            "DMS supports what changed the tables",
            "shop.person: ALTER TABLE … RENAME",
        ),
    ],
)
def test_what_the_task_tells_is_a_warning(done: dict[str, Any], name: str, detail: str) -> None:
    (check,) = check_task(task(), {**DONE, **done})
    assert (check.name, check.outcome, check.detail) == (name, "warn", detail)
    assert check.fix


def test_records_of_several_lines_are_a_warning() -> None:
    assert check_task(task(), DONE) == []
    several = task()
    several = replace(several, target=replace(several.target, message_format="json"))
    (check,) = check_task(several, DONE)
    assert (check.name, check.outcome) == ("each record is one line", "warn")
    assert check.detail == "message format json spreads a record over several lines"


def test_records_below_the_error_prefix_fail() -> None:
    good = Put("changes/1", 10, 100, is_error=False, oldest_arrival=0.0, at=1.0)
    bad = replace(good, key="errors/1", records=2, is_error=True)
    assert [check.outcome for check in check_delivery([good])] == ["pass"]
    (check,) = check_delivery([good, bad])
    assert check.outcome == "fail"
    assert check.detail == "2 records in 1 objects, such as errors/1"


@pytest.mark.parametrize(
    ("replayed", "table", "is_told"), [(1, "t", True), (2, "t", False), (1, "u", False)]
)
def test_what_altered_a_table_is_told_where_its_rows_differ(
    replayed: int, table: str, is_told: bool
) -> None:
    none = OperationCounts()
    verdict = TableVerdict(
        "s", table, source_rows=2, replayed_rows=replayed, sent=none, landed=none
    )
    checks = check_alterations([verdict], {"s.t": ["s.t: TRUNCATE TABLE at bin.1:4", "s.t: more"]})
    assert [(c.outcome, c.detail) for c in checks] == [
        ("warn", "captured: s.t: TRUNCATE TABLE at bin.1:4; s.t: more")
    ] * is_told
