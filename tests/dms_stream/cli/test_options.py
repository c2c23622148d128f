"""Every command of the tree: help with an example, JSON for programs, no option without effect."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

from dms_stream.cli.app import app
from dms_stream.cli.errors import CommandError
from dms_stream.cli.rehearse import RehearsalOptions, run_rehearsal
from dms_stream.cli.workspace import open_workspace
from dms_stream.rehearsal.report.document import as_document
from tests.dms_stream.rehearsal.report.test_report import RESULT

# What shows nothing to know, or is a document already
WITHOUT_JSON = {
    "init": "writes a project, and says what to do next",
    "demo": "a show for people; its steps are commands with --json",
    "deploy": "changes; what it did is shown by inventory",
    "destroy": "changes",
    "schema": "is JSON",
    "message-schema": "is JSON",
    "deployer-policy": "is JSON",
    "docs": "writes files, and prints one path a line",
    "local-aws stop": "says nothing",
}


def commands() -> Iterator[tuple[str, Any]]:
    """All commands, by the words that call them; groups too."""
    root = get_command(app)
    yield "", root
    assert isinstance(root, TyperGroup)
    for name, command in root.commands.items():
        yield name, command
        if isinstance(command, TyperGroup):
            yield from ((f"{name} {inner}", each) for inner, each in command.commands.items())


COMMANDS = dict(commands())
SINGLE = [name for name, command in COMMANDS.items() if not isinstance(command, TyperGroup)]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_level_has_help_with_an_example(name: str) -> None:
    shown = CliRunner().invoke(app, [*name.split(), "--help"])
    assert shown.exit_code == 0
    assert "Example" in shown.output
    assert f"dms-stream {name}".strip() in shown.output


@pytest.mark.parametrize("name", SINGLE)
def test_what_shows_something_shows_it_to_programs(name: str) -> None:
    options = {option for each in COMMANDS[name].params for option in each.opts}
    assert ("--json" in options) != (name in WITHOUT_JSON)


def test_no_reason_is_left_over() -> None:
    assert set(WITHOUT_JSON) <= set(SINGLE)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("rehearse --watch 5", "--watch waits for changes of your own database"),
        (
            "rehearse --database mysql://u@127.0.0.1 --purchases 5 --seed 2",
            "--purchases, --seed: they are about the sample",
        ),
        ("unlock --json --yes", "--json prints the locks and removes none"),
        ("review PLAN --emulated", "give either plans or --env with its options, not both"),
        ("review --chdir .", "--chdir says where a given PLAN was made"),
        ("review --json --format json", "two reports go to standard output"),
        ("deploy --yes --bootstrap-only --pipeline x", "exclude each other"),
        ("destroy --yes --bootstrap --pipeline x", "exclude each other"),
    ],
)
def test_an_option_without_effect_is_refused(command: str, message: str) -> None:
    result = CliRunner().invoke(app, command.split())
    assert isinstance(result.exception, CommandError), result.exception
    assert message in str(result.exception)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("synth --env prodction", "Did you mean production?"),
        ("inventry", "Did you mean 'inventory'?"),
        ("local-aws strat", "Did you mean 'start'"),
        ("plan --piepline x", "Possible options: --pipeline"),
    ],
)
def test_near_names_are_suggested(command: str, message: str) -> None:
    result = CliRunner().invoke(app, command.split())
    assert message in f"{result.exception} {result.output}"


def test_a_near_pipeline_is_suggested_and_one_named_twice_is_meant_once() -> None:
    workspace = open_workspace("production", needs_aws=False)
    with pytest.raises(CommandError, match=r"no pipeline order; .*Did you mean orders\?"):
        workspace.pipeline_stacks(["order"])
    assert workspace.pipeline_stacks(["orders", "orders"]) == ["production-orders"]


def test_what_to_call_next_names_the_embedded_aws_where_only_an_option_does() -> None:
    opened = [
        open_workspace(name, emulated=emulated, needs_aws=False).option
        for name in ("local", "seed")
        for emulated in (False, True)
    ]
    assert opened == ["--env local", "--env local", "--env seed", "--env seed --emulated"]


def test_each_of_several_pipelines_gets_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them are tried before anything starts."""
    monkeypatch.setenv("DMS_STREAM_LOCAL_AWS", str(tmp_path))
    (tmp_path / "page-tickets.html").mkdir()
    options = RehearsalOptions(report=tmp_path / "page.html")
    with pytest.raises(CommandError, match=r"page-tickets\.html: is a folder: name a file in it"):
        run_rehearsal(None, "production", None, options)  # type: ignore[arg-type]


def test_a_verdict_is_json() -> None:
    document = json.loads(json.dumps(as_document(RESULT)))
    assert document["passed"] is RESULT.passed
    assert document["tables"][0]["table"] == RESULT.tables[0].name
    assert document["tables"][0]["sent"]["load"] == RESULT.tables[0].sent.load
    assert {check["outcome"] for check in document["checks"]} <= {"pass", "warn", "fail"}
