"""What is wrong with an option, in this project's words."""

from collections import Counter
from typing import Any

import typer
from pydantic import ValidationError

from constructs_lib.error_words import sentence, shown
from dms_stream.cli.errors import CommandError


def refuse_value(error: typer.BadParameter) -> None:
    """Refuse an option's value that is of another kind than it takes.

    Args:
        error: What typer found. Where no value is wrong, but the call itself, typer's own answer
            stands, with how the command is used.

    Raises:
        CommandError: a value is wrong.
    """
    if isinstance(error.__cause__, ValidationError) and error.param is not None:
        detail: Any = error.__cause__.errors(include_url=False)[0]
        problem, given = sentence(detail), shown(detail["input"])
        raise CommandError(f"{_name(error.param)}: {problem}; given: {given}") from None


def refuse_arguments(command: Any, context: Any, arguments: list[str]) -> None:
    """Refuse an option that takes one value and is given several, and a value that is empty.

    Raises:
        CommandError: all values but the last would be lost; or nothing has an empty name.
    """
    values, _, given = command.make_parser(context).parse_args(args=list(arguments))
    for parameter, times in Counter(given).items():
        value = values.get(parameter.name)
        if value == "" or (isinstance(value, list | tuple) and "" in value):
            raise CommandError(f"{_name(parameter)} is empty: give a value, or leave it out")
        takes_one = parameter.param_type_name == "option" and not parameter.is_flag
        if times > 1 and takes_one and not parameter.multiple:
            raise CommandError(
                f"{_name(parameter)} is given {times} times, and takes one value: leave the others "
                "out"
            )


def _name(parameter: Any) -> str:
    name: str = parameter.opts[0]
    if name.startswith("-"):
        return name
    return str(parameter.metavar or name.upper())
