"""Whether the deployed views of a table's current rows show the rows that its source has."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from dms_stream.rehearsal.errors import RehearsalError
from dms_stream.rehearsal.reconciliation.landed import LandedFile
from dms_stream.rehearsal.reconciliation.sql import identifier, json_reader
from dms_stream.rehearsal.result import Check, SourceRows
from dms_stream.rehearsal.views.athena import DeployedCatalog, DeployedView, Lake

_SHOWN_ROWS = 3
# DuckDB reads a number of more digits from JSON text as the nearest double
_EXACT_DIGITS = 15
_GROUP = "views"
_FIX = (
    "compare data_catalog.tables with the source's columns and key: `dms-stream catalog` writes "
    "them anew"
)


def check_views(
    catalog: DeployedCatalog, files: Sequence[LandedFile], sources: Sequence[SourceRows]
) -> list[Check]:
    """One check for each view: its rows against the source's, read anew.

    Args:
        catalog: The Glue database as deployed.
        files: Copies of the objects, without those of errors.
        sources: The tables, each with the rows that must have landed.
    """
    viewed = [
        (source, catalog.views[source.schema_name, source.table_name])
        for source in sources
        if (source.schema_name, source.table_name) in catalog.views
    ]
    if not viewed:
        return []
    try:
        with Lake(catalog, files) as lake:
            return [_check(lake, source, view) for source, view in viewed]
    except (RehearsalError, duckdb.Error, ValueError) as error:
        return [Check("the views can be evaluated", "fail", str(error), _FIX, _GROUP)]


def _check(lake: Lake, source: SourceRows, view: DeployedView) -> Check:
    name = f"the view {view.name} shows the rows of {source.schema_name}.{source.table_name}"
    try:
        shown = lake.create_view(view)
        types = {
            row[0].lower(): str(row[1])
            for row in lake.database.execute(f"DESCRIBE {shown}").fetchall()
        }
        columns = {column.name.lower(): place for place, column in enumerate(source.columns)}
        common = [column for column in types if column in columns]
        count = _load(lake, source, {column: columns[column] for column in common})
        wanted = ", ".join(
            _compared(column, source.columns[columns[column]].duckdb_type) for column in common
        )
        view_rows, source_rows = f"SELECT {wanted} FROM {shown}", f"SELECT {wanted} FROM source"
        missing = _rest(lake, source_rows, view_rows)
        unexpected = _rest(lake, view_rows, source_rows)
    except (RehearsalError, duckdb.Error) as error:
        return Check(name, "fail", f"it cannot be evaluated: {error}", _FIX, _GROUP)
    if missing[0] or unexpected[0]:
        examples = [
            f"{what} such as {'; '.join(rows)}"
            for what, (number, rows) in (("missing", missing), ("unexpected", unexpected))
            if number
        ]
        detail = f"{missing[0]:,} of {count:,} rows are missing and {unexpected[0]:,} unexpected: "
        return Check(name, "fail", detail + "; ".join(examples), _FIX, _GROUP)
    others = [*(set(columns) - set(types)), *(set(types) - set(columns))]
    if others:
        return Check(
            name,
            "warn",
            f"{count:,} rows are equal in {len(common)} columns; only one of the two has "
            + ", ".join(sorted(others)),
            _FIX,
            _GROUP,
        )
    return Check(name, "pass", f"{count:,} rows are equal in {len(common)} columns", "", _GROUP)


def _load(lake: Lake, source: SourceRows, places: dict[str, int]) -> int:
    """The source's rows as texts, in the table `source`."""
    with tempfile.TemporaryDirectory(prefix="dms-stream-source-") as folder:
        path = Path(folder) / "source.json"
        count = 0
        with path.open("w", encoding="utf-8") as file:
            for row in source.rows():
                texts = {name: _text(row[place]) for name, place in places.items()}
                file.write(json.dumps(texts, ensure_ascii=False) + "\n")
                count += 1
        reader = json_reader(path, dict.fromkeys(places, "VARCHAR"))
        lake.database.execute(f"CREATE OR REPLACE TABLE source AS SELECT * FROM {reader}")
    return count


def _compared(column: str, type_: str) -> str:
    """A column in the source's type, in which both sides are compared."""
    digits = type_.removeprefix("DECIMAL(").partition(",")[0]
    if type_ == "NUMBER" or (digits.isdigit() and int(digits) > _EXACT_DIGITS):
        type_ = "DOUBLE"
    if type_ == "JSON":
        type_ = "VARCHAR"
    return f"CAST({identifier(column)} AS {type_})"


def _rest(lake: Lake, one: str, other: str) -> tuple[int, list[str]]:
    """How many rows of one query the other lacks, and some of them."""
    rest = f"({one} EXCEPT ALL {other})"
    ((count,),) = lake.database.execute(f"SELECT count(*) FROM {rest}").fetchall()
    if not count:
        return 0, []
    rows = lake.database.execute(f"SELECT * FROM {rest} ORDER BY ALL LIMIT {_SHOWN_ROWS}")
    return count, list(map(_shown, rows.fetchall()))


def _shown(row: Sequence[object]) -> str:
    return f"({', '.join(_words(row))})"


def _words(row: Sequence[object]) -> Iterator[str]:
    for value in row:
        yield "null" if value is None else str(value)[:40]


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)
