"""The children of the embedded AWS, and the one place that knows what each of them does.

    engine, delivery ──JSON lines──► TaskRun, DeliveryRun ──► TaskState, DeliveryState ──► observers

Each child (`dms_stream.rehearsal.task`, `dms_stream.rehearsal.delivery`) says what it does in JSON
lines on its output. Each line is taken into the state of its child, in `Plane.tasks` and
`Plane.deliveries`, and then every observer in `Plane.observers` is told of it, with the state and
the line. The first observer is DMS's own reports. Whoever wants to make metrics, logs or events of
what happens adds an observer, and finds all counters in the states.

One thread for each child starts it, waits for its end, and decides what comes then. States are
changed, and observers are called, with `moto_lock` held, as the calls of the API are: nobody ever
sees half a change. Nothing waits for a child while holding it.
"""

import shutil
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Protocol

from constructs_lib.dms.table_mappings import TableMappings
from dms_stream.data_plane import assumed_role
from dms_stream.data_plane.delivery_run import DeliveryRun
from dms_stream.data_plane.delivery_state import DeliveryState
from dms_stream.data_plane.options import DataPlaneOptions
from dms_stream.data_plane.own_database import OwnDatabase
from dms_stream.data_plane.run import Run
from dms_stream.data_plane.task_run import Source, TaskRun
from dms_stream.data_plane.task_state import TaskState
from dms_stream.local_aws import client, process_environment
from dms_stream.local_aws.data_plane import TaskStart
from dms_stream.local_aws.dms_progress import report
from dms_stream.local_aws.protocol import moto_lock
from dms_stream.programs.child import Event
from dms_stream.rehearsal.deployed_task import read_task
from dms_stream.rehearsal.errors import RehearsalError, SourceError
from dms_stream.rehearsal.sample import load_sample, names_for
from dms_stream.rehearsal.source.database import DatabaseAddress, connected
from dms_stream.rehearsal.source.local_database import LocalDatabase
from dms_stream.rehearsal.source.table import selected_tables

_CLOSE_SECONDS = 30.0


class Observer(Protocol):
    """Is told of everything that children do; called with `moto_lock` held, so it must be quick."""

    def task_changed(self, state: TaskState, event: Event | None) -> None:
        """A task's process said something; None: it was started, stopped, or has ended."""

    def delivery_changed(self, state: DeliveryState, event: Event | None) -> None:
        """A delivery's process said something; None: it was started, or has ended."""


class DmsReports:
    """Shows in DMS's own calls what tasks do."""

    def task_changed(self, state: TaskState, event: Event | None) -> None:
        """Report it."""
        del event
        report(state.report())

    def delivery_changed(self, state: DeliveryState, event: Event | None) -> None:
        """Nothing: Firehose's own calls say ACTIVE, whatever becomes of the records."""


