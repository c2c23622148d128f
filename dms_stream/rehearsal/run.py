"""A whole rehearsal: source, task, delivery and verdict."""

import fcntl
import re
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import urlsplit

import boto3
import pymysql
from botocore.exceptions import BotoCoreError, ClientError

from constructs_lib.errors import DmsStreamError
from dms_stream.rehearsal.delivery import Clients, DeliveryPlan, DeliveryProcess, Put, read_plan
from dms_stream.rehearsal.deployed_task import DeployedTask, read_task
from dms_stream.rehearsal.errors import RehearsalError
from dms_stream.rehearsal.mapping.messages import Clock
from dms_stream.rehearsal.mapping.table_recipe import TableRecipe
from dms_stream.rehearsal.reconciliation import Reconciliation, fetch_landed, sample_records
from dms_stream.rehearsal.reconciliation.source_rows import RecipeRows
from dms_stream.rehearsal.result import (
    Check,
    OperationCounts,
    Phase,
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
from dms_stream.rehearsal.source.table import read_tables
from dms_stream.rehearsal.task.engine import task_identity
from dms_stream.rehearsal.task.process import EngineProcess
from dms_stream.rehearsal.task.progress import Counts, read_progress
from dms_stream.rehearsal.task.refusals import refuse_unsupported, remarks
from dms_stream.rehearsal.task.table_statistics import TableStatistics

Tell = Callable[[str], None]

_PROGRESS = "task.json"
_DELIVERY = "delivery.json"
_LOCK = "rehearsal.lock"
_ANSWER_SECONDS = 10.0
_DOCUMENT = "_doc"
_SERIES_STEP_SECONDS = 0.5
_EXPRESSION = re.compile(r"!\{([^}]*)\}")


@dataclass(frozen=True)
class Rehearsal:
    """What to rehearse, and how much.

    Attributes:
        environment: Name of the environment.
        pipeline: Name of the pipeline.
        task_arn: ARN of its task or replication config.
        delivery_stream: Name of its delivery stream.
        aws_environment: The whole environment that leads to the AWS it is deployed to.
        folder: Keeps the database and the checkpoints, so that a rerun goes on.
        database: The user's database; None: one of our own, with the sample.
        purchases: Rows of the sample's `ticket_purchase_hist`.
        changes: Changes made to it after the full load.
        seed: Of rows and changes.
        time_scale: Factor on the delivery's buffer interval.
        watch: How long to capture changes of the user's own database.
        ends_in_newline: Whether DMS ends each record in a newline, which its guide leaves open.
    """

    environment: str
    pipeline: str
    task_arn: str
    delivery_stream: str
    aws_environment: Mapping[str, str]
    folder: Path
    database: DatabaseAddress | None = None
    purchases: int = 10_000
    changes: int = 2_000
    seed: int = 1
    time_scale: float = 0.02
    watch: timedelta = timedelta(0)
    ends_in_newline: bool = False


def rehearse(plan: Rehearsal, *, tell: Tell = lambda _: None) -> RehearsalResult:
    """Move the source's rows through the deployed pipeline and see what landed.

    Interrupted at any moment, it stops what it started, and the next call with the same folder
    goes on from the last checkpoint.

    Args:
        plan: What to rehearse.
        tell: Is told what goes on, a sentence at a time.

    Raises:
        DmsStreamError: something is refused, or broke.
    """
    try:
        with _alone(plan.folder):
            return _Run(plan, tell).result()
    except (DmsStreamError, BotoCoreError, ClientError, pymysql.MySQLError) as error:
        url = plan.aws_environment.get("AWS_ENDPOINT_URL")
        if url and not _answers(url):
            raise RehearsalError(
                f"the embedded AWS at {url} no longer answers, and all it held is gone: run the "
                "same command again to begin anew"
            ) from error
        if isinstance(error, DmsStreamError):
            raise
        what = reason(error) if isinstance(error, pymysql.MySQLError) else error
        raise RehearsalError(
            f"the rehearsal broke off: {what}; run it again to go on from the last checkpoint"
        ) from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / _LOCK).open("ab") as lock:
        try:
            # the system lets it go when its holder ends in any way
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RehearsalError(
                f"another rehearsal of this pipeline is running with {folder}: wait for it, or end "
                "it with Ctrl-C"
            ) from None
        yield


