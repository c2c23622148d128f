"""What comes from outside is printed as it is: no markup, no pictures, no terminal control."""

import ast
import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from dms_stream.cli.check_source import print_checks
from dms_stream.cli.console import open_console
from dms_stream.cli.inventory import DeployedResource, print_inventory
from dms_stream.cli.plain_text import plain
from dms_stream.cli.preflight import show
from dms_stream.preflight.check import Result
from dms_stream.preflight.preflight import Checked
from dms_stream.rehearsal.report import print_report as print_rehearsal
from dms_stream.rehearsal.result import Check, SampleRecord
from dms_stream.review.reports.terminal import print_report as print_review
from dms_stream.review.reviewing import review_plans
from dms_stream.review.severity import Severity
from tests.dms_stream.rehearsal.report.test_report import RESULT, TABLE
from tests.support.checkout import ROOT
from tests.support.small_plans import plan, update

MARKUP = ["w[/b]x", "[bold]w", "[link=x]", ":secret:", ":smiley:"]
CONTROLS = ["a\x1b[31mb", "a\x9bb", "\u202ex", "a\x07\x7fb"]
WIDE = 400


def printed() -> tuple[Console, io.StringIO]:
    out = io.StringIO()
    return open_console(file=out, width=WIDE), out


def by_inventory(console: Console, name: str) -> None:
    resources = [DeployedResource(name, "aws_kinesis_stream", f"aws_kinesis_stream.{name}", name)]
    print_inventory(console, resources)


def by_checks(console: Console, name: str) -> None:
    print_checks(console, {Check(name, "fail", name, name): [name]})


def by_preflight(console: Console, name: str) -> None:
    show(console, [Checked(name, (Result(name, "fail", name, name),))])


def by_rehearsal(console: Console, name: str) -> None:
    result = replace(
        RESULT,
        pipeline=name,
        source=name,
        stream=name,
        checks=(Check(name, "fail", name, name),),
        tables=(replace(TABLE, table_name=name),),
        samples=(SampleRecord("load", name, name),),
        remarks=(name,),
    )
    print_rehearsal(result, console)


def by_review(console: Console, name: str) -> None:
    change = update("aws_kinesis_stream", "retention_period", 48, 24)
    change["address"] = f"aws_kinesis_stream.{name}"
    print_review(review_plans([plan(change)]), console, fail_on=Severity.DATA_LOSS)


def by_a_line(console: Console, name: str) -> None:
    console.rule(name)
    console.print(name)
    console.print(Text(name, "red"))


Printer = Callable[[Console, str], None]
PRINTERS: list[Printer] = [
    by_inventory,
    by_checks,
    by_preflight,
    by_rehearsal,
    by_review,
    by_a_line,
]


@pytest.mark.parametrize("name", MARKUP)
@pytest.mark.parametrize("print_it", PRINTERS)
def test_markup_and_emoji_codes_are_printed_as_they_are(print_it: Printer, name: str) -> None:
    console, out = printed()
    print_it(console, name)
    assert name in out.getvalue()


@pytest.mark.parametrize("name", CONTROLS)
@pytest.mark.parametrize("print_it", PRINTERS)
def test_controls_never_reach_the_terminal(print_it: Printer, name: str) -> None:
    console, out = printed()
    print_it(console, name)
    # rich leaves some out by itself, and the review writes others in its own way
    assert plain(out.getvalue()) == out.getvalue()


@given(st.text(st.characters(exclude_categories=["Cs", "Zl", "Zp"]), min_size=1, max_size=40))
def test_any_name_leaves_the_terminal_alone(name: str) -> None:
    console, out = printed()
    for print_it in (by_inventory, by_checks, by_a_line):
        print_it(console, name)
    assert plain(out.getvalue()) == out.getvalue()


@given(st.text())
def test_plain_text_is_plain_and_stays_so(text: str) -> None:
    assert plain(plain(text)) == plain(text)
    assert "\x1b" not in plain(text)


def test_our_own_styles_still_reach_a_terminal() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, color_system="standard")
    console.print(Text("x", "red"))
    ours = open_console(file=out)
    assert not ours.is_terminal
    assert "\x1b[31mx" in out.getvalue()


def test_no_command_opens_another_console_or_writes_markup() -> None:
    opens = ("Console", "rich.console.Console", "Text.from_markup", "rich.print")
    found = []
    for path in (ROOT / "dms_stream").rglob("*.py"):
        if path.name == "console.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in opens:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
            if isinstance(node, ast.ImportFrom) and node.module == "rich.markup":
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []
