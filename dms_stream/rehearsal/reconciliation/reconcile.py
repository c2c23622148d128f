"""Whether the landed history of a table, replayed, equals the rows of its source.

DuckDB does the work, with explicit types. Its memory has a limit, however many rows there are.

How a history is replayed: loads come before changes; changes come in the order of the source's log
(`stream-position`, `transaction-record-id`), or else of DMS's own clock (`timestamp`); the last
record of a key is the row, and a delete leaves none. An update that changes the key leaves the old
row behind, unless the before image holds the old key: any consumer's replay would do the same.
"""

import json
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb

from dms_stream.rehearsal.reconciliation.landed import LandedFile, lines_of
from dms_stream.rehearsal.reconciliation.sql import (
    LandedTable,
    has_long_decimals,
    identifier,
    json_lines,
    json_reader,
    literal,
    old,
    parquet_reader,
    shortened,
)
from dms_stream.rehearsal.result import (
    Difference,
    DifferenceKind,
    LandedObject,
    OperationCounts,
    SourceRows,
    TableVerdict,
)

_MEMORY_MIB = 128
# each takes its own buffers
_THREADS = 2
_MOST_DIFFERENCES = 10
_AS_JSON = json.JSONEncoder(ensure_ascii=False).encode
_CONTROLS = "WHERE operation NOT IN ('load', 'insert', 'update', 'delete')"
_CLEARING = "('truncate-table', 'drop-table')"
_NO_KEY = (
    "the table has no primary key, so it is unclear which row an update or a delete belongs to: "
    "add one"
)


