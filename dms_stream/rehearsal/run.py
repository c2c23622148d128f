"""A whole rehearsal: the deployed task runs, the source changes, and what landed is compared.

The embedded AWS runs task and delivery by itself (`dms_stream.data_plane`). A rehearsal is one of
its clients: it starts the task by DMS's API, waits by it, and changes the source meanwhile.
"""

import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

import boto3
import pymysql
from botocore.exceptions import BotoCoreError, ClientError

from constructs_lib.errors import DmsStreamError
from dms_stream.local_aws.data_plane_client import DataPlaneClient
from dms_stream.programs.lock_file import LockedError, locked
from dms_stream.rehearsal.checks import check_alterations, check_delivery, check_task
from dms_stream.rehearsal.date_check import check_dates
from dms_stream.rehearsal.delivery import (
    Clients,
    DeliveryError,
    DeployedDelivery,
    Put,
    read_delivery_stream,
)
from dms_stream.rehearsal.deployed_task import DeployedTask, read_task
from dms_stream.rehearsal.errors import RehearsalError
from dms_stream.rehearsal.mapping.messages import Clock
from dms_stream.rehearsal.mapping.table_recipe import TableRecipe
from dms_stream.rehearsal.reconciliation import (
    History,
    LandedFile,
    Reconciliation,
    fetch_landed,
    sample_records,
)
from dms_stream.rehearsal.reconciliation.source_rows import RecipeRows
from dms_stream.rehearsal.result import (
    Check,
    OperationCounts,
    RehearsalResult,
    Sample,
    Series,
    TableVerdict,
)
from dms_stream.rehearsal.sample import (
    SampleNames,
    load_sample,
    loaded_purchases,
    make_changes,
    names_for,
)
from dms_stream.rehearsal.source.check import CaptureRules, check_source, source_name
from dms_stream.rehearsal.source.database import (
    DatabaseAddress,
    LogPosition,
    connected,
    current_position,
    reason,
)
from dms_stream.rehearsal.source.local_database import LocalDatabase
from dms_stream.rehearsal.source.table import selected_tables
from dms_stream.rehearsal.task.control import TaskControl
from dms_stream.rehearsal.task.limits import start_position
from dms_stream.rehearsal.task.refusals import refuse_unsupported, remarks
from dms_stream.rehearsal.timing import Stopwatch, rates
from dms_stream.rehearsal.views.athena import read_catalog
from dms_stream.rehearsal.views.view_checks import check_views

_LOCK = "rehearsal.lock"
_PURCHASES, _CHANGES = 10_000, 2_000
_ANSWER_SECONDS = 10.0
_POLL_SECONDS = 0.05
_LATENESS = 0.02
_DOCUMENT = "_doc"


@dataclass(frozen=True)
class Rehearsal:
    """What to rehearse, and how much.

    Attributes:
        environment: Name of the environment.
        pipeline: Name of the pipeline.
        task_arn: ARN of its task or replication config.
        delivery_stream: Name of its delivery stream.
        process_environment: The whole environment that leads to the embedded AWS, which has a data
            plane.
        folder: Its own: two rehearsals of a pipeline exclude each other there.
        database: The user's database; None: that of the embedded AWS, with the sample.
        purchases: Rows of the sample's `ticket_purchase_hist`. None: 10,000, or as many as the
            run has loaded that continues.
        changes: Changes made to it after the full load. None: 2,000 where the task captures any.
        seed: Of rows and changes.
        watch: How long to capture changes of the user's own database.
        ends_in_newline: Whether DMS ends each record in a newline, which its guide leaves open.
        glue_database: Name of the pipeline's Glue database, whose views are compared with the
            source; None: it has none.
    """

    environment: str
    pipeline: str
    task_arn: str
    delivery_stream: str
    process_environment: Mapping[str, str]
    folder: Path
    database: DatabaseAddress | None = None
    purchases: int | None = None
    changes: int | None = None
    seed: int = 1
    watch: timedelta = timedelta(0)
    ends_in_newline: bool = False
    glue_database: str | None = None


