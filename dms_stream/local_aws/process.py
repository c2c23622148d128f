"""The embedded AWS as a process of its own, which outlives the command that started it."""

import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from dms_stream.local_aws.client_environment import isolated
from dms_stream.local_aws.errors import LocalAwsError

# Children of this process are reaped when they are stopped.
_children: dict[Path, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Endpoint:
    """A running embedded AWS.

    Attributes:
        url: Where it answers.
        pid: Its process.
        started: When, in UTC and ISO 8601.
    """

    url: str
    pid: int
    started: str


def start(state_dir: Path) -> Endpoint:
    """Start an embedded AWS, or find the one that runs.

    Args:
        state_dir: Folder for its address and log; a folder has at most one embedded AWS.

    Raises:
        LocalAwsError: it did not start; the message holds the end of its log.
    """
    running = current(state_dir)
    if running is not None:
        return running
    state_dir = state_dir.resolve()
    state_dir.mkdir(parents=True, exist_ok=True)
    log = state_dir / "server.log"
    with log.open("wb") as log_file:
        child = subprocess.Popen(
            [sys.executable, "-m", "dms_stream.local_aws", "--state-dir", str(state_dir)],
            cwd=Path(__file__).parents[2],
            env=isolated(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log_file,
            start_new_session=True,
        )
    assert child.stdout is not None
    with child.stdout as ready:
        ready.read()  # until it has told its address, or has ended
    endpoint = current(state_dir)
    if endpoint is None or endpoint.pid != child.pid:
        child.wait()
        if endpoint is not None:  # somebody else's start won
            return endpoint
        tail = log.read_text(errors="replace")[-2000:].strip()
        raise LocalAwsError(f"the embedded AWS did not start; the end of {log}:\n{tail}")
    _children[state_dir] = child
    return endpoint


def stop(state_dir: Path) -> None:
    """End the embedded AWS of this folder and wait until it has ended; fine when none runs."""
    state_dir = state_dir.resolve()
    endpoint = current(state_dir)
    if endpoint is None:
        return
    os.kill(endpoint.pid, signal.SIGTERM)
    if child := _children.pop(state_dir, None):
        child.wait()
    with _lock_file(state_dir) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the server holds it as long as it lives
    _endpoint_file(state_dir).unlink(missing_ok=True)


def current(state_dir: Path) -> Endpoint | None:
    """The embedded AWS that runs for this folder; None when there is none.

    A server holds a lock on a file of its folder as long as it lives, which the system releases
    when it dies in whatever way. So the address and process found beside a held lock are those of
    a living server, and never of a stranger that was given a dead server's process number.
    """
    state_dir = state_dir.resolve()
    if not _endpoint_file(state_dir).exists():
        return None
    with _lock_file(state_dir) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            try:
                return Endpoint(**json.loads(_endpoint_file(state_dir).read_text()))
            except FileNotFoundError:  # it is starting
                return None
    return None


@contextmanager
def claimed(state_dir: Path) -> Iterator[None]:
    """Hold the folder for this process.

    Raises:
        LocalAwsError: a living server holds it.
    """
    with _lock_file(state_dir) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LocalAwsError(f"an embedded AWS runs for {state_dir} already") from None
        _endpoint_file(state_dir).unlink(missing_ok=True)  # of one that died
        yield


def announce(state_dir: Path, url: str) -> None:
    """Write down where this process answers."""
    endpoint = Endpoint(url, os.getpid(), datetime.now(UTC).isoformat(timespec="seconds"))
    partial = state_dir / "server.json.partial"
    partial.write_text(json.dumps(asdict(endpoint), indent=2) + "\n")
    partial.replace(_endpoint_file(state_dir))


def _endpoint_file(state_dir: Path) -> Path:
    return state_dir / "server.json"


def _lock_file(state_dir: Path) -> IO[bytes]:
    return (state_dir / "server.lock").open("ab")
