"""What begins and ends a transaction in the log, event by event; rows: test_binary_log.py.

MySQL without GTIDs, MySQL with them and MariaDB write different events around the same.
"""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pymysqlreplication import BinLogStreamReader
from pymysqlreplication.event import (
    GtidEvent,
    HeartbeatLogEvent,
    MariadbGtidEvent,
    QueryEvent,
    RotateEvent,
    XAPrepareEvent,
    XidEvent,
)
from pymysqlreplication.row_event import TableMapEvent, WriteRowsEvent

from dms_stream.rehearsal.errors import LogRefusedError, RefusedError
from dms_stream.rehearsal.source.binary_log import reader


def event(kind: Any, **attributes: Any) -> Any:
    """An event of the library's, without a log."""
    made = kind.__new__(kind)
    vars(made).update(attributes)
    return made


def statement(text: str) -> Any:
    """One that is logged as text."""
    return event(QueryEvent, query=text, schema=b"shop")


COMMITTED = event(XidEvent)
GTID = event(GtidEvent)
IN_TRANSACTION = event(MariadbGtidEvent, flags=0)
ALONE = event(MariadbGtidEvent, flags=reader._STANDS_ALONE)
PREPARED_XA = event(MariadbGtidEvent, flags=reader._PREPARED_XA)
IDLE = event(HeartbeatLogEvent)
BEGIN = statement("BEGIN")
CREATE = statement("CREATE TABLE t (id INT PRIMARY KEY)")
OTHER = statement("CREATE USER u")


class Stream(SimpleNamespace):
    """As much of a log as is read here."""

    def __iter__(self) -> Iterator[Any]:
        yield from self.events


def read(*events: Any) -> tuple[Stream, str]:
    """The log, and the kinds of what is read."""
    stream = Stream(events=events, log_file="bin.000001", log_pos=4, table_map={1: "a table"})
    found = reader._entries(cast(BinLogStreamReader, stream))
    return stream, " ".join(type(each).__name__ for each in found)


def entries(*events: Any) -> str:
    """The kinds of what is read."""
    return read(*events)[1]


@pytest.mark.parametrize(
    ("events", "found"),
    [
        # MySQL without GTIDs
        ([BEGIN, COMMITTED, CREATE], "Begin Commit TableDdl Commit"),
        ([CREATE, CREATE], "TableDdl Commit TableDdl Commit"),
        ([OTHER, BEGIN, COMMITTED], "Commit Begin Commit"),
        # CREATE TABLE … SELECT
        ([BEGIN, CREATE, COMMITTED, CREATE], "Begin TableDdl Commit TableDdl Commit"),
        ([BEGIN, statement("SAVEPOINT a"), COMMITTED], "Begin Commit"),
        # what has no InnoDB table ends so
        ([BEGIN, statement("COMMIT")], "Begin Commit"),
        ([BEGIN, statement("COMMIT"), CREATE], "Begin Commit TableDdl Commit"),
        # MySQL with GTIDs
        (
            [GTID, BEGIN, COMMITTED, GTID, CREATE],
            "Begin Commit Begin TableDdl Commit",
        ),
        # MariaDB, which has no BEGIN
        (
            [IN_TRANSACTION, COMMITTED, ALONE, CREATE],
            "Begin Commit Begin TableDdl Commit",
        ),
        ([IN_TRANSACTION, CREATE, COMMITTED], "Begin TableDdl Commit"),
        ([ALONE, CREATE, ALONE, CREATE], "Begin TableDdl Commit Begin TableDdl Commit"),
        ([IDLE], "Idle"),
    ],
)
def test_transactions_are_whole_on_each_server(events: list[Any], found: str) -> None:
    assert entries(*events) == found


START, END = statement("XA START X'61',X'',1"), statement("XA END X'61',X'',1")


@pytest.mark.parametrize(
    ("events", "found"),
    [
        (
            [START, END, event(XAPrepareEvent, one_phase=True), CREATE],
            "Begin Commit TableDdl Commit",
        ),
        ([START, END, event(XAPrepareEvent, one_phase=False)], "Begin Commit"),
        ([GTID, START, END, event(XAPrepareEvent, one_phase=True)], "Begin Commit"),
        ([PREPARED_XA, START, END, event(XAPrepareEvent, one_phase=False)], "Begin Commit"),
    ],
)
def test_an_xa_transaction_without_captured_rows_is_one(events: list[Any], found: str) -> None:
    assert entries(*events) == found


ROLLBACK = statement("ROLLBACK TO a")


def test_a_rollback_of_captured_rows_that_stand_in_the_log_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With a table that takes part without transactions, the log holds what is rolled back."""
    monkeypatch.setattr(reader, "LogTable", lambda made: SimpleNamespace(table=made))
    monkeypatch.setattr(reader, "_changes", lambda *_: iter(()))
    named = [SimpleNamespace(name="id")]
    table = event(TableMapEvent, table_id=1, columns=named, full_name="shop.t")
    rows = event(WriteRowsEvent, table_id=1)
    for begin in ([BEGIN], [GTID, BEGIN], [IN_TRANSACTION], [START]):
        with pytest.raises(
            RefusedError,
            match=r"bin\.000001:4 a transaction rolls back .* rows of shop\.t, .*InnoDB",
        ):
            entries(*begin, table, rows, ROLLBACK)
        # rows of other tables, or of the transaction before, are not rolled back
        others = event(WriteRowsEvent, table_id=2)
        assert entries(*begin, others, ROLLBACK, COMMITTED) == "Begin Commit"
        before = [*begin, table, rows, COMMITTED]
        assert entries(*before, *begin, others, ROLLBACK, COMMITTED) == "Begin Commit Begin Commit"


@pytest.mark.parametrize("text", ["INSERT INTO t VALUES (1)", "/* x */ update t SET a = 1"])
def test_rows_as_text_are_refused(text: str) -> None:
    with pytest.raises(LogRefusedError, match="it holds rows as a statement") as refused:
        entries(BEGIN, statement(text))
    assert str(refused.value).startswith("the binary log:\n  - it holds rows as a statement")


def test_a_new_file_has_other_tables_of_the_same_numbers() -> None:
    stream, found = read(event(RotateEvent))
    assert (stream.table_map, found) == ({}, "")