def _answers(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname, parts.port or 80), _ANSWER_SECONDS).close()
    except OSError:
        return False
    return True


class _Run:
    def __init__(self, plan: Rehearsal, tell: Tell) -> None:
        self._plan, self._tell = plan, tell
        self._started, self._began = datetime.now(UTC), time.monotonic()
        self._phases: list[Phase] = []
        self._sent: list[Sample] = []
        self._before: Counts = {}
        self._lock = Lock()
        aws = plan.aws_environment
        self._session = boto3.Session(
            aws_access_key_id=aws.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=aws.get("AWS_SECRET_ACCESS_KEY"),
            region_name=aws.get("AWS_REGION"),
        )
        self._endpoint_url = aws.get("AWS_ENDPOINT_URL")
        self._clients = Clients.of(self._session, endpoint_url=self._endpoint_url)

    def result(self) -> RehearsalResult:
        plan = self._plan
        dms: Any = self._session.client("dms", endpoint_url=self._endpoint_url)
        task = read_task(dms, plan.task_arn)
        refuse_unsupported(task)
        delivery = read_plan(self._clients, plan.delivery_stream)
        if delivery.stream != task.target.stream_name:
            raise RehearsalError(
                f"the task writes to the stream {task.target.stream_name}, and the delivery stream "
                f"reads {delivery.stream}: name those of one pipeline"
            )
        with ExitStack() as stack:
            source, administrator = self._source(stack)
            self._prepare(task, source, administrator)
            checks = check_source(source, mappings=task.mappings, for_rehearsal=True)
            name = source_name(source)
            self._tell(f"source: {name}")
            if any(check.outcome == "fail" for check in checks):
                self._tell("the source is not ready: nothing was moved")
                return self._made(task, delivery, name, checks, (), {}, ())
            done, puts = self._move(task, source, administrator)
            return self._verdict(task, delivery, source, name, checks, done, puts)

    # The source

    def _source(self, stack: ExitStack) -> tuple[DatabaseAddress, DatabaseAddress | None]:
        if self._plan.database is not None:
            return self._plan.database, None
        with self._phase("database"):
            database = stack.enter_context(LocalDatabase(self._plan.folder / "database"))
        return database.dms_address, database.address

    def _prepare(
        self, task: DeployedTask, source: DatabaseAddress, administrator: DatabaseAddress | None
    ) -> None:
        with connected(source) as connection:
            identity = task_identity(task, self._clients.kinesis, variables(connection))
        progress = read_progress(self._progress_path, identity)
        self._before = progress.counts
        if progress.announced:
            self._tell(f"going on from the last checkpoint, {progress.position or 'in the load'}")
            return
        self._progress_path.unlink(missing_ok=True)
        if administrator is None:
            return
        with self._phase("sample") as phase, connected(administrator) as connection:
            counts = load_sample(connection, purchases=self._plan.purchases, seed=self._plan.seed)
            phase.records = sum(counts.values())
        self._tell("sample: " + ", ".join(f"{n:,} {table}" for table, n in counts.items()))

    @property
    def _progress_path(self) -> Path:
        return self._plan.folder / _PROGRESS

    # What moves

    def _move(
        self, task: DeployedTask, source: DatabaseAddress, administrator: DatabaseAddress | None
    ) -> tuple[dict[str, Any], list[Put]]:
        plan = self._plan
        with ExitStack() as stack:
            delivery = stack.enter_context(
                DeliveryProcess(
                    plan.delivery_stream,
                    checkpoint_path=plan.folder / _DELIVERY,
                    env=plan.aws_environment,
                    time_scale=plan.time_scale,
                    log_path=plan.folder / "delivery.log",
                )
            )
            statistics = stack.enter_context(TableStatistics(task, self._endpoint_url))
            with self._phase("full load") as phase:
                engine = stack.enter_context(
                    EngineProcess(
                        plan.task_arn,
                        source,
                        progress_path=self._progress_path,
                        env=plan.aws_environment,
                        on_event=statistics.beside(self._on_event),
                        log_path=plan.folder / "task.log",
                        ends_in_newline=plan.ends_in_newline,
                    )
                )
                self._tell(f"task: {', '.join(engine.tables)}")
                if task.loads:
                    loaded = engine.wait_until_loaded()
                    phase.records = self._moved(loaded, "load")
            if not task.captures:
                done = engine.finish(None)
            else:
                with self._phase("changes") as phase:
                    self._change(administrator)
                    with connected(source) as connection:
                        position = current_position(connection)
                    done = engine.finish(position)
                    phase.records = self._moved(done, "insert", "update", "delete")
            with self._phase("delivery of the rest"):
                puts = delivery.finish()
        return done, puts

    def _moved(self, event: Mapping[str, Any], *operations: str) -> int:
        # the task goes on counting where the last run left off
        return _sum(event["counts"], operations) - _sum(self._before, operations)

    def _change(self, administrator: DatabaseAddress | None) -> None:
        if administrator is None:
            if self._plan.watch:
                self._tell(f"capturing changes for {self._plan.watch}")
                Event().wait(self._plan.watch.total_seconds())
            return
        stopped = Event()
        failures: list[Exception] = []

        def work() -> None:
            try:
                with connected(administrator) as connection:
                    made = make_changes(
                        connection,
                        changes=self._plan.changes,
                        purchases=self._plan.purchases,
                        seed=self._plan.seed,
                        is_stopped=stopped.is_set,
                    )
                self._tell("changes: " + ", ".join(f"{n:,} {kind}s" for kind, n in made.items()))
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
                at = timedelta(seconds=time.monotonic() - self._began)
                self._sent.append(Sample(at, event["sent"]))

    # What landed

    def _verdict(
        self,
        task: DeployedTask,
        delivery: DeliveryPlan,
        source: DatabaseAddress,
        name: str,
        checks: list[Check],
        done: Mapping[str, Any],
        puts: list[Put],
    ) -> RehearsalResult:
        tables: list[TableVerdict] = []
        with (
            self._phase("reconciliation") as phase,
            TemporaryDirectory(prefix="dms-stream-landed-") as folder,
        ):
            files = fetch_landed(
                self._clients.s3,
                delivery.bucket,
                Path(folder),
                wanted=lambda key: not _is_error(delivery, key),
            )
            image = task.settings.before_image_settings
            recipes = self._recipes(task, source)
            is_document = any(recipe.mapping.as_document for recipe in recipes)
            with Reconciliation(
                files,
                before_image_field=image.field_name
                if image and image.enable_before_image
                else None,
                document_field=_DOCUMENT if is_document else None,
            ) as reconciliation:
                for recipe in recipes:
                    counts = done["counts"].get(recipe.target.full_name, {})
                    sent = OperationCounts(
                        **{k: counts.get(k, 0) for k in ("load", "insert", "update", "delete")}
                    )
                    tables.append(reconciliation.verdict(RecipeRows(source, recipe), sent=sent))
                objects = reconciliation.objects()
            phase.records = sum(table.landed.total for table in tables)
            samples = sample_records(files)
        extra = {
            "tables": tuple(tables),
            "objects": objects,
            "samples": samples,
            "throughput": (Series("sent", _rates(self._sent)), self._delivered(puts)),
            "latency": (
                Series(
                    "to S3",
                    tuple(Sample(self._at(put.at), put.latency) for put in puts),
                ),
            ),
        }
        all_checks = [*checks, *_checks_of_delivery(puts), *_checks_of_task(done, task)]
        return self._made(task, delivery, name, all_checks, tuple(puts), extra, ())

    def _recipes(self, task: DeployedTask, source: DatabaseAddress) -> list[TableRecipe]:
        clock = Clock()
        with connected(source) as connection:
            found = [TableRecipe(task, t, clock) for t in read_tables(connection) if t.columns]
        return [recipe for recipe in found if recipe.rules]

    def _delivered(self, puts: list[Put]) -> Series:
        total, samples = 0, []
        for put in sorted(puts, key=lambda put: put.at):
            total += put.records
            samples.append(Sample(self._at(put.at), total))
        return Series("delivered", _rates(samples))

    def _at(self, seconds: float) -> timedelta:
        return datetime.fromtimestamp(seconds, UTC) - self._started

    def _made(
        self,
        task: DeployedTask,
        delivery: DeliveryPlan,
        source: str,
        checks: list[Check],
        puts: tuple[Put, ...],
        extra: Mapping[str, Any],
        more_remarks: tuple[str, ...],
    ) -> RehearsalResult:
        del puts
        target = task.target
        return RehearsalResult(
            environment=self._plan.environment,
            pipeline=self._plan.pipeline,
            started=self._started,
            wall=timedelta(seconds=time.monotonic() - self._began),
            source=source,
            stream=target.stream_name,
            delivery_stream=delivery.name,
            bucket=delivery.bucket,
            settings={
                "migration type": task.migration_type,
                "message format": target.message_format,
                "table mappings": f"{len(task.mappings.all_rules)} rules",
                **delivery.settings,
            },
            checks=tuple(checks),
            phases=tuple(self._phases),
            remarks=(*remarks(task), *delivery.remarks, *more_remarks),
            **extra,
        )

    def _phase(self, name: str) -> "_Timed":
        return _Timed(name, self._phases, self._tell)


