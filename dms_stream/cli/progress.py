"""What the demo shows of a long deployment: each thing as it is made, and what is waited for."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.text import Text

from dms_stream.programs import Ended

_EVENT = re.compile(
    r"(?P<address>[a-z_0-9]+\.[a-z_0-9]+): "
    r"(?P<what>Creating|Still creating|Creation complete|Modifying|Modifications complete)"
    r"(?:.*?(?:after |\[)(?P<time>(?:\d+m)?\d+s))?"
)
_LINES_OF_A_FAILURE = 60
_SHOWN_AT_ONCE = 3


class Progress:
    """Keeps Terraform's whole output in a file and shows what matters of it.

    Args:
        console: Where to show it.
        log: File that gets all output, one run after another.
    """

    colours = False

    def __init__(self, console: Console, log: Path) -> None:
        self._console = console
        self._log = log
        self._made = 0
        self._waiting: dict[str, str] = {}
        self._status = console.status("planning")
        self._shown = 0
        self._one_line = threading.Lock()

    @contextmanager
    def showing(
        self, stack: str, *, beside_others: bool = False
    ) -> Iterator[Callable[[str], None]]:
        """Number what is made, and say what is waited for in the status line."""
        prefix = f"{stack}: " if beside_others else ""
        with self._one_line:
            if self._shown == 0:
                self._waiting.clear()
                self._status.update("planning")
                self._status.start()
            self._shown += 1
        try:
            with self._log.open("a", encoding="utf-8") as log:

                def show(line: str) -> None:
                    with self._one_line:
                        log.write(prefix + line)
                        if event := _EVENT.search(line):
                            self._take(event)
                            self._status.update(self._standing())

                yield show
        finally:
            with self._one_line:
                self._shown -= 1
                if self._shown == 0:
                    self._status.stop()

    def failed(self, ended: Ended) -> None:
        """Show the end of what it said, and where the whole is."""
        end = ended.output.splitlines()[-_LINES_OF_A_FAILURE:]
        self._console.print("\n".join(end), markup=False, highlight=False, soft_wrap=True)
        self._console.print(f"Terraform's whole output is in {self._log}", soft_wrap=True)

    def _take(self, event: re.Match[str]) -> None:
        address, what, time = event["address"], event["what"], event["time"] or ""
        if "complete" in what:
            self._waiting.pop(address, None)
            self._made += 1
            self._console.print(
                Text(f"  {self._made:3}  {address} ") + Text(time, style="dim"), highlight=False
            )
        else:
            self._waiting[address] = time

    def _standing(self) -> str:
        slowest = [f"{address} {time}".strip() for address, time in self._waiting.items()]
        more = len(slowest) - _SHOWN_AT_ONCE
        shown = ", ".join(slowest[:_SHOWN_AT_ONCE]) + (f" and {more} more" if more > 0 else "")
        return f"{self._made} made, waiting for {shown}" if shown else f"{self._made} made"
