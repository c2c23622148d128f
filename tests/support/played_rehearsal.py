"""What a rehearsal asks, played: DMS, the data plane, the source and the bucket."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from dms_stream.local_aws import process_environment
from dms_stream.rehearsal import run
from dms_stream.rehearsal.delivery import DeployedDelivery, Put
from dms_stream.rehearsal.delivery.prefixes import Prefix
from dms_stream.rehearsal.deployed_task import DeployedTask
from dms_stream.rehearsal.errors import RehearsalError
from dms_stream.rehearsal.reconciliation import LandedFile
from dms_stream.rehearsal.reconciliation.source_rows import RecipeRows
from dms_stream.rehearsal.result import Check, RehearsalResult
from dms_stream.rehearsal.run import Rehearsal, rehearse
from dms_stream.rehearsal.sample import SampleNames
from dms_stream.rehearsal.source.database import Connection, DatabaseAddress, LogPosition
from dms_stream.rehearsal.source.table import SourceTable
from tests.support.pipelines import Json, selection
from tests.support.played_source import FILE, STREAM_ARN, TASK_ARN, task

NOBODY = "http://127.0.0.1:1"
OURS = DatabaseAddress("127.0.0.1", 4001, "root", "")
OF_DMS = DatabaseAddress("127.0.0.1", 4001, "dms", "")
THEIRS = DatabaseAddress("db.invalid", 3306, "dms", "")
DELIVERY = DeployedDelivery(
    name="delivery",
    arn="arn:aws:firehose:eu-west-1:123456789012:deliverystream/delivery",
    version="1",
    identity="delivery",
    stream=STREAM_ARN.rpartition("/")[2],
    start=datetime(2024, 1, 31, tzinfo=UTC),
    bucket="bucket",
    prefix=Prefix("changes/"),
    error_prefix=Prefix("errors/"),
    settings={"compression": "GZIP"},
    remarks=("of the delivery",),
)
PUT = Put("changes/1", records=4, bytes=40, is_error=False, oldest_arrival=0.0, at=0.0)


def moved(status: str = "running", **more: Any) -> Json:
    """What the data plane says of a task: everything has been moved."""
    return {
        "status": status,
        "source": str(OF_DMS),
        "is_loaded": True,
        "position": f"{FILE}:900",
        "sent": 10,
        "sent_bytes": 1_234,
        "tables": [{"SchemaName": "shop", "TableName": "t"}],
        "counts": {"shop.t": {"load": 3, "insert": 4, "update": 2, "delete": 1}},
        "facts": {
            "lobs_cut": {},
            "key_changes": {},
            "unsupported": {},
            "alterations": {},
            "names": {},
            "keys": {},
            "run_starts": [],
        },
        **more,
    }


@dataclass
class Played:
    """All that a rehearsal asks, and what it is answered.

    Attributes:
        folder: The rehearsal's.
        deployed: The task.
        delivery: The delivery stream.
        before: What the data plane says of the task at first; None: it never ran.
        tasks: What it says while the task moves rows, one after another; the last one stays.
        is_started: Whether DMS says that it runs.
        database: What the data plane says of its database.
        answers: Whether that database answers.
        drains: What the data plane says of the delivery, one after another; the last one stays, and
            an error is raised.
        puts: The objects that it has put.
        checks: Of the source.
        loaded: How many purchases the sample has; None: it is not there.
        changed: What is made of the source.
        is_there: Whether the embedded AWS answers after a failure.
        tables: The source's tables.
        rows: Their rows, by name.
        objects: What is in the bucket: lines, by key.
        calls: What was called, in order.
        told: The sentences about each step.
    """

    folder: Path
    deployed: DeployedTask = field(default_factory=lambda: task(selection("dms_sample")))
    delivery: DeployedDelivery = DELIVERY
    before: Json | None = None
    tasks: list[Json | None] = field(default_factory=lambda: [moved()])
    is_started: bool = False
    database: Json = field(default_factory=lambda: {"is_ours": True, "address": str(OURS)})
    answers: bool = True
    drains: list[Json | Exception] = field(
        default_factory=lambda: [{"status": "running", "drained": 1}]
    )
    puts: list[Put] = field(default_factory=list)
    checks: list[Check] = field(default_factory=lambda: [Check("it answers", "pass")])
    loaded: int | None = None
    changed: Callable[[], Mapping[str, int]] = lambda: {"insert": 2, "delete": 1}
    is_there: bool = True
    tables: list[SourceTable] = field(default_factory=list)
    rows: dict[str, list[tuple[object, ...]]] = field(default_factory=dict)
    objects: dict[str, list[str]] = field(default_factory=dict)
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def rehearse(self, **more: Any) -> RehearsalResult:
        """One rehearsal."""
        self.calls.clear()
        self.told.clear()
        rehearsal = Rehearsal(
            environment="trial",
            pipeline="tickets",
            task_arn=TASK_ARN,
            delivery_stream="delivery",
            process_environment=process_environment(NOBODY),
            folder=self.folder,
            **more,
        )
        return rehearse(rehearsal, on_progress=self.told.append)

    def called(self, name: str) -> list[tuple[Any, ...]]:
        """What calls of that name were given."""
        return [call[1:] for call in self.calls if call[0] == name]

    # the data plane

    def status(self) -> Json:
        """Of the data plane."""
        return {"database": self.database}

    def task(self, arn: str, *, with_facts: bool = False) -> Json | None:
        """What is next to be said of the task."""
        assert arn == TASK_ARN
        if not self.called("check"):
            return self.before
        if with_facts:
            self.calls.append(("facts",))
        found = self.tasks.pop(0) if len(self.tasks) > 1 else self.tasks[0]
        if found is None or with_facts:
            return found
        return {key: value for key, value in found.items() if key != "facts"}

    def name_source(self, arn: str, database: Json | None, *, ends_in_newline: bool) -> None:
        """What the task reads."""
        self.calls.append(("name source", arn, database, ends_in_newline))

    def started_database(self) -> Path:
        """The folder of its own."""
        self.calls.append(("start database",))
        return self.folder / "database"

    def described_delivery(self, name: str) -> Json:
        """What is next to be said of the delivery."""
        assert name == "delivery"
        self.calls.append(("delivery",))
        found = self.drains.pop(0) if len(self.drains) > 1 else self.drains[0]
        if isinstance(found, Exception):
            raise found
        return {"arn": self.delivery.arn, **found}

    def drain(self, arn: str) -> int:
        """Begin to."""
        self.calls.append(("drain", arn))
        return 1

    def all_puts(self, arn: str) -> list[Json]:
        """What it put, with the numbers that the data plane gives them."""
        assert arn == self.delivery.arn
        return [{"number": number, **asdict(put)} for number, put in enumerate(self.puts)]

    # DMS

    def start(self) -> None:
        """The task."""
        self.calls.append(("start",))

    def stop(self) -> None:
        """The task."""
        self.calls.append(("stop",))

    def refuse_ended(self, described: Json) -> None:
        """As TaskControl does for a task that failed."""
        raise RehearsalError(described["said"])

    # the source

    @contextmanager
    def connected(self, address: DatabaseAddress) -> Iterator[Connection]:
        """To one of the two, whose name is its connection."""
        yield cast(Connection, str(address.user))

    def check_source(self, source: DatabaseAddress, **_: Any) -> list[Check]:
        """What was found."""
        self.calls.append(("check", source))
        return self.checks

    def load_sample(
        self, connection: Connection, *, purchases: int, seed: int, names: SampleNames
    ) -> dict[str, int]:
        """The sample."""
        self.calls.append(("load sample", str(connection), purchases, seed))
        del names
        return {"persons": 1_000, "events": 24}

    def make_changes(
        self, connection: Connection, *, changes: int, purchases: int, seed: int, **_: Any
    ) -> Mapping[str, int]:
        """The changes."""
        self.calls.append(("change", str(connection), changes, purchases, seed))
        return self.changed()

    def fetch_landed(
        self, s3: object, bucket: str, target: Path, *, wanted: Callable[[str], bool]
    ) -> list[LandedFile]:
        """Copies of the objects."""
        assert (s3, bucket) == (None, self.delivery.bucket)
        files = []
        for number, (key, lines) in enumerate(self.objects.items()):
            if wanted(key):
                path = target / f"{number}.json"
                path.write_text("".join(f"{line}\n" for line in lines))
                files.append(LandedFile(key, path.stat().st_size, path, "json"))
        return files


def played(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Played:
    """A rehearsal's surroundings, all in order: nothing has been moved yet."""
    made = Played(folder)
    plane = SimpleNamespace(
        status=made.status,
        task=made.task,
        name_source=made.name_source,
        started_database=made.started_database,
        delivery=made.described_delivery,
        drain=made.drain,
        puts=made.all_puts,
    )

    class Control:
        start, stop, refuse_ended = made.start, made.stop, made.refuse_ended

        @property
        def is_started(self) -> bool:
            return made.is_started

        def described(self) -> Json:
            return {"said": "DMS says why"}

    own = SimpleNamespace(address=OURS, dms_address=OF_DMS)

    class Rows(RecipeRows):
        def rows(self) -> Iterator[tuple[object, ...]]:
            for recipe in self._recipes:
                yield from made.rows[recipe.table.name]

        def rendered(self) -> None:
            """Nobody renders them."""

    def running_in(found: Path) -> object:
        return own if made.answers and found == folder / "database" else None

    # clients that reach nobody take a second to make
    aws = SimpleNamespace(client=lambda *_, **__: None)
    for name, value in {
        "boto3": SimpleNamespace(Session=lambda **_: aws),
        "Clients": SimpleNamespace(of=lambda *_, **__: SimpleNamespace(s3=None, glue=None)),
        "DataPlaneClient": lambda url: plane if url == NOBODY else None,
        "TaskControl": lambda _, arn: Control() if arn == TASK_ARN else None,
        "LocalDatabase": SimpleNamespace(running_in=running_in),
        "read_task": lambda *_: made.deployed,
        "read_delivery_stream": lambda *_: made.delivery,
        "check_source": made.check_source,
        "check_dates": lambda *_: [],
        "source_name": lambda source: f"MariaDB of {source.user}",
        "connected": made.connected,
        "load_sample": made.load_sample,
        "loaded_purchases": lambda *_: made.loaded,
        "make_changes": made.make_changes,
        "current_position": lambda _: LogPosition(FILE, 900),
        "selected_tables": lambda *_: made.tables,
        "RecipeRows": Rows,
        "fetch_landed": made.fetch_landed,
        "_answers": lambda _: made.is_there,
    }.items():
        monkeypatch.setattr(run, name, value)
    return made
