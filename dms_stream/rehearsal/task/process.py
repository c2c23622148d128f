"""Starting and ending the task's process."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

from dms_stream.programs.child import Event, ModuleChild
from dms_stream.rehearsal.errors import RehearsalError
from dms_stream.rehearsal.source.database import DatabaseAddress, LogPosition
from dms_stream.rehearsal.task.limits import NO_LIMITS, Limits

RESUME_ADVICE = "run it again to continue from the last checkpoint"


class EngineProcess(ModuleChild):
    """A task that runs beside this process.

        with EngineProcess(arn, source, progress_path=…, process_environment=…) as engine:
            engine.finish(position)     # everything up to there is on the stream

    Left without `finish`, it ends after the current transaction; the next one with the same
    progress continues.

    Args:
        task: ARN of the task or replication config.
        source: The database.
        progress_path: File for the checkpoint; its folder exists.
        process_environment: The whole environment of the process, such as
            `dms_stream.local_aws.process_environment(url)`.
        on_event: Called with each event, in a thread of its own.
        log_path: File for what Python prints when it dies; default: this process's own output.
        ends_in_newline: Whether DMS ends each record in a newline.
        limits: Where capturing begins and ends.

    Attributes:
        tables: The source's tables that the rules include.

    Raises:
        RehearsalError: it is refused; the message says what.
    """

    name = "the task"
    advice = f"what it sent is on the stream: {RESUME_ADVICE}"
    error_type = RehearsalError
    kill_after_seconds = 20.0

    def __init__(
        self,
        task: str,
        source: DatabaseAddress,
        *,
        progress_path: Path,
        process_environment: Mapping[str, str],
        on_event: Callable[[Event], None] | None = None,
        log_path: Path | None = None,
        ends_in_newline: bool = False,
        limits: Limits = NO_LIMITS,
    ) -> None:
        super().__init__(
            "dms_stream.rehearsal.task",
            *("--task", task, "--progress", str(progress_path.resolve())),
            *(["--newline"] if ends_in_newline else []),
            process_environment=process_environment,
            log_path=log_path,
            first_line={"source": asdict(source), **asdict(limits)},
            on_event=on_event,
        )
        self.tables: list[str] = self.ready["tables"]

    def wait_until_loaded(self) -> Event:
        """Wait until the full load is on the stream.

        Returns:
            What it counted so far: `counts`.

        Raises:
            RehearsalError: it ended before.
        """
        return self.wait_for("full-load-done")

    def finish(self, position: LogPosition | None) -> Event:
        """Let it read the log up to a position, and end.

        Args:
            position: Where to end; None for a task that ends by itself after the full load.

        Returns:
            What it counted: `counts`, `lobs_cut`, `key_changes`.

        Raises:
            RehearsalError: it did not get that far.
        """
        if position is not None:
            self.write(asdict(position))
        done = self.wait_for("done")
        self.wait(self.kill_after_seconds)
        return done
