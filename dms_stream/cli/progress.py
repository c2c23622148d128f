"""What the demo shows of a long deployment: each thing as it is made, and what is waited for."""

import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from dms_stream.cli.errors import StepFailedError

_EVENT = re.compile(
    # cdktf adds the construct's path where it prints without colours
    r"(?P<address>[a-z_0-9]+\.[a-z_0-9]+)(?: \([^)]*\))?: "
    r"(?P<what>Creating|Still creating|Creation complete|Modifying|Modifications complete)"
    r"(?:.*?(?:after |\[)(?P<time>(?:\d+m)?\d+s))?"
)
_LINES_OF_A_FAILURE = 60
_SHOWN_AT_ONCE = 3


class Progress:
    """Runs programs, keeps their whole output in a file and shows what matters of it.

    Args:
        console: Where to show it.
        log: File that gets all output, one run after another.
    """

    def __init__(self, console: Console, log: Path) -> None:
        self._console = console
        self._log = log
        self._made = 0
        self._waiting: dict[str, str] = {}

    def run(self, command: Sequence[str], *, environment: Mapping[str, str], folder: Path) -> int:
        """Run a program; the same as `toolchain.run`.

        Raises:
            StepFailedError: it failed; the end of its output is shown.
        """
        self._waiting.clear()
        lines: list[str] = []
        with (
            self._log.open("a", encoding="utf-8") as log,
            self._console.status("synthesizing and planning") as status,
            subprocess.Popen(
                command,
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
            ) as process,
        ):
            assert process.stdout is not None
            for line in process.stdout:
                log.write(line)
                lines = [*lines[1 - _LINES_OF_A_FAILURE :], line]
                if event := _EVENT.search(line):
                    self._take(event)
                    status.update(self._standing())
        if process.returncode != 0:
            self._console.print("".join(lines), markup=False, highlight=False)
            raise StepFailedError(f"deploying failed; its whole output is in {self._log}")
        return process.returncode

    def _take(self, event: re.Match[str]) -> None:
        address, what, time = event["address"], event["what"], event["time"] or ""
        if "complete" in what:
            self._waiting.pop(address, None)
            self._made += 1
            self._console.print(f"  {self._made:3}  {address} [dim]{time}[/dim]", highlight=False)
        else:
            self._waiting[address] = time

    def _standing(self) -> str:
        slowest = [f"{address} {time}".strip() for address, time in self._waiting.items()]
        more = len(slowest) - _SHOWN_AT_ONCE
        shown = ", ".join(slowest[:_SHOWN_AT_ONCE]) + (f" and {more} more" if more > 0 else "")
        return f"{self._made} made, waiting for {shown}" if shown else f"{self._made} made"
