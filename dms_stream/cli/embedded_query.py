"""Athena's queries on the embedded AWS: DuckDB answers the same statement over the same objects.

Only the statement's dialect is translated. The tables and views are those of the Glue database.
"""

import time
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import sqlglot
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import TokenType

from dms_stream.cli.errors import CommandError
from dms_stream.operations.athena import Answer
from dms_stream.operations.deployed import DeployedPipeline
from dms_stream.rehearsal.reconciliation import LandedFile, fetch_landed
from dms_stream.rehearsal.reconciliation.landed import lines_of
from dms_stream.rehearsal.reconciliation.sql import identifier
from dms_stream.rehearsal.views.athena import Lake, read_catalog, translated

_SHOWN_AS_THEY_ARE = (str, bool, int, float, Decimal, date, list, dict)
_ALIKE = ("SHOW", "DESCRIBE", "DESC")


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
        RehearsalError: a table, a view or the query cannot be translated.
    """
    bucket, prefix = pipeline.bucket_name, pipeline.prefix or ""
    if bucket is None:
        raise CommandError(f"{pipeline.name}: has no landing bucket to read")
    begun = time.monotonic()
    require_one(sql)
    catalog = read_catalog(glue, database)
    with TemporaryDirectory(prefix="dms-stream-query-") as folder:
        files = fetch_landed(s3, bucket, Path(folder), wanted=lambda key: key.startswith(prefix))
        try:
            with Lake(catalog, [_with_objects_only(file) for file in files]) as lake:
                for view in catalog.views.values():
                    lake.create_view(view)
                lake.database.execute(f"USE {identifier(database)}")
                # both speak these, and sqlglot does not
                is_alike = sql.split(maxsplit=1)[0].upper() in _ALIKE
                found = lake.database.execute(sql if is_alike else translated(sql))
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


def _with_objects_only(file: LandedFile) -> LandedFile:
    """The same file, where a line that holds no object is an empty one.

    For Athena's SerDe it is a row of NULLs:
    https://docs.aws.amazon.com/athena/latest/ug/openx-json-serde.html
    """
    if file.format != "json" or all(line.lstrip()[:1] == b"{" for line in lines_of(file)):
        return file
    path = file.path.with_name(f"{file.path.name}.objects.json")
    with path.open("wb") as target:
        for line in lines_of(file):
            target.write(line if line.lstrip()[:1] == b"{" else b"{}\n")
    return replace(file, path=path)


def require_one(sql: str) -> None:
    """Refuse what is not one statement, as Athena does.

    Raises:
        CommandError: it is none, or several.
    """
    try:
        found = sqlglot.tokenize(sql, read="athena")
    except SqlglotError as error:
        raise CommandError(f"the query cannot be read: {error}") from None
    ends = [place for place, token in enumerate(found) if token.token_type is TokenType.SEMICOLON]
    if not found or any(place < len(found) - 1 for place in ends):
        raise CommandError("query takes one statement: give each in a call of its own")


def _plain(cell: Any) -> Any:
    return cell if cell is None or isinstance(cell, _SHOWN_AS_THEY_ARE) else str(cell)
