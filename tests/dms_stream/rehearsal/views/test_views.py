"""The views of a table's current rows and the named queries, evaluated over landed records."""

import base64
import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.data_catalog.current_state import Changes, current_state_sql
from constructs_lib.data_catalog.props import CatalogTableProps
from constructs_lib.data_catalog.queries import QuerySubject, named_queries
from constructs_lib.data_catalog.table import ERROR_COLUMNS, columns
from constructs_lib.landing_bucket import LandingLayout
from dms_stream.rehearsal.delivery.conversion import ParquetConversion, ParquetEncoder
from dms_stream.rehearsal.delivery.hive_types import Struct, parse
from dms_stream.rehearsal.errors import RehearsalError
from dms_stream.rehearsal.reconciliation import LandedFile
from dms_stream.rehearsal.result import Check, Column
from dms_stream.rehearsal.views.athena import (
    DeployedCatalog,
    DeployedLakeTable,
    DeployedView,
    Lake,
    read_catalog,
    view_sql,
)
from dms_stream.rehearsal.views.source_columns import ViewedTable, of_control_records
from dms_stream.rehearsal.views.view_checks import check_views

# on DuckDB
pytestmark = pytest.mark.slow

FIX = (
    "compare data_catalog.tables with the source's columns and key: `dms-stream catalog` writes "
    "them anew"
)
SCHEMA, TABLE = "shop", "Orders"
TYPES = {"id": "bigint", "price": "decimal(10,2)", "at": "timestamp", "note": "string"}
ORDERS = CatalogTableProps(columns=TYPES, primary_key=("id",))
SOURCE_COLUMNS = [
    Column("id", "BIGINT"),
    Column("price", "DECIMAL(10,2)"),
    Column("at", "TIMESTAMP"),
    Column("note", "VARCHAR"),
]
PARTITIONINGS = {
    "none": LandingLayout("changes/"),
    "by-table": LandingLayout("changes/", keys=("schema_name", "table_name"), by_table=True),
    "custom": LandingLayout("changes/", keys=("operation",), time="hour"),
}
STORAGES = ("json-text", "json-fields", "parquet-text", "parquet-fields")
TODAY = datetime.now(UTC).strftime("%Y-%m-%d")


