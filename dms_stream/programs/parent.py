"""A child's end of the talk with the process that started it; see `dms_stream.programs.child`."""

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from signal import SIG_IGN, SIGINT, signal
from threading import Lock, Thread
from typing import Any

from constructs_lib.errors import DmsStreamError


class Parent:
    """The process that started this one: it reads events from our output, and writes our input.

    From here on, what libraries print goes into the log, not between the events.
    """

    def __init__(self) -> None:
        sys.stdout.flush()
        self._events = os.fdopen(os.dup(sys.stdout.fileno()), "w")
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        self._lock = Lock()

    def send(self, event: str, **values: Any) -> None:
        """Send an event.

        Raises:
            BrokenPipeError: the parent has gone.
        """
        with self._lock:
            self._events.write(json.dumps({"event": event, **values}) + "\n")
            self._events.flush()

    def close(self) -> None:
        """Send no more: the parent leaves this process alone from here on."""
        self._events.close()

    def read_line(self) -> Any:
        """The next document that the parent sends."""
        return json.loads(sys.stdin.readline())

    def follow(
        self, *, on_end: Callable[[], None], on_line: Callable[[Any], None] | None = None
    ) -> None:
        """Follow the rest of the input in a thread.

        Args:
            on_end: Called when the parent has closed it, or has died.
            on_line: Called with each document.
        """

        def read() -> None:
            for line in sys.stdin:
                if on_line is not None:
                    on_line(json.loads(line))
            on_end()

        Thread(target=read, name="parent", daemon=True).start()


def run_child(work: Callable[[Parent], None]) -> int:
    """Do a child's work, and report its refusal; the parent decides what Ctrl-C means.

    Returns:
        Its exit code: 2 where it is refused, cannot go on or has lost its parent.
    """
    signal(SIGINT, SIG_IGN)
    parent = Parent()
    try:
        work(parent)
    except BrokenPipeError:
        return _without_a_reader()
    except DmsStreamError as error:
        try:
            parent.send("error", message=str(error))
        except BrokenPipeError:
            return _without_a_reader()
        return 2
    return 0


def _without_a_reader() -> int:
    # what is left to say has nobody to read it
    with suppress(OSError):
        sys.stderr.close()
    return 2
