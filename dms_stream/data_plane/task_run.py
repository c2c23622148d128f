"""A run of a task: from StartReplicationTask until its process has ended."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dms_stream.data_plane.run import Run
from dms_stream.data_plane.task_state import TaskState
from dms_stream.local_aws.data_plane import TaskStart
from dms_stream.local_aws.protocol import moto_lock
from dms_stream.programs.child import Event
from dms_stream.rehearsal.source.database import DatabaseAddress
from dms_stream.rehearsal.task.limits import Limits
from dms_stream.rehearsal.task.process import EngineProcess


@dataclass(frozen=True)
class Source:
    """What a task reads.

    Attributes:
        database: Stands in for the host that its source endpoint names.
        ends_in_newline: Whether each record ends in a newline.
    """

    database: DatabaseAddress
    ends_in_newline: bool = False


class TaskRun(Run):
    """A run of a task.

    Args:
        state: What is known of it.
        start: How it was started.
        folder: Holds its checkpoint and its log.
        process_environment: The whole environment of its process.
        find_source: Finds, and where it has to starts, what it reads.
        tell: Called after each change of the state, with `moto_lock` held.
        previous: The run before this one.
    """

    def __init__(
        self,
        state: TaskState,
        start: TaskStart,
        *,
        folder: Path,
        process_environment: Mapping[str, str],
        find_source: Callable[[], Source],
        tell: Callable[[TaskState, Event | None], None],
        previous: "TaskRun | None",
    ) -> None:
        super().__init__(f"task {start.arn}", previous)
        self._state, self._start = state, start
        self._folder, self._environment = folder, process_environment
        self._find_source, self._tell = find_source, tell

    def stop(self) -> None:
        """Let it end after its transaction; returns at once."""
        self._state.is_stopping()
        super().stop()

    def reload(self, tables: Sequence[str]) -> None:
        """Load tables again, each `schema.table`."""
        if self._child is not None:
            self._child.write({"reload": [*tables]})

    def _work(self) -> str:
        self._folder.mkdir(parents=True, exist_ok=True)
        progress = self._folder / "task.json"
        if self._start.kind != "resume-processing":
            progress.unlink(missing_ok=True)
        self._enter("preparing_metadata_resources")
        source = self._find_source()
        if self._is_stopped.is_set():
            return ""
        self._state.source = str(source.database)
        self._enter("testing_connection")
        self._enter("fetching_metadata")
        child = EngineProcess(
            self._start.arn,
            source.database,
            progress_path=progress,
            process_environment=self._environment,
            on_event=self._take,
            log_path=self._folder / "task.log",
            ends_in_newline=source.ends_in_newline,
            limits=Limits(self._start.cdc_start_time, self._start.cdc_stop_position),
        )
        self._has_begun(child)
        code = child.wait(None)
        # one that is stopped may be killed in the end
        is_well = code == 0 or (self._is_stopped.is_set() and code is not None and code < 0)
        return "" if is_well else str(child.failure())

    def _enter(self, phase: str) -> None:
        with moto_lock:
            self._state.phase = phase
            self._tell(self._state, None)

    def _take(self, event: Event) -> None:
        with moto_lock:
            if event["event"] == "ready":
                self._pass_the_last_phases()
                self._state.process_id = event["process_id"]
            self._state.take(event)
            self._tell(self._state, event)

    def _pass_the_last_phases(self) -> None:
        # nothing has to be calculated or provided here
        for phase in ("calculating_capacity", "provisioning_capacity", "replication_starting"):
            self._enter(phase)

    def _ended(self, message: str) -> None:
        self._state.end(message)
        self._tell(self._state, None)
