"""Programs that a command waits for, and how they are stopped."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from dms_stream.programs import Ended, Stopped, foreground, orderly_stops, run
from dms_stream.programs.foreground import ProgramError
from tests.support.waiting import until

# says that it runs, and ends with its first SIGINT
_WAITS = """
import pathlib, signal, sys
def interrupted(*_):
    print("interrupted", flush=True)
    sys.exit(3)
signal.signal(signal.SIGINT, interrupted)
pathlib.Path(sys.argv[1]).touch()
while True:
    signal.pause()
"""


def python(code: str, *arguments: object) -> list[str]:
    """A program of a few lines."""
    return [sys.executable, "-c", code, *map(str, arguments)]


def started(command: list[str], folder: Path) -> Ended:
    """It, run to its end."""
    return run(command, process_environment=os.environ, folder=folder)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Signals as the command line takes them, wherever the tests were started from."""
    # nohup ignores a hang-up, and a shell in the background Ctrl-C
    hang_up = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with orderly_stops():
            yield
    finally:
        signal.signal(signal.SIGINT, before)
        signal.signal(signal.SIGHUP, hang_up)


def test_it_tells_exit_code_output_and_errors(tmp_path: Path) -> None:
    code = "import sys; print('ü', end=''); sys.stderr.write('no'); sys.exit(7)"
    assert started(python(code), tmp_path) == Ended(7, "ü", "no")
    assert started(python("import sys; print(sys.stdin.read())"), tmp_path).output == "\n"
    assert started(python("import os; print(os.getcwd())"), tmp_path).output.strip() == str(
        tmp_path
    )


def test_lines_are_shown_as_they_come_the_last_without_an_end_too(tmp_path: Path) -> None:
    go_on = tmp_path / "go-on"
    code = (
        "import sys, time, pathlib\n"
        "print('fir', end='', flush=True)\n"
        "time.sleep(0.5)\n"  # somebody looks meanwhile, and it is no line yet
        "print('st', flush=True)\n"
        "while not pathlib.Path(sys.argv[1]).exists(): time.sleep(0.01)\n"
        "sys.stderr.write('second'); sys.stderr.flush()\n"
    )
    lines = []

    def show(line: str) -> None:
        lines.append(line)
        go_on.touch()  # it would wait forever if this came at its end

    ended = run(python(code, go_on), process_environment=os.environ, folder=tmp_path, show=show)
    assert lines == ["first\n", "second\n"]
    assert ended == Ended(0, "first\nsecond")


@pytest.mark.parametrize("kind", ["none", "no-program", "no-folder"])
def test_what_cannot_be_started_is_one_sentence(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "file"
    folder = tmp_path
    match kind:
        case "no-program":
            file.write_bytes(b"\0")
            file.chmod(0o644)
        case "no-folder":
            file, folder = Path(sys.executable), tmp_path / "nowhere"
    with pytest.raises(ProgramError, match=f"{file} cannot be started in {folder}: [A-Z]"):
        started([str(file)], folder)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_one_signal_is_one_sigint_and_it_is_waited_for(
    tmp_path: Path, number: signal.Signals
) -> None:
    ready = tmp_path / "ready"

    def press() -> None:
        until(ready.exists)
        os.kill(os.getpid(), number)

    threading.Thread(target=press).start()
    with pytest.raises(Stopped) as stopped:
        started(python(_WAITS, ready), tmp_path)
    assert stopped.value.ended == Ended(3, "interrupted\n")
    assert stopped.value.exit_code == 128 + number
    assert not stopped.value.gave_up
    # nothing is started any more
    with pytest.raises(Stopped):
        started(python(""), tmp_path)


@pytest.mark.usefixtures("interruptible")
def test_a_second_one_kills_it_and_what_it_has_started(tmp_path: Path) -> None:
    deaf = (
        "import pathlib, signal, subprocess, sys\n"
        "signal.signal(signal.SIGINT, lambda *_: pathlib.Path(sys.argv[2]).touch())\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])\n"
        "pathlib.Path(sys.argv[1]).write_text(str(child.pid))\n"
        "while True: signal.pause()\n"
    )
    ready, heard = tmp_path / "ready", tmp_path / "heard"

    def press_twice() -> None:
        until(lambda: ready.exists() and ready.read_text() != "")
        os.kill(os.getpid(), signal.SIGINT)
        until(heard.exists)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press_twice).start()
    with pytest.raises(Stopped) as stopped:
        started(python(deaf, ready, heard), tmp_path)
    assert stopped.value.gave_up
    assert stopped.value.ended is not None
    assert stopped.value.ended.code == -signal.SIGKILL
    grandchild = Path(f"/proc/{ready.read_text()}")
    until(lambda: not grandchild.exists() or " Z " in (grandchild / "stat").read_text())


