"""A source and a stream for the task's engine, without a database or an AWS.

The source's dictionary, rows and binary log are what a test says; the stream keeps what it gets.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from constructs_lib.dms.table_mappings import TableMappings
from constructs_lib.dms.task_settings import TaskSettings
from dms_stream.rehearsal.deployed_task import DeployedTask, KinesisTarget
from dms_stream.rehearsal.source.binary_log.ddl import TableDdl
from dms_stream.rehearsal.source.binary_log.log_table import LogTable
from dms_stream.rehearsal.source.binary_log.reader import (
    Begin,
    Commit,
    Idle,
    LogEntry,
    Row,
    RowChange,
)
from dms_stream.rehearsal.source.database import Connection, DatabaseAddress, LogPosition
from dms_stream.rehearsal.source.row_chunks import Chunk, chunk_key
from dms_stream.rehearsal.source.table import SourceColumn, SourceTable
from dms_stream.rehearsal.task import engine as module
from dms_stream.rehearsal.task.engine import Engine
from dms_stream.rehearsal.task.limits import NO_LIMITS, Limits
from tests.support.pipelines import Json, selection

FILE = "bin.000007"
STREAM_ARN = "arn:aws:kinesis:eu-west-1:123456789012:stream/changes"
TASK_ARN = "arn:aws:dms:eu-west-1:123456789012:task:TASKID"
CREATED = datetime(2024, 1, 31, 10, tzinfo=UTC)
# of every change that says nothing else: 2024-01-31T10:00:00
MOMENT = 1_706_695_200


def columns(*names: str) -> tuple[SourceColumn, ...]:
    """Integers of these names."""
    return tuple(SourceColumn(name, "int") for name in names)


def table(name: str, *names: str, key: tuple[str, ...] = ("id",), schema: str = "shop") -> Any:
    """A table of integers, whose key is `id`."""
    return SourceTable(schema, name, columns(*(names or ("id", "v"))), key)


def task(
    *rules: Json,
    settings: Json | None = None,
    migration_type: Any = "full-load-and-cdc",
    cdc_start_position: str | None = None,
    **target: Any,
) -> DeployedTask:
    """A task; without rules, of the whole schema `shop`."""
    return DeployedTask(
        arn=TASK_ARN,
        identifier="cdc",
        migration_type=migration_type,
        mappings=TableMappings.from_json({"rules": list(rules) or [selection("shop")]}),
        settings=TaskSettings.model_validate(settings or {}),
        target=KinesisTarget(STREAM_ARN, "json-unformatted", **target),
        source_settings={},
        cdc_start_position=cdc_start_position,
        is_serverless=False,
    )


def ddl(verb: str, name: str = "t", schema: str = "shop", **more: Any) -> TableDdl:
    """A statement about a table, at an offset of 150."""
    return TableDdl(verb, schema, name, LogPosition(FILE, 150), **more)


T = table("t")
OTHER = table("u")
EXCEPTIONS = "create-table awsdms_apply_exceptions"
# what a stream is told before the first row of T
ANNOUNCED = (EXCEPTIONS, "drop-table t", "create-table t")


class PlayedStream:
    """A stream that takes what it is told to take.

    Attributes:
        taken: The records' data, in order.
        keys: Their partition keys.
        asked: Called before each batch.
    """

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.keys: list[str] = []
        self.asked: Callable[[], None] = lambda: None

    def put_records(self, *, StreamName: str, Records: list[Json]) -> Json:  # noqa: N803  # boto3's
        """Take all."""
        assert StreamName == "changes"
        self.asked()
        self.taken += [entry["Data"].decode() for entry in Records]
        self.keys += [entry["PartitionKey"] for entry in Records]
        return {"FailedRecordCount": 0, "Records": [{"SequenceNumber": "1"}] * len(Records)}

    def describe_stream_summary(self, *, StreamName: str) -> Json:  # noqa: N803  # boto3's
        """When it was made."""
        assert StreamName == "changes"
        return {"StreamDescriptionSummary": {"StreamCreationTimestamp": CREATED}}

    @property
    def records(self) -> list[Json]:
        """What it took."""
        return [json.loads(text) for text in self.taken]

    @property
    def told(self) -> list[str]:
        """Operation and table of each, and the row where there is one."""
        return [
            " ".join(
                [
                    record["metadata"]["operation"],
                    record["metadata"]["table-name"],
                    *(f"{name}={value}" for name, value in record.get("data", {}).items()),
                ]
            )
            for record in self.records
        ]


class PlayedSource:
    """What a database would say.

    Attributes:
        tables: Its dictionary.
        rows: Each table's rows, by its full name, in the key's order.
        files: Its binary log's files.
        variables: Its variables.
        end: Where its log ends.
        log: The log's entries; a function is called when reading gets there.
        chunk_rows: How many rows are read at once.
        asked: What was asked of it, in order.
    """

    def __init__(self, *tables: SourceTable) -> None:
        self.tables = list(tables)
        self.rows: dict[str, list[Row]] = {}
        self.files = [FILE]
        self.variables = {"server_uuid": "a-server"}
        self.end = LogPosition(FILE, 100)
        self.log: list[LogEntry | Callable[[], object]] = []
        self.chunk_rows = 2
        self.asked: list[tuple[Any, ...]] = []
        self._described: dict[int, LogTable] = {}

    # what a test lets happen

    def changed(
        self,
        operation: Any,
        of: SourceTable,
        row: Row,
        before: Row | None = None,
        *,
        at: int = MOMENT,
    ) -> RowChange:
        """A row's change, for a transaction."""
        # as the log's reader does, one object for each description
        described = self._described.setdefault(
            id(of), cast(LogTable, SimpleNamespace(table=of, kept=of))
        )
        return RowChange(described, operation, row, before, at, f"{self.end}:0")

    def transaction(self, *entries: LogEntry | Callable[[], object]) -> LogPosition:
        """Add one to the log, and say where it ends."""
        self.end = LogPosition(self.end.file, self.end.offset + 100)
        self.log += [Begin(self.end.offset), *entries, Commit(self.end)]
        return self.end

    # what the engine asks

    @contextmanager
    def connected(self, address: DatabaseAddress) -> Iterator[Connection]:
        """A connection, which nobody uses."""
        assert address == ADDRESS
        yield cast(Connection, self)

    def read_tables(self, connection: Connection, schema: str | None = None) -> list[SourceTable]:
        """As the function of that name."""
        assert cast(object, connection) is self
        return [one for one in self.tables if schema in (None, one.schema)]

    def selected_tables(self, connection: Connection, mappings: TableMappings) -> list[SourceTable]:
        """As the function of that name."""
        return [
            one for one in self.read_tables(connection) if mappings.captures(one.schema, one.name)
        ]

    def read_chunks(
        self,
        connection: Connection,
        of: SourceTable,
        *,
        condition: str,
        arguments: Sequence[object],
        after: tuple[Any, ...] | None,
    ) -> Iterator[Chunk]:
        """As the function of that name; a condition is only noted."""
        assert cast(object, connection) is self
        self.asked.append(("load", of.name, condition, list(arguments), after))
        key = [of.positions[name] for name in chunk_key(of)]
        rows = [
            row
            for row in self.rows.get(of.full_name, [])
            if after is None or tuple(row[place] for place in key) > after
        ]
        for first in range(0, len(rows), self.chunk_rows):
            chunk = rows[first : first + self.chunk_rows]
            yield Chunk(chunk, tuple(chunk[-1][place] for place in key) or None)

    def read_log(
        self,
        address: DatabaseAddress,
        start: LogPosition,
        *,
        server_id: int,
        captures: Callable[[str, str], bool],
    ) -> Iterator[LogEntry]:
        """As the function of that name."""
        assert address == ADDRESS
        self.asked.append(("log", str(start), server_id, captures("shop", "t"), captures("x", "t")))
        commits = [
            place
            for place, entry in enumerate(self.log)
            if isinstance(entry, Commit) and entry.position == start
        ]
        place = commits[0] + 1 if commits else 0
        while True:
            if place == len(self.log):
                yield Idle(self.end)
                continue
            entry = self.log[place]
            place += 1
            if isinstance(entry, (Begin, RowChange, Commit, Idle)) or not callable(entry):
                yield entry
            else:
                entry()

    def position_at(
        self, address: DatabaseAddress, moment: float, *, server_id: int, end: LogPosition
    ) -> LogPosition:
        """As the function of that name."""
        assert address == ADDRESS
        self.asked.append(("position at", moment, server_id, str(end)))
        return LogPosition(FILE, 42)


