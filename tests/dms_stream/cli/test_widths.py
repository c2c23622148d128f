"""What commands show at 80 and 140 columns and as a log: no name is broken up, prose is wrapped."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from rich.console import Console
from rich.text import Text

from dms_stream.cli.check_source import print_checks
from dms_stream.cli.console import open_console
from dms_stream.cli.inventory import DeployedResource, print_inventory
from dms_stream.cli.observing_commands import show_connections
from dms_stream.cli.preflight import show
from dms_stream.cli.preparing_commands import show_statements
from dms_stream.cli.querying_commands import show_answer
from dms_stream.cli.stand_ins import show_stand_ins
from dms_stream.cli.status_screen import screen
from dms_stream.hanging_text import print_hanging, print_prose
from dms_stream.operations.athena import Answer
from dms_stream.operations.connections import Connection
from dms_stream.operations.health import Finding
from dms_stream.operations.logs import LogLine
from dms_stream.operations.replicator import TableStatistics
from dms_stream.operations.status import PipelineStatus, StreamStatus
from dms_stream.preflight.check import Result
from dms_stream.preflight.preflight import Checked
from dms_stream.rehearsal.report import print_report as print_rehearsal
from dms_stream.rehearsal.result import Check, LandedObject
from dms_stream.review import review_plans
from dms_stream.review.reports.terminal import print_report
from dms_stream.review.severity import Severity
from dms_stream.settings.environment import Environment
from tests.dms_stream.rehearsal.report.test_report import RESULT, TABLE
from tests.support.imported_environment import imported_environment
from tests.support.small_plans import change, plan

ARN = (
    "arn:aws:secretsmanager:eu-central-1:123456789012:secret:"
    "production/data-platform/tickets/replication-user-Ab12Cd"
)
ADDRESS = (
    "aws_kinesis_firehose_delivery_stream.tickets_of_the_whole_company_delivery_stream_resource"
)
TABLE_NAME = "sales_of_the_company.line_items_of_the_delivery_notes"
OBJECT = "production-tickets-delivery-1-2026-11-26-11-05-01-dd4b78fb-cb33-41bb-8476-754dde6e2bef.gz"
PREFIX = "changes/schema_name=!{partitionKeyFromQuery:schema_name}/day=!{timestamp:yyyy-MM-dd}/"
PROSE = "this is what somebody has to do about it, in a sentence of some length. " * 3

Case = tuple[Callable[[Console], None], tuple[str, ...]]


def inventory(console: Console) -> None:
    print_inventory(
        console, [DeployedResource("production-x", "aws_secretsmanager_secret", "a", ARN)]
    )


def checks(console: Console) -> None:
    check = Check("the user has SELECT", "fail", f"not on {TABLE_NAME}, {ADDRESS}", PROSE)
    print_checks(console, {check: ["orders"], replace(check, name="other"): ["tickets"]})


def preflight(console: Console) -> None:
    results = (Result(ADDRESS, "fail", f"{ARN} is there", PROSE), Result("b", "unknown", PROSE, ""))
    show(console, [Checked("names", results)])


def rehearsal(console: Console) -> None:
    schema, table = TABLE_NAME.split(".")
    result = replace(
        RESULT,
        tables=(replace(TABLE, schema_name=schema, table_name=table),),
        objects=(LandedObject(f"changes/{OBJECT}", 10, 1),),
        settings={"prefix": PREFIX},
        remarks=(PROSE,),
    )
    print_rehearsal(result, console)


def stand_ins(console: Console) -> None:
    show_stand_ins(console, Environment.model_validate(imported_environment()))


def status(console: Console) -> None:
    schema, table = TABLE_NAME.split(".")
    told = PipelineStatus(
        "tickets",
        datetime(2026, 11, 26, tzinfo=UTC),
        tables=[TableStatistics(schema, table, "Table error")],
        stream=StreamStatus(ADDRESS, "ACTIVE", "ON_DEMAND", 4, 24),
        errors=[LogLine("task", datetime(2026, 11, 26, tzinfo=UTC), f"{ARN} {PROSE}", "1")],
    )
    shown = screen(console, [(told, [Finding("wrong", f"{ARN} {PROSE}", PROSE)])])
    console.print(shown, soft_wrap=True)


def answer(console: Console) -> None:
    show_answer(console, Answer(["path", "n"], [[OBJECT, 1], [ARN, None]], True, 1, None, 0.1))


def connections(console: Console) -> None:
    show_connections(
        console, [Connection("x", "source", ADDRESS, False, "failed", f"{ARN}: {PROSE}", PROSE)]
    )


LONG = ADDRESS.partition(".")[2]
PAGE = (
    "https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/r/"
    "kinesis_stream.html.markdown"
)


def review(console: Console) -> None:
    replaced = change("aws_kinesis_stream", {}, {"name": "b"}, replace=("name",), name=LONG)
    print_report(review_plans([plan(replaced)]), console, fail_on=Severity.DATA_LOSS)


GRANT = "GRANT REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO 'a_user_of_the_pipeline'@'%';"


class Source:
    """Where statements would be run."""

    where, user = "db.example.org:3306", "admin"

    def run(self, sql: str, *, secret: str = "") -> list[tuple[Any, ...]]:
        """Nothing is."""
        raise NotImplementedError(sql, secret)


def prepared(console: Console) -> None:
    show_statements(console, Source(), [GRANT], None, "x")


def prose(console: Console) -> None:
    print_prose(console, f"{ADDRESS}: {PROSE}" if console.is_terminal else ADDRESS)


CASES: list[Case] = [
    (prepared, (GRANT,)),
    (prose, (ADDRESS,)),
    (status, (TABLE_NAME, ADDRESS, ARN)),
    (answer, (OBJECT, ARN)),
    (connections, (ADDRESS, ARN)),
    (inventory, (ARN.rpartition(":secret:")[2],)),
    (checks, (TABLE_NAME, ADDRESS)),
    (preflight, (ADDRESS, ARN)),
    (rehearsal, (TABLE_NAME, OBJECT, PREFIX)),
    (review, (f"aws_kinesis_stream.{LONG}", LONG, PAGE)),
    (
        stand_ins,
        (
            "arn:aws:kms:eu-west-1:123456789012:key/0f0e0d0c-1111-2222-3333-444455556601",
            "subnet-0a1b2c3d4e5f60711",
        ),
    ),
]


@pytest.mark.parametrize("is_terminal", [True, False], ids=["terminal", "log"])
@pytest.mark.parametrize("width", [80, 140])
@pytest.mark.parametrize(
    ("show_it", "names"), CASES, ids=lambda value: getattr(value, "__name__", "")
)
def test_names_stay_whole_and_prose_is_wrapped(
    show_it: Callable[[Console], None], names: tuple[str, ...], width: int, is_terminal: bool
) -> None:
    screen = StringIO()
    show_it(open_console(file=screen, width=width, is_terminal=is_terminal))
    lines = Text.from_ansi(screen.getvalue()).plain.splitlines()

    for name in names:
        assert any(name in line for line in lines), name
    # a line is longer than the screen for the sake of one name only
    for line in lines:
        if len(line) > width:
            assert any(name in line for name in (*names, ARN, "arn:aws:")), line


def test_further_lines_stand_below_the_first() -> None:
    screen = StringIO()
    console = open_console(file=screen, width=30, is_terminal=True)
    print_hanging(
        console, Text("warn"), Text("one two three four five six seven\nand another line")
    )
    assert [line.rstrip() for line in screen.getvalue().splitlines()] == [
        "warn  one two three four five",
        "      six seven",
        "      and another line",
    ]


def test_a_line_that_is_just_full_leaves_no_space_to_the_next() -> None:
    screen = StringIO()
    console = open_console(file=screen, width=30, is_terminal=True)
    print_hanging(console, Text(), Text("just-twenty four-letters in this line"))
    assert screen.getvalue().splitlines()[1] == "      in this line"


@pytest.mark.parametrize("is_terminal", [True, False], ids=["terminal", "log"])
def test_sentences_are_wrapped_on_a_terminal_and_left_whole_in_a_log(is_terminal: bool) -> None:
    screen = StringIO()
    console = open_console(file=screen, width=32, is_terminal=is_terminal)
    text = "settings.yaml: 1 mistake\n  - key: one two three four five six\nNothing was changed."
    print_prose(console, text, end="|")
    wrapped = text.replace("five six", "five\n    six")
    assert Text.from_ansi(screen.getvalue()).plain == (wrapped if is_terminal else text) + "|"