class _Timed:
    """Times a part of the rehearsal."""

    def __init__(self, name: str, phases: list[Phase], tell: Tell) -> None:
        self._name, self._phases, self._tell = name, phases, tell
        self.records = 0

    def __enter__(self) -> "_Timed":
        self._began = time.monotonic()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            wall = timedelta(seconds=time.monotonic() - self._began)
            phase = Phase(self._name, wall, self.records)
            self._phases.append(phase)
            rate = f", {phase.records_per_second:,.0f}/s" if phase.records else ""
            self._tell(f"{self._name}: {wall.total_seconds():.1f} s{rate}")


def _is_error(delivery: DeliveryPlan, key: str) -> bool:
    parts = _EXPRESSION.split(delivery.error_prefix.expression)
    pattern = "".join(
        ("[a-z-]+-failed" if part == "firehose:error-output-type" else ".*")
        if number % 2
        else re.escape(part)
        for number, part in enumerate(parts)
    )
    return re.match(pattern, key) is not None


def _checks_of_delivery(puts: list[Put]) -> list[Check]:
    errors = [put for put in puts if put.is_error]
    if not errors:
        return [Check("no record is below the error prefix", "pass", group="delivery")]
    return [
        Check(
            "no record is below the error prefix",
            "fail",
            f"{sum(put.records for put in errors)} records in {len(errors)} objects, such as "
            f"{errors[0].key}",
            "read what that object says of its first record",
            "delivery",
        )
    ]


