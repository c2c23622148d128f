"""Activity on a sample keeps its rate and its time, and finds the sample by itself."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from dms_stream.cli import preparing_commands
from dms_stream.operations.activity import (
    OwnSample,
    ProcedureSample,
    find_sample,
    keep_active,
)
from dms_stream.operations.errors import OperationError
from dms_stream.operations.statements import Session
from dms_stream.rehearsal import sample
from dms_stream.rehearsal.source.database import DatabaseAddress
from tests.support.operated import OperatingCommand


class Source:
    """A source with routines and tables."""

    where, user = "db.example.org:3306", "admin"

    def __init__(self, routines: list[tuple[str, int]], tables: list[str] | None = None) -> None:
        self._routines, self._tables = routines, tables or []
        self.calls: list[str] = []

    def run(self, sql: str, *, secret: str = "") -> list[tuple[Any, ...]]:
        """What the information schema holds; a call is taken down."""
        assert not secret
        if "ROUTINES" in sql:
            return list(self._routines)
        if "TABLES" in sql:
            return [(table,) for table in self._tables]
        self.calls.append(sql)
        return []


BOTH = [("generateTicketActivity", 1), ("generateTransferActivity", 2)]


class Clock:
    """Time that passes by waiting, and a little by working."""

    def __init__(self, work: float) -> None:
        self.now, self._work = 100.0, work
        self.slept: list[float] = []

    def read(self) -> float:
        """The present."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """It passes."""
        self.slept.append(seconds)
        self.now += seconds

    def worked(self, _: Counter[str]) -> None:
        """Work takes time, too."""
        self.now += self._work


def active(source: Source, clock: Clock, *, a_second: int, seconds: int) -> Counter[str]:
    return keep_active(
        find_sample(source),
        a_second=a_second,
        seconds=seconds,
        told=clock.worked,
        clock=clock.read,
        sleep=clock.sleep,
    )


def test_awss_sample_sells_and_transfers_by_its_procedures() -> None:
    source, clock = Source(BOTH), Clock(0.25)
    made = active(source, clock, a_second=20, seconds=6)
    assert made == Counter(sales=100, transfers=20)
    assert source.calls == [
        *["CALL dms_sample.generateTicketActivity(20)"] * 4,
        "CALL dms_sample.generateTransferActivity(0, 20)",
        "CALL dms_sample.generateTicketActivity(20)",
    ]
    assert clock.now == 106
    assert clock.slept == [0.75] * 6


def test_a_slow_database_is_not_kept_longer_than_asked_for() -> None:
    source, clock = Source(BOTH), Clock(2.5)
    made = active(source, clock, a_second=5, seconds=5)
    assert made == Counter(sales=10)
    assert clock.now == 105


def test_without_transfers_there_are_sales_only() -> None:
    source = Source(BOTH[:1])
    assert active(source, Clock(0), a_second=1, seconds=5) == Counter(sales=5)


def test_a_database_without_a_sample_is_refused() -> None:
    with pytest.raises(OperationError, match="has no sample database dms_sample that is known"):
        find_sample(Source([], ["orders"]))
    # our own needs a connection
    with pytest.raises(OperationError, match="over a connection"):
        find_sample(Source([], ["tickets", "persons", "ticket_purchase_hist"]))


def test_our_own_sample_changes_over_its_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Any, ...]] = []

    def make_changes(
        connection: object, *, changes: int, purchases: int, seed: int
    ) -> dict[str, int]:
        asked.append((connection, changes, purchases, seed))
        return {"insert": 3, "update": 0, "delete": 1}

    monkeypatch.setattr(sample, "make_changes", make_changes)
    tables = ["TICKETS", "persons", "ticket_purchase_hist", "more"]

    class Connected(Session):
        def run(self, sql: str, *, secret: str = "") -> list[tuple[Any, ...]]:
            assert not secret
            if "ROUTINES" in sql:
                return [("other", 0)]
            return [(table,) for table in tables] if "TABLES" in sql else [("50",)]

    source = Connected("a connection", DatabaseAddress("db.example.org", 3306, "admin", ""))
    found = find_sample(source)
    assert isinstance(found, OwnSample)
    assert found.what == "the sample of dms-stream"
    assert found.change(20, 0) == {"inserts": 3, "deletes": 1}
    assert found.change(5, 7) == {"inserts": 3, "deletes": 1}
    assert asked == [("a connection", 20, 100, 1), ("a connection", 5, 100, 8)]
    tables.remove("persons")
    with pytest.raises(OperationError, match="has no sample database"):
        find_sample(source)


def test_the_command_asks_and_counts(
    dms_stream: OperatingCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Source(BOTH)
    seen: dict[str, Any] = {}

    @contextmanager
    def session(_: object) -> Iterator[Source]:
        yield source

    def kept(sample: ProcedureSample, **options: Any) -> Counter[str]:
        seen.update(options)
        return Counter(sample.change(options["a_second"], 0))

    monkeypatch.setattr(preparing_commands, "session", session)
    monkeypatch.setattr(preparing_commands, "keep_active", kept)
    asked = ("activity", "--database", "mysql://admin@db", "--rate", "7", "--seconds", "3")
    assert "pass --yes to approve" in dms_stream.refuse(*asked)
    assert source.calls == []
    assert dms_stream.succeed(*asked, "--yes") == "7 sales on db.example.org:3306\n"
    assert (seen["a_second"], seen["seconds"]) == (7, 3)
    assert "--rate: must be 1000 or less" in dms_stream.refuse("activity", "--rate", "1001")
    assert "--seconds: must be 3600 or less" in dms_stream.refuse("activity", "--seconds", "3601")
