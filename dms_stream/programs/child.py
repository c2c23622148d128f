"""Children: programs that run beside this process, and end no later than it wants them to.

`Child` is any program with a log. `ModuleChild` is a module of ours that talks with this process in
JSON lines; `dms_stream.programs.parent` is the other end of that talk.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from signal import Signals
from threading import Condition, Thread
from typing import Any, ClassVar, Self

from constructs_lib.errors import DmsStreamError

Event = dict[str, Any]
"""What a child says: `event` is its name, the rest its values."""

# `python -m` finds our packages in the folder it is started in, installed or not
_PACKAGES = Path(__file__).resolve().parents[2]
_LONGEST_TAIL = 2000


class Child:
    """A program that runs beside this process, its output in a log.

    Leaving the `with` block stops it.

    Args:
        command: The program and its arguments.
        process_environment: The whole environment of the process.
        log_path: Its output is appended here; None: it goes where this process's goes.
        folder: Folder it is started in; None: this process's own.
        has_own_session: Whether it is beyond the reach of the terminal's Ctrl-C and hang-up.

    Attributes:
        log_path: The log.
        kill_after_seconds: How long it may take to end when it is told to.
    """

    kill_after_seconds: ClassVar[float] = 60.0

    def __init__(
        self,
        command: Sequence[str],
        *,
        process_environment: Mapping[str, str],
        log_path: Path | None = None,
        folder: Path | None = None,
        has_own_session: bool = False,
        stdin: int = subprocess.DEVNULL,
        stdout: int | None = None,
    ) -> None:
        self.log_path = log_path
        with ExitStack() as stack:
            log = stack.enter_context(log_path.open("ab")) if log_path else None
            self._log_start = log.tell() if log else 0
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env=dict(process_environment),
                stdin=stdin,
                stdout=log if stdout is None else stdout,
                stderr=log,
                start_new_session=has_own_session,
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def stop(self) -> None:
        """Terminate it and wait; it is killed after a while. Fine when it has ended."""
        self._process.terminate()
        self._wait_or_kill()

    def kill(self) -> None:
        """End it at once, as a crash would. Fine when it has ended."""
        self._process.kill()
        self._wait_or_kill()

    def log_tail(self) -> str:
        """The end of what it wrote into its log since it was started."""
        if self.log_path is None:
            return ""
        with self.log_path.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace")[-_LONGEST_TAIL:].strip()

    def how_it_ended(self, advice: str = "") -> str:
        """`ended with exit code 1`, with advice and the end of its log, for an error's message."""
        code = self._process.returncode
        ending = (
            f"was killed by {Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        )
        message = f"{ending}; {advice}" if advice else ending
        tail = self.log_tail()
        return f"{message}. The end of {self.log_path}:\n{tail}" if tail else message

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _wait_or_kill(self) -> None:
        try:
            self._process.wait(self.kill_after_seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class ModuleChild(Child):
    """A Python module of ours, run as a child that reports events as JSON lines.

    It is ready once the constructor returns. Unless it is detached, it sees the end of its input
    when this process dies in whatever way, and ends by itself.

    Args:
        module: The module, with what `dms_stream.programs.parent.run_child` needs.
        arguments: Its arguments.
        process_environment: The whole environment of the process.
        log_path: File for what it prints, such as a traceback; None: this process's own output.
        first_line: What it needs to know and its command line must not show.
        on_event: Called with each event, in a thread of its own.
        is_detached: Whether it outlives this process, and has no input.

    Attributes:
        ready: Its event `ready`.

    Raises:
        DmsStreamError: it refused, or ended before it was ready; see `failure`.
    """

    name: ClassVar[str]
    """What it is, for messages: `the delivery`."""
    advice: ClassVar[str] = ""
    """What to do when it ends unexpectedly, for messages."""
    error_type: ClassVar[type[DmsStreamError]]
    """What is raised when it fails."""

    def __init__(
        self,
        module: str,
        *arguments: str,
        process_environment: Mapping[str, str],
        log_path: Path | None = None,
        first_line: Mapping[str, Any] | None = None,
        on_event: Callable[[Event], None] | None = None,
        is_detached: bool = False,
    ) -> None:
        super().__init__(
            [sys.executable, "-m", module, *arguments],
            process_environment=process_environment,
            log_path=log_path,
            folder=_PACKAGES,
            has_own_session=is_detached,
            stdin=subprocess.DEVNULL if is_detached else subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._on_event = on_event
        self._latest: dict[str, Event] = {}
        self._says_no_more = False
        self._changed = Condition()
        self._reader = Thread(target=self._read, name=module, daemon=True)
        self._reader.start()
        try:
            if first_line is not None:
                self.write(first_line)
            self.ready = self.wait_for("ready")
        except BaseException:
            self.kill()
            raise

    def write(self, document: Mapping[str, Any]) -> None:
        """Send it a line."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it has ended, and has said why
            self._process.stdin.write(json.dumps(document).encode() + b"\n")
            self._process.stdin.flush()

    def close_input(self) -> None:
        """Let it see the end of its input."""
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):  # it has ended before it took what was written
                self._process.stdin.close()

    def wait_for(self, event: str) -> Event:
        """Wait for an event that comes once.

        Raises:
            DmsStreamError: it failed before; see `failure`.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._says_no_more or event in self._latest or "error" in self._latest
            )
            found = self._latest.get(event)
        if found is None:
            raise self.failure()
        return found

    def wait(self, timeout_seconds: float | None) -> int | None:
        """Wait until it has ended.

        Args:
            timeout_seconds: How long; None: for as long as it lives.

        Returns:
            Its exit code; None when it still runs after that time.
        """
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout_seconds)
            self._wait_or_kill()
        return self._process.returncode

    def failure(self) -> DmsStreamError:
        """Why it ended: its own error, else its exit code with the end of its log."""
        self._wait_or_kill()
        error = self._latest.get("error")
        if error is not None:
            return self.error_type(error["message"])
        subject = self.name if "ready" in self._latest else f"{self.name} did not start: it"
        return self.error_type(f"{subject} {self.how_it_ended(self.advice)}")

    def _wait_or_kill(self) -> None:
        super()._wait_or_kill()
        self._reader.join()
        self.close_input()

    def _read(self) -> None:
        assert self._process.stdout is not None
        try:
            with self._process.stdout as lines:
                for line in lines:
                    if not line.endswith(b"\n"):
                        break  # cut off: it was killed
                    event: Event = json.loads(line)
                    if self._on_event is not None:
                        self._on_event(event)
                    with self._changed:
                        self._latest[event["event"]] = event
                        self._changed.notify_all()
        finally:
            with self._changed:
                self._says_no_more = True
                self._changed.notify_all()
