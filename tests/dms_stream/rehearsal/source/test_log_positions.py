"""Where in a log a moment lies, file by file; reading a log is closed whatever happens."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pymysql
import pytest
from pymysqlreplication.event import (
    GtidEvent,
    HeartbeatLogEvent,
    MariadbGtidEvent,
    QueryEvent,
    RotateEvent,
)

from dms_stream.rehearsal.errors import SourceError
from dms_stream.rehearsal.source.binary_log import reader
from dms_stream.rehearsal.source.binary_log.reader import position_at
from dms_stream.rehearsal.source.database import DatabaseAddress, LogPosition
from tests.dms_stream.rehearsal.source.test_log_entries import event

ADDRESS = DatabaseAddress("source.invalid", 3306, "dms", "")
END = LogPosition("bin.000009", 999)


def begins(kind: Any, at: int, offset: int, **more: Any) -> Any:
    """A transaction that was logged at a second and ends so far into the file; it takes 10."""
    packet = SimpleNamespace(log_pos=offset + 10, event_size=10)
    return event(kind, timestamp=at, packet=packet, **more)


def gtid(at: int, offset: int) -> Any:
    """MySQL's with GTIDs."""
    return begins(GtidEvent, at, offset)


class Log:
    """A source's log: the events of each file, the oldest first; then it is idle.

    Attributes:
        opened: What was read: file, offset and the number of the reader.
        closed: How often reading was closed.
    """

    def __init__(self, files: Mapping[str, list[Any]]) -> None:
        self.files = files
        self.opened: list[tuple[str, int, int]] = []
        self.closed = 0

    @contextmanager
    def connected(self, address: DatabaseAddress) -> Iterator[None]:
        """To the source."""
        assert address == ADDRESS
        yield

    def stream(
        self, address: DatabaseAddress, start: LogPosition, *, server_id: int, only_events: Any
    ) -> Any:
        """As mysql-replication's."""
        assert address == ADDRESS
        assert set(only_events) == {
            *(GtidEvent, HeartbeatLogEvent, MariadbGtidEvent, QueryEvent, RotateEvent),
        }
        self.opened.append((start.file, start.offset, server_id))
        log = self

        class Stream:
            def __iter__(self) -> Iterator[Any]:
                # what the server says first of the file itself
                yield event(RotateEvent, next_binlog=start.file, packet=None)
                for each in log.files[start.file]:
                    if isinstance(each, Exception):
                        raise each
                    yield each
                yield event(HeartbeatLogEvent, packet=None)
                raise AssertionError("nobody reads on behind an idle log")

            def close(self) -> None:
                log.closed += 1

        return Stream()


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Where a moment lies in a log of these files: the place, or what is refused, and the log."""

    def find(moment: float, **files: list[Any]) -> tuple[LogPosition, Log]:
        log = Log({f"bin.{name.removeprefix('n')}": found for name, found in files.items()})
        monkeypatch.setattr(reader, "connected", log.connected)
        monkeypatch.setattr(reader, "log_files", lambda _: [*log.files])
        monkeypatch.setattr(reader, "_stream", log.stream)
        try:
            return position_at(ADDRESS, moment, server_id=7, end=END), log
        finally:
            assert log.closed == len(log.opened)

    return find


@pytest.mark.parametrize(
    ("moment", "offset"), [(10, 100), (10.9, 100), (11, 200), (20, 200), (20.9, 200), (5, 100)]
)
def test_it_is_where_the_first_transaction_of_that_second_begins(
    at: Any, moment: float, offset: int
) -> None:
    found, log = at(moment, n000001=[gtid(10, 100), gtid(20, 200), gtid(20, 300)])
    assert found == LogPosition("bin.000001", offset)
    assert log.opened == [("bin.000001", 4, 7)]


def test_behind_the_last_transaction_it_is_the_logs_end(at: Any) -> None:
    assert at(21, n000001=[gtid(10, 100), gtid(20, 200)])[0] == END
    assert at(21, n000001=[])[0] == END


def test_files_are_read_backwards_as_far_as_needed(at: Any) -> None:
    files = {
        "n000007": [AssertionError("it is not read")],
        "n000008": [gtid(10, 100), gtid(20, 200)],
        "n000009": [gtid(30, 300), gtid(40, 400)],
    }
    found, log = at(15, **files)
    assert found == LogPosition("bin.000008", 200)
    assert [file for file, *_ in log.opened] == ["bin.000009", "bin.000008"]
    # the first one of the later file
    assert at(25, **files)[0] == LogPosition("bin.000009", 300)
    assert at(35, **files)[0] == LogPosition("bin.000009", 400)
    # an empty one says nothing
    assert at(15, **files, n000010=[])[0] == LogPosition("bin.000008", 200)


def test_what_was_logged_then_may_be_gone(at: Any) -> None:
    moment = datetime(2024, 1, 31, 10, tzinfo=UTC).timestamp()
    later = int(moment) + 1
    with pytest.raises(SourceError) as refused:
        at(moment, n000002=[gtid(later, 100)], n000003=[gtid(later, 100)])
    assert str(refused.value) == (
        "the source's oldest binary log, bin.000002, begins after the start time 2024-01-31 "
        "10:00:00 UTC: choose a later one"
    )
    # but a server's first log has all that was ever logged
    found, _ = at(moment, n000001=[gtid(later, 100)], n000002=[gtid(later, 100)])
    assert found == LogPosition("bin.000001", 100)


@pytest.mark.parametrize(
    ("first", "offset"),
    [
        (begins(MariadbGtidEvent, 10, 50), 50),
        (begins(QueryEvent, 10, 50, query="begin"), 50),
        (begins(QueryEvent, 10, 50, query="CREATE TABLE t (id INT)"), 100),
    ],
)
def test_each_server_begins_a_transaction_in_its_own_way(at: Any, first: Any, offset: int) -> None:
    assert at(10, n000001=[first, gtid(10, 100)])[0] == LogPosition("bin.000001", offset)


def test_the_next_file_is_read_by_itself(at: Any) -> None:
    rotates = event(RotateEvent, next_binlog="bin.000002", packet=None)
    files = {"n000001": [gtid(10, 100), rotates, gtid(10, 900)], "n000002": [gtid(30, 300)]}
    assert at(20, **files)[0] == LogPosition("bin.000002", 300)


def test_a_connection_that_is_lost_is_told(at: Any) -> None:
    with pytest.raises(SourceError, match="the connection to the source was lost"):
        at(10, n000001=[pymysql.OperationalError(2013, "Lost connection")])
