"""The columns of tables as their records have them, for a view: from the source or from DMS."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from dms_stream.rehearsal.mapping.table_recipe import TableRecipe
from dms_stream.rehearsal.reconciliation import LandedFile
from dms_stream.rehearsal.reconciliation.landed import lines_of
from dms_stream.rehearsal.reconciliation.sql import parquet_reader

_HIVE = {
    "int1": "tinyint",
    "int2": "smallint",
    "int4": "int",
    "int8": "bigint",
    "uint1": "smallint",
    "uint2": "int",
    "uint4": "bigint",
    "uint8": "decimal(20,0)",
    # the text of a FLOAT is a decimal number, which a Hive float would round
    "real4": "double",
    "real8": "double",
    "boolean": "boolean",
    "date": "date",
    "datetime": "timestamp",
}
# names in control records: dms_stream/rehearsal/source/data_types.py
_IN_CONTROL = {
    "int8": "int1",
    "int16": "int2",
    "int32": "int4",
    "int64": "int8",
    "uint8": "uint1",
    "uint16": "uint2",
    "uint32": "uint4",
    "uint64": "uint8",
    "float": "real4",
    "double": "real8",
}
_MOST_DIGITS = 38


@dataclass
class ViewedTable:
    """A table of the records.

    Attributes:
        name: `schema.table`, as the records name it.
        columns: Its columns with their Hive types.
        primary_key: Its key; empty where a view is impossible.
        in_document: Whether the columns stand under `_doc`.
        why_no_view: Why there can be none; empty where there can.
    """

    name: str
    columns: dict[str, str]
    primary_key: list[str]
    in_document: bool = False
    why_no_view: str = field(default="")

    def __post_init__(self) -> None:
        """A view tells rows apart by their key."""
        missing = [name for name in self.primary_key if name not in self.columns]
        if not self.why_no_view and not self.primary_key:
            self.why_no_view = "it has no primary key"
        elif not self.why_no_view and missing:
            self.why_no_view = f"its records lack {', '.join(missing)} of its key"

    def settings(self) -> dict[str, Any]:
        """It as a value of data_catalog.tables."""
        found: dict[str, Any] = {"columns": self.columns, "primary_key": self.primary_key}
        return found | ({"in_document": True} if self.in_document else {})


def hive_type(dms_type: str, *, precision: int = 0, scale: int = 0) -> str:
    """The Hive type that holds the values of one of DMS's."""
    if dms_type == "numeric":
        return f"decimal({precision},{scale})" if 0 < precision <= _MOST_DIGITS else "string"
    return _HIVE.get(dms_type, "string")


def of_recipes(recipes: Sequence[TableRecipe]) -> list[ViewedTable]:
    """Tables as the rules make them of the source's, by the name in the records."""
    by_target: dict[str, list[TableRecipe]] = {}
    for recipe in recipes:
        by_target.setdefault(recipe.target.full_name, []).append(recipe)
    return [_of_target(name, sources) for name, sources in sorted(by_target.items())]


def _of_target(name: str, sources: Sequence[TableRecipe]) -> ViewedTable:
    columns: dict[str, str] = {}
    for recipe in sources:
        for column, kind, _ in recipe.compared():
            type_ = hive_type(kind.name, precision=kind.precision, scale=kind.scale)
            if columns.setdefault(column, type_) != type_:
                columns[column] = "string"
    keys = {tuple(recipe.target.primary_key) for recipe in sources}
    why = "" if len(keys) == 1 else "the tables that become one have different keys"
    return ViewedTable(
        name,
        columns,
        list(keys.pop()) if not why else [],
        any(recipe.mapping.as_document for recipe in sources),
        why,
    )


def of_control_records(files: Iterable[LandedFile]) -> list[ViewedTable]:
    """Tables as the latest control record of each describes them."""
    latest: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for file in files:
        for metadata, control in _control_records(file):
            definition = control.get("table-def")
            schema_name, table_name = metadata.get("schema-name"), metadata.get("table-name")
            if not (definition and schema_name and table_name):
                continue
            at, name = str(metadata.get("timestamp", "")), f"{schema_name}.{table_name}"
            if at >= latest.get(name, ("",))[0]:
                latest[name] = (at, definition)
    return [_of_definition(name, definition) for name, (_, definition) in sorted(latest.items())]


def _of_definition(name: str, definition: Mapping[str, Any]) -> ViewedTable:
    columns = {}
    for column, described in definition.get("columns", {}).items():
        type_ = str(described.get("type", "")).lower()
        columns[column] = hive_type(
            _IN_CONTROL.get(type_, type_),
            precision=int(described.get("precision") or 0),
            scale=int(described.get("scale") or 0),
        )
    return ViewedTable(name, columns, list(definition.get("primary-key", [])))


def _control_records(file: LandedFile) -> Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    if file.format == "parquet":
        with duckdb.connect() as database:
            rows = database.execute(
                "SELECT to_json(metadata), control FROM "
                f"{parquet_reader([file.path])} WHERE control IS NOT NULL"
            ).fetchall()
        for metadata, control in rows:
            yield json.loads(metadata), json.loads(control)
        return
    for line in lines_of(file):
        if b'"control"' not in line:
            continue
        record = json.loads(line)
        if isinstance(record.get("control"), dict):
            yield record["metadata"], record["control"]
