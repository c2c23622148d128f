"""A whole rehearsal: source, task, delivery and verdict."""

import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import urlsplit

import boto3
import pymysql
from botocore.exceptions import BotoCoreError, ClientError

from constructs_lib.errors import DmsStreamError
from dms_stream.programs.lock_file import LockedError, locked
from dms_stream.rehearsal.checks import check_delivery, check_task
from dms_stream.rehearsal.date_check import check_dates
from dms_stream.rehearsal.delivery import (
    Clients,
    DeliveryProcess,
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
from dms_stream.rehearsal.sample import load_sample, make_changes
from dms_stream.rehearsal.source.check import check_source, source_name
from dms_stream.rehearsal.source.database import (
    DatabaseAddress,
    connected,
    current_position,
    reason,
    variables,
)
from dms_stream.rehearsal.source.local_database import LocalDatabase
from dms_stream.rehearsal.source.table import selected_tables
from dms_stream.rehearsal.task.engine import task_identity
from dms_stream.rehearsal.task.process import EngineProcess
from dms_stream.rehearsal.task.progress import Counts, read_progress
from dms_stream.rehearsal.task.refusals import refuse_unsupported, remarks
from dms_stream.rehearsal.task.table_statistics import TableStatistics
from dms_stream.rehearsal.timing import Stopwatch, rates
from dms_stream.rehearsal.views.athena import read_catalog
from dms_stream.rehearsal.views.view_checks import check_views

_PROGRESS = "task.json"
_DELIVERY = "delivery.json"
_LOCK = "rehearsal.lock"
_ANSWER_SECONDS = 10.0
_DOCUMENT = "_doc"


@dataclass(frozen=True)
class Rehearsal:
    """What to rehearse, and how much.

    Attributes:
        environment: Name of the environment.
        pipeline: Name of the pipeline.
        task_arn: ARN of its task or replication config.
        delivery_stream: Name of its delivery stream.
        process_environment: The whole environment that leads to the AWS it is deployed to.
        folder: Keeps the database and the checkpoints, so that a rerun continues.
        database: The user's database; None: one of our own, with the sample.
        purchases: Rows of the sample's `ticket_purchase_hist`.
        changes: Changes made to it after the full load.
        seed: Of rows and changes.
        time_scale: Factor by which the delivery's buffer interval is multiplied.
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
    purchases: int = 10_000
    changes: int = 2_000
    seed: int = 1
    time_scale: float = 0.02
    watch: timedelta = timedelta(0)
    ends_in_newline: bool = False
    glue_database: str | None = None


def rehearse(
    rehearsal: Rehearsal, *, on_progress: Callable[[str], None] = lambda _: None
) -> RehearsalResult:
    """Move the source's rows through the deployed pipeline and see what landed.

    Whenever it is interrupted, it stops what it started, and the next call with the same folder
    continues from the last checkpoint.

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
        self._stopwatch = Stopwatch(on_progress)
        self._sent: list[Sample] = []
        self._records, self._bytes = 0, 0
        self._before: Counts = {}
        self._lock = Lock()
        aws = rehearsal.process_environment
        self._session = boto3.Session(
            aws_access_key_id=aws.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=aws.get("AWS_SECRET_ACCESS_KEY"),
            region_name=aws.get("AWS_REGION"),
        )
        self._endpoint_url = aws.get("AWS_ENDPOINT_URL")
        self._clients = Clients.of(self._session, endpoint_url=self._endpoint_url)

    def result(self) -> RehearsalResult:
        rehearsal = self._rehearsal
        dms: Any = self._session.client("dms", endpoint_url=self._endpoint_url)
        task = read_task(dms, rehearsal.task_arn)
        refuse_unsupported(task)
        delivery = read_delivery_stream(self._clients, rehearsal.delivery_stream)
        if delivery.stream != task.target.stream_name:
            raise RehearsalError(
                f"the task writes to the stream {task.target.stream_name}, but the delivery stream "
                f"reads from {delivery.stream}: name a task and a delivery stream of one pipeline"
            )
        with ExitStack() as stack:
            source, administrator = self._source(stack)
            self._prepare(task, source, administrator)
            checks = [
                *check_source(source, mappings=task.mappings, for_rehearsal=True),
                *check_dates(source, task.mappings),
            ]
            name = source_name(source)
            self._on_progress(f"source: {name}")
            if any(check.outcome == "fail" for check in checks):
                self._on_progress("the source is not ready: nothing was moved")
                return self._result(task, delivery, name, checks)
            done, puts = self._move(task, source, administrator)
            return self._verdict(task, delivery, source, name, checks, done, puts)

    # The source

    def _source(self, stack: ExitStack) -> tuple[DatabaseAddress, DatabaseAddress | None]:
        if self._rehearsal.database is not None:
            return self._rehearsal.database, None
        with self._stopwatch.phase("database"):
            database = stack.enter_context(LocalDatabase(self._rehearsal.folder / "database"))
        return database.dms_address, database.address

    def _prepare(
        self, task: DeployedTask, source: DatabaseAddress, administrator: DatabaseAddress | None
    ) -> None:
        with connected(source) as connection:
            identity = task_identity(task, self._clients.kinesis, variables(connection))
        progress = read_progress(self._progress_path, identity)
        self._before = progress.counts
        if progress.announced:
            self._on_progress(
                f"continuing from the last checkpoint, {progress.position or 'in the full load'}"
            )
            return
        self._progress_path.unlink(missing_ok=True)
        if administrator is None:
            return
        with self._stopwatch.phase("sample") as phase, connected(administrator) as connection:
            counts = load_sample(
                connection, purchases=self._rehearsal.purchases, seed=self._rehearsal.seed
            )
            phase.records = sum(counts.values())
        self._on_progress("sample: " + ", ".join(f"{n:,} {table}" for table, n in counts.items()))

    @property
    def _progress_path(self) -> Path:
        return self._rehearsal.folder / _PROGRESS

    # What moves

    def _move(
        self, task: DeployedTask, source: DatabaseAddress, administrator: DatabaseAddress | None
    ) -> tuple[dict[str, Any], list[Put]]:
        rehearsal = self._rehearsal
        with ExitStack() as stack:
            delivery = stack.enter_context(
                DeliveryProcess(
                    rehearsal.delivery_stream,
                    checkpoint_path=rehearsal.folder / _DELIVERY,
                    process_environment=rehearsal.process_environment,
                    time_scale=rehearsal.time_scale,
                    log_path=rehearsal.folder / "delivery.log",
                )
            )
            statistics = stack.enter_context(TableStatistics(task, self._endpoint_url))
            with self._stopwatch.phase("full load") as phase:
                engine = stack.enter_context(
                    EngineProcess(
                        rehearsal.task_arn,
                        source,
                        progress_path=self._progress_path,
                        process_environment=rehearsal.process_environment,
                        on_event=statistics.beside(self._on_event),
                        log_path=rehearsal.folder / "task.log",
                        ends_in_newline=rehearsal.ends_in_newline,
                    )
                )
                self._on_progress(f"task: {', '.join(engine.tables)}")
                if task.loads:
                    loaded = engine.wait_until_loaded()
                    phase.records = self._moved(loaded, "load")
            if not task.captures:
                done = engine.finish(None)
            else:
                with self._stopwatch.phase("changes") as phase:
                    self._change(administrator)
                    with connected(source) as connection:
                        position = current_position(connection)
                    done = engine.finish(position)
                    phase.records = self._moved(done, "insert", "update", "delete")
            with self._stopwatch.phase("delivery of the rest"):
                puts = delivery.finish()
        return done, puts

    def _moved(self, event: Mapping[str, Any], *operations: str) -> int:
        # the task continues counting where the last run left off
        return _sum(event["counts"], operations) - _sum(self._before, operations)

    def _change(self, administrator: DatabaseAddress | None) -> None:
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
                        changes=self._rehearsal.changes,
                        purchases=self._rehearsal.purchases,
                        seed=self._rehearsal.seed,
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
            worker.join()
        finally:
            stopped.set()
            worker.join()
        if failures:
            raise failures[0]

    def _on_event(self, event: Mapping[str, Any]) -> None:
        if event["event"] == "checkpoint":
            with self._lock:
                self._records, self._bytes = event["sent"], event["bytes"]
                self._sent.append(Sample(self._stopwatch.elapsed, event["sent"]))

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
            [*checks, *check_delivery(puts), *check_task(task, done), *view_checks],
            tables=tuple(tables),
            objects=objects,
            samples=samples,
            throughput=(Series("sent", rates(self._sent)), self._delivered(puts)),
            latency=(
                Series("to S3", tuple(Sample(self._stopwatch.at(p.at), p.latency) for p in puts)),
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

    def _delivered(self, puts: list[Put]) -> Series:
        total, samples = 0, []
        for put in sorted(puts, key=lambda put: put.at):
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


def _sum(counts: Mapping[str, Mapping[str, int]], operations: Sequence[str]) -> int:
    return sum(of_table.get(name, 0) for of_table in counts.values() for name in operations)