def rehearse(
    rehearsal: Rehearsal, *, on_progress: Callable[[str], None] = lambda _: None
) -> RehearsalResult:
    """Move the source's rows through the deployed pipeline and see what landed.

    A task that does not run is started, and stopped again at the end. Whenever the rehearsal is
    interrupted, the next one continues from the task's last checkpoint.

    Args:
        rehearsal: What to rehearse.
        on_progress: Called with a sentence about each step.

    Raises:
        DmsStreamError: something was refused or failed.
    """
    try:
        rehearsal.folder.mkdir(parents=True, exist_ok=True)
        with locked(rehearsal.folder / _LOCK, wait=False):
            return _Run(rehearsal, on_progress).result()
    except LockedError:
        raise RehearsalError(
            f"another rehearsal of this pipeline is running in {rehearsal.folder}: wait for it, "
            "or end it with Ctrl-C"
        ) from None
    except (DmsStreamError, BotoCoreError, ClientError, pymysql.MySQLError) as error:
        url = rehearsal.process_environment.get("AWS_ENDPOINT_URL")
        if url and not _answers(url):
            raise RehearsalError(
                f"the embedded AWS at {url} no longer answers, and all it held is gone: run the "
                "same command again to start over"
            ) from error
        if isinstance(error, DmsStreamError):
            raise
        cause = reason(error) if isinstance(error, pymysql.MySQLError) else error
        raise RehearsalError(
            f"the rehearsal stopped: {cause}; run it again to continue from the last checkpoint"
        ) from error


def _answers(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname, parts.port or 80), _ANSWER_SECONDS).close()
    except OSError:
        return False
    return True