def test_a_program_is_asked_once_whoever_asks() -> None:
    """A second SIGINT makes Terraform give up, which only a second Ctrl-C may."""
    sent: list[int] = []
    process = SimpleNamespace(send_signal=sent.append)
    child = foreground._Child(cast(Any, process), "terraform")
    child.tell()
    # such as when the screen is gone, too
    child.tell()
    assert sent == [signal.SIGINT]


@pytest.mark.usefixtures("interruptible")
def test_programs_of_threads_are_stopped_and_those_in_the_queue_never_start(
    tmp_path: Path,
) -> None:
    ready = [tmp_path / str(number) for number in range(4)]

    def press() -> None:
        until(lambda: ready[0].exists() and ready[1].exists())
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press).start()
    with ThreadPoolExecutor(2) as threads:
        running = [threads.submit(started, python(_WAITS, file), tmp_path) for file in ready]
        faults = [each.exception() for each in running]
    assert all(isinstance(fault, Stopped) for fault in faults)
    assert [file.exists() for file in ready] == [True, True, False, False]


@pytest.mark.usefixtures("interruptible")
def test_where_no_program_runs_a_signal_stops_at_once() -> None:
    with pytest.raises(Stopped) as stopped:
        signal.raise_signal(signal.SIGTERM)
    assert stopped.value.exit_code == 143


def test_what_a_shell_lets_us_ignore_stays_ignored_and_its_programs_hear_us(
    tmp_path: Path,
) -> None:
    """As behind `nohup` or `&`: SIGINT is ignored here, and Terraform must hear it all the same."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    ready = tmp_path / "ready"

    def press() -> None:
        until(ready.exists)
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)

    try:
        with orderly_stops():
            threading.Thread(target=press).start()
            with pytest.raises(Stopped) as stopped:
                started(python(_WAITS, ready), tmp_path)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
    assert stopped.value.signal_number == signal.SIGTERM
    assert stopped.value.ended == Ended(3, "interrupted\n")


def test_without_a_handler_of_ours_a_failing_screen_leaves_nothing_running(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    pids = []

    def show(line: str) -> None:
        pids.append(int(line))
        raise BrokenPipeError

    code = "import os; print(os.getpid(), flush=True)\n" + _WAITS
    # the child inherits what becomes of a SIGINT until it has a handler of its own
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(BrokenPipeError):
            run(python(code, ready), process_environment=os.environ, folder=tmp_path, show=show)
    finally:
        signal.signal(signal.SIGINT, before)
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


def test_what_is_said_to_nobody_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[int, bytes]] = []

    def write(number: int, text: bytes) -> None:
        said.append((number, text))
        raise OSError("it is closed")

    monkeypatch.setattr(os, "write", write)
    foreground._say("né")
    assert said == [(2, "né".encode())]


def test_only_a_terminal_that_was_closed_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is still printed then goes nowhere; an open one, or a file, stays what it is."""

    def device(number: int) -> int:
        return os.fstat(number).st_rdev

    # the other end is the terminal's window
    window, closed = os.openpty()
    _, kept = os.openpty()
    file = os.open(__file__, os.O_RDONLY)
    nothing = Path(os.devnull).stat().st_rdev
    before = device(kept)
    monkeypatch.setattr(foreground, "_TERMINAL_FILES", (closed, kept, file))
    monkeypatch.setattr(foreground, "_terminals", {closed, kept})
    foreground._leave_closed_terminal()
    assert device(closed) != nothing
    os.close(window)
    descriptors = len([*Path("/dev/fd").iterdir()])
    foreground._leave_closed_terminal()
    assert (device(closed), device(kept), device(file)) == (nothing, before, 0)
    assert os.write(closed, b"to nobody") == 9
    assert len([*Path("/dev/fd").iterdir()]) == descriptors
    for number in (closed, kept, file):
        os.close(number)


