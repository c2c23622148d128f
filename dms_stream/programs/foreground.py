"""Programs that a command waits for, Terraform first of all, and how they are stopped.

Terraform needs one SIGINT and time: it lets what it has begun come to its end, writes its state and
releases its lock. A terminal's Ctrl-C goes to everything that runs in it, and a second one makes
Terraform give up. So each program gets a session of its own, which no terminal reaches, and is told
here:

- the first SIGINT, SIGTERM or SIGHUP sends each running program one SIGINT, and waits for it;
- the second kills the programs and all that they have started, Terraform's providers among them.

Programs may run in threads beside each other. Signals come to the main thread alone.
"""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from types import FrameType
from typing import IO

from constructs_lib.errors import DmsStreamError

# how often it is looked at whether a program has said something or has ended
_LOOK_SECONDS = 0.1
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_TERMINAL_FILES = (1, 2)


class ProgramError(DmsStreamError):
    """A program that cannot be started."""


class Stopped(KeyboardInterrupt):
    """Somebody stopped the command.

    It is a `KeyboardInterrupt`, so that whatever cleans up after a Ctrl-C cleans up after a SIGTERM
    and a closed terminal, too.

    Attributes:
        signal_number: What arrived first.
        gave_up: Whether a second one killed what ran.
        ended: The program that it ended; None where none ran.
        note: In which state things are, for the user.
    """

    def __init__(
        self, signal_number: int, *, gave_up: bool = False, ended: "Ended | None" = None
    ) -> None:
        super().__init__(signal.Signals(signal_number).name)
        self.signal_number = signal_number
        self.gave_up = gave_up
        self.ended = ended
        self.note = "Stopped."

    @property
    def exit_code(self) -> int:
        """What a shell expects: 130 for a Ctrl-C, 143 for SIGTERM, 129 for a closed terminal."""
        return 128 + self.signal_number


@dataclass(frozen=True)
class Ended:
    """A program that has ended.

    Attributes:
        code: Its exit code; negative where a signal ended it.
        output: What it wrote to standard output; to both where that was shown.
        errors: What it wrote to standard error; empty where that was shown.
    """

    code: int
    output: str
    errors: str = ""


class _Child:
    """A program that runs."""

    def __init__(self, process: subprocess.Popen[bytes], name: str) -> None:
        self.process = process
        self.name = name
        self._told = False

    def tell(self) -> None:
        """Ask it to stop, once."""
        if not self._told:
            self._told = True
            self.process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """End it and all that it has started."""
        # as leader of its session it is its group's number, too
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)


class _Stops:
    """What was asked of this process, and what runs."""

    def __init__(self) -> None:
        # the handler runs in the main thread, which may hold it
        self._lock = threading.RLock()
        self._children: list[_Child] = []
        self._active = 0
        self._asked: int | None = None
        self._gave_up = False

    def reset(self) -> None:
        self._asked, self._gave_up = None, False

    def stopped(self, ended: Ended | None = None) -> Stopped | None:
        """What to raise; None as long as nothing was asked."""
        if self._asked is None:
            return None
        return Stopped(self._asked, gave_up=self._gave_up, ended=ended)

    @contextmanager
    def active(self) -> Iterator[None]:
        """A program is about to start, runs, or has just ended: signals wait for it."""
        with self._lock:
            self._active += 1
        try:
            # a program that waited for its turn is not started any more
            if (stopped := self.stopped()) is not None:
                raise stopped
            yield
        finally:
            with self._lock:
                self._active -= 1

    @contextmanager
    def running(self, child: _Child) -> Iterator[None]:
        with self._lock:
            self._children.append(child)
            if self._gave_up:
                child.kill()
            elif self._asked is not None:
                child.tell()
        try:
            yield
        finally:
            with self._lock:
                self._children.remove(child)

    def on_signal(self, number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGHUP:
            _leave_closed_terminal()
        with self._lock:
            first = self._asked is None
            self._asked = number if self._asked is None else self._asked
            if not self._active:
                raise Stopped(self._asked)
            if first:
                for child in self._children:
                    child.tell()
            else:
                self._gave_up = True
                for child in self._children:
                    child.kill()
            names = " and ".join(dict.fromkeys(child.name for child in self._children))
        _say(_WAITS.format(name=names or "what runs") if first else _GAVE_UP)


_WAITS = (
    "\nStopping: {name} is asked to stop in an orderly way, and finishes what it has begun; that "
    "can take minutes.\n"
    "A second Ctrl-C gives up and kills it: then the state may stay locked, and resources may "
    "exist that no state knows.\n"
)
_GAVE_UP = "\nGiving up: killed.\n"
_stops = _Stops()


def _say(text: str) -> None:
    # not by print: the main thread may be in the middle of one; nor is there always a terminal
    with suppress(OSError):
        os.write(2, text.encode())


def _leave_closed_terminal() -> None:
    # what is still printed would be an error at each line, and another one at the very end
    for number in _TERMINAL_FILES:
        if number in _terminals and not os.isatty(number):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, number)
            os.close(null)


