"""A child for the tests: its argument says how it behaves."""

import os
import signal
import sys
import time
from pathlib import Path
from threading import Event

from dms_stream.local_aws import LocalAwsError
from dms_stream.programs.lock_file import locked
from dms_stream.programs.parent import Parent, run_child


def work(parent: Parent) -> None:
    """Behave as the argument says."""
    how, *rest = sys.argv[1:]
    if how == "dies first":
        raise ZeroDivisionError("of the child")
    if how == "refuses":
        raise LocalAwsError("this is refused")
    print("what a library prints")  # noqa: T201
    ended = Event()
    if how == "echo":
        secret = parent.read_line()
        parent.follow(on_line=lambda line: parent.send("line", line=line), on_end=ended.set)
        parent.send("ready", secret=secret)
        ended.wait()
        parent.send("done")
    elif how == "holds":
        with locked(Path(rest[0])):
            parent.follow(on_end=ended.set)
            parent.send("ready")
            ended.wait()
    elif how == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        parent.send("ready")
        time.sleep(600)
    elif how == "is killed":
        parent.send("ready")
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(run_child(work))