def test_a_ctrl_c_is_the_stop_that_it_was_or_one_of_its_own() -> None:
    asked = Stopped(signal.SIGTERM)
    assert foreground.stopped_by(asked) is asked
    own = foreground.stopped_by(KeyboardInterrupt())
    assert (own.signal_number, own.exit_code) == (signal.SIGINT, 130)


class Program:
    """A program that is told things."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.told: list[str] = []

    def tell(self) -> None:
        """It is asked to stop."""
        self.told.append("stop")

    def kill(self) -> None:
        """It is ended."""
        self.told.append("killed")


def test_what_was_asked_reaches_what_runs_and_what_is_about_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[str] = []
    monkeypatch.setattr(foreground, "_say", said.append)
    stops = foreground._Stops()
    first, second, late = (Program(name) for name in ("terraform", "terraform", "cdktf"))
    assert stops.stopped() is None
    with (
        stops.active(),
        stops.active(),
        stops.running(cast(Any, first)),
        stops.running(cast(Any, second)),
    ):
        stops.on_signal(signal.SIGTERM, None)
        assert (first.told, second.told) == (["stop"], ["stop"])
        assert "Stopping: terraform is asked to stop" in said[-1]
        with stops.running(cast(Any, late)):
            assert late.told == ["stop"]
            stops.on_signal(signal.SIGINT, None)
            assert first.told == second.told == late.told == ["stop", "killed"]
            assert "Giving up: killed" in said[-1]
        later = Program("later")
        with stops.running(cast(Any, later)):
            assert later.told == ["killed"]
        ended = Ended(1, "output")
        stopped = stops.stopped(ended)
        assert stopped is not None
        # the first signal counts
        assert (stopped.signal_number, stopped.gave_up, stopped.ended) == (
            *(signal.SIGTERM, True, ended),
        )
    # a program that waited for its turn does not start any more
    with pytest.raises(Stopped), stops.active():
        raise AssertionError("it started")
    stops.reset()
    assert stops.stopped() is None
    with pytest.raises(Stopped) as asked:
        stops.on_signal(signal.SIGHUP, None)
    assert (asked.value.signal_number, asked.value.gave_up) == (signal.SIGHUP, False)


def test_several_programs_are_named_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(foreground, "_say", said.append)
    stops = foreground._Stops()
    programs = [cast(Any, Program(name)) for name in ("a", "b", "a")]
    with stops.active():
        with stops.running(programs[0]), stops.running(programs[1]), stops.running(programs[2]):
            stops.on_signal(signal.SIGINT, None)
        assert "Stopping: a and b is asked" in said[0]
    stops.reset()
    with stops.active():
        stops.on_signal(signal.SIGINT, None)
    assert "Stopping: what runs is asked" in said[1]


@pytest.mark.parametrize(
    ("number", "is_left"),
    [(signal.SIGHUP, True), (signal.SIGINT, False), (signal.SIGTERM, False)],
)
def test_only_a_hang_up_says_that_the_terminal_is_gone(
    monkeypatch: pytest.MonkeyPatch, number: int, is_left: bool
) -> None:
    left: list[bool] = []
    monkeypatch.setattr(foreground, "_leave_closed_terminal", lambda: left.append(True))
    with pytest.raises(Stopped) as stopped:
        foreground._Stops().on_signal(number, None)
    assert bool(left) is is_left
    assert (stopped.value.note, str(stopped.value)) == ("Stopped.", signal.Signals(number).name)
    assert stopped.value.exit_code == 128 + number
