"""How a database is named, and what it answers; no server runs here."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, cast

import pymysql
import pytest

from dms_stream.rehearsal.errors import SourceError
from dms_stream.rehearsal.source import database
from dms_stream.rehearsal.source.database import (
    Connection,
    DatabaseAddress,
    LogPosition,
    current_position,
    execute,
    identifier,
    log_files,
    reason,
    rows_by_name,
    variables,
)

EXAMPLE = "write mysql://user@host:3306"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("mysql://u@h", DatabaseAddress("h", 3306, "u", "")),
        ("mariadb://u@h:3307", DatabaseAddress("h", 3307, "u", "")),
        ("mysql://u:p%40ss@h:1", DatabaseAddress("h", 1, "u", "p@ss")),
        ("mysql://u%40x@h:65535", DatabaseAddress("h", 65535, "u@x", "")),
        ("mysql://u@[::1]:3306", DatabaseAddress("::1", 3306, "u", "")),
        ("mysql://u@h?ssl-ca=a/b.pem", DatabaseAddress("h", 3306, "u", "", "a/b.pem")),
    ],
)
def test_a_url_names_a_database(url: str, address: DatabaseAddress) -> None:
    assert DatabaseAddress.from_url(url) == address


@pytest.mark.parametrize(
    ("url", "given", "password"),
    [
        ("mysql://u@h", "x", "x"),
        ("mysql://u@h", None, ""),
        ("mysql://u:own@h", "x", "own"),
        # a password that is empty was said to be
        ("mysql://u:@h", "x", ""),
    ],
)
def test_a_password_that_the_url_lacks_is_the_one_given(
    url: str, given: str | None, password: str
) -> None:
    assert DatabaseAddress.from_url(url, password=given).password == password


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("postgres://u@h", "must name a scheme, a user and a host"),
        ("mysql://h:3306", "must name a scheme, a user and a host"),
        ("mysql://u@", "must name a scheme, a user and a host"),
        ("mysql://u@[::1", "has no valid host"),
        (f"mysql://u@{'a' * 300}:3306", "has no valid host"),
        ("mysql://u@h:x", "has no valid port"),
        ("mysql://u@h:0", "has no valid port"),
        ("mysql://u@h:65536", "has no valid port"),
    ],
)
def test_a_url_that_names_none_is_refused_with_how_to_write_one(url: str, problem: str) -> None:
    with pytest.raises(SourceError) as refused:
        DatabaseAddress.from_url(url)
    assert str(refused.value).startswith(f"the database's URL {problem}: {EXAMPLE}")


def test_options_that_nobody_knows_are_named() -> None:
    with pytest.raises(SourceError) as refused:
        DatabaseAddress.from_url("mysql://u@h?b=1&a=2&ssl-ca=c")
    assert str(refused.value) == "the database's URL has unknown options: a, b; allowed: ssl-ca"


def test_a_password_is_never_shown() -> None:
    address = DatabaseAddress("h", 3306, "u", "secret")
    assert "secret" not in repr(address)
    assert str(address) == "h:3306"


def test_the_drivers_settings_ask_for_tls_where_a_certificate_is_named() -> None:
    plain = {
        "host": "h",
        "port": 3306,
        "user": "u",
        "password": "p",
        "charset": "utf8mb4",
        "connect_timeout": 10,
    }
    assert DatabaseAddress("h", 3306, "u", "p").settings == plain
    found = DatabaseAddress("h", 3306, "u", "p", "ca.pem").settings
    assert found == plain | {"ssl": {"ca": "ca.pem"}}


def test_places_in_the_log_are_in_its_order() -> None:
    place = LogPosition("bin.000009", 400)
    assert str(place) == "bin.000009:400"
    assert place.number == 9 * 2**32 + 400
    places = [LogPosition("bin.000009", 400), LogPosition("bin.000010", 4)]
    assert sorted(places, key=lambda each: each.number) == places
    assert LogPosition("bin.000009", 399) < place


class Answers:
    """A connection to a server that answers each statement as a test says."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self._answers = answers
        self.description: Any = None
        self.asked: list[Any] = []
        self._rows: Any = ()

    def cursor(self) -> AbstractContextManager["Answers"]:
        """Itself."""
        return nullcontext(self)

    def execute(self, sql: str, arguments: Any = None) -> None:
        """Ask it."""
        self.asked.append((sql, arguments))
        answer = self._answers[sql]
        if isinstance(answer, Exception):
            raise answer
        names, self._rows = answer
        self.description = names and [(name,) for name in names]

    def fetchall(self) -> Any:
        """What it answered."""
        return self._rows


def server(**answers: Any) -> Connection:
    """A server by its answers; blanks in statements are underlines."""
    return cast(Connection, Answers({sql.replace("_", " "): a for sql, a in answers.items()}))


UNKNOWN = pymysql.err.ProgrammingError(1064, "You have an error in your SQL syntax")


@pytest.mark.parametrize(
    "answers",
    [
        {"SHOW_BINARY_LOG_STATUS": ((), [("bin.000002", "157", "", "")])},
        {
            "SHOW_BINARY_LOG_STATUS": UNKNOWN,
            "SHOW_MASTER_STATUS": ((), [("bin.000002", 157)]),
        },
    ],
)
def test_where_the_log_ends_is_asked_in_each_servers_words(answers: dict[str, Any]) -> None:
    assert current_position(server(**answers)) == LogPosition("bin.000002", 157)


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        (
            {"SHOW_BINARY_LOG_STATUS": ((), []), "SHOW_MASTER_STATUS": UNKNOWN},
            "the source writes no binary log: start it with --log-bin (in Aurora set "
            "binlog_format to ROW in the cluster parameter group and reboot)",
        ),
        (
            {"SHOW_BINARY_LOG_STATUS": pymysql.err.OperationalError(1227, "Access denied")},
            "cannot read the binary log's position: Access denied",
        ),
    ],
)
def test_a_log_that_is_not_there_or_not_shown_is_told(
    answers: dict[str, Any], problem: str
) -> None:
    with pytest.raises(SourceError) as refused:
        current_position(server(**answers))
    assert str(refused.value) == problem


def test_rows_are_read_as_they_are_and_by_name() -> None:
    found = server(
        SHOW_GLOBAL_VARIABLES=((), [("Log_Bin", "ON"), ("gtid_mode", "OFF")]),
        SHOW_BINARY_LOGS=((), [("bin.000001", 9), ("bin.000002", 4)]),
        SELECT=(("ID", "Name"), [(1, "a"), (2, "b")]),
        INSERT=(None, ()),
    )
    assert variables(found) == {"log_bin": "ON", "gtid_mode": "OFF"}
    assert log_files(found) == ["bin.000001", "bin.000002"]
    assert rows_by_name(found, "SELECT") == [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]
    assert rows_by_name(found, "INSERT") == []
    assert execute(found, "SELECT", [7]) == ((1, "a"), (2, "b"))
    assert cast(Answers, found).asked[-1] == ("SELECT", [7])


def test_names_and_reasons_are_written_for_a_reader() -> None:
    assert identifier("a`b") == "`a``b`"
    assert reason(pymysql.MySQLError(1045, "Access denied")) == "Access denied"
    assert reason(pymysql.MySQLError()) == ""


def test_a_read_that_ends_after_the_connection_broke_says_so() -> None:
    connection: Any = database._PatientConnection(defer_connect=True)
    connection._force_close()
    for _ in range(2):
        with pytest.raises(pymysql.err.OperationalError, match="Lost connection"):
            connection._read_bytes(4)
