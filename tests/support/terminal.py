"""A command in a terminal of its own: a real pseudo-terminal, its keys, and its closing."""

import fcntl
import os
import pty
import select
import signal
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.waiting import CEILING_SECONDS

_CTRL_C, _CTRL_D = b"\x03", b"\x04"


def unwrapped(said: str) -> str:
    """What a command said, in one line: where a terminal wraps it says nothing of the words."""
    return " ".join(said.split())


class Terminal:
    """A command that runs in the foreground of a terminal; ended with the block.

    Args:
        command: The command.
        environment: Its variables.
        folder: Where it runs.
    """

    def __init__(
        self, command: Sequence[str], *, environment: Mapping[str, str], folder: Path
    ) -> None:
        self._keyboard, screen = pty.openpty()

        def take_terminal() -> None:
            # a shell started in the background leaves Ctrl-C ignored, and nohup a hang-up
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.signal(signal.SIGHUP, signal.SIG_DFL)
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=screen,
            stdout=screen,
            stderr=screen,
            start_new_session=True,
            preexec_fn=take_terminal,
        )
        os.close(screen)
        self._said = b""
        self._read_to = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
        self.process.kill()
        self.process.wait()

    @property
    def said(self) -> str:
        """All that it has shown so far."""
        return self._said.decode(errors="replace").replace("\r\n", "\n")

    def await_text(self, text: str) -> None:
        """Wait until it shows something, after what was waited for last.

        Raises:
            AssertionError: it ended and has not shown it.
        """
        wanted = text.encode()
        while (at := self._said.find(wanted, self._read_to)) < 0:
            assert self._read(), f"it never showed {text!r}:\n{self.said}"
        self._read_to = at + len(wanted)

    def type(self, text: str) -> None:
        """Type a line."""
        os.write(self._keyboard, text.encode() + b"\n")

    def press_ctrl_c(self) -> None:
        """The terminal then interrupts whatever runs in its foreground."""
        os.write(self._keyboard, _CTRL_C)

    def press_ctrl_d(self) -> None:
        """The end of input."""
        os.write(self._keyboard, _CTRL_D)

    def close(self) -> None:
        """Close the terminal, as one closes its window."""
        if self._keyboard >= 0:
            os.close(self._keyboard)
            self._keyboard = -1

    def outcome(self) -> tuple[int, str]:
        """Exit code and all that it showed."""
        while self._keyboard >= 0 and self._read():
            pass
        return self.process.wait(CEILING_SECONDS), self.said

    def _read(self) -> bool:
        deadline = time.monotonic() + CEILING_SECONDS
        while not select.select([self._keyboard], [], [], 1)[0]:
            assert time.monotonic() < deadline, f"it says nothing more:\n{self.said}"
        with suppress(OSError):  # nobody holds the other end any more
            if new := os.read(self._keyboard, 65_536):
                self._said += new
                return True
        return False
