"""What a source's refusal of a statement says, over both ways to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pymysql
import pytest
from botocore.exceptions import ClientError

from dms_stream.operations.errors import OperationError
from dms_stream.operations.statements import DataApi, Session, Statements, session
from dms_stream.rehearsal.source import database
from dms_stream.rehearsal.source.database import DatabaseAddress

CLUSTER = "arn:aws:rds:eu-central-1:123456789012:cluster:tickets"
RETENTION = "CALL mysql.rds_set_configuration('binlog retention hours', 24)"
HINT = ": it is no server of RDS: set source.managed_by_rds to false in the settings"


class Refusing:
    """A Data API and a connection that refuse each statement.

    Args:
        said: In which words.
        code: The Data API's code.
    """

    def __init__(self, said: str, code: str = "BadRequestException") -> None:
        self.said, self.code = said, code

    def execute_statement(self, **_: object) -> None:
        """It refuses."""
        answer: Any = {"Error": {"Code": self.code, "Message": self.said}}
        raise ClientError(answer, "ExecuteStatement")

    def cursor(self) -> "Refusing":
        """Itself."""
        return self

    def __enter__(self) -> "Refusing":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is open."""

    def execute(self, _: str) -> None:
        """It refuses."""
        raise pymysql.ProgrammingError(1305, self.said)


def both(said: str) -> list[Statements]:
    """The Data API and a session that refuse."""
    address = DatabaseAddress("db.example.org", 3306, "admin", "hidden")
    refusing: Any = Refusing(said)
    return [
        DataApi(refusing, CLUSTER, "arn:aws:secretsmanager:::secret:s", "admin"),
        Session(refusing, address),
    ]


@pytest.mark.parametrize(
    ("sql", "said", "has_hint"),
    [
        (RETENTION, "PROCEDURE mysql.rds_set_configuration does not exist", True),
        (RETENTION, "Access denied", False),
        ("DROP USER dms", "the user does not exist", False),
    ],
)
def test_only_a_server_without_the_procedure_is_no_rds(sql: str, said: str, has_hint: bool) -> None:
    for statements in both(said):
        with pytest.raises(OperationError) as refused:
            statements.run(sql)
        where = statements.where
        assert str(refused.value) == f"{where} refuses `{sql}`: {said}" + HINT * has_hint


def test_a_password_is_hidden_wherever_it_stands_and_nothing_else_is() -> None:
    sql = "ALTER USER dms IDENTIFIED BY 's3cret'"
    for statements in both(f"near '{sql}'"):
        with pytest.raises(OperationError) as refused:
            statements.run(sql, secret="s3cret")
        shown = sql.replace("s3cret", "<password>")
        assert str(refused.value) == f"{statements.where} refuses `{shown}`: near '{shown}'"


@pytest.mark.parametrize("code", ["BadRequestException", "DatabaseErrorException"])
def test_what_the_database_refuses_is_told_apart_from_what_aws_refuses(code: str) -> None:
    refusing: Any = Refusing("no such table", code)
    with pytest.raises(OperationError, match="no such table"):
        DataApi(refusing, CLUSTER, "arn", "admin").run("SELECT 1")
    refusing.code = "ForbiddenException"
    with pytest.raises(ClientError):
        DataApi(refusing, CLUSTER, "arn", "admin").run("SELECT 1")


def test_a_session_runs_statements_over_its_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    address = DatabaseAddress("db.example.org", 3306, "admin", "hidden")
    run: list[str] = []

    class Answering(Refusing):
        def execute(self, sql: str) -> None:
            run.append(sql)

        def fetchall(self) -> tuple[tuple[int], ...]:
            return ((1,), (2,))

    @contextmanager
    def connected(given: DatabaseAddress) -> Iterator[Answering]:
        assert given == address
        yield Answering("")

    monkeypatch.setattr(database, "connected", connected)
    with session(address) as opened:
        assert opened.run("SELECT 1") == [(1,), (2,)]
        assert opened.where == "db.example.org:3306"
    assert run == ["SELECT 1"]


def test_they_say_where_and_as_whom_they_run() -> None:
    api, over_a_connection = both("no")
    assert (api.where, api.user) == ("the cluster tickets (RDS Data API)", "admin")
    assert over_a_connection.where.endswith("db.example.org:3306")
    assert over_a_connection.user == "admin"
