"""The records of the landed files, brought into DuckDB's table `events`, one file after the other.

A file's lines are kept while they are used: unpacking them once more takes as long as half of what
is done with them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb

from dms_stream.rehearsal.reconciliation.landed import LandedFile, lines_of, unpacked_bytes
from dms_stream.rehearsal.reconciliation.sql import (
    EXACT_NUMBER,
    IS_UNTOLD,
    WHOSE,
    WHOSE_LINES,
    LandedTable,
    line_reader,
    parquet_reader,
    plain_digits,
)

_LINES = "lines"
_MOST_KEPT_BYTES = 24 * 1024 * 1024
# no object holds so many: a record has 100 bytes at least, and Firehose buffers 128 MiB
_LINES_OF_A_FILE = 10_000_000
_AS_JSON = json.JSONEncoder(ensure_ascii=False).encode
_CONTROLS = "WHERE operation NOT IN ('load', 'insert', 'update', 'delete')"


@dataclass(frozen=True)
class Index:
    """What a file holds.

    Attributes:
        records: How many records.
        tables: Whose: schema and name.
    """

    records: int
    tables: frozenset[tuple[str | None, str | None]]


class RecordFiles:
    """The landed files.

    Args:
        database: Takes the tables.
        files: Copies of the objects.
        folder: For what is made of them meanwhile.
        before_image_field: Key of the row before the change; None: there is none.
    """

    def __init__(
        self,
        database: duckdb.DuckDBPyConnection,
        files: Sequence[LandedFile],
        folder: Path,
        before_image_field: str | None,
    ) -> None:
        self._database, self._files, self._folder = database, list(files), folder
        self._before_image_field = before_image_field
        self._indexed: dict[Path, Index | None] = {}

    def load(self, table: LandedTable, *, is_exact: bool) -> None:
        """Fill `events` with the history of a table, and `controls` with what emptied it.

        Args:
            table: The table.
            is_exact: Whether numbers have more digits than a double.

        Raises:
            duckdb.Error: a file does not hold one record per line.
        """
        self._database.execute(f"CREATE OR REPLACE TABLE events ({table.table_columns})")
        # one by one: each JSON file that DuckDB opens takes twice the longest line
        for number, file in enumerate(self._files):
            self._load(table, number * _LINES_OF_A_FILE, file, is_exact=is_exact)
        ((lines,),) = self._database.execute(
            f"SELECT count(*) FROM events WHERE {IS_UNTOLD}"
        ).fetchall()
        if lines:
            self._database.execute(table.tell_odd(is_exact=is_exact))
        # reading and unpacking again for them alone would take as long again
        self._database.execute(
            f"CREATE OR REPLACE TABLE controls AS SELECT operation, emitted FROM events {_CONTROLS}"
        )
        self._database.execute(f"DELETE FROM events {_CONTROLS}")

    def index_of(self, file: LandedFile) -> Index | None:
        """What a file holds; None where it is unreadable."""
        if file.path not in self._indexed:
            self._index(file, line_reader(file.path, self._before_image_field))
        return self._indexed[file.path]

    def _load(
        self, table: LandedTable, first_line: int, file: LandedFile, *, is_exact: bool
    ) -> None:
        lines = self._lines(file, for_good=not is_exact)
        if file.path not in self._indexed:
            self._index(file, lines)
        index = self._indexed[file.path]
        if index is not None and table.name not in index.tables:
            return
        if file.format == "parquet":
            reader = parquet_reader([file.path])
            described = self._database.execute(f"DESCRIBE SELECT * FROM {reader}").fetchall()
            types = {name: type_ for name, type_, *_ in described}
            events = table.events(reader, file.stem, types=types, first_line=first_line)
            self._database.execute(f"INSERT INTO events {events}")
            return
        path = self._exact_copy(file) if is_exact else file.path
        if is_exact:
            lines = line_reader(path, self._before_image_field)
        events = table.events_of_lines(lines, file.stem, first_line=first_line, is_exact=is_exact)
        self._database.execute(f"INSERT INTO events {events}")
        if is_exact:
            path.unlink()

    def _lines(self, file: LandedFile, *, for_good: bool) -> str:
        """Where the lines of a file are read: kept, where they will be read twice."""
        reader = line_reader(file.path, self._before_image_field)
        if file.format == "parquet" or file.path in self._indexed or not for_good:
            return reader
        if unpacked_bytes(file) > _MOST_KEPT_BYTES:
            return reader
        try:
            self._database.execute(f"CREATE OR REPLACE TABLE {_LINES} AS SELECT * FROM {reader}")
        except duckdb.Error:
            return reader  # it is told where they are used
        return _LINES

    def _index(self, file: LandedFile, lines: str) -> None:
        whose, reader = WHOSE_LINES, lines
        if file.format == "parquet":
            whose, reader = WHOSE, parquet_reader([file.path])
        try:
            found = self._database.execute(
                f"SELECT {whose}, count(*) FROM {reader} GROUP BY ALL"
            ).fetchall()
        except duckdb.Error:
            self._indexed[file.path] = None
            return
        self._indexed[file.path] = Index(
            sum(count for _, count in found), frozenset(tuple(names) for names, _ in found)
        )

    def _exact_copy(self, file: LandedFile) -> Path:
        """A copy whose numbers are texts: DuckDB reads numbers with a point as doubles."""
        folder = self._folder / "exact"
        folder.mkdir(exist_ok=True)
        path = folder / f"{file.stem}.json"
        with path.open("w", encoding="utf-8") as copy:
            for line in lines_of(file):
                if not line.strip():
                    # DMS may end a record in a newline, and Firehose appends one
                    continue
                document = json.loads(line, parse_float=_exact, parse_int=_exact)
                for key, value in (document.get("metadata") or {}).items():
                    if isinstance(value, str):
                        document["metadata"][key] = value.removeprefix(EXACT_NUMBER)
                copy.write(_AS_JSON(document) + "\n")
        return path


def _exact(number: str) -> str:
    return EXACT_NUMBER + plain_digits(Decimal(number))
