"""What is asked for on the command line reaches what does it, and nothing else does."""

from typing import Any

import pytest
from typer.testing import CliRunner

from dms_stream.cli import observing_commands
from dms_stream.cli.app import app


@pytest.mark.parametrize(
    ("command", "run", "handed"),
    [
        (
            "peek",
            "run_peek",
            {"most": 10, "tables": [], "operations": [], "emulated": False, "as_json": False},
        ),
        (
            "peek -n 3 --table a.b --table c.d --operation update --emulated --json",
            "run_peek",
            {
                "most": 3,
                "tables": ["a.b", "c.d"],
                "operations": ["update"],
                "emulated": True,
                "as_json": True,
            },
        ),
        (
            "logs",
            "run_logs",
            {
                "only": None,
                "since": "1h",
                "errors_only": False,
                "following": False,
                "emulated": False,
                "as_json": False,
            },
        ),
        (
            "logs --only task --since 2d --errors --follow",
            "run_logs",
            {
                "only": "task",
                "since": "2d",
                "errors_only": True,
                "following": True,
                "emulated": False,
                "as_json": False,
            },
        ),
        (
            "landed --errors -n 2",
            "run_landed",
            {"errors": True, "most": 2, "emulated": False, "as_json": False},
        ),
        (
            "landed",
            "run_landed",
            {"errors": False, "most": 5, "emulated": False, "as_json": False},
        ),
    ],
)
def test_what_is_asked_for_is_handed_on(
    monkeypatch: pytest.MonkeyPatch, command: str, run: str, handed: dict[str, Any]
) -> None:
    seen: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
    monkeypatch.setattr(observing_commands, run, lambda *some, **named: seen.append((some, named)))
    name, *options = command.split()

    result = CliRunner().invoke(app, [name, "--env", "seed", "--pipeline", "tickets", *options])

    assert result.exit_code == 0, result.output
    ((_, env, pipelines), named) = seen[0]
    assert (env, list(pipelines)) == ("seed", ["tickets"])
    assert named == handed
