"""On the embedded AWS the same statement is answered by DuckDB over the same objects."""

import gzip
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dms_stream.cli.embedded_query import require_one
from dms_stream.cli.errors import CommandError
from tests.support.operated import BUCKET, Operated, OperatingCommand

# on an embedded AWS
pytestmark = pytest.mark.slow

PATH = "changes/schema_name=shop/arrival_day=2026-01-0"
RECORDS = [
    {"data": {"id": 1, "Name": "a"}, "metadata": {"operation": "load"}},
    {"data": {"id": 2}, "before": {"id": 1}, "metadata": {"operation": "update"}},
]


def table(operated: Operated, **columns: str) -> None:
    """The Glue table, and an older one that has nothing."""
    glue = operated.client("glue")
    glue.create_database(DatabaseInput={"Name": "local_tickets"})
    shape = {
        "Columns": [{"Name": name, "Type": kind} for name, kind in columns.items()],
        "Location": f"s3://{BUCKET}/changes/",
        "SerdeInfo": {"Parameters": {"mapping.before_image": "before"}},
    }
    keys = [{"Name": name, "Type": "string"} for name in ("schema_name", "arrival_day")]
    for name, storage in (("changes", shape), ("old", shape | {"Location": f"s3://{BUCKET}/old/"})):
        glue.create_table(
            DatabaseName="local_tickets",
            TableInput={"Name": name, "StorageDescriptor": storage, "PartitionKeys": keys},
        )


def put(operated: Operated, key: str, body: bytes) -> None:
    operated.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)


@pytest.fixture
def landed(operated: Operated) -> Operated:
    """Two records in one object, a line that is none in another, and results of queries."""
    table(
        operated,
        data="string",
        metadata="map<string,string>",
        before_image="string",
    )
    lines = "".join(json.dumps(record) + "\n" for record in RECORDS)
    put(operated, f"{PATH}1/a.gz", gzip.compress(lines.encode()))
    put(operated, f"{PATH}2/b.gz", gzip.compress(b"no record\n"))
    put(operated, "athena-results/x.csv", b"1,2\n")
    return operated


def asked(dms_stream: OperatingCommand, sql: str) -> Any:
    return json.loads(dms_stream.succeed("query", sql, "--json"))


@pytest.mark.usefixtures("landed")
def test_athenas_dialect_is_answered(dms_stream: OperatingCommand) -> None:
    answer = asked(
        dms_stream,
        "SELECT metadata['operation'] AS operation, json_extract_scalar(data, '$.id') AS id, "
        "json_extract_scalar(before_image, '$.id') AS old, arrival_day "
        "FROM changes WHERE metadata IS NOT NULL AND schema_name = 'shop' ORDER BY 2",
    )
    assert answer["columns"] == ["operation", "id", "old", "arrival_day"]
    assert answer["rows"] == [
        ["load", "1", None, "2026-01-01"],
        ["update", "2", "1", "2026-01-01"],
    ]
    assert answer["usd"] is None
    # a line without an object is a row of NULLs
    assert asked(dms_stream, 'SELECT count(*) FROM "local_tickets"."changes"')["rows"] == [[3]]
    assert asked(dms_stream, "SELECT count(*) FROM old")["rows"] == [[0]]
    assert [row[0] for row in asked(dms_stream, "SHOW TABLES")["rows"]] == ["changes", "old"]


@pytest.mark.usefixtures("landed")
def test_only_so_many_rows_are_taken(dms_stream: OperatingCommand) -> None:
    text = dms_stream.succeed("query", "SELECT 1 FROM changes", "--limit", "1")
    assert "1 row and more (--limit)" in text


def test_parquet_is_read_as_well(
    dms_stream: OperatingCommand, operated: Operated, tmp_path: Path
) -> None:
    table(operated, data="struct<id:bigint,name:string>", metadata="map<string,string>")
    file = tmp_path / "x.parquet"
    with duckdb.connect() as connection:
        connection.sql(
            "SELECT {'id': 7::BIGINT, 'name': 'x'} AS data, MAP {'operation': 'load'} AS metadata"
        ).write_parquet(str(file))
    put(operated, f"{PATH}1/a.parquet", file.read_bytes())
    answer = asked(dms_stream, "SELECT data.id, data.name, metadata['operation'] FROM changes")
    assert answer["rows"] == [[7, "x", "load"]]


@pytest.mark.usefixtures("landed")
def test_what_duckdb_does_not_answer_is_said(dms_stream: OperatingCommand) -> None:
    said = dms_stream.refuse("query", "SELECT nothing FROM changes")
    assert said.startswith("DuckDB does not answer the query: ")
    assert "nothing" in said


def test_a_column_that_cannot_be_read_is_named(
    dms_stream: OperatingCommand, operated: Operated
) -> None:
    table(operated, data="geometry")
    said = dms_stream.refuse("query", "SELECT 1")
    assert said.startswith("column data of the Glue table changes: ")


@pytest.mark.parametrize("sql", ["", "SELECT 1; SELECT 2", "SELECT 'x"])
def test_what_is_no_single_statement_is_refused(sql: str) -> None:
    with pytest.raises(CommandError):
        require_one(sql)


def test_a_semicolon_at_the_end_and_in_a_text_is_none_of_a_second_statement() -> None:
    require_one("SELECT ';' FROM t;")
