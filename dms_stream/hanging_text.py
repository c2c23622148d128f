"""Text beside a label, as terminals and logs show it: prose is wrapped, no name is broken up."""

from itertools import accumulate
from textwrap import wrap

from rich.console import Console
from rich.text import Text

_LEAST_WIDTH = 20


def print_hanging(console: Console, label: Text, body: Text, *, indent: int = 6) -> None:
    """Print a body beside its label, its further lines below its first.

    A word that is wider than the terminal stands in a line of its own and stays whole: an address
    can be copied.

    Args:
        console: Where to print.
        label: What stands before the first line.
        body: Lines of any length.
        indent: Where the body begins, in columns; more than the label has.
    """
    width = max(console.width - indent, _LEAST_WIDTH)
    before = Text.assemble(label, " " * max(indent - label.cell_len, 0))
    for paragraph in body.split("\n"):
        for number, line in enumerate(paragraph.divide(_breaks(paragraph.plain, width))):
            line.rstrip()
            if number:
                # where a line is just full, the space between it and the next begins that one
                line = line[len(line) - len(line.plain.lstrip()) :]
            console.print(Text.assemble(before, line), soft_wrap=True)
            before = Text(" " * indent)


def _breaks(text: str, width: int) -> list[int]:
    """Where its lines end; rich itself breaks up or cuts off what is too wide."""
    lines = wrap(
        text,
        width,
        expand_tabs=False,
        replace_whitespace=False,
        drop_whitespace=False,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return list(accumulate(map(len, lines)))[:-1]
