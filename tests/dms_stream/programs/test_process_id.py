"""Processes known by their ids: whether they live, what they are, and how they end."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

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


def test_without_a_proc_only_the_system_says_who_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_id, "Path", lambda _: Path("/nowhere"))
    assert process_id.is_alive(os.getpid())
    assert process_id.command_line(os.getpid()) == []


@pytest.mark.parametrize(
    ("looks", "waited", "found"),
    [
        (["a\0b\0"], 0, ["a", "b", ""]),
        (["", "", "a\0"], 2, ["a", ""]),
        # it has none in two seconds, or has ended
        ([""] * 99, 32, [""]),
        (["", "ended"], 0, [""]),
    ],
)
def test_a_program_that_is_being_loaded_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, looks: list[str], waited: int, found: list[str]
) -> None:
    now, slept = [100.0], list[float]()
    is_over = "ended" in looks

    class Looks:
        def __init__(self, text: str) -> None:
            assert text == "/proc/7/cmdline"

        def read_text(self, *, errors: str) -> str:
            assert errors == "replace"
            return looks.pop(0)

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        # which a computer adds up exactly
        now[0] += 0.0625

    monkeypatch.setattr(process_id, "Path", Looks)
    monkeypatch.setattr(process_id, "is_alive", lambda _: not is_over)
    monkeypatch.setattr(process_id.time, "monotonic", lambda: now[0])  # type: ignore[attr-defined]
    monkeypatch.setattr(process_id.time, "sleep", sleep)  # type: ignore[attr-defined]
    assert process_id.command_line(7) == found
    assert slept == [0.05] * waited