@dataclass(frozen=True)
class Record:
    """A record as DMS writes it, with the moment and the place in the log in one number."""

    operation: str
    row: dict[str, Any] | None
    second: int
    position: int | None = None
    number: int = 1
    before: dict[str, Any] | None = None
    table: str = TABLE
    with_position: bool = True

    def document(self) -> dict[str, Any]:
        is_control = self.row is None
        at = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=10)
        metadata: dict[str, Any] = {
            "timestamp": f"{at + timedelta(seconds=self.second):%Y-%m-%dT%H:%M:%S}.000000Z",
            "record-type": "control" if is_control else "data",
            "operation": self.operation,
            "schema-name": SCHEMA,
            "table-name": self.table,
        }
        if self.position is not None:
            metadata["transaction-id"] = (3 << 32) | (self.position // 10 * 10)
            metadata["transaction-record-id"] = self.number
            metadata["commit-timestamp"] = metadata["timestamp"]
            if self.with_position:
                metadata["stream-position"] = f"mysql-bin-changelog.000003:{self.position}:-1:9"
        document: dict[str, Any] = {"metadata": metadata}
        if is_control:
            return {"control": {}, **document}
        document["data"] = self.row
        if self.before is not None:
            document["before-image"] = self.before
        return document


def row(id_: int, note: str | None = "n", price: float = 1.5) -> dict[str, Any]:
    return {"id": id_, "price": price, "at": "2026-01-31T10:00:00Z"} | (
        {"note": note} if note is not None else {}
    )


HISTORY = [
    Record("insert", row(99, "from before the table was emptied"), 0, 5),
    Record("drop-table", None, 1),
    Record("create-table", None, 1),
    Record("load", row(1), 2),
    Record("load", row(2), 2),
    Record("load", row(3), 2),
    Record("load", row(4), 2),
    Record("load", row(6), 2),
    Record("load", row(7, "of a row that is loaded again"), 2),
    Record("load", row(8, "of another table"), 2, table="Others"),
    # a row that changes twice in one transaction
    Record("update", row(1, "first"), 3, 100, 1),
    Record("update", row(1, "second"), 3, 100, 2),
    # what DMS sends again after a restart is older than what follows it in the log
    Record("update", row(2, "late"), 4, 200),
    Record("update", row(2, "early"), 5, 150),
    Record("delete", row(3), 4, 210),
    # deleted and inserted again
    Record("delete", row(4), 4, 220),
    Record("insert", row(4, None, 2.25), 4, 230),
    # twice
    Record("insert", row(5), 4, 240),
    Record("insert", row(5), 4, 240),
    # a key that changes, to one that another row had before
    Record("delete", row(6), 5, 300),
    Record("update", row(6, "moved"), 5, 310, before=row(5)),
    # loaded again after a change
    Record("update", row(7, "of the first load"), 6, 320),
    Record("load", row(7, "of the second load"), 7),
]
EXPECTED = [
    row(1, "second"),
    row(2, "late"),
    row(4, None, 2.25),
    row(6, "moved"),
    row(7, "of the second load"),
]


class Rows:
    """Rows of a source."""

    schema_name, table_name = SCHEMA, TABLE
    columns = SOURCE_COLUMNS
    primary_key = ("id",)

    def __init__(self, rows: Sequence[dict[str, Any]]) -> None:
        self._rows = rows

    def rendered(self) -> None:
        return None

    def rows(self) -> Iterator[tuple[object, ...]]:
        for each in self._rows:
            yield tuple(each.get(column.name) for column in SOURCE_COLUMNS)


def lake_table(layout: LandingLayout, storage: str, *, before: bool = True) -> DeployedLakeTable:
    types = TYPES if storage.endswith("fields") else {}
    return DeployedLakeTable(
        "changes",
        columns(types, before_image=before),
        (*layout.keys, layout.time_column),
        layout.prefix,
        {"before_image": "before-image"} if before else {},
    )


def landed(
    records: Sequence[Record], layout: LandingLayout, storage: str, folder: Path
) -> list[LandedFile]:
    """Objects as Firehose names them, one for each folder, or two: their order says nothing."""
    groups: dict[str, list[bytes]] = {}
    for number, record in enumerate(records):
        values = {"schema_name": SCHEMA, "table_name": record.table, "operation": record.operation}
        keys = "".join(f"{key}={values[key]}/" for key in layout.keys)
        key = f"{layout.prefix}{keys}{layout.time_column}={TODAY}/{'ba'[number % 2]}"
        groups.setdefault(key, []).append(json.dumps(record.document()).encode())
    table = lake_table(layout, storage)
    found = []
    for number, (key, lines) in enumerate(sorted(groups.items())):
        if storage.startswith("parquet"):
            path = folder / f"{number}.parquet"
            path.write_bytes(parquet(table, lines))
            found.append(LandedFile(key, path.stat().st_size, path, "parquet"))
        else:
            path = folder / f"{number}.json.gz"
            path.write_bytes(gzip.compress(b"\n\n".join(lines) + b"\n"))
            found.append(LandedFile(key, path.stat().st_size, path, "json"))
    return found


def parquet(table: DeployedLakeTable, lines: Sequence[bytes]) -> bytes:
    types = {name: parse(type_, ignores_case=True) for name, type_ in table.columns.items()}
    conversion = ParquetConversion(
        Struct(types, dict(table.json_keys), True), {}, "SNAPPY", "V1", 2**26
    )
    encoder = ParquetEncoder(conversion)
    for line in lines:
        encoder.write(conversion.normalized(line))
    try:
        return encoder.finish().read()
    finally:
        encoder.close()


def catalog(
    layout: LandingLayout, storage: str, *, before: bool = True, sql: str | None = None
) -> DeployedCatalog:
    changes = Changes(
        '"lake"."changes"',
        has_fields=storage.endswith("fields"),
        has_before_image=before,
        by_table=layout.by_table,
    )
    select = sql or current_state_sql(
        changes, schema_name=SCHEMA, table_name=TABLE, columns=TYPES, primary_key=("id",)
    )
    view = DeployedView("orders", select, TYPES)
    table = lake_table(layout, storage, before=before)
    return DeployedCatalog("lake", [table], {(SCHEMA, TABLE): view})


@pytest.mark.parametrize(("partitioning", "storage"), [*product(PARTITIONINGS, STORAGES)])
def test_a_view_shows_the_rows_that_the_source_has(
    partitioning: str, storage: str, tmp_path: Path
) -> None:
    layout = PARTITIONINGS[partitioning]
    files = landed(HISTORY, layout, storage, tmp_path)
    (check,) = check_views(catalog(layout, storage), files, [Rows(EXPECTED)])
    assert check.outcome == "pass", check.detail
    name = "the view orders shows the rows of shop.Orders"
    assert check == Check(name, "pass", "5 rows are equal in 4 columns", group="views")


def test_without_stream_positions_the_transaction_says_the_order(tmp_path: Path) -> None:
    """The target endpoint's include_transaction_details is off by default."""
    history = [replace(record, with_position=False) for record in HISTORY]
    layout = PARTITIONINGS["none"]
    files = landed(history, layout, "json-text", tmp_path)
    (check,) = check_views(catalog(layout, "json-text"), files, [Rows(EXPECTED)])
    assert check.outcome == "pass", check.detail


def test_without_before_images_a_changed_key_leaves_the_old_row_behind(tmp_path: Path) -> None:
    layout = PARTITIONINGS["none"]
    files = landed(HISTORY, layout, "json-text", tmp_path)
    (check,) = check_views(catalog(layout, "json-text", before=False), files, [Rows(EXPECTED)])
    assert check.outcome == "fail"
    assert check.detail.startswith(
        "0 of 5 rows are missing and 1 unexpected: unexpected such as (5"
    )


SQL = current_state_sql(
    Changes('"lake"."changes"', has_before_image=True),
    schema_name=SCHEMA,
    table_name=TABLE,
    columns=TYPES,
    primary_key=("id",),
)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (" AND _dms_operation <> 'delete'", ""),
        ("_dms_position DESC", "_dms_position ASC"),
        ("_dms_number DESC", "_dms_number ASC"),
        ("= 'Orders'", "<> ''"),
        ("'truncate-table', 'drop-table'", "'truncate-table'"),
        ("WHEN _dms_emitted < _dms_loaded THEN 0\n", ""),
        ("_dms_place = 1", "_dms_place > 0"),
        ("turns.step = 1 OR", "turns.step = 1 OR false AND"),
        ('PARTITION BY "id"\n', 'PARTITION BY "note"\n'),
        ("'$[\"price\"]') AS decimal(10,2)", "'$[\"price\"]') AS decimal(10,0)"),
        ("'T', ' '", "'T', '-'"),
    ],
)
def test_a_wrong_view_fails(right: str, wrong: str, tmp_path: Path) -> None:
    """Each part of the view decides about a row of the history."""
    layout = PARTITIONINGS["none"]
    files = landed(HISTORY, layout, "json-text", tmp_path)
    assert right in SQL
    mutant = catalog(layout, "json-text", sql=SQL.replace(right, wrong))
    (check,) = check_views(mutant, files, [Rows(EXPECTED)])
    assert check.outcome == "fail"