def _checks_of_task(done: Mapping[str, Any], task: DeployedTask) -> list[Check]:
    checks = []
    cut = done["lobs_cut"]
    if cut:
        checks.append(
            Check(
                "no LOB was cut",
                "warn",
                ", ".join(f"{table}: {number}" for table, number in cut.items()),
                "raise TargetMetadata.LobMaxSize, at most 1024 KB",
                "task",
            )
        )
    moved = done["key_changes"]
    if moved:
        checks.append(
            Check(
                "consumers can follow changes of keys",
                "warn",
                ", ".join(f"{table}: {number}" for table, number in moved.items())
                + " updates changed the key, and no record tells the old one",
                "set BeforeImageSettings, at least with ColumnFilter pk-only",
                "task",
            )
        )
    if not task.target.is_on_one_line:
        checks.append(
            Check(
                "a record is one line",
                "warn",
                f"message format {task.target.message_format} spreads a record over several",
                "set message_format to json-unformatted, which files of lines need",
                "task",
            )
        )
    return checks


def _sum(counts: Mapping[str, Mapping[str, int]], operations: Sequence[str]) -> int:
    return sum(of_table.get(name, 0) for of_table in counts.values() for name in operations)


def _rates(totals: list[Sample]) -> tuple[Sample, ...]:
    """Rates between the totals, each over at least half a second."""
    found: list[Sample] = []
    last = Sample(timedelta(0), 0)
    for sample in totals:
        seconds = (sample.at - last.at).total_seconds()
        if seconds >= _SERIES_STEP_SECONDS:
            found.append(Sample(sample.at, (sample.value - last.value) / seconds))
            last = sample
    return tuple(found)