class Reconciliation:
    """Compares what landed with what the source holds, table by table.

        with Reconciliation(files) as reconciliation:
            verdict = reconciliation.verdict(rows, sent=counts)

    Args:
        files: Copies of the objects, without those of errors.
        before_image_field: Key of the row before the change: FieldName of the task's
            BeforeImageSettings; None: there is none.
        document_field: Key under which the columns stand in `data`: `_doc` with
            map-record-to-document; None: they stand there directly.
    """

    def __init__(
        self,
        files: Sequence[LandedFile],
        *,
        before_image_field: str | None = None,
        document_field: str | None = None,
    ) -> None:
        self._files = list(files)
        self._before_image_field = before_image_field
        self._document_field = document_field
        self._temporary = tempfile.TemporaryDirectory(prefix="dms-stream-reconciliation-")
        self._folder = Path(self._temporary.name)
        # beyond the limit DuckDB moves tables into the temporary folder; nothing is to outlive it
        self._database = duckdb.connect(":memory:")
        self._database.execute(f"SET memory_limit = '{_MEMORY_MIB}MiB'")
        self._database.execute(f"SET threads = {_THREADS}")
        self._database.execute(f"SET temp_directory = {literal(str(self._folder))}")
        self._database.execute("SET TimeZone = 'UTC'")

    def verdict(self, source: SourceRows, *, sent: OperationCounts) -> TableVerdict:
        """What became of one table.

        Args:
            source: The rows that must have landed.
            sent: What the task put on the stream for it.
        """
        source_rows = self._load_source(source)
        try:
            return self._verdict(source, source_rows, sent)
        except duckdb.Error as error:
            return TableVerdict(
                source.schema_name,
                source.table_name,
                source_rows=source_rows,
                replayed_rows=0,
                sent=sent,
                landed=OperationCounts(),
                not_compared=_explain(error),
            )

    def objects(self) -> tuple[LandedObject, ...]:
        """The objects with the number of their records; None where they cannot be read."""
        return tuple(
            LandedObject(file.key, file.bytes, self._records_of(file)) for file in self._files
        )

    def close(self) -> None:
        """Remove its files."""
        self._database.close()
        self._temporary.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _verdict(self, source: SourceRows, source_rows: int, sent: OperationCounts) -> TableVerdict:
        self._load_events(source)
        self._number_copies(source)
        counts = self._database.execute(
            "SELECT operation, count(*) FROM events WHERE copy = 1 GROUP BY ALL"
        ).fetchall()
        landed = OperationCounts(**dict(counts))
        records = self._count_of("SELECT count(*) FROM events")
        used = {path for (path,) in self._rows("SELECT DISTINCT file FROM events")}
        sizes = [file.bytes for file in self._files if _stem(file.path) in used]
        replayed, count = 0, 0
        differences: tuple[Difference, ...] = ()
        is_replayable = bool(source.primary_key) or not (landed.update or landed.delete)
        if is_replayable:
            self._replay(source)
            replayed = self._count_of("SELECT count(*) FROM replayed")
            count, differences = self._compare(source)
        return TableVerdict(
            source.schema_name,
            source.table_name,
            source_rows=source_rows,
            replayed_rows=replayed,
            sent=sent,
            landed=landed,
            duplicates=records - landed.total,
            objects=len(sizes),
            bytes=sum(sizes),
            difference_count=count,
            differences=differences,
            not_compared="" if is_replayable else _NO_KEY,
        )

    def _load_source(self, source: SourceRows) -> int:
        names = [column.name for column in source.columns]
        path = self._folder / "source.json"
        count = 0
        with path.open("w", encoding="utf-8") as file:
            for row in source.rows():
                texts = dict(zip(names, map(_text, row), strict=True))
                file.write(_AS_JSON(texts) + "\n")
                count += 1
        typed = ", ".join(
            f"CAST({identifier(column.name)} AS {column.duckdb_type}) AS {identifier(column.name)}"
            for column in source.columns
        )
        reader = json_reader([path], dict.fromkeys(names, "VARCHAR"), filename=False)
        self._database.execute(f"CREATE OR REPLACE TABLE source AS SELECT {typed} FROM {reader}")
        path.unlink()
        return count

    def _load_events(self, source: SourceRows) -> None:
        table = LandedTable(source, self._before_image_field, self._document_field)
        self._database.execute(f"CREATE OR REPLACE TABLE events ({table.table_columns})")
        is_exact = has_long_decimals(source.columns)
        # one by one: each JSON file that DuckDB opens takes twice the longest line
        for file in self._files:
            if file.format == "parquet":
                reader = parquet_reader([file.path])
                described = self._rows(f"DESCRIBE SELECT * FROM {reader}")
                self._insert(table, reader, {name: type_ for name, type_, *_ in described})
            elif is_exact:
                path = self._exact_copy(file)
                self._insert(table, table.json_reader([path]), {})
                path.unlink()
            else:
                self._insert(table, table.json_reader([file.path]), {})
        # reading and unpacking again for them alone would take as long again
        self._database.execute(
            f"CREATE OR REPLACE TABLE controls AS SELECT operation, emitted FROM events {_CONTROLS}"
        )
        self._database.execute(f"DELETE FROM events {_CONTROLS}")

    def _insert(self, table: LandedTable, reader: str, types: dict[str, str]) -> None:
        first_line = self._count_of("SELECT count(*) FROM events")
        events = table.events(reader, types=types, first_line=first_line)
        self._database.execute(f"INSERT INTO events {events}")

    def _exact_copy(self, file: LandedFile) -> Path:
        """A copy whose numbers are texts: DuckDB reads numbers with a point as doubles."""
        folder = self._folder / "exact"
        folder.mkdir(exist_ok=True)
        path = folder / f"{_stem(file.path)}.json"
        with path.open("w", encoding="utf-8") as copy:
            for line in lines_of(file):
                if not line.strip():
                    # DMS may end a record in a newline, and Firehose appends one
                    continue
                document = json.loads(line, parse_float=str, parse_int=str)
                copy.write(_AS_JSON(document) + "\n")
        return path

    def _number_copies(self, source: SourceRows) -> None:
        """Number the copies of each record: `copy` is 1 for the first, and duplicates follow."""
        key = source.primary_key or [column.name for column in source.columns]
        # With its place in the log a change is known, however often it was sent; without one, only
        # copies of the very record are. A row that was loaded again is a duplicate, too.
        has_place = "is_change AND (log_offset IS NOT NULL OR transaction_record_id IS NOT NULL)"
        is_known = f"{has_place} OR NOT is_change" if source.primary_key else has_place
        identity = ", ".join(
            [
                "operation",
                *map(identifier, key),
                *("log_file", "log_offset", "transaction_id", "transaction_record_id"),
                f"CASE WHEN {is_known} THEN NULL ELSE emitted END",
            ]
        )
        self._database.execute(
            "CREATE OR REPLACE TABLE events AS SELECT *, row_number() OVER "
            f"(PARTITION BY {identity} ORDER BY emitted, line) AS copy FROM events"
        )

    def _replay(self, source: SourceRows) -> None:
        columns = ", ".join(identifier(column.name) for column in source.columns)
        # what came before the table was emptied is gone
        alive = (
            "emitted IS NULL OR emitted >= coalesce((SELECT max(emitted) FROM controls "
            f"WHERE operation IN {_CLEARING}), TIMESTAMP '-infinity')"
        )
        if not source.primary_key:
            self._database.execute(
                f"CREATE OR REPLACE TABLE replayed AS SELECT {columns} FROM events "
                f"WHERE copy = 1 AND ({alive})"
            )
            return
        key = [identifier(name) for name in source.primary_key]
        formers = [old(name) for name in source.primary_key]
        pairs = list(zip(key, formers, strict=True))
        has_moved = " OR ".join(f"{new} IS DISTINCT FROM {former}" for new, former in pairs)
        former_key = ", ".join(f"{former} AS {new}" for new, former in pairs)
        self._database.execute(
            f"""
            CREATE OR REPLACE TABLE replayed AS
            WITH history AS (
                SELECT *, 1 AS step FROM events WHERE {alive}
                UNION ALL BY NAME
                SELECT * EXCLUDE (operation, {", ".join(key)}),
                    'delete' AS operation, {former_key}, 0 AS step
                FROM events WHERE ({alive}) AND operation = 'update' AND ({has_moved})
            )
            SELECT {columns} FROM (
                SELECT * FROM history
                QUALIFY row_number() OVER (
                    PARTITION BY {", ".join(key)}
                    ORDER BY is_change DESC, log_file DESC, log_offset DESC,
                        transaction_record_id DESC, emitted DESC, line DESC, step DESC
                ) = 1
            )
            WHERE operation <> 'delete'
            """
        )

    def _compare(self, source: SourceRows) -> tuple[int, tuple[Difference, ...]]:
        if not source.primary_key:
            return self._compare_bags(source)
        names = [column.name for column in source.columns]
        key = [identifier(name) for name in source.primary_key]
        other_names = [name for name in names if name not in source.primary_key]
        others = [identifier(name) for name in other_names]
        same_key = " AND ".join(f"s.{name} IS NOT DISTINCT FROM r.{name}" for name in key)
        changed = "".join(f" OR s.{name} IS DISTINCT FROM r.{name}" for name in others)
        sides = ["s.present IS NULL", "r.present IS NULL"]
        sides += [f"CAST(coalesce(s.{name}, r.{name}) AS VARCHAR)" for name in key]
        sides += [f"CAST(s.{name} AS VARCHAR)" for name in others]
        sides += [f"CAST(r.{name} AS VARCHAR)" for name in others]
        joined = (
            "FROM (SELECT *, true AS present FROM source) s "
            f"FULL JOIN (SELECT *, true AS present FROM replayed) r ON {same_key} "
            f"WHERE s.present IS NULL OR r.present IS NULL{changed}"
        )
        count = self._count_of(f"SELECT count(*) {joined}")
        if not count:
            return 0, ()
        order = ", ".join(f"coalesce(s.{name}, r.{name})" for name in key)
        found = []
        for is_unexpected, is_missing, *values in self._rows(
            f"SELECT {', '.join(sides)} {joined} ORDER BY {order} LIMIT {_MOST_DIFFERENCES}"
        ):
            kind: DifferenceKind = (
                "unexpected" if is_unexpected else "missing" if is_missing else "different"
            )
            landed = values[len(key) + len(others) :]
            pairs = zip(other_names, values[len(key) :], landed, strict=False)
            found.append(
                Difference(
                    key=dict(zip(source.primary_key, values, strict=False)),
                    kind=kind,
                    columns={name: (one, other) for name, one, other in pairs if one != other}
                    if kind == "different"
                    else {},
                )
            )
        return count, tuple(found)

    def _compare_bags(self, source: SourceRows) -> tuple[int, tuple[Difference, ...]]:
        names = [column.name for column in source.columns]
        columns = ", ".join(identifier(name) for name in names)
        texts = ", ".join(f"CAST({identifier(name)} AS VARCHAR)" for name in names)
        found: list[Difference] = []
        total = 0
        sides: tuple[tuple[DifferenceKind, str, str], ...] = (
            ("missing", "source", "replayed"),
            ("unexpected", "replayed", "source"),
        )
        for kind, one, other in sides:
            rest = f"(SELECT {columns} FROM {one} EXCEPT ALL SELECT {columns} FROM {other})"
            total += self._count_of(f"SELECT count(*) FROM {rest}")
            found += [
                Difference(dict(zip(names, row, strict=True)), kind)
                for row in self._rows(
                    f"SELECT {texts} FROM {rest} ORDER BY ALL LIMIT {_MOST_DIFFERENCES}"
                )
            ]
        return total, tuple(found[:_MOST_DIFFERENCES])

    def _records_of(self, file: LandedFile) -> int | None:
        reader = json_lines(file.path) if file.format == "json" else parquet_reader([file.path])
        try:
            return self._count_of(f"SELECT count(*) FROM {reader}")
        except duckdb.Error:
            return None

    def _count_of(self, query: str) -> int:
        ((count,),) = self._rows(query)
        return int(count)

    def _rows(self, query: str) -> Iterable[tuple[Any, ...]]:
        return self._database.execute(query).fetchall()


def _stem(path: Path) -> str:
    return path.name.partition(".")[0]


def _text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return shortened(str(value))


def _explain(error: duckdb.Error) -> str:
    first = str(error).strip().splitlines()[0]
    if "Malformed JSON" in first:
        return (
            f"an object does not hold one record per line: {first}. Let Firehose append newlines "
            "(newline_delimiter: true) and DMS write one line per record (message_format: "
            "json-unformatted)"
        )
    return f"the landed records do not have the expected types: {first}"
