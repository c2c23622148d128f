r"""The terminal, as every command writes to it: what comes from outside is never markup.

Names, values and paths of others are printed as they are: `[bold]` and `:secret:` stay text, and a
control character, with which a name could repaint the terminal, is shown as its escape (`\x1b`).
Our own styles are made of rich's `Text`, never of markup.
"""

from collections.abc import Iterable
from typing import IO

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook, RenderResult
from rich.measure import Measurement
from rich.segment import Segment

from dms_stream.cli.plain_text import plain


class _Plain:
    def __init__(self, renderable: ConsoleRenderable) -> None:
        self._renderable = renderable

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(self._renderable, options):
            if segment.control:
                yield segment
            else:
                yield Segment(plain(segment.text), segment.style)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement.get(console, options, self._renderable)


class _PlainHook(RenderHook):
    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return list(_wrapped(renderables))


def _wrapped(renderables: Iterable[ConsoleRenderable]) -> Iterable[ConsoleRenderable]:
    return (_Plain(renderable) for renderable in renderables)


def open_console(
    *,
    stderr: bool = False,
    file: IO[str] | None = None,
    width: int | None = None,
    is_terminal: bool | None = None,
) -> Console:
    """A console for data.

    Args:
        stderr: Whether it writes to standard error.
        file: Where it writes instead; default: standard output.
        width: Its width in characters; default: the terminal's.
        is_terminal: Whether it is a terminal; default: what the system says.
    """
    console = Console(
        stderr=stderr,
        file=file,
        width=width,
        force_terminal=is_terminal,
        markup=False,
        emoji=False,
        highlight=False,
    )
    console.push_render_hook(_PlainHook())
    return console
