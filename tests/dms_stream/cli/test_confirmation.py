"""What is destructive asks; on production the environment's name is what agrees."""

import sys
import termios
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dms_stream.cli import approval, aws_access, deployment
from dms_stream.cli.app import app
from dms_stream.cli.confirmation import confirmed, require_confirmable
from dms_stream.cli.console import open_console
from dms_stream.cli.errors import CommandError
from dms_stream.cli.workspace import Workspace
from tests.dms_stream.cli.test_aws_access import workspace


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is typed at a terminal."""
    answers: list[str] = []
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(termios, "tcflush", lambda *_: None)
    monkeypatch.setattr(approval, "select", lambda files, *_: (files, [], []))
    monkeypatch.setattr("builtins.input", lambda: answers.pop(0))
    return answers


def ask(made: Workspace, *, yes: bool = False, confirm: str | None = None) -> tuple[bool, str]:
    written = StringIO()
    console = open_console(file=written, width=200)
    done = confirmed(console, made, "Stop it?", yes=yes, confirm=confirm)
    return done, written.getvalue()


@pytest.mark.parametrize(
    ("production", "answer", "agrees"),
    [
        (False, "yes", True),
        (False, "seed", False),
        (True, "seed", True),
        (True, "yes", False),
        (True, "", False),
    ],
)
def test_the_word_that_agrees(
    tmp_path: Path, typed: list[str], production: bool, answer: str, agrees: bool
) -> None:
    typed.append(answer)
    done, said = ask(workspace(tmp_path, production=production))
    assert done is agrees
    assert said == f'Stop it? Only "{"seed" if production else "yes"}" agrees: '


def test_nothing_is_read_before_it_is_there(
    tmp_path: Path, typed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Ctrl-C just before a read that waits would wait with it, for the next key."""
    looks: list[list[object]] = [[], [], [sys.stdin]]

    def look(files: list[object], _writing: object, _other: object, seconds: float) -> Any:
        assert (files, typed) == ([sys.stdin], ["yes"])
        assert 0 < seconds <= 1
        return looks.pop(0), [], []

    monkeypatch.setattr(approval, "select", look)
    typed.append("yes")
    assert ask(workspace(tmp_path))[0]
    assert (looks, typed) == ([], [])


def test_options_answer_beforehand(tmp_path: Path) -> None:
    assert ask(workspace(tmp_path), yes=True) == (True, "")
    assert ask(workspace(tmp_path), confirm="seed") == (True, "")
    assert ask(workspace(tmp_path, production=True), confirm="seed") == (True, "")
    assert ask(workspace(tmp_path, production=True), yes=True, confirm="seed") == (True, "")


@pytest.mark.usefixtures("typed")
def test_yes_does_not_answer_for_production(tmp_path: Path, typed: list[str]) -> None:
    typed.append("no")
    assert ask(workspace(tmp_path, production=True), yes=True)[0] is False


@pytest.mark.parametrize(
    ("production", "yes", "confirm", "message"),
    [
        (False, False, None, "standard input is no terminal: pass --yes to approve"),
        (True, False, None, "is marked `production: true`: its name has to be typed, and"),
        (True, True, None, "and --yes alone does not approve it: its name has to be typed, and"),
        (True, True, "prod", "--confirm prod: names another environment; allowed: seed"),
        (False, True, "prod", "--confirm prod: names another environment; allowed: seed"),
    ],
)
def test_what_nobody_can_confirm_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    production: bool,
    yes: bool,
    confirm: str | None,
    message: str,
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False)
    made = workspace(tmp_path, production=production)
    with pytest.raises(CommandError) as refused:
        require_confirmable(made, yes=yes, confirm=confirm)
    assert message in str(refused.value)


class Destroying:
    """What `destroy` does, taken down."""

    made: list[dict[str, Any]] = []

    def __init__(self, _: Workspace, **options: Any) -> None:
        self.made.append(options)

    def destroy(self, stacks: list[str]) -> bool:
        """Nothing."""
        return bool(stacks)


@pytest.mark.parametrize(
    ("production", "arguments", "approved", "word"),
    [
        (False, ["--yes"], True, "yes"),
        (False, ["--confirm", "seed"], True, "yes"),
        (True, ["--confirm", "seed"], True, "seed"),
        (True, ["--yes", "--confirm", "seed"], True, "seed"),
        (True, ["--yes"], None, ""),
    ],
)
def test_destroying_heeds_production(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    production: bool,
    arguments: list[str],
    approved: bool | None,
    word: str,
) -> None:
    made = workspace(tmp_path, production=production)
    monkeypatch.setattr(aws_access, "open_deployable", lambda *_, **__: made)
    monkeypatch.setattr(deployment, "Deployment", Destroying)
    monkeypatch.setattr(deployment, "require_bootstrap", lambda _: None)
    monkeypatch.setattr(Destroying, "made", [])
    done = CliRunner().invoke(app, ["destroy", *arguments])
    if approved is None:
        assert "--yes alone does not approve it" in str(done.exception)
        assert Destroying.made == []
    else:
        assert done.exit_code == 0, done.exception
        (options,) = Destroying.made
        assert (options["approved"], options["word"]) == (approved, word)