_terminals: set[int] = set()


def _ignore(_number: int, _frame: FrameType | None) -> None:
    pass


@contextmanager
def orderly_stops() -> Iterator[None]:
    """Take SIGINT, SIGTERM and SIGHUP as this module says, as long as the block lasts.

    Only the main thread can: elsewhere nothing is done. A signal that this process was started to
    ignore, as `nohup` and a shell's `&` do, stays ignored.

    Once something was asked for, no further program is started in this block.

    Raises:
        Stopped: in the block: at once where no program runs, and else when it has ended.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _terminals.update(number for number in _TERMINAL_FILES if os.isatty(number))
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    _stops.reset()
    for number in _SIGNALS:
        # a handler that does nothing, where it is ignored: a program started by us inherits
        # "ignored", and Terraform would never hear of our SIGINT
        ignored = before[number] is signal.SIG_IGN
        signal.signal(number, _ignore if ignored else _stops.on_signal)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        _stops.reset()


def run(
    command: Sequence[str],
    *,
    process_environment: Mapping[str, str],
    folder: Path,
    name: str | None = None,
    show: Callable[[str], None] | None = None,
) -> Ended:
    """Run a program to its end. Its standard input is empty.

    Args:
        command: Path of the program, and its arguments.
        process_environment: Its variables.
        folder: Where it runs.
        name: What users call it; default: the name of its file.
        show: Gets each line of its output, standard error's included, as it comes. Default: they
            are kept apart and told at its end.

    Raises:
        ProgramError: it cannot be started.
        Stopped: it was told to stop, and has ended.
    """
    with TemporaryFile() as output, TemporaryFile() as errors, _stops.active():
        try:
            # A file and no pipe: a program whose reader died is killed by the next line it
            # writes, and Terraform with it in the middle of an apply.
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=dict(process_environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if show else errors,
                start_new_session=True,
            )
        except OSError as error:
            raise ProgramError(
                f"{command[0]} cannot be started in {folder}: {error.strerror}"
            ) from None
        child = _Child(process, name or Path(command[0]).name.capitalize())
        with _stops.running(child):
            try:
                lines = _Lines(output, show)
                while not _has_ended(process):
                    lines.take()
                lines.take(whole=True)
            except BaseException:
                # a Ctrl-C where nobody called `orderly_stops`, or a screen that is gone
                child.tell()
                process.wait()
                raise
            finally:
                child.kill()  # what it may have left behind
        ended = Ended(process.returncode, _text(output), _text(errors))
        if (stopped := _stops.stopped(ended)) is not None:
            raise stopped
        return ended


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(_LOOK_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return True


class _Lines:
    """The lines of a file that somebody else is writing."""

    def __init__(self, file: IO[bytes], show: Callable[[str], None] | None) -> None:
        self._file = file
        self._show = show
        self._at = 0
        self._begun = b""

    def take(self, *, whole: bool = False) -> None:
        """Show the lines that are complete, or all that there is."""
        if self._show is None:
            return
        # at a place of our own: the file's own place is where the program writes
        while new := os.pread(self._file.fileno(), 65_536, self._at):
            self._at += len(new)
            *complete, self._begun = (self._begun + new).split(b"\n")
            for line in complete:
                self._show(line.decode(errors="replace") + "\n")
        if whole and self._begun:
            self._show(self._begun.decode(errors="replace") + "\n")
            self._begun = b""


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


def stopped_by(error: KeyboardInterrupt) -> Stopped:
    """A Ctrl-C as a `Stopped`, wherever it was taken."""
    return error if isinstance(error, Stopped) else Stopped(signal.SIGINT)