def test_a_view_that_lacks_a_column_of_the_source_is_a_warning(tmp_path: Path) -> None:
    layout = PARTITIONINGS["none"]
    fewer = {name: type_ for name, type_ in TYPES.items() if name != "note"}
    sql = current_state_sql(
        Changes('"lake"."changes"', has_before_image=True),
        schema_name=SCHEMA,
        table_name=TABLE,
        columns=fewer,
        primary_key=("id",),
    )
    files = landed(HISTORY, layout, "json-text", tmp_path)
    (check,) = check_views(catalog(layout, "json-text", sql=sql), files, [Rows(EXPECTED)])
    assert (check.outcome, check.detail) == (
        "warn",
        "5 rows are equal in 3 columns; only one of the two has note",
    )
    assert (check.fix, check.group) == (FIX, "views")


def test_a_view_that_cannot_be_evaluated_is_a_fault_and_no_traceback(tmp_path: Path) -> None:
    layout = PARTITIONINGS["none"]
    files = landed(HISTORY, layout, "json-text", tmp_path)
    for sql in ("SELECT nothing FROM nowhere", "SELECT ((", "SELECT 1; SELECT 2"):
        (check,) = check_views(catalog(layout, "json-text", sql=sql), files, [Rows(EXPECTED)])
        assert (check.outcome, check.fix, check.group) == ("fail", FIX, "views")
        assert check.detail


def test_a_catalog_that_cannot_be_read_is_one_fault() -> None:
    layout = PARTITIONINGS["none"]
    whole = catalog(layout, "json-text")
    (table,) = whole.tables
    odd = replace(whole, tables=[replace(table, columns={"data": "nothing"})])
    (check,) = check_views(odd, [], [Rows(EXPECTED)])
    assert (check.name, check.outcome) == ("the views can be evaluated", "fail")
    assert (check.fix, check.group) == (FIX, "views")
    assert "nothing" in check.detail
    # where nobody has a view of it, there is nothing to check
    assert check_views(replace(odd, views={}), [], [Rows(EXPECTED)]) == []


