"""A query is waited for, costs what it scans, reads only, and is cancelled when nobody waits."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from botocore.stub import Stubber

from dms_stream.cli import querying_commands
from dms_stream.operations.athena import Answer, ask, cost_of, require_reading
from dms_stream.operations.errors import OperationError
from tests.support.nobodys_client import nobodys_client
from tests.support.operated import Operated, OperatingCommand

# on an embedded AWS
pytestmark = pytest.mark.slow

ID = "11111111-2222-3333-4444-555555555555"
SQL = "SELECT operation, n FROM t"


def athena() -> Any:
    return nobodys_client("athena", "eu-west-1")


@pytest.fixture
def stub() -> Iterator[tuple[Any, Stubber]]:
    client = athena()
    with Stubber(client) as stubbed:
        yield client, stubbed
        stubbed.assert_no_pending_responses()


def execution(state: str, **status: str) -> dict[str, Any]:
    return {
        "QueryExecution": {
            "Status": {"State": state, **status},
            "Statistics": {"DataScannedInBytes": 3 * 1024**3},
        }
    }


def page(*rows: Sequence[str | None], more: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = {
        "ResultSet": {
            "Rows": [
                {"Data": [{} if cell is None else {"VarCharValue": cell} for cell in row]}
                for row in rows
            ],
            "ResultSetMetadata": {
                "ColumnInfo": [{"Name": n, "Type": "varchar"} for n in ("operation", "n")]
            },
        }
    }
    return found | ({"NextToken": "more"} if more else {})


def started(stubbed: Stubber, **more: Any) -> None:
    asked = {
        "QueryString": SQL,
        "QueryExecutionContext": {"Database": "lake"},
        "WorkGroup": "primary",
        **more,
    }
    stubbed.add_response("start_query_execution", {"QueryExecutionId": ID}, asked)


def asked(client: Any, *, most: int = 10, pauses: list[float] | None = None, **more: Any) -> Answer:
    options: dict[str, Any] = {"database": "lake", "workgroup": None, "output": "s3://b/r/"}
    slept = [] if pauses is None else pauses
    return ask(
        client,
        SQL,
        **options | more,
        most=most,
        clock=iter([10.0, 12.5]).__next__,
        sleep=slept.append,
    )


def test_an_answer_is_waited_for_and_taken_page_by_page(stub: tuple[Any, Stubber]) -> None:
    client, stubbed = stub
    started(stubbed, ResultConfiguration={"OutputLocation": "s3://b/r/"})
    for state in ("QUEUED", "RUNNING", "RUNNING", "RUNNING", "RUNNING", "SUCCEEDED"):
        stubbed.add_response("get_query_execution", execution(state), {"QueryExecutionId": ID})
    names = ["operation", "n"]
    stubbed.add_response("get_query_results", page(names, ["load", "5"], more=True))
    stubbed.add_response("get_query_results", page(["insert", None], ["update", "2"]))
    pauses: list[float] = []
    answer = asked(client, most=2, pauses=pauses)
    assert answer.columns == names
    assert answer.rows == [["load", "5"], ["insert", None]]
    assert not answer.is_all
    assert pauses == [0.25, 0.5, 1.0, 2.0, 2.0]
    assert answer.seconds == 2.5
    assert answer.scanned_bytes == 3 * 1024**3
    assert answer.usd == pytest.approx(3 / 1024 * 5)


def test_a_workgroup_of_its_own_says_where_results_go(stub: tuple[Any, Stubber]) -> None:
    client, stubbed = stub
    started(stubbed, WorkGroup="ours")
    stubbed.add_response("get_query_execution", execution("SUCCEEDED"))
    stubbed.add_response("get_query_results", page(["operation", "n"]))
    answer = asked(client, workgroup="ours", output=None)
    assert (answer.rows, answer.is_all) == ([], True)


def test_a_query_that_fails_gives_athenas_reason(stub: tuple[Any, Stubber]) -> None:
    client, stubbed = stub
    started(stubbed, ResultConfiguration={"OutputLocation": "s3://b/r/"})
    failed = execution("FAILED", StateChangeReason="TABLE_NOT_FOUND: line 1:8: lake.t")
    stubbed.add_response("get_query_execution", failed)
    with pytest.raises(OperationError) as refused:
        asked(client)
    assert str(refused.value) == "Athena: the query failed: TABLE_NOT_FOUND: line 1:8: lake.t"


def test_a_query_that_nobody_waits_for_is_cancelled(stub: tuple[Any, Stubber]) -> None:
    client, stubbed = stub
    started(stubbed, ResultConfiguration={"OutputLocation": "s3://b/r/"})
    stubbed.add_response("get_query_execution", execution("RUNNING"))
    stubbed.add_response("stop_query_execution", {}, {"QueryExecutionId": ID})

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask(client, SQL, database="lake", workgroup=None, output="s3://b/r/", most=1,
            sleep=interrupt)  # fmt: skip


@pytest.mark.parametrize(
    "sql",
    [
        *("select 1", " -- all\n(SELECT 1)", "SHOW TABLES;", "describe t"),
        "/* x */ WITH a AS (SELECT 1) SELECT * FROM a",
    ],
)
def test_what_reads_is_asked(sql: str) -> None:
    require_reading(sql)


@pytest.mark.parametrize(
    ("sql", "word"),
    [("DROP TABLE t", "DROP"), ("insert into t values (1)", "INSERT"), ("", "nothing"),
     ("-- SELECT\nCREATE TABLE x AS SELECT 1", "CREATE"), ("MSCK REPAIR TABLE t", "MSCK")],
)  # fmt: skip
def test_what_does_more_is_refused(sql: str, word: str) -> None:
    with pytest.raises(OperationError, match=f"reads only, and this begins with {word}; allowed"):
        require_reading(sql)


def test_a_query_costs_ten_megabytes_at_least_unless_it_scans_nothing() -> None:
    assert cost_of(0) == 0
    assert cost_of(1) == cost_of(10 * 1024**2)
    assert cost_of(1024**4) == 5


def test_the_command_shows_rows_and_cost(
    dms_stream: OperatingCommand, operated: Operated, monkeypatch: pytest.MonkeyPatch
) -> None:
    operated.settings(emulated=False)
    operated.state["outputs"]["example_query"] = {"value": "SELECT 'example'"}
    operated.save()
    seen: dict[str, Any] = {}

    def answered(_: Any, sql: str, **options: Any) -> Answer:
        seen.update(options, sql=sql)
        return Answer(["a[b]"], [["[red]x"], [None]], False, 2_000_000, cost_of(2_000_000), 1.25)

    monkeypatch.setattr(querying_commands, "ask", answered)
    text = dms_stream.succeed("query", "SELECT 1")
    assert "a[b]" in text
    assert "[red]x" in text
    assert text.endswith("2 rows and more (--limit), 1.91 MiB scanned, about $0.00005, 1.2 s\n")
    assert seen["database"] == "local_tickets"
    assert (seen["workgroup"], seen["output"]) == (None, "s3://landing/athena-results/")
    told = json.loads(dms_stream.succeed("query", "--json", "--limit", "7"))
    assert (seen["sql"], seen["most"]) == ("SELECT 'example'", 7)
    assert told["rows"] == [["[red]x"], [None]]
    assert "reads only" in dms_stream.refuse("query", "DROP TABLE x")
    del operated.state["outputs"]["table_name"]
    operated.save()
    assert "has no Glue table to query" in dms_stream.refuse("query", "SELECT 1")
