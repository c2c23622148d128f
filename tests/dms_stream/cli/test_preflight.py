"""The preflight on the command line: what is shown, what is refused, what a program gets."""

import io
import json

import pytest
from rich.console import Console

from dms_stream.cli import preflight as asking
from dms_stream.cli.errors import CommandError
from dms_stream.cli.workspace import Workspace
from dms_stream.preflight.check import Result
from dms_stream.preflight.preflight import Checked

PASSED = Checked("the region", (Result("region", "pass", "eu-west-1 is enabled"),))
WARNED = Checked("the account", (Result("account_ids", "warn", "any is allowed", "Name one."),))
FAILED = Checked(
    "the role [b]x[/b] :key:",
    (Result("account_roles.vpc_role", "fail", "it exists already", "Set `adopt`."),),
)


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=80)


def written(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def answer(monkeypatch: pytest.MonkeyPatch, *checked: Checked) -> None:
    monkeypatch.setattr(asking, "preflight", lambda *_: list(checked))


def test_a_failure_stops_a_deployment_and_says_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, console: Console, nowhere: Workspace
) -> None:
    answer(monkeypatch, PASSED, FAILED)
    with pytest.raises(CommandError, match="nothing was changed: the preflight failed"):
        asking.refuse_failures(console, nowhere, [])
    text = written(console)
    assert "→ Set `adopt`." in text
    assert "account_roles.vpc_role" in text
    assert "eu-west-1 is enabled" not in text


def test_a_warning_is_shown_and_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, console: Console, nowhere: Workspace
) -> None:
    answer(monkeypatch, PASSED, WARNED)
    asking.refuse_failures(console, nowhere, [])
    assert "→ Name one." in written(console)


def test_nothing_notable_is_one_line(
    monkeypatch: pytest.MonkeyPatch, console: Console, nowhere: Workspace
) -> None:
    answer(monkeypatch, PASSED)
    asking.refuse_failures(console, nowhere, [])
    assert written(console).splitlines()[1:] == ["all checks passed"]


def test_what_comes_from_outside_is_no_markup(console: Console) -> None:
    asking.show(console, [FAILED])
    assert "the role [b]x[/b] :key:" in written(console)


def test_a_program_gets_every_result() -> None:
    told = json.loads(asking.as_json([PASSED, FAILED]))
    assert [result["outcome"] for result in told] == ["pass", "fail"]
    assert told[1] == {
        "check": FAILED.title,
        "where": "account_roles.vpc_role",
        "outcome": "fail",
        "found": "it exists already",
        "fix": "Set `adopt`.",
    }


@pytest.fixture
def nowhere() -> Workspace:
    """An environment that nobody asks about."""
    return object.__new__(Workspace)