ADDRESS = DatabaseAddress("source.invalid", 3306, "dms", "")


class Play:
    """An engine's runs, one after another, on one source, stream and checkpoint.

    Attributes:
        source: The source.
        stream: The stream.
        events: Name and values of each event.
        heard: Called with the name of each event.
    """

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.path = folder / "task.json"
        self.stream = PlayedStream()
        self.events: list[tuple[str, Any]] = []
        self.heard: Callable[[str], object] = lambda _: None
        self._monkeypatch = monkeypatch
        self.source = PlayedSource()

    def on(self, *tables: SourceTable) -> PlayedSource:
        """The source, with these tables."""
        self.source = source = PlayedSource(*tables)
        for name in (
            *("connected", "position_at", "read_chunks", "read_log", "read_tables"),
            "selected_tables",
        ):
            self._monkeypatch.setattr(module, name, getattr(source, name))
        self._monkeypatch.setattr(module, "current_position", lambda _: source.end)
        self._monkeypatch.setattr(module, "log_files", lambda _: source.files)
        self._monkeypatch.setattr(module, "variables", lambda _: source.variables)
        return source

    def engine(
        self, deployed: DeployedTask | None = None, *, limits: Limits = NO_LIMITS, **more: Any
    ) -> Engine:
        """One that has not begun."""
        return Engine(
            deployed or task(),
            ADDRESS,
            self.stream,
            self.path,
            on_event=self._hear,
            limits=limits,
            **more,
        )

    def run(
        self, deployed: DeployedTask | None = None, *, limits: Limits = NO_LIMITS, **more: Any
    ) -> Engine:
        """One run up to where the log ends now; the stream keeps only what it takes in this run."""
        self.stream.taken.clear()
        self.stream.keys.clear()
        self.events.clear()
        self.source.asked.clear()
        engine = self.engine(deployed, limits=limits, **more)
        engine.stop_at(self.source.end)
        engine.run()
        return engine

    def _hear(self, name: str, values: Any) -> None:
        self.events.append((name, values))
        self.heard(name)

    def values_of(self, event: str) -> list[Any]:
        """Of each event of that name."""
        return [values for name, values in self.events if name == event]

    @property
    def checkpoint(self) -> Json:
        """What the file holds."""
        found: Json = json.loads(self.path.read_text())
        return found
