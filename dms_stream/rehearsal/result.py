"""What a rehearsal found out: filled in by the command, read by the reports.

Everything is plain and frozen, and counts what is there; nothing here reads a clock, a database or
AWS. The verdict is derived (`RehearsalResult.passed`), never stored beside what it comes from.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol

CheckOutcome = Literal["pass", "warn", "fail"]
RecordKind = Literal["load", "insert", "update", "delete", "control"]
DifferenceKind = Literal["missing", "unexpected", "different"]


@dataclass(frozen=True)
class Check:
    """One thing that was checked.

    Attributes:
        name: What was checked: `binlog_format is ROW`.
        outcome: `pass`, `warn` (it works, but look at it) or `fail`.
        detail: What was found.
        fix: What to do about it; empty if there is nothing to do.
        group: Heading under which the report shows it: `source`, `delivery`, `reconciliation`, …
    """

    name: str
    outcome: CheckOutcome
    detail: str = ""
    fix: str = ""
    group: str = "rehearsal"


@dataclass(frozen=True)
class Column:
    """A column of the rows that are compared.

    Attributes:
        name: Its key in the record's `data`: the name after all transformation rules.
        duckdb_type: DuckDB's type in which both sides are compared: `BIGINT`, `DECIMAL(10,2)`,
            `VARCHAR`, `TIMESTAMP`, `DOUBLE`, … Both sides are cast to it from their text.
            `NUMBER` is ours: any number, compared by its digits. `JSON`, too: any value, where a
            number is by its digits and no text.
        is_text: Of a VARCHAR: whether it is text in the record, too. An attribute that a rule
            makes may be any JSON.
    """

    name: str
    duckdb_type: str
    is_text: bool = True


class SourceRows(Protocol):
    """The rows that must have landed, of one table: what the source holds now, as DMS writes it.

    Names and values are those of the target: after filters, renames, masks and type mapping. So
    a value is that in `data` of the record (`12.30`, `"2024-01-31T10:00:00Z"`, `null`).
    """

    @property
    def schema_name(self) -> str:
        """`metadata["schema-name"]` of the table's records."""

    @property
    def table_name(self) -> str:
        """`metadata["table-name"]` of the table's records."""

    @property
    def columns(self) -> Sequence[Column]:
        """The columns to compare, in the order of the tuples."""

    @property
    def primary_key(self) -> Sequence[str]:
        """Names of the key's columns; empty where the table has none."""

    def rows(self) -> Iterator[tuple[object, ...]]:
        """The rows, in any order, read once: values are None, bool, int, Decimal, float or str.

        A date or time is the text that DMS writes.
        """

    def rendered(self) -> Iterator[bytes] | None:
        """The same rows as lines of CSV, which is quicker; None: they are read one by one.

        Raises:
            NotRenderedError: (from what is returned) they must be read one by one after all.
        """


@dataclass(frozen=True)
class OperationCounts:
    """Records of a table by operation."""

    load: int = 0
    insert: int = 0
    update: int = 0
    delete: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.load + self.insert + self.update + self.delete

    def without(self, others: "OperationCounts") -> "OperationCounts":
        """What remains of them, never less than nothing."""
        return OperationCounts(
            load=max(0, self.load - others.load),
            insert=max(0, self.insert - others.insert),
            update=max(0, self.update - others.update),
            delete=max(0, self.delete - others.delete),
        )


@dataclass(frozen=True)
class Difference:
    """A row that is not the same in the source and in the replayed history.

    Attributes:
        key: Its primary key, by column name; the whole row where the table has no key.
        kind: `missing` (in the source, not landed), `unexpected` (landed, not in the source) or
            `different`.
        columns: Of a row that is different: column → (value in the source, value landed).
    """

    key: dict[str, str | None]
    kind: DifferenceKind
    columns: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)


@dataclass(frozen=True)
class TableVerdict:
    """What became of one table.

    Attributes:
        schema_name: Name of its schema in the records.
        table_name: Its name in the records.
        source_rows: Rows that the source holds now.
        replayed_rows: Rows that remain after the landed history is replayed.
        sent: Records that the task put on the stream. One that was put twice after a crash may
            be counted once or twice.
        landed: Records found in the bucket, each counted once: without the duplicates.
        landed_before: Those of them that earlier runs of the task had sent.
        duplicates: Records that landed more than once: delivery is at least once.
        objects: Objects that hold records of this table.
        bytes: Their size; an object that holds several tables counts for each.
        difference_count: Rows that differ; 0 is the aim.
        differences: The first few of them, by key.
        not_compared: Why rows could not be compared; empty where they were.
    """

    schema_name: str
    table_name: str
    source_rows: int
    replayed_rows: int
    sent: OperationCounts
    landed: OperationCounts
    duplicates: int = 0
    objects: int = 0
    bytes: int = 0
    difference_count: int = 0
    differences: tuple[Difference, ...] = ()
    not_compared: str = ""
    landed_before: OperationCounts = OperationCounts()

    @property
    def moved(self) -> OperationCounts:
        """The records that this run sent and that landed."""
        return self.landed.without(self.landed_before)

    @property
    def name(self) -> str:
        """`schema.table`."""
        return f"{self.schema_name}.{self.table_name}"

    @property
    def passed(self) -> bool:
        """Whether the replayed history equals the source and nothing that was sent is missing."""
        return (
            self.difference_count == 0
            and not self.not_compared
            and self.source_rows == self.replayed_rows
            and not self.missing.total
        )

    @property
    def missing(self) -> OperationCounts:
        """Records that were sent and have not landed."""
        return self.sent.without(self.landed)


