"""Processes that are no children of this one, known by their ids only."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

_POLL_SECONDS = 0.05
_BEGIN_SECONDS = 2.0


def is_alive(pid: int) -> bool:
    """Whether a process has not ended; a zombie has."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state != "Z"


def command_line(pid: int) -> list[str]:
    """The command line of a process; empty where it has ended or the system does not say."""
    deadline = time.monotonic() + _BEGIN_SECONDS
    while True:
        try:
            text = Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
        except OSError:
            return []
        # a program that is only just being loaded has none yet
        if text or not is_alive(pid) or time.monotonic() >= deadline:
            return text.split("\0")
        time.sleep(_POLL_SECONDS)


def end(pid: int, *, kill_after_seconds: float) -> None:
    """Terminate a process and wait until it has ended; kill it after a while, or with 0 at once."""
    deadline = time.monotonic() + kill_after_seconds
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM if kill_after_seconds else signal.SIGKILL)
        while is_alive(pid):
            if time.monotonic() >= deadline:
                os.kill(pid, signal.SIGKILL)
            time.sleep(_POLL_SECONDS)