class Glue:
    """A Glue database of two pages."""

    def get_paginator(self, name: str) -> "Glue":
        """Of its tables."""
        assert name == "get_tables"
        return self

    def paginate(self, *, DatabaseName: str) -> Iterator[Any]:  # noqa: N803
        """A table with everything, one with nothing, a view of ours and another one."""
        assert DatabaseName == "lake"
        text = base64.b64encode(json.dumps({"originalSql": "SELECT 1"}).encode()).decode()
        storage = {
            "Columns": [{"Name": "data", "Type": "string"}, {"Name": "meta", "Type": "int"}],
            "Location": "s3://landing/changes/orders/",
            "SerdeInfo": {"Parameters": {"mapping.meta": "metadata", "other": "x"}},
        }
        keys = [{"Name": "arrival_day"}]
        yield {"TableList": [{"Name": "all", "StorageDescriptor": storage, "PartitionKeys": keys}]}
        view = {
            "Name": "orders",
            "TableType": "VIRTUAL_VIEW",
            "StorageDescriptor": {"Columns": [{"Name": "id", "Type": "int"}]},
            "ViewOriginalText": f"/* Presto View: {text} */",
        }
        source = {"dms-stream.source-schema": "shop", "dms-stream.source-table": "Orders"}
        yield {
            "TableList": [
                {"Name": "none", "TableType": "EXTERNAL_TABLE"},
                {**view, "Parameters": source},
                {**view, "Name": "theirs", "Parameters": {}},
            ]
        }


def test_a_glue_database_is_read_back() -> None:
    found = read_catalog(Glue(), "lake")
    assert found == DeployedCatalog(
        "lake",
        [
            DeployedLakeTable(
                "all",
                {"data": "string", "meta": "int"},
                ["arrival_day"],
                "changes/orders/",
                {"meta": "metadata"},
            ),
            DeployedLakeTable("none", {}, [], "", {}),
        ],
        {("shop", "Orders"): DeployedView("orders", "SELECT 1", {"id": "int"})},
    )


def test_documents_are_read_below_their_key(tmp_path: Path) -> None:
    layout = PARTITIONINGS["none"]
    history = [
        replace(record, row=record.row and {"_doc": record.row, "attribute": 1})
        for record in HISTORY
    ]
    sql = current_state_sql(
        Changes('"lake"."changes"', has_before_image=True),
        schema_name=SCHEMA,
        table_name=TABLE,
        columns=TYPES,
        primary_key=("id",),
        in_document=True,
    )
    files = landed(history, layout, "json-text", tmp_path)
    (check,) = check_views(catalog(layout, "json-text", sql=sql), files, [Rows(EXPECTED)])
    assert check.outcome == "pass", check.detail


def test_what_is_no_view_of_athenas_is_named() -> None:
    sql = "SELECT 1"
    encoded = base64.b64encode(json.dumps({"originalSql": sql}).encode()).decode()
    assert view_sql("v", f"/* Presto View: {encoded} */") == sql
    for other in ("", "SELECT 1", "/* Presto View: e30= */"):
        with pytest.raises(RehearsalError, match="the view v is not as Athena writes its views"):
            view_sql("v", other)


# The named queries


ERRORS = [
    {
        "rawData": base64.b64encode(b'{"a": 1}').decode(),
        "errorCode": "DynamicPartitioning.MetadataExtractionFailed",
        "errorMessage": "no key",
        "attemptsMade": 1,
        "arrivalTimestamp": 1767225600000,
        "attemptEndingTimestamp": 1767225601000,
    },
    {
        "rawData": base64.b64encode(b"none").decode(),
        "lastErrorCode": "DataFormatConversion.ParseError",
        "lastErrorMessage": "malformed",
        "attemptsMade": 1,
        "arrivalTimestamp": 1767225500000,
        "attemptEndingTimestamp": 1767225601000,
    },
]


