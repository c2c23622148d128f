"""Athena's queries on the embedded AWS: DuckDB answers the same statement over the same objects.

Only the statement's dialect is translated. The tables are those of the Glue database.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import sqlglot
from sqlglot.errors import SqlglotError

from dms_stream.cli.errors import CommandError
from dms_stream.operations.athena import Answer
from dms_stream.operations.deployed import DeployedPipeline
from dms_stream.rehearsal.delivery.hive_types import parse
from dms_stream.rehearsal.reconciliation import LandedFile, fetch_landed
from dms_stream.rehearsal.reconciliation.sql import identifier, literal, parquet_reader

_SHOWN_AS_THEY_ARE = (str, bool, int, float, Decimal, date, list, dict)
# both speak them, and sqlglot does not
_ALIKE = ("SHOW", "DESCRIBE", "DESC")
_LONGEST_LINE = 16 * 1024**2


def ask_embedded(
    s3: Any, glue: Any, pipeline: DeployedPipeline, sql: str, *, database: str, most: int
) -> Answer:
    """Ask DuckDB, over copies of the objects that have landed.

    Args:
        s3: boto3's client.
        glue: boto3's client.
        pipeline: Which.
        sql: The query, in Athena's dialect.
        database: The Glue database that names without one belong to.
        most: How many rows to take.

    Raises:
        CommandError: there is no bucket, or DuckDB does not answer.
    """
    bucket, prefix = pipeline.bucket_name, pipeline.prefix or ""
    if bucket is None:
        raise CommandError(f"{pipeline.name}: has no landing bucket to read")
    begun = time.monotonic()
    statement = translated(sql)
    with TemporaryDirectory(prefix="dms-stream-query-") as folder:
        files = fetch_landed(s3, bucket, Path(folder), wanted=lambda key: key.startswith(prefix))
        try:
            with _catalog(glue, database, files) as connection:
                found = connection.execute(statement)
                columns = [str(column[0]) for column in found.description or ()]
                rows = found.fetchmany(most + 1)
        except duckdb.Error as error:
            raise CommandError(f"DuckDB does not answer the query: {error}") from None
    return Answer(
        columns,
        [[_plain(cell) for cell in row] for row in rows[:most]],
        len(rows) <= most,
        sum(file.bytes for file in files),
        None,
        time.monotonic() - begun,
    )


def translated(sql: str) -> str:
    """A statement of Athena's for DuckDB.

    Raises:
        CommandError: it cannot be translated.
    """
    if sql.split(maxsplit=1)[0].upper() in _ALIKE:
        return sql
    try:
        statements = sqlglot.transpile(
            sql, read="athena", write="duckdb", unsupported_level=sqlglot.ErrorLevel.RAISE
        )
    except (SqlglotError, ValueError) as error:
        raise CommandError(f"the query cannot be translated for DuckDB: {error}") from None
    if len(statements) != 1:
        raise CommandError(f"query takes one statement; given: {len(statements)}")
    return statements[0]


@contextmanager
def _catalog(
    glue: Any, database: str, files: Sequence[LandedFile]
) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        schema = identifier(database)
        connection.execute(f"CREATE SCHEMA {schema}")
        for page in glue.get_paginator("get_tables").paginate(DatabaseName=database):
            for table in page["TableList"]:
                # views are not read
                if table.get("TableType") != "VIRTUAL_VIEW":
                    _load(connection, schema, table, files)
        connection.execute(f"USE {schema}")
        yield connection


def _load(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    table: Mapping[str, Any],
    files: Sequence[LandedFile],
) -> None:
    storage = table["StorageDescriptor"]
    types = {each["Name"]: _type(table["Name"], each) for each in storage["Columns"]}
    parameters = (storage.get("SerdeInfo") or {}).get("Parameters") or {}
    keys = {name: parameters.get(f"mapping.{name}", name) for name in types}
    partitions = [each["Name"] for each in table.get("PartitionKeys") or []]
    folder = (storage.get("Location") or "").removeprefix("s3://").partition("/")[2]
    name = f"{schema}.{identifier(table['Name'])}"
    columns = [f"{identifier(column)} {type_}" for column, type_ in types.items()]
    columns += [f"{identifier(column)} VARCHAR" for column in partitions]
    connection.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
    for file in files:
        path = dict(part.split("=", 1) for part in file.key.split("/") if "=" in part)
        if not file.key.startswith(folder) or not set(partitions) <= set(path):
            continue
        if file.format == "parquet":
            source, read = parquet_reader([file.path]), list(types)
        else:
            source = _json_reader(file, {keys[column]: type_ for column, type_ in types.items()})
            read = [keys[column] for column in types]
        values = [*map(identifier, read), *(literal(path[column]) for column in partitions)]
        connection.execute(f"INSERT INTO {name} SELECT {', '.join(values)} FROM {source}")


def _json_reader(file: LandedFile, columns: Mapping[str, str]) -> str:
    typed = ", ".join(f"{literal(name)}: {literal(type_)}" for name, type_ in columns.items())
    return (
        f"read_json({literal(str(file.path))}, format = 'newline_delimited', "
        f"columns = {{{typed}}}, maximum_object_size = {_LONGEST_LINE}, "
        # a line that holds no object is a row of NULLs, as it is for Athena's SerDe
        "ignore_errors = true)"
    )


def _type(table: str, column: Mapping[str, str]) -> str:
    try:
        return parse(column["Type"], ignores_case=True).duckdb
    except ValueError as error:
        raise CommandError(
            f"column {column['Name']} of the Glue table {table} cannot be read here: {error}"
        ) from None


def _plain(cell: Any) -> Any:
    return cell if cell is None or isinstance(cell, _SHOWN_AS_THEY_ARE) else str(cell)
