"""Text as terminals and logs show it: prose is wrapped, no name is broken up."""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from textwrap import wrap

from rich.console import Console, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

_LEAST_WIDTH = 20
_WIDEST = 10_000


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
    for line in hanging_lines(label, body, width=console.width, indent=indent):
        console.print(line, soft_wrap=True)


def hanging_lines(label: Text, body: Text, *, width: int, indent: int) -> Iterator[Text]:
    """The lines of `print_hanging`, to be printed as they are."""
    room = max(width - indent, _LEAST_WIDTH)
    before = Text.assemble(label, " " * max(indent - label.cell_len, 0))
    for paragraph in body.split("\n"):
        for number, line in enumerate(paragraph.divide(_breaks(paragraph.plain, room))):
            line.rstrip()
            if number:
                # where a line is just full, the space between it and the next begins that one
                line = line[len(line) - len(line.plain.lstrip()) :]
            yield Text.assemble(before, line)
            before = Text(" " * indent)


def print_prose(console: Console, text: str, *, style: str = "", end: str = "\n") -> None:
    """Print sentences: wrapped at their spaces on a terminal, and as they are in a log.

    A line that begins with spaces or a dash goes on below its text.

    Args:
        console: Where to print.
        text: Lines of any length.
        style: Of rich; default: none.
        end: What stands after the last line.
    """
    lines = prose_lines(text, width=console.width) if console.is_terminal else text.split("\n")
    for number, line in enumerate(lines, start=1):
        last = end if number == len(lines) else "\n"
        console.print(Text(line, style), soft_wrap=True, end=last)


def prose_lines(text: str, *, width: int) -> list[str]:
    """The lines of `print_prose` on a terminal."""
    found = []
    for line in text.split("\n"):
        body = line.lstrip(" ").removeprefix("- ")
        label = line[: len(line) - len(body)]
        lines = hanging_lines(Text(label), Text(body), width=width, indent=len(label))
        found += [each.plain for each in lines]
    return found


def column_lines(rows: Sequence[Sequence[Text]], *, width: int) -> Iterator[Text]:
    """Rows whose last cells are prose, hanging beside the others, which stay whole.

    Args:
        rows: Cells of the same number.
        width: Of the terminal.
    """
    widths = [max(cell.cell_len for cell in column) + 2 for column in zip(*rows, strict=True)][:-1]
    for *cells, prose in rows:
        label = Text()
        for cell, cell_width in zip(cells, widths, strict=True):
            label.append_text(cell)
            label.append(" " * (cell_width - cell.cell_len))
        for line in hanging_lines(label, prose, width=width, indent=sum(widths)):
            line.rstrip()
            yield line


def fits(console: Console, table: Table) -> bool:
    """Whether a table is shown with no cell broken up."""
    widest = Measurement.get(console, console.options.update(width=_WIDEST), table).maximum
    return widest <= console.width


def whole_lines(
    console: Console, renderable: RenderableType, *, width: int = _WIDEST
) -> Iterator[Text]:
    """The lines of it as wide as it is: what a terminal folds can still be copied whole."""
    for line in console.render_lines(renderable, console.options.update(width=width), pad=False):
        whole = Text.assemble(*((part.text, part.style or "") for part in line))
        whole.rstrip()
        yield whole


def print_whole(console: Console, renderable: RenderableType) -> None:
    """Print it as wide as it is."""
    for line in whole_lines(console, renderable):
        console.print(line, soft_wrap=True)


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