def answers(layout: LandingLayout, storage: str, folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    files = landed(HISTORY, layout, storage, folder)
    path = folder / "errors.json"
    path.write_text("".join(json.dumps(error) + "\n" for error in ERRORS), encoding="utf-8")
    files.append(LandedFile("errors/processing-failed/2026-01-01/x", 1, path, "json"))
    found = catalog(layout, storage)
    errors = DeployedLakeTable("delivery_errors", ERROR_COLUMNS, folder="errors/")
    subject = QuerySubject(
        Changes(
            '"lake"."changes"',
            has_fields=storage.endswith("fields"),
            has_before_image=True,
            by_table=layout.by_table,
        ),
        layout,
        {"operation": ("insert",)} if "operation" in layout.keys else {},
        {f"{SCHEMA}.{TABLE}": ORDERS},
        '"lake"."delivery_errors"',
    )
    with Lake(replace(found, tables=[*found.tables, errors]), files) as lake:
        return {query.name: lake.rows(query.sql) for query in named_queries(subject)}


@pytest.mark.parametrize(("partitioning", "storage"), [*product(PARTITIONINGS, STORAGES)])
def test_the_named_queries_answer(partitioning: str, storage: str, tmp_path: Path) -> None:
    found = answers(PARTITIONINGS[partitioning], storage, tmp_path)

    changes = found["changes-of-one-row"]
    assert [record[0] for record in changes] == ["load", "update", "update"]
    assert "second" in str(changes[-1][3])

    between = found["changed-between-two-times"]
    in_order = [record[0] for record in between]
    assert in_order == sorted(in_order, reverse=True)
    operations = ("insert", "update", "delete")
    assert len(between) == sum(record.operation in operations for record in HISTORY)

    ((_hour, number, average, most),) = _summed(found["lag-by-hour"])
    assert (number, average, most) == (len(between), 0, 0)

    volume = {
        (table, operation): count for _, _, table, operation, count, _ in found["volume-by-hour"]
    }
    counted = sum(count for *_, count, _ in found["volume-by-hour"])
    of_table = [r for r in HISTORY if r.row is not None]
    if partitioning == "by-table":
        # one folder, whose names the query holds
        of_table = [r for r in of_table if r.table == TABLE]
    assert counted == len(of_table)
    assert (TABLE, "load") in volume
    assert all(size > 20 for *_, size in found["volume-by-hour"])

    assert found["records-in-the-error-prefix"] == [
        (
            found["records-in-the-error-prefix"][0][0],
            "DynamicPartitioning.MetadataExtractionFailed",
            "no key",
            '{"a": 1}',
        ),
        (
            found["records-in-the-error-prefix"][1][0],
            "DataFormatConversion.ParseError",
            "malformed",
            "none",
        ),
    ]


def _summed(hours: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The hour may have turned while the records were made."""
    return [
        (
            hours[0][0],
            sum(each[1] for each in hours),
            max(each[2] for each in hours),
            max(each[3] for each in hours),
        )
    ]


# Columns from control records


def control(operation: str, definition: dict[str, Any] | None, second: int) -> bytes:
    document = Record(operation, None, second).document()
    if definition is not None:
        document["control"] = {"table-def": definition}
    return json.dumps(document).encode()


def test_the_latest_control_record_describes_a_table(tmp_path: Path) -> None:
    first = {"columns": {"id": {"type": "INT32", "nullable": False}}, "primary-key": ["id"]}
    second = {
        "columns": {
            "id": {"type": "UINT64"},
            "small": {"type": "INT8"},
            "price": {"type": "NUMERIC", "precision": 8, "scale": 2},
            "huge": {"type": "NUMERIC", "precision": 65, "scale": 2},
            "weight": {"type": "FLOAT"},
            "at": {"type": "DATETIME"},
            "name": {"type": "WSTRING", "length": 20},
        },
        "primary-key": ["id"],
    }
    lines = [
        control("add-column", second, 5),
        control("create-table", first, 1),
        control("truncate-table", None, 9),
        json.dumps(Record("load", row(1), 3).document()).encode(),
    ]
    table = lake_table(PARTITIONINGS["none"], "parquet-text")
    for format_ in ("json", "parquet"):
        path = tmp_path / f"x.{format_}"
        path.write_bytes(parquet(table, lines) if format_ == "parquet" else b"\n".join(lines))
        (found,) = of_control_records([LandedFile("x", 1, path, format_)])
        assert (found.name, found.primary_key, found.why_no_view) == (
            f"{SCHEMA}.{TABLE}",
            ["id"],
            "",
        )
        assert found.columns == {
            "id": "decimal(20,0)",
            "small": "tinyint",
            "price": "decimal(8,2)",
            "huge": "string",
            "weight": "double",
            "at": "timestamp",
            "name": "string",
        }


def test_what_has_no_key_in_its_records_gets_no_view() -> None:
    assert ViewedTable("a.b", {"id": "int"}, []).why_no_view == "it has no primary key"
    assert ViewedTable("a.b", {"id": "int"}, ["no"]).why_no_view == "its records lack no of its key"