class _Run:
    def __init__(self, rehearsal: Rehearsal, on_progress: Callable[[str], None]) -> None:
        self._rehearsal, self._on_progress = rehearsal, on_progress
        self._purchases = _PURCHASES if rehearsal.purchases is None else rehearsal.purchases
        self._changes = _CHANGES if rehearsal.changes is None else rehearsal.changes
        self._stopwatch = Stopwatch(on_progress)
        self._sent: list[Sample] = []
        self._records, self._bytes = 0, 0
        self._before: Mapping[str, Mapping[str, int]] = {}
        aws = rehearsal.process_environment
        session = boto3.Session(
            aws_access_key_id=aws.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=aws.get("AWS_SECRET_ACCESS_KEY"),
            region_name=aws.get("AWS_REGION"),
        )
        url = aws.get("AWS_ENDPOINT_URL")
        if url is None:
            raise RehearsalError("a rehearsal needs the embedded AWS: nothing leads to one")
        self._clients = Clients.of(session, endpoint_url=url)
        self._dms: Any = session.client("dms", endpoint_url=url)
        self._plane = DataPlaneClient(url)
        self._control = TaskControl(self._dms, rehearsal.task_arn)

    def result(self) -> RehearsalResult:
        rehearsal = self._rehearsal
        task = read_task(self._dms, rehearsal.task_arn)
        refuse_unsupported(task)
        delivery = read_delivery_stream(self._clients, rehearsal.delivery_stream)
        if delivery.stream != task.target.stream_name:
            raise RehearsalError(
                f"the task writes to the stream {task.target.stream_name}, but the delivery stream "
                f"reads from {delivery.stream}: name a task and a delivery stream of one pipeline"
            )
        self._refuse_changes_nobody_captures(task)
        source, administrator = self._source()
        self._prepare(task, administrator)
        checks = [
            *check_source(
                source, rules=CaptureRules(task.mappings, task.settings), for_rehearsal=True
            ),
            *check_dates(source, task.mappings),
        ]
        name = source_name(source)
        self._on_progress(f"source: {name}")
        if any(check.outcome == "fail" for check in checks):
            self._on_progress("the source is not ready: nothing was moved")
            return self._result(task, delivery, name, checks)
        done, puts = self._move(task, source, administrator)
        return self._verdict(task, delivery, source, name, checks, done, puts)

    def _refuse_changes_nobody_captures(self, task: DeployedTask) -> None:
        if task.captures:
            return
        given = {"--watch": self._rehearsal.watch, "--changes": self._rehearsal.changes}
        if options := [option for option, value in given.items() if value]:
            raise RehearsalError(
                f"{' and '.join(options)}: the task's migration type is full-load, so that no "
                "change is captured: leave it out, or set replication.migration_type"
            )

    # The source

    def _source(self) -> tuple[DatabaseAddress, DatabaseAddress | None]:
        rehearsal, named = self._rehearsal, self._rehearsal.database
        self._plane.name_source(
            rehearsal.task_arn,
            asdict(named) if named else None,
            ends_in_newline=rehearsal.ends_in_newline,
        )
        reads = self._reads()
        if named is not None:
            if reads not in (None, str(named)):
                raise RehearsalError(
                    f"the task is running and reads {reads}, not {named}: stop it first"
                )
            return named, None
        database = self._plane.status()["database"]
        if not database["is_ours"]:
            raise RehearsalError(
                f"the embedded AWS reads {database['address']}: give that with --database, to "
                "compare with it"
            )
        with self._stopwatch.phase("database"):
            ours = self._own_database()
        if reads not in (None, str(ours.address)):
            raise RehearsalError(
                f"the task is running and reads {reads}: give that with --database, or stop it"
            )
        return ours.dms_address, ours.address

    def _reads(self) -> str | None:
        """Where the running task reads; None where it does not run."""
        task = self._plane.task(self._rehearsal.task_arn)
        return task["source"] if task and self._control.is_started else None

    def _own_database(self) -> LocalDatabase:
        folder = self._plane.started_database()
        running = LocalDatabase.running_in(folder)
        if running is None:
            raise RehearsalError(f"the database in {folder} does not answer: run it again")
        return running

    def _prepare(self, task: DeployedTask, administrator: DatabaseAddress | None) -> None:
        before = self._plane.task(self._rehearsal.task_arn)
        if before is not None:
            self._before = before["counts"]
            place = before["position"] or "in the full load"
            self._on_progress(
                f"the task is running, {place}"
                if self._control.is_started
                else f"continuing from the last checkpoint, {place}"
            )
            if administrator is not None:
                self._keep_sample(administrator, names_for(task.mappings))
            return
        if administrator is None:
            return
        names = names_for(task.mappings)
        with self._stopwatch.phase("sample") as phase, connected(administrator) as connection:
            counts = load_sample(
                connection,
                purchases=self._purchases,
                seed=self._rehearsal.seed,
                names=names,
            )
            phase.records = sum(counts.values())
        self._on_progress("sample: " + ", ".join(f"{n:,} {table}" for table, n in counts.items()))
        self._tell_stand_ins(names)

    def _keep_sample(self, administrator: DatabaseAddress, names: SampleNames) -> None:
        """Use the rows that are there; others would need a new load.

        Raises:
            RehearsalError: another number of them is asked for.
        """
        with connected(administrator) as connection:
            loaded = loaded_purchases(connection, names)
        if loaded is not None:
            if self._rehearsal.purchases not in (None, loaded):
                raise RehearsalError(
                    f"--purchases {self._rehearsal.purchases}: the source has {loaded} already, "
                    "and the task has read them: leave it out, or stop the embedded AWS to start "
                    "over"
                )
            self._purchases = loaded
        self._tell_stand_ins(names)

    def _tell_stand_ins(self, names: SampleNames) -> None:
        for table, name in names.renamed.items():
            self._on_progress(f"sample: {table} stands in for {name}")

    # What moves

    def _move(
        self, task: DeployedTask, source: DatabaseAddress, administrator: DatabaseAddress | None
    ) -> tuple[Mapping[str, Any], list[Put]]:
        with self._running():
            with self._stopwatch.phase("full load") as phase:
                if task.loads:
                    self._wait(lambda moved: bool(moved["is_loaded"]))
                    phase.records = self._moved("load")
            self._on_progress(f"task: {', '.join(self._tables())}")
            if task.captures:
                with self._stopwatch.phase("changes") as phase:
                    self._change(task, administrator)
                    with connected(source) as connection:
                        position = current_position(connection)
                    self._wait(lambda moved: _has_read(moved, position))
                    phase.records = self._moved("insert", "update", "delete")
        with self._stopwatch.phase("delivery of the rest"):
            puts = self._drained()
        done = self._task(with_facts=True)
        self._records, self._bytes = done["sent"], done["sent_bytes"]
        return {**done["facts"], "counts": done["counts"]}, puts

    @contextmanager
    def _running(self) -> Iterator[None]:
        """Let the task run; one that did not run before is stopped at the end."""
        if self._control.is_started:
            yield
            return
        self._control.start()
        try:
            yield
        except BaseException:
            # whatever broke may have taken the embedded AWS with it
            with suppress(DmsStreamError, BotoCoreError, ClientError):
                self._control.stop()
            raise
        self._control.stop()

    def _wait(self, is_there: Callable[[Mapping[str, Any]], bool]) -> None:
        """Wait for the task.

        Raises:
            RehearsalError: it has failed, or somebody has stopped it.
        """
        began = time.monotonic()
        while True:
            moved = self._task()
            self._sent.append(Sample(self._stopwatch.elapsed, moved["sent"]))
            if is_there(moved):
                return
            if moved["status"] in ("stopped", "failed"):
                self._control.refuse_ended(self._control.described())
            # each question costs the server what it could move rows with: the longer it takes, the
            # more it may be late
            Event().wait(max(_POLL_SECONDS, (time.monotonic() - began) * _LATENESS))

    def _task(self, *, with_facts: bool = False) -> Mapping[str, Any]:
        found = self._plane.task(self._rehearsal.task_arn, with_facts=with_facts)
        if found is None:
            raise RehearsalError("the task was deleted meanwhile: deploy the pipeline again")
        return found

    def _tables(self) -> list[str]:
        return [f"{t['SchemaName']}.{t['TableName']}" for t in self._task()["tables"]]

    def _moved(self, *operations: str) -> int:
        # the task continues counting where it left off
        return _sum(self._task()["counts"], operations) - _sum(self._before, operations)

    def _drained(self) -> list[Put]:
        """Let the delivery put what is on the stream.

        Returns:
            All objects that it has put.

        Raises:
            DeliveryError: it is refused, or broke.
        """
        name = self._rehearsal.delivery_stream
        arn = self._plane.delivery(name)["arn"]
        number = self._plane.drain(arn)
        while (delivery := self._plane.delivery(name))["drained"] < number:
            if delivery["status"] == "failed":
                raise DeliveryError(delivery["message"])
            Event().wait(_POLL_SECONDS)
        puts = self._plane.puts(arn)
        return [Put(**{key: put[key] for key in put if key != "number"}) for put in puts]

    def _change(self, task: DeployedTask, administrator: DatabaseAddress | None) -> None:
        if administrator is None:
            if self._rehearsal.watch:
                self._on_progress(f"capturing changes for {self._rehearsal.watch}")
                Event().wait(self._rehearsal.watch.total_seconds())
            return
        stopped = Event()
        failures: list[Exception] = []

        def work() -> None:
            try:
                with connected(administrator) as connection:
                    made = make_changes(
                        connection,
                        changes=self._changes,
                        purchases=self._purchases,
                        seed=self._rehearsal.seed,
                        names=names_for(task.mappings),
                        is_stopped=stopped.is_set,
                    )
                self._on_progress(
                    "changes: " + ", ".join(f"{n:,} {kind}s" for kind, n in made.items())
                )
            except (DmsStreamError, pymysql.MySQLError) as error:
                failures.append(error)

        worker = Thread(target=work, name="changes")
        worker.start()
        try:
            self._wait(lambda _: not worker.is_alive())
        finally:
            stopped.set()
            worker.join()
        if failures:
            raise failures[0]

    # What landed

    def _verdict(
        self,
        task: DeployedTask,
        delivery: DeployedDelivery,
        source: DatabaseAddress,
        name: str,
        checks: list[Check],
        done: Mapping[str, Any],
        puts: list[Put],
    ) -> RehearsalResult:
        tables: list[TableVerdict] = []
        with (
            self._stopwatch.phase("reconciliation") as phase,
            TemporaryDirectory(prefix="dms-stream-landed-") as folder,
        ):
            files = fetch_landed(
                self._clients.s3,
                delivery.bucket,
                Path(folder),
                wanted=lambda key: not delivery.error_prefix.matches(key),
            )
            image = task.settings.before_image_settings
            recipes = self._recipes(task, source)
            is_document = any(recipe.mapping.as_document for recipe in recipes)
            by_target: dict[str, list[TableRecipe]] = {}
            for recipe in recipes:
                by_target.setdefault(recipe.target.full_name, []).append(recipe)
            with Reconciliation(
                files,
                before_image_field=image.field_name
                if image and image.enable_before_image
                else None,
                document_field=_DOCUMENT if is_document else None,
            ) as reconciliation:
                for target, sources in by_target.items():
                    counts = done["counts"].get(target, {})
                    sent = OperationCounts(
                        **{k: counts.get(k, 0) for k in ("load", "insert", "update", "delete")}
                    )
                    history = History(
                        done["names"].get(target, ()),
                        # what becomes one table has the keys that it has now
                        done["keys"].get(sources[0].table.full_name, ())
                        if len(sources) == 1
                        else (),
                        done["run_starts"],
                    )
                    rows = RecipeRows(source, sources)
                    tables.append(reconciliation.verdict(rows, sent=sent, history=history))
                objects = reconciliation.objects()
            view_checks = self._check_views(
                files, [RecipeRows(source, sources) for sources in by_target.values()]
            )
            phase.records = sum(table.landed.total for table in tables)
            samples = sample_records(files)
        return self._result(
            task,
            delivery,
            name,
            [
                *checks,
                *check_delivery(puts),
                *check_task(task, done),
                *check_alterations(tables, done["alterations"]),
                *view_checks,
            ],
            tables=tuple(tables),
            objects=objects,
            samples=samples,
            throughput=(Series("sent", rates(self._sent)), self._delivered(puts)),
            latency=(
                Series(
                    "to S3",
                    tuple(Sample(self._stopwatch.at(p.at), p.latency) for p in self._recent(puts)),
                ),
            ),
        )

    def _check_views(
        self, files: Sequence[LandedFile], sources: Sequence[RecipeRows]
    ) -> list[Check]:
        name = self._rehearsal.glue_database
        if name is None:
            return []
        return check_views(read_catalog(self._clients.glue, name), files, sources)

    def _recipes(self, task: DeployedTask, source: DatabaseAddress) -> list[TableRecipe]:
        clock = Clock()
        with connected(source) as connection:
            tables = selected_tables(connection, task.mappings)
        return [TableRecipe(task, table, clock) for table in tables]

    def _recent(self, puts: list[Put]) -> list[Put]:
        return [put for put in puts if put.at >= self._stopwatch.started.timestamp()]

    def _delivered(self, puts: list[Put]) -> Series:
        total, samples = 0, []
        for put in sorted(self._recent(puts), key=lambda put: put.at):
            total += put.records
            samples.append(Sample(self._stopwatch.at(put.at), total))
        return Series("delivered", rates(samples))

    def _result(
        self,
        task: DeployedTask,
        delivery: DeployedDelivery,
        source: str,
        checks: list[Check],
        **landed: Any,
    ) -> RehearsalResult:
        target = task.target
        per_record = round(self._bytes / self._records) if self._records else 0
        return RehearsalResult(
            environment=self._rehearsal.environment,
            pipeline=self._rehearsal.pipeline,
            started=self._stopwatch.started,
            wall=self._stopwatch.elapsed,
            source=source,
            stream=target.stream_name,
            delivery_stream=delivery.name,
            bucket=delivery.bucket,
            settings={
                "migration type": task.migration_type,
                "message format": target.message_format,
                "table mappings": f"{len(task.mappings.all_rules)} rules",
                **({"mean record": f"{per_record:,} bytes"} if per_record else {}),
                **delivery.settings,
            },
            bytes_per_record=per_record,
            checks=tuple(checks),
            phases=tuple(self._stopwatch.phases),
            remarks=(*remarks(task), *delivery.remarks),
            **landed,
        )


def _has_read(moved: Mapping[str, Any], position: LogPosition) -> bool:
    """Whether everything up to a place in the log is on the stream."""
    reached = start_position(moved["position"]) if moved["position"] else None
    return reached is not None and reached >= position


def _sum(counts: Mapping[str, Mapping[str, int]], operations: Sequence[str]) -> int:
    return sum(of_table.get(name, 0) for of_table in counts.values() for name in operations)
