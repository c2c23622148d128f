"""Every command's help ends in examples, and the command line takes each of them."""

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main

from dms_stream.cli.app import app

GROUP: Any = typer.main.get_command(app)


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """All commands, those of groups included."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def examples(command: Any) -> list[str]:
    """The command lines of a command's help."""
    found = re.findall(r"^ *(?:Examples?: )?(dms-stream [^\n]+)", command.help, re.MULTILINE)
    return [line.partition(" > ")[0] for line in found]


COMMANDS = dict(commands(GROUP))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_an_example_is_a_command_line_of_the_command(path: tuple[str, ...]) -> None:
    shown = examples(COMMANDS[path])
    assert shown
    for line in shown:
        program, *words = shlex.split(line)
        assert program == "dms-stream"
        assert tuple(words[: len(path)]) == path
        # takes the words apart as a run does, and refuses what it does not know
        context = COMMANDS[path].make_context(path[-1], words[len(path) :])
        assert context.command is COMMANDS[path]


def test_a_wrong_example_would_be_found() -> None:
    with pytest.raises(Exception, match="No such option"):
        COMMANDS["stop",].make_context("stop", ["--no-such-option"])