class Plane:
    """Runs tasks and deliveries beside the server of this process.

    It is what `dms_stream.local_aws.data_plane.DataPlane` asks for.

    Args:
        url: Address of the embedded AWS.
        folder: Holds checkpoints, logs and the database of our own.
        options: What stands in for sources, and how fast time passes.

    Attributes:
        tasks: By ARN, those that were started.
        deliveries: By ARN, those that exist.
        observers: Are told of every change.
        database: The database of our own.
    """

    def __init__(self, url: str, folder: Path, options: DataPlaneOptions) -> None:
        self._url, self._folder, self.options = url, folder, options
        self.tasks: dict[str, TaskState] = {}
        self.deliveries: dict[str, DeliveryState] = {}
        self.observers: list[Observer] = [DmsReports()]
        self.database = StandInDatabase(folder / "database", options, process_environment(url))
        self._sources: dict[str, tuple[DatabaseAddress | None, bool]] = {}
        self._task_runs: dict[str, TaskRun] = {}
        self._delivery_runs: dict[str, DeliveryRun] = {}
        # an earlier server's resources are gone, and what was known of them with them
        for kind in ("tasks", "deliveries"):
            shutil.rmtree(folder / kind, ignore_errors=True)

    # What the control plane asks for

    def start_task(self, start: TaskStart) -> None:
        """Run a task, whose status is `starting`."""
        state = TaskState(start.arn, start.identifier)
        if start.kind == "resume-processing" and start.arn in self.tasks:
            state.continue_from(self.tasks[start.arn])
        self.tasks[start.arn] = state
        run = self._task_runs[start.arn] = TaskRun(
            state,
            start,
            folder=self._folder / "tasks" / start.arn.rpartition(":")[2],
            process_environment=self._environment(start.arn),
            find_source=partial(self._find_source, start.arn),
            tell=self._tell_of_task,
            previous=self._task_runs.get(start.arn),
        )
        run.begin()

    def stop_task(self, arn: str) -> None:
        """Stop a task, whose status is `stopping`."""
        if (run := self._task_runs.get(arn)) is not None:
            run.stop()

    def reload_tables(self, arn: str, tables: Sequence[str]) -> None:
        """Load tables of a running task again, each `schema.table`."""
        if (run := self._task_runs.get(arn)) is not None:
            run.reload(tables)

    def forget_task(self, arn: str) -> None:
        """A task was deleted."""
        self.tasks.pop(arn, None)
        self._sources.pop(arn, None)
        if (run := self._task_runs.pop(arn, None)) is not None:
            run.stop()

    def start_delivery(self, arn: str) -> None:
        """Deliver what a delivery stream's source holds from its creation on."""
        state = self.deliveries[arn] = DeliveryState(arn)
        run = self._delivery_runs[arn] = DeliveryRun(
            state,
            folder=self._folder / "deliveries" / state.name,
            process_environment=self._environment(arn) | assumed_role.variables(arn),
            time_scale=self.options.time_scale,
            tell=self._tell_of_delivery,
            previous=self._delivery_runs.get(arn),
        )
        run.begin()

    def change_delivery(self, arn: str) -> None:
        """A delivery stream has new settings."""
        if arn in self.deliveries and (other := self._delivery_runs[arn].change()) is not None:
            self._delivery_runs[arn] = other
            other.begin()

    def end_delivery(self, arn: str) -> None:
        """A delivery stream was deleted."""
        self.deliveries.pop(arn, None)
        if (run := self._delivery_runs.get(arn)) is not None:
            run.stop()

    def forget_everything(self) -> None:
        """The whole account was emptied."""
        for arn in [*self._task_runs]:
            self.forget_task(arn)
        for arn in [*self.deliveries]:
            self.end_delivery(arn)

    def source_in_use(self, arn: str) -> DatabaseAddress | None:
        """What stands in for a task's source; None: nothing does yet."""
        named, _ = self._sources.get(arn, (None, False))
        return named or self.options.database or self.database.source

    # What no call of AWS has a word for

    def name_source(
        self, arn: str, database: DatabaseAddress | None, *, ends_in_newline: bool = False
    ) -> None:
        """Say what a task reads from its next start on.

        Args:
            arn: ARN of the task or of the replication config.
            database: Stands in for its source; None: what the options say.
            ends_in_newline: Whether DMS ends each record in a newline, which its guide leaves open.
        """
        self._sources[arn] = database, ends_in_newline

    def drain(self, arn: str, number: int) -> None:
        """Let a delivery put all that is on its stream; `DeliveryState.drained` says when it has.

        Args:
            arn: ARN of the delivery stream.
            number: Of the request; greater than those before it.
        """
        if arn in self.deliveries:
            self._delivery_runs[arn].drain(number)

    def close(self) -> None:
        """End everything, and wait for it; the server must still answer."""
        with moto_lock:
            runs: list[Run] = [*self._task_runs.values(), *self._delivery_runs.values()]
            for run in runs:
                run.stop()
        for run in runs:
            run.join(_CLOSE_SECONDS)
        self.database.stop()

    def _find_source(self, arn: str) -> Source:
        with moto_lock:
            named, ends_in_newline = self._sources.get(arn, (None, False))
        given = named or self.options.database
        return Source(given or self._own_source(arn), ends_in_newline)

    def _own_source(self, arn: str) -> DatabaseAddress:
        source = self.database.started()
        task = read_task(client("dms", self._url, region=arn.split(":")[3]), arn)
        self.database.stand_in(task.mappings)
        return source

    def _environment(self, arn: str) -> dict[str, str]:
        return process_environment(self._url, region=arn.split(":")[3])

    def _tell_of_task(self, state: TaskState, event: Event | None) -> None:
        if self.tasks.get(state.arn) is state:  # else it is of the past
            for observer in self.observers:
                observer.task_changed(state, event)

    def _tell_of_delivery(self, state: DeliveryState, event: Event | None) -> None:
        if self.deliveries.get(state.arn) is state:
            for observer in self.observers:
                observer.delivery_changed(state, event)


class StandInDatabase:
    """The database of our own, which is started when a task first needs it.

    Args:
        folder: Holds its data.
        options: Size and seed of its sample.
        environment: The whole environment of its keeper.

    Attributes:
        problem: Why it could not be started by `start`.
    """

    def __init__(
        self, folder: Path, options: DataPlaneOptions, environment: dict[str, str]
    ) -> None:
        self.folder = folder
        self._options, self._environment = options, environment
        self._keeper: OwnDatabase | None = None
        self._is_filled = False
        self.problem = ""
        # several tasks may want it at once, and moto_lock is never held for so long
        self._starting = Lock()

    def started(self) -> DatabaseAddress:
        """Where it is, as DMS's user; it runs then.

        Raises:
            SourceError: it does not start.
        """
        with self._starting:
            if self._keeper is None or not self._keeper.is_alive:
                self._keeper = OwnDatabase(
                    self.folder,
                    self._options,
                    process_environment=self._environment,
                    with_sample=not self._is_filled,
                )
                self._is_filled = True
            return self._keeper.source

    def stand_in(self, mappings: TableMappings) -> None:
        """Let the sample stand in for tables that a task selects and nobody has made.

        Args:
            mappings: The task's rules. What selects no name that a table could have finds none.
        """
        running = LocalDatabase.running_in(self.folder)
        if running is None:
            return  # whoever reads it will say so
        with (
            suppress(RehearsalError),
            self._starting,
            connected(running.address) as connection,
        ):
            names = names_for(mappings)
            if names.renamed and not selected_tables(connection, mappings):
                load_sample(
                    connection,
                    purchases=self._options.purchases,
                    seed=self._options.seed,
                    names=names,
                )

    def start(self) -> None:
        """Start it, if it does not run; `problem` says why it cannot."""
        self.problem = ""
        try:
            self.started()
        except SourceError as error:
            self.problem = str(error)

    @property
    def process_id(self) -> int | None:
        """Of its keeper; None while it does not run."""
        keeper = self._keeper
        return keeper.pid if keeper is not None and keeper.is_alive else None

    @property
    def source(self) -> DatabaseAddress | None:
        """Where it is, as DMS's user; None while it does not run."""
        keeper = self._keeper
        return keeper.source if keeper is not None and keeper.is_alive else None

    @property
    def address(self) -> str | None:
        """Host and port; None while it does not run."""
        return str(self.source) if self.source is not None else None

    def stop(self) -> None:
        """End it, and wait for it."""
        with self._starting:
            if self._keeper is not None:
                self._keeper.stop()
