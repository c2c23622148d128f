"""Processes known by their ids: whether they live, what they are, and how they end."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from dms_stream.programs import process_id

_DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
_WAITS = "print('ready', flush=True); import time; time.sleep(600)"
Starts = Callable[[str], subprocess.Popen[str]]


@pytest.fixture
def starts() -> Iterator[Starts]:
    """Starts Pythons that say that they are ready."""
    started = []

    def start(program: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("program", "seconds", "ended_by"),
    [
        (_WAITS, 60, signal.SIGTERM),
        (_WAITS, 0, signal.SIGKILL),
        (_DEAF + _WAITS, 0.1, signal.SIGKILL),
    ],
)
def test_one_is_told_to_end_and_killed_where_it_does_not(
    starts: Starts, program: str, seconds: float, ended_by: signal.Signals
) -> None:
    process = starts(program)
    assert process_id.is_alive(process.pid)
    process_id.end(process.pid, kill_after_seconds=seconds)
    # nobody has waited for it: what is left of it does not count
    assert not process_id.is_alive(process.pid)
    assert process.wait() == -ended_by
    process_id.end(process.pid, kill_after_seconds=seconds)


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_a_command_line_is_that_of_what_runs(starts: Starts) -> None:
    process = starts(_WAITS)
    assert process_id.command_line(process.pid)[:3] == [sys.executable, "-c", _WAITS]
    assert sys.executable not in process_id.command_line(1)
    process.kill()
    process.wait()
    assert process_id.command_line(process.pid) == []


def test_what_belongs_to_somebody_else_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    def kill(_pid: int, _number: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", kill)
    assert process_id.is_alive(os.getpid())