@dataclass(frozen=True)
class SampleRecord:
    """A record as it landed.

    Attributes:
        kind: `load`, `insert`, `update`, `delete` or `control`.
        key: Object it was found in.
        text: The record, as it stands in the object.
    """

    kind: RecordKind
    key: str
    text: str


@dataclass(frozen=True)
class LandedObject:
    """An object in the bucket.

    Attributes:
        key: Its name.
        bytes: Its size.
        records: Records in it; None where they were not counted.
    """

    key: str
    bytes: int
    records: int | None = None


@dataclass(frozen=True)
class Phase:
    """A part of the rehearsal that was timed: `full load`, `changes`, `reconciliation`, …

    Attributes:
        name: What was done.
        wall: How long it took.
        records: Records or rows it moved; 0 where it moved none.
    """

    name: str
    wall: timedelta
    records: int

    @property
    def records_per_second(self) -> float:
        """Its rate; 0 where it moved nothing."""
        seconds = self.wall.total_seconds()
        return self.records / seconds if seconds and self.records else 0.0


@dataclass(frozen=True)
class Sample:
    """A measurement at one moment.

    Attributes:
        at: Time since the rehearsal's start.
        value: In the unit of the series.
    """

    at: timedelta
    value: float


@dataclass(frozen=True)
class Series:
    """Measurements over time, plotted in the report.

    Attributes:
        name: Its legend: `sent`, `delivered`, …
        samples: In chronological order.
    """

    name: str
    samples: tuple[Sample, ...]


@dataclass(frozen=True)
class Announced:
    """What a review of a plan said about interruption or loss, and what was seen of it.

    Attributes:
        rule: Id of the review's rule.
        severity: The review's word: `interruption`, `data-loss`, …
        address: What it happens to.
        what: What the review said.
        observed: What happened.
        agrees: Whether that is what was said; None where this machine cannot tell.
    """

    rule: str
    severity: str
    address: str
    what: str
    observed: str
    agrees: bool | None


@dataclass(frozen=True)
class Version:
    """Another version of the settings, deployed while changes kept coming.

    Attributes:
        settings: Its file.
        deployed: How long its deployment took.
        announced: What the review of its plan said, and what was seen of it.
        unannounced: What happened that the review did not say: one sentence each.
        happened: What was measured, as name → value.
        tables: The verdicts after it.
        quiet: Resources that the plan changed and the review had nothing to say about.
    """

    settings: str
    deployed: timedelta
    announced: tuple[Announced, ...]
    unannounced: tuple[str, ...]
    happened: dict[str, str]
    tables: tuple[TableVerdict, ...] = ()
    quiet: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether what happened is what was announced, and nothing else was lost."""
        return not self.unannounced and all(each.agrees is not False for each in self.announced)


@dataclass(frozen=True)
class RehearsalResult:
    """All that one rehearsal found out.

    Attributes:
        environment: Name of the environment.
        pipeline: Name of the pipeline.
        started: When, with a time zone.
        wall: How long all of it took.
        source: The database, without credentials: `MariaDB 10.11 on 127.0.0.1:40123`.
        stream: Name of the Kinesis stream.
        delivery_stream: Name of the Firehose delivery stream.
        bucket: Name of the bucket.
        settings: What was read back from AWS and rehearsed, as name → value, so that readers
            recognize their own: buffering, compression, prefix, message format, …
        checks: In the order in which they were made.
        tables: One verdict per table.
        samples: One record of each kind, where there was one.
        objects: The bucket's objects below the delivery's prefixes; errors included.
        phases: In order.
        throughput: Series in records per second.
        latency: Series in seconds: from the record's arrival on the stream to its object in S3.
        bytes_per_record: Mean size of the records that this run put on the stream; 0: it put none.
        remarks: Sentences on what this rehearsal does not show: settings that are accepted and
            have no effect here.
        versions: Other versions of the settings that were deployed afterwards, in order.
    """

    environment: str
    pipeline: str
    started: datetime
    wall: timedelta
    source: str
    stream: str
    delivery_stream: str
    bucket: str
    settings: dict[str, str] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    tables: tuple[TableVerdict, ...] = ()
    samples: tuple[SampleRecord, ...] = ()
    objects: tuple[LandedObject, ...] = ()
    phases: tuple[Phase, ...] = ()
    throughput: tuple[Series, ...] = ()
    latency: tuple[Series, ...] = ()
    remarks: tuple[str, ...] = ()
    bytes_per_record: int = 0
    versions: tuple[Version, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every table equals its source and no check failed; false where nothing ran.

        And where other versions were deployed: whether what happened is what was announced.
        """
        return (
            bool(self.tables)
            and all(table.passed for table in self.tables)
            and all(check.outcome != "fail" for check in self.checks)
            and all(version.agrees for version in self.versions)
        )
