"""Whether the landed history of a table, replayed, equals the rows of its source.

DuckDB does the work, with explicit types. Its memory has a limit, however many rows there are.

How a history is replayed: loads come before changes; changes come in the order of the source's log
(`stream-position`, `transaction-record-id`), or else of DMS's own clock (`timestamp`); the last
record of a key is the row, and a delete leaves none. An update that changes the key leaves the old
row behind, unless the before image holds the old key: any consumer's replay would do the same.

The comparison is exact: a record must hold what DMS writes for a row, so `"30"` or 30.4 for an
integer, or a column that no rule makes, is a difference.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

from dms_stream.rehearsal.reconciliation.landed import LandedFile
from dms_stream.rehearsal.reconciliation.record_files import RecordFiles
from dms_stream.rehearsal.reconciliation.scratch_database import ScratchDatabase
from dms_stream.rehearsal.reconciliation.sql import (
    LandedTable,
    csv_reader,
    is_by_digits,
    json_reader,
    literal,
    odd_note,
    odd_values,
    old_name,
    plain_digits,
    rendered_value,
    shortened,
    stored_type,
    value_name,
)
from dms_stream.rehearsal.result import (
    Column,
    Difference,
    DifferenceKind,
    LandedObject,
    OperationCounts,
    SourceRows,
    TableVerdict,
)
from dms_stream.rehearsal.source.rendered_rows import NotRenderedError

_Key = tuple[str, Sequence[str]]
"""Since when, and the names of its columns."""

_MOST_DIFFERENCES = 10
_IN_QUOTES = ("DATE", "TIMESTAMP", "VARCHAR")
_AS_JSON = json.JSONEncoder(ensure_ascii=False).encode
# after every record
_LATEST = "9999-12-31T00:00:00Z"
_CLEARING = "('truncate-table', 'drop-table')"
_NO_KEY = (
    "the table has no primary key, so it is unclear which row an update or a delete belongs to: "
    "add one"
)

_SHARED_KEYS = (
    "several of its rows in the source have the same key, so no reader of the records can tell "
    "them apart. Where tables become one, add a column with $AR_M_SOURCE_SCHEMA or "
    "$AR_M_SOURCE_TABLE_NAME and name it in a define-primary-key rule"
)


@dataclass(frozen=True)
class History:
    """What the task knows of a table's records beside the records.

    Attributes:
        other_names: Names in `data` that are right without being compared.
        keys: The keys of the table since a moment of DMS's clock (`2024-01-31T10:00:00.000000Z`),
            in order; the first since ever. Empty: the key that the source has now.
        run_starts: When each run of the task began. What a killed run had sent behind its last
            checkpoint is sent again by the next one.
    """

    other_names: Iterable[str] = ()
    keys: Sequence[tuple[str, Sequence[str]]] = ()
    run_starts: Sequence[str] = ()


NO_HISTORY = History()


class Reconciliation(ScratchDatabase):
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
        super().__init__("reconciliation")
        self._landed = list(files)
        self._before_image_field = before_image_field
        self._document_field = document_field
        self._has_types = any(file.format == "parquet" for file in self._landed)
        self._files = RecordFiles(self.database, self._landed, self.folder, before_image_field)

    def verdict(
        self, source: SourceRows, *, sent: OperationCounts, history: History = NO_HISTORY
    ) -> TableVerdict:
        """What became of one table.

        Args:
            source: The rows that must have landed.
            sent: What the task put on the stream for it.
            history: What else the task knows of it.
        """
        source_rows = self._load_source(source)
        try:
            return self._verdict(source, source_rows, sent, history)
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
            LandedObject(file.key, file.bytes, index.records if index else None)
            for file, index in ((file, self._files.index_of(file)) for file in self._landed)
        )

    def _verdict(
        self, source: SourceRows, source_rows: int, sent: OperationCounts, history: History
    ) -> TableVerdict:
        table = _Table(source, history, self._is_ambiguous(source))
        self._load_events(table)
        self._number_copies(table)
        counts = self.database.execute(
            "SELECT operation, count(*) FROM events WHERE copy = 1 GROUP BY ALL"
        ).fetchall()
        landed = OperationCounts(**dict(counts))
        landed_before = self._landed_before(table)
        records = self._count_of("SELECT count(*) FROM events")
        used = {path for (path,) in self._rows("SELECT DISTINCT file FROM events")}
        sizes = [file.bytes for file in self._landed if file.stem in used]
        replayed, count = 0, 0
        differences: tuple[Difference, ...] = ()
        why_not = self._replay(table)
        if not why_not:
            replayed = self._count_of("SELECT count(*) FROM replayed")
            count, differences = self._compare(table)
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
            not_compared=why_not,
            landed_before=landed_before,
        )

    def _landed_before(self, table: "_Table") -> OperationCounts:
        if len(table.run_starts) < 2:
            return OperationCounts()
        counts = self._rows(
            "SELECT operation, count(*) FROM events WHERE copy = 1 AND emitted < TIMESTAMP "
            f"{literal(table.run_starts[-1])} GROUP BY ALL"
        )
        return OperationCounts(**dict(counts))

    def _load_source(self, source: SourceRows) -> int:
        lines = source.rendered()
        if lines is not None:
            try:
                return self._load_rendered(source, lines)
            except (NotRenderedError, duckdb.Error):
                # row by row, where what cannot be compared is told by its name
                pass
        return self._load_rows(source)

    def _load_rows(self, source: SourceRows) -> int:
        columns = list(source.columns)
        names = [value_name(place) for place in range(len(columns))]
        texts_of = [_text_of(column, self._has_types) for column in columns]
        path = self.folder / "source.json"
        count = 0
        with path.open("w", encoding="utf-8") as file:
            for row in source.rows():
                given = zip(texts_of, row, strict=True)
                texts = dict(zip(names, (text(value) for text, value in given), strict=True))
                file.write(_AS_JSON(texts) + "\n")
                count += 1
        typed = ", ".join(
            f"CAST({name} AS {stored_type(column)}) AS {name}"
            for name, column in zip(names, columns, strict=True)
        )
        reader = json_reader(path, dict.fromkeys(names, "VARCHAR"))
        self.database.execute(f"CREATE OR REPLACE TABLE source AS SELECT {typed} FROM {reader}")
        path.unlink()
        return count

    def _load_rendered(self, source: SourceRows, lines: Iterable[bytes]) -> int:
        path = self.folder / "source.csv"
        try:
            with path.open("wb") as file:
                file.writelines(lines)
            names = {value_name(place): column for place, column in enumerate(source.columns)}
            typed = ", ".join(rendered_value(name, column) for name, column in names.items())
            self.database.execute(
                f"CREATE OR REPLACE TABLE source AS SELECT {typed} FROM {csv_reader(path, names)}"
            )
        finally:
            path.unlink(missing_ok=True)
        return self._count_of("SELECT count(*) FROM source")

    def _is_ambiguous(self, source: SourceRows) -> bool:
        """Whether several rows have one key, such as those of tables that become one."""
        names = [column.name for column in source.columns]
        key = ", ".join(value_name(names.index(name)) for name in source.primary_key)
        if not key:
            return False
        return self._count_of(f"SELECT count(*) - count(DISTINCT ({key})) FROM source") > 0

    def _load_events(self, table: "_Table") -> None:
        landed = LandedTable(
            table.source,
            [*table.columns, *table.former_columns],
            table.key_places,
            table.history.other_names,
            self._before_image_field,
            self._document_field,
        )
        self._files.load(landed, is_exact=any(map(is_by_digits, table.columns)))

    def _number_copies(self, table: "_Table") -> None:
        """Number the copies of each record: `copy` is 1 for the first, and duplicates follow."""
        is_keyed = bool(table.primary_key)
        key = [value_name(place) for place in range(len(table.columns))]
        if is_keyed:
            key = [
                # a column that was no part of the key then says nothing
                f"CASE WHEN {table.time_of(place)} THEN {value_name(place)} END"
                for place in table.key_places
            ]
        # With its place in the log a change is known, however often it was sent. Without one, it is
        # the same as the change in the same place among its transaction's changes of this key that
        # another run of the task sent. A row that was loaded again is a duplicate, too.
        has_place = "is_change AND (log_offset IS NOT NULL OR transaction_record_id IS NOT NULL)"
        is_known = f"{has_place} OR NOT is_change" if is_keyed else has_place
        runs = " + ".join(
            ["0", *(f"(emitted >= TIMESTAMP {literal(at)})::INT" for at in table.run_starts)]
        )
        known = ["operation", *key, "log_file", "log_offset"]
        known += ["transaction_id", "transaction_record_id"]
        of_transaction = "is_change AND transaction_id IS NOT NULL"
        # few have copies, so that the table is not written anew
        self.database.execute(
            "CREATE OR REPLACE TABLE copies AS WITH of_runs AS ("
            f"SELECT *, rowid AS place, CASE WHEN {is_known} THEN 0 WHEN {of_transaction} THEN "
            f"dense_rank() OVER (PARTITION BY {', '.join(known)}, {runs} ORDER BY emitted) "
            "END AS turn, "
            f"CASE WHEN {is_known} OR ({of_transaction}) THEN NULL ELSE emitted END AS moment "
            "FROM events) SELECT place, row_number() OVER "
            f"(PARTITION BY {', '.join(known)}, turn, moment ORDER BY emitted, line) AS copy "
            "FROM of_runs QUALIFY copy > 1"
        )
        self.database.execute("ALTER TABLE events ADD COLUMN copy BIGINT DEFAULT 1")
        self.database.execute(
            "UPDATE events SET copy = copies.copy FROM copies WHERE events.rowid = copies.place"
        )

    def _replay(self, table: "_Table") -> str:
        """Replay the history into `replayed`; returns why that is impossible, or nothing."""
        count = len(table.columns) + len(table.former_columns)
        columns = ", ".join([*map(value_name, range(count)), "odd"])
        # what came before the table was emptied is gone
        alive = (
            "(emitted IS NULL OR emitted >= coalesce((SELECT max(emitted) FROM "
            f"controls WHERE operation IN {_CLEARING}), TIMESTAMP '-infinity'))"
        )
        self.database.execute(
            f"CREATE OR REPLACE TABLE replayed AS SELECT {columns} FROM events WHERE false"
        )
        former: Sequence[int] = ()
        for places, time in table.times:
            now = f"{alive} AND {time}"
            self._rename_key(table, former, places)
            former = places
            if not places:
                changes = "operation IN ('update', 'delete')"
                if self._count_of(f"SELECT count(*) FROM events WHERE {now} AND {changes}"):
                    return _SHARED_KEYS if table.is_ambiguous else _NO_KEY
                self.database.execute(
                    f"INSERT INTO replayed SELECT {columns} FROM events WHERE {now} AND copy = 1"
                )
                continue
            self._replay_by(places, columns, now)
        return ""

    def _rename_key(self, table: "_Table", former: Sequence[int], places: Sequence[int]) -> None:
        """Let the rows of before a rename of the key's columns be known by the new names.

        The records of before have only the old name, which stays a difference until another
        record of the row comes.
        """
        columns = [*table.columns, *table.former_columns]
        gone = [place for place in former if place >= len(table.columns)]
        come = [place for place in places if place not in former]
        for old, new in zip(gone, come, strict=False):
            note = odd_note(columns[new].name, f"null: it was called {columns[old].name}")
            self.database.execute(
                f"UPDATE replayed SET {value_name(new)} = "
                f"TRY_CAST({value_name(old)} AS {stored_type(columns[new])}), "
                f"odd = {literal(note)} WHERE {value_name(new)} IS NULL"
            )

    def _replay_by(self, places: Sequence[int], columns: str, alive: str) -> None:
        pairs = [(value_name(place), old_name(place)) for place in places]
        has_moved = " OR ".join(f"{new} IS DISTINCT FROM {former}" for new, former in pairs)
        former_key = ", ".join(f"{former} AS {new}" for new, former in pairs)
        key = ", ".join(new for new, _ in pairs)
        self.database.execute(
            f"""
            CREATE OR REPLACE TABLE replayed AS
            WITH history AS (
                SELECT *, 1 AS step FROM events WHERE {alive}
                UNION ALL BY NAME
                SELECT * EXCLUDE (operation, {key}),
                    'delete' AS operation, {former_key}, 0 AS step
                FROM events WHERE ({alive}) AND operation = 'update' AND ({has_moved})
                UNION ALL BY NAME
                SELECT *, 'load' AS operation, false AS is_change, 0 AS step FROM replayed
            )
            SELECT {columns} FROM (
                SELECT * FROM history
                QUALIFY row_number() OVER (
                    PARTITION BY {key}
                    ORDER BY is_change DESC, log_file DESC, log_offset DESC,
                        transaction_record_id DESC, emitted DESC, line DESC, step DESC
                ) = 1
            )
            WHERE operation <> 'delete'
            """
        )

    def _compare(self, table: "_Table") -> tuple[int, tuple[Difference, ...]]:
        if not table.primary_key:
            return self._compare_bags(table)
        names = [column.name for column in table.columns]
        key_names = list(table.primary_key)
        key = [value_name(table.places[name]) for name in key_names]
        other_names = [name for name in names if name not in key_names]
        others = [value_name(table.places[name]) for name in other_names]
        same_key = " AND ".join(f"s.{name} IS NOT DISTINCT FROM r.{name}" for name in key)
        changed = "".join(f" OR s.{name} IS DISTINCT FROM r.{name}" for name in others)
        sides = ["s.present IS NULL", "r.present IS NULL", "r.odd"]
        sides += [f"CAST(coalesce(s.{name}, r.{name}) AS VARCHAR)" for name in key]
        sides += [f"CAST(s.{name} AS VARCHAR)" for name in others]
        sides += [f"CAST(r.{name} AS VARCHAR)" for name in others]
        joined = (
            "FROM (SELECT *, true AS present FROM source) s "
            f"FULL JOIN (SELECT *, true AS present FROM replayed) r ON {same_key} "
            "WHERE s.present IS NULL OR r.present IS NULL OR r.odd IS NOT NULL"
            f"{changed}"
        )
        count = self._count_of(f"SELECT count(*) {joined}")
        if not count:
            return 0, ()
        order = ", ".join(f"coalesce(s.{name}, r.{name})" for name in key)
        found = []
        for is_unexpected, is_missing, odd, *values in self._rows(
            f"SELECT {', '.join(sides)} {joined} ORDER BY {order} LIMIT {_MOST_DIFFERENCES}"
        ):
            kind: DifferenceKind = (
                "unexpected" if is_unexpected else "missing" if is_missing else "different"
            )
            known = dict(zip(key_names, values, strict=False))
            landed = values[len(key) + len(others) :]
            pairs = zip(other_names, values[len(key) :], landed, strict=False)
            columns: dict[str, tuple[str | None, str | None]] = {}
            if kind == "different":
                sources = {**known, **dict(zip(other_names, values[len(key) :], strict=False))}
                columns = {name: (one, other) for name, one, other in pairs if one != other}
                columns |= {
                    name: (table.in_json(name, sources.get(name)), value)
                    for name, value in odd_values(odd).items()
                }
            found.append(Difference(key=known, kind=kind, columns=columns))
        return count, tuple(found)

    def _compare_bags(self, table: "_Table") -> tuple[int, tuple[Difference, ...]]:
        names = [column.name for column in table.columns]
        columns = ", ".join(value_name(place) for place in range(len(names)))
        texts = ", ".join(f"CAST({value_name(p)} AS VARCHAR)" for p in range(len(names)))
        found: list[tuple[dict[str, str | None], DifferenceKind]] = []
        odd_names: set[str] = set()
        total = 0
        source = f"SELECT {columns}, NULL::VARCHAR AS odd FROM source"
        replayed = f"SELECT {columns}, odd FROM replayed"
        sides: tuple[tuple[DifferenceKind, str, str], ...] = (
            ("missing", source, replayed),
            ("unexpected", replayed, source),
        )
        for kind, one, other in sides:
            rest = f"({one} EXCEPT ALL {other})"
            total += self._count_of(f"SELECT count(*) FROM {rest}")
            for odd, *row in self._rows(
                f"SELECT odd, {texts} FROM {rest} ORDER BY ALL LIMIT {_MOST_DIFFERENCES}"
            ):
                odd_names |= odd_values(odd).keys()
                found.append((dict(zip(names, row, strict=True)) | odd_values(odd), kind))
        # the rows of the source, too, in JSON where it is the JSON that differs
        return total, tuple(
            Difference(
                {
                    name: table.in_json(name, value)
                    if kind == "missing" and name in odd_names
                    else value
                    for name, value in key.items()
                },
                kind,
            )
            for key, kind in found[:_MOST_DIFFERENCES]
        )

    def _count_of(self, query: str) -> int:
        ((count,),) = self._rows(query)
        return int(count)

    def _rows(self, query: str) -> Iterable[tuple[Any, ...]]:
        return self.database.execute(query).fetchall()


def _times(keys: Sequence[_Key]) -> Iterator[tuple[Sequence[str], str]]:
    """Each key, and the condition for the records of its time."""
    ends = [*(since for since, _ in keys[1:]), None]
    for (since, names), end in zip(keys, ends, strict=True):
        now = f"emitted >= TIMESTAMP {literal(since)}" if since else "true"
        if end is not None:
            now += f" AND (emitted IS NULL OR emitted < TIMESTAMP {literal(end)})"
        yield names, now


class _Table:
    """One table, with the places of its columns."""

    def __init__(self, source: SourceRows, history: History, is_ambiguous: bool) -> None:
        self.source, self.history, self.is_ambiguous = source, history, is_ambiguous
        self.name = (source.schema_name, source.table_name)
        self.primary_key = () if is_ambiguous else tuple(source.primary_key)
        self.columns = list(source.columns)
        self.places = {column.name: place for place, column in enumerate(self.columns)}
        self.former_columns: list[Column] = []
        given = () if is_ambiguous else history.keys
        keys: list[_Key] = [(since, tuple(names)) for since, names in given]
        now = self.primary_key
        if not keys or keys[-1][1] != now:
            keys = [*keys, (_LATEST if keys else "", now)]
        followed = self._followed(keys)
        self.times = [
            ([self.places[name] for name in names], time)
            for names, time in _times([("", followed[0][1]), *followed[1:]])
        ]
        self.key_places = sorted({place for places, _ in self.times for place in places})
        self.run_starts = history.run_starts

    def time_of(self, place: int) -> str:
        """The condition for the records in whose time a column belonged to the key, if any did."""
        times = (now for places, now in self.times if place in places or not places)
        return " OR ".join(f"({now})" for now in times)

    def in_json(self, name: str, text: str | None) -> str | None:
        """A value of the source beside one whose JSON is shown: a text has its quotes."""
        column = self.columns[self.places[name]] if name in self.places else None
        is_text = column and column.is_text and column.duckdb_type in _IN_QUOTES
        return f'"{text}"' if is_text and text is not None else text

    def _followed(self, keys: Sequence[_Key]) -> list[_Key]:
        """The keys that can be followed to the last one, which all records have.

        A column that is gone and has another one in its place in the next key was renamed: it is
        read, too. A key without such a one was left before the last one.
        """
        found = [keys[-1]]
        for since, names in reversed(keys[:-1]):
            gone = [name for name in names if name not in self.places]
            if gone and len(names) != len(found[0][1]):
                continue
            for name in gone:
                self.places[name] = len(self.columns) + len(self.former_columns)
                # as text: nobody knows its type any more
                self.former_columns.append(Column(name, "VARCHAR", is_text=False))
            found.insert(0, (since, names))
        return found


def _text_of(column: Column, has_types: bool) -> Callable[[object], str | None]:
    """How the values of a column become texts for DuckDB."""
    is_json = column.duckdb_type == "JSON"
    digits = is_by_digits(column) and not (is_json and has_types)
    quote = '"' if is_json and not has_types else ""

    def text(value: object) -> str | None:
        if value is None:
            return None
        if isinstance(value, str):
            return quote + shortened(value) + quote
        if isinstance(value, bool):
            return "true" if value else "false"
        if digits and isinstance(value, int | Decimal):
            return plain_digits(Decimal(value))
        return shortened(str(value))

    return text


def _explain(error: duckdb.Error) -> str:
    first = str(error).strip().splitlines()[0]
    if "Malformed JSON" in first:
        return (
            f"an object does not hold one record per line: {first}. Let Firehose append newlines "
            "(newline_delimiter: true) and DMS write one line per record (message_format: "
            "json-unformatted)"
        )
    return f"the landed records do not have the expected types: {first}"
