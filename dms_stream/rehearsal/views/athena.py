"""The deployed Glue tables and views as Athena sees them, on DuckDB over copies of the objects.

The statements are those that are deployed: only their dialect is translated. A table's columns are
read as its SerDe reads them. Unlike Athena, DuckDB reads numbers with a point in JSON text as
doubles.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import duckdb
import sqlglot
from sqlglot.errors import SqlglotError

from constructs_lib.data_catalog.table import SOURCE_SCHEMA, SOURCE_TABLE
from dms_stream.rehearsal.delivery.hive_types import HiveType, Struct, parse
from dms_stream.rehearsal.errors import RehearsalError
from dms_stream.rehearsal.reconciliation.landed import LandedFile, lines_of
from dms_stream.rehearsal.reconciliation.scratch_database import ScratchDatabase
from dms_stream.rehearsal.reconciliation.sql import (
    identifier,
    json_reader,
    literal,
    parquet_reader,
)

_VIEW_START, _VIEW_END = "/* Presto View: ", " */"
_TEXTS = ("string", "map<string,string>")


@dataclass(frozen=True)
class DeployedView:
    """A view of Athena's.

    Attributes:
        name: Its name.
        sql: Its SELECT, in Athena's dialect.
        columns: Its columns with their Hive types.
    """

    name: str
    sql: str
    columns: Mapping[str, str]


@dataclass(frozen=True)
class DeployedLakeTable:
    """A Glue table over objects.

    Attributes:
        name: Its name.
        columns: Its columns with their Hive types.
        partition_keys: Keys in the objects' paths, `key=value/`.
        folder: What the objects' names begin with.
        json_keys: Columns whose key in JSON records is another than their name.
    """

    name: str
    columns: Mapping[str, str]
    partition_keys: Sequence[str] = ()
    folder: str = ""
    json_keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DeployedCatalog:
    """What a Glue database holds.

    Attributes:
        database_name: Its name.
        tables: Its tables over objects.
        views: Its views of the rows that a table has now, by the schema and name in the records.
    """

    database_name: str
    tables: Sequence[DeployedLakeTable] = ()
    views: Mapping[tuple[str, str], DeployedView] = field(default_factory=dict)


def read_catalog(glue: Any, database_name: str) -> DeployedCatalog:
    """Read a Glue database back from AWS.

    Args:
        glue: boto3's client.
        database_name: Its name.

    Raises:
        RehearsalError: a view is none that Athena could read.
    """
    tables, views = [], {}
    for page in glue.get_paginator("get_tables").paginate(DatabaseName=database_name):
        for found in page["TableList"]:
            parameters = found.get("Parameters") or {}
            storage = found.get("StorageDescriptor") or {}
            columns = {each["Name"]: each["Type"] for each in storage.get("Columns", [])}
            if found.get("TableType") != "VIRTUAL_VIEW":
                tables.append(_table(found, storage, columns))
            elif SOURCE_SCHEMA in parameters:
                source = (parameters[SOURCE_SCHEMA], parameters[SOURCE_TABLE])
                sql = view_sql(found["Name"], found.get("ViewOriginalText") or "")
                views[source] = DeployedView(found["Name"], sql, columns)
    return DeployedCatalog(database_name, tables, views)


def view_sql(name: str, view_original_text: str) -> str:
    """The SELECT of a view as Glue holds it.

    Raises:
        RehearsalError: it is not in the form of Athena's views.
    """
    encoded = view_original_text.removeprefix(_VIEW_START).removesuffix(_VIEW_END)
    try:
        return str(json.loads(base64.b64decode(encoded, validate=True))["originalSql"])
    except (ValueError, KeyError, TypeError) as error:
        raise RehearsalError(
            f"the view {name} is not as Athena writes its views, {_VIEW_START}…{_VIEW_END}: {error}"
        ) from None


def _table(
    found: Mapping[str, Any], storage: Mapping[str, Any], columns: Mapping[str, str]
) -> DeployedLakeTable:
    parameters = (storage.get("SerdeInfo") or {}).get("Parameters") or {}
    mapped = {
        key.removeprefix("mapping."): value
        for key, value in parameters.items()
        if key.startswith("mapping.")
    }
    location = (storage.get("Location") or "").removeprefix("s3://")
    return DeployedLakeTable(
        name=found["Name"],
        columns=columns,
        partition_keys=[key["Name"] for key in found.get("PartitionKeys") or []],
        folder=location.partition("/")[2],
        json_keys=mapped,
    )


class Lake(ScratchDatabase):
    """Answers Athena's queries over copies of the objects.

        with Lake(catalog, files) as lake:
            rows = lake.rows('SELECT count(*) FROM "lake"."changes"')

    Args:
        catalog: The tables.
        files: Copies of the objects; each table reads those of its folder.

    Raises:
        RehearsalError: a table has a column whose type is not reproduced.
    """

    def __init__(self, catalog: DeployedCatalog, files: Sequence[LandedFile]) -> None:
        super().__init__("lake")
        self.database.execute("SET preserve_insertion_order = false")
        self._schema = identifier(catalog.database_name)
        try:
            self.database.execute(f"CREATE SCHEMA {self._schema}")
            for table in catalog.tables:
                self._load(self._schema, table, files)
        except BaseException:
            self.close()
            raise

    def create_view(self, view: DeployedView) -> str:
        """Create a view; returns its name, quoted.

        Raises:
            RehearsalError: its SELECT cannot be translated.
            duckdb.Error: it reads what is not there.
        """
        name = f"{self._schema}.{identifier(view.name)}"
        self.database.execute(f"CREATE VIEW {name} AS {translated(view.sql)}")
        return name

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The answer to a query in Athena's dialect.

        Raises:
            RehearsalError: DuckDB cannot answer it.
        """
        try:
            return self.database.execute(translated(sql)).fetchall()
        except duckdb.Error as error:
            raise RehearsalError(f"DuckDB does not answer the query: {error}") from None

    def _load(self, schema: str, table: DeployedLakeTable, files: Sequence[LandedFile]) -> None:
        types = {name: _parsed(table, name, type_) for name, type_ in table.columns.items()}
        columns = [f"{identifier(name)} {type_.duckdb}" for name, type_ in types.items()]
        columns += [f"{identifier(key)} VARCHAR" for key in table.partition_keys]
        name = f"{schema}.{identifier(table.name)}"
        self.database.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
        for file in files:
            if not file.key.startswith(table.folder):
                continue
            path = dict(part.split("=", 1) for part in file.key.split("/") if "=" in part)
            if not set(table.partition_keys) <= set(path):
                # no folder of the table's, such as that of query results
                continue
            values = [literal(path[key]) for key in table.partition_keys]
            shown = ", ".join([*(identifier(column) for column in types), *values])
            self.database.execute(
                f"INSERT INTO {name} SELECT {shown} FROM {self._reader(table, types, file)}"
            )

    def _reader(
        self, table: DeployedLakeTable, types: Mapping[str, HiveType], file: LandedFile
    ) -> str:
        if file.format == "parquet":
            return parquet_reader([file.path])
        typed = {name: type_.duckdb for name, type_ in types.items()}
        if all(type_.replace(" ", "") in _TEXTS for type_ in table.columns.values()):
            keys = {name: table.json_keys.get(name, name) for name in typed}
            reader = json_reader(file.path, {keys[name]: typed[name] for name in typed})
            renamed = ", ".join(
                f"{identifier(key)} AS {identifier(name)}" for name, key in keys.items()
            )
            return f"(SELECT {renamed} FROM {reader})"
        # fields have types of their own, and any case
        row = Struct(dict(types), dict(table.json_keys), True)
        path = self.folder / "lines.json"
        with path.open("w", encoding="utf-8") as lines:
            for line in lines_of(file):
                if line.strip():
                    document = row.read(json.loads(line, parse_float=Decimal))
                    lines.write(json.dumps(document, ensure_ascii=False) + "\n")
        return json_reader(path, typed)


def translated(sql: str) -> str:
    """A statement of Athena's for DuckDB.

    Raises:
        RehearsalError: it cannot be translated.
    """
    try:
        (statement,) = sqlglot.transpile(
            sql, read="athena", write="duckdb", unsupported_level=sqlglot.ErrorLevel.RAISE
        )
    except (SqlglotError, ValueError) as error:
        raise RehearsalError(f"the query cannot be translated for DuckDB: {error}") from None
    return statement


def _parsed(table: DeployedLakeTable, name: str, type_: str) -> HiveType:
    try:
        return parse(type_, ignores_case=True)
    except ValueError as error:
        raise RehearsalError(f"column {name} of the Glue table {table.name}: {error}") from None
