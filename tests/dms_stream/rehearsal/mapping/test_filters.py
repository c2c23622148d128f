"""Filters take the same rows in the full load's SQL as in changes."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.dms.table_mappings import TableMappings
from dms_stream.rehearsal.errors import RefusedError
from dms_stream.rehearsal.mapping.filters import filter_predicate, filter_sql
from dms_stream.rehearsal.source.database import Connection, current_position, execute
from dms_stream.rehearsal.source.row_chunks import read_chunks
from dms_stream.rehearsal.source.table import SourceColumn, SourceTable, read_tables
from dms_stream.rehearsal.task.engine import Engine
from tests.support.filters import FILTERED, FILTERS, filtered
from tests.support.pipelines import Json, Pipeline, Source, selection


@pytest.mark.rehearsal
def test_each_operator_takes_the_same_rows_when_they_are_loaded_and_when_they_change(
    pipeline: Pipeline, source: Source, connection: Connection, tmp_path: Path
) -> None:
    """On the stream, with a table for each operator and the same rows in all of them."""
    operators = [operator for operator, _, _ in FILTERS]
    for operator in operators:
        execute(connection, f"CREATE TABLE t_{operator} (id INT PRIMARY KEY, v INT)")
    rules = [
        selection(
            source.schema,
            f"t_{operator}",
            number=place,
            filters=[filtered("v", operator, **values)],
        )
        for place, (operator, values, _) in enumerate(FILTERS, 1)
    ]
    pipeline.deploy(rules)

    def insert(first_id: int) -> None:
        for operator in operators:
            for place, value in enumerate(FILTERED):
                execute(
                    connection,
                    f"INSERT INTO t_{operator} VALUES (%s, %s)",
                    [first_id + place, value],
                )
        engine = Engine(pipeline.task, source.dms, pipeline.clients.kinesis, tmp_path / "task.json")
        engine.stop_at(current_position(connection))
        engine.run()

    insert(0)
    insert(100)

    taken: dict[str, dict[str, set[int]]] = {"load": {}, "insert": {}}
    for record in pipeline.records():
        metadata = record["metadata"]
        if metadata["record-type"] == "data":
            of_table = taken[metadata["operation"]].setdefault(metadata["table-name"], set())
            of_table.add(record["data"]["id"] % 100)
    expected = {f"t_{operator}": places for operator, _, places in FILTERS}
    assert taken == {"load": expected, "insert": expected}


COLUMNS: dict[str, tuple[str, list[Any]]] = {
    "n": ("INT UNSIGNED", [5, 7, 10, None]),
    "p": ("DECIMAL(9,2)", ["5.00", "7.00", "10.50", None]),
    "f": ("DOUBLE", [5, 7, 10.5, None]),
    "s": ("VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", ["a", "b", "c", None]),
    "d": ("DATE", ["2024-01-01", "2024-02-29", "2024-03-01", None]),
    "t": ("DATETIME(3)", ["2024-01-01", "2024-01-01 00:00:00.001", "2024-01-02", None]),
    "b": ("BIT(1)", [0, 1, 1, None]),
    "bits": ("BIT(8)", [9, 10, 100, None]),
    "long": ("BIGINT", [9007199254740992, 9007199254740993, -1, None]),
    "digits": ("DECIMAL(38)", [12345678901234567890, 12345678901234567891, 0, None]),
    "time": ("TIME(1)", ["09:00:00", "100:00:00", "-11:00:00.5", None]),
    "bytes": ("VARBINARY(9)", [b"abc", b"abd", b"\xff", None]),
    "fixed": ("BINARY(3)", [b"abc", b"ab", b"\xff", None]),
    "single": ("FLOAT", [0.1, 0.5, -3, None]),
    "money": ("FLOAT(8,2)", [1.10, 1.2, -1.1, None]),
    "double": ("DOUBLE", [0.1, 0.5, 1e300, None]),
    "year": ("YEAR", [1998, 2000, 0, None]),
    "list": ("ENUM('b','a')", ["b", "a", "b", None]),
    "zone": ("TIMESTAMP NULL", ["2024-01-01", "2024-06-01", "2025-01-01", None]),
}


@pytest.mark.rehearsal
@pytest.mark.parametrize(
    ("column", "operator", "values", "taken"),
    [
        ("n", "gte", {"value": "7"}, [1, 2]),
        ("n", "between", {"start_value": "6", "end_value": "10"}, [1, 2]),
        ("p", "eq", {"value": "7"}, [1]),
        ("p", "noteq", {"value": "10.5"}, [0, 1]),
        ("f", "lte", {"value": "7.0"}, [0, 1]),
        ("f", "notbetween", {"start_value": "6", "end_value": "10.5"}, [0]),
        ("s", "gte", {"value": "b"}, [1, 2]),
        ("s", "noteq", {"value": "b"}, [0, 2]),
        ("d", "lte", {"value": "2024-02-29"}, [0, 1]),
        ("d", "null", {}, [3]),
        ("t", "eq", {"value": "2024-01-01"}, [0]),
        ("t", "gte", {"value": "2024-01-01 00:00:00.001"}, [1, 2]),
        ("t", "gte", {"value": "2024-01-01 00:01"}, [2]),
        ("t", "notnull", {}, [0, 1, 2]),
        ("b", "eq", {"value": "1"}, [1, 2]),
        ("bits", "gte", {"value": "10"}, [1, 2]),
        ("n", "eq", {"value": "5.5"}, []),
        ("long", "eq", {"value": "9007199254740993"}, [1]),
        ("long", "between", {"start_value": "-1", "end_value": "9007199254740992.5"}, [0, 2]),
        ("digits", "eq", {"value": "12345678901234567890"}, [0]),
        ("digits", "notbetween", {"start_value": "0", "end_value": "12345678901234567890"}, [1]),
        ("time", "gte", {"value": "10:00:00"}, [1]),
        ("time", "eq", {"value": "09:00:00"}, [0]),
        ("time", "eq", {"value": "9:00"}, [0]),
        ("time", "lte", {"value": "-11:00:00.5"}, [2]),
        ("bytes", "eq", {"value": "abc"}, [0]),
        ("bytes", "gte", {"value": "abd"}, [1, 2]),
        ("fixed", "lte", {"value": "abc"}, [0, 1]),
        ("fixed", "noteq", {"value": "ab"}, [0, 1, 2]),
        ("single", "eq", {"value": "0.1"}, []),
        ("single", "gte", {"value": "0.1"}, [0, 1]),
        ("single", "eq", {"value": "0.5"}, [1]),
        ("money", "lte", {"value": "1.1"}, [2]),
        ("double", "eq", {"value": "0.1"}, [0]),
        ("double", "eq", {"value": "0.1000000000000000055"}, [0]),
        ("year", "between", {"start_value": "1800", "end_value": "1999"}, [0]),
        ("year", "lte", {"value": "9999"}, [0, 1, 2]),
        ("year", "gte", {"value": "0000"}, [0, 1, 2]),
        ("year", "eq", {"value": "0000"}, [2]),
        ("list", "lte", {"value": "a"}, [1]),
        ("zone", "lte", {"value": "2024-06-01T00:00:00"}, [0, 1]),
    ],
)
def test_values_of_each_type_compare_alike(
    source: Source,
    connection: Connection,
    column: str,
    operator: str,
    values: dict[str, str],
    taken: list[int],
) -> None:
    defined = ", ".join(f"`{name}` {kind}" for name, (kind, _) in COLUMNS.items())
    execute(connection, f"CREATE TABLE t (id INT PRIMARY KEY, {defined})")
    for place in range(len(FILTERED) - 1):
        row = [place, *(held[place] for _, held in COLUMNS.values())]
        execute(connection, f"INSERT INTO t VALUES ({', '.join(['%s'] * len(row))})", row)
    assert judged(source, connection, [filtered(column, operator, **values)]) == (taken, taken)


@pytest.mark.parametrize(
    ("column", "values", "form"),
    [
        ("INT", ["NaN", "Infinity", "1_000", " 5", "٣", "1e3", "", "9" * 36], "a number"),
        ("DOUBLE", ["inf", "1e999", "0x10"], "a number"),
        ("BIT(8)", ["b'1'"], "a number"),
        ("YEAR", ["99", "0", "1999.5"], "a year"),
        (
            "DATETIME",
            [
                *("2020-01-01T00:00:00Z", "2020-01-01T00:00:00+02:00", "2020-W01-1", "20200101"),
                *("2020-02-30", "2020-01-01 24:00:01", "2020-01-01 00:00:00.1234567"),
            ],
            "a date such as 2024-02-29",
        ),
        ("TIME", ["10", "100000", "10:60:00", "839:00:00", "1 10:00:00"], "a time"),
    ],
)
def test_a_value_that_servers_read_in_their_own_ways_is_refused_in_both_phases(
    column: str, values: list[str], form: str
) -> None:
    name = column.partition("(")[0].lower()
    table = SourceTable("shop", "t", (SourceColumn("c", name, length=8),))
    for value in values:
        for filters in (
            [filtered("c", "eq", value=value)],
            [filtered("c", "between", start_value=value, end_value=value)],
        ):
            rules = TableMappings.from_json(
                {"rules": [selection("shop", "t", filters=filters)]}
            ).selections
            for decide in (filter_sql, filter_predicate):
                with pytest.raises(RefusedError) as refusal:
                    decide(table, rules)
                assert "rule 1" in str(refusal.value)
                assert f"compares shop.t.c ({name}) with {value!r}" in str(refusal.value)
                assert f": write {form}" in str(refusal.value)


@pytest.mark.rehearsal
def test_conditions_widen_and_filters_narrow(source: Source, connection: Connection) -> None:
    """Conditions of one filter are joined by OR, filters of one rule by AND."""
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY, v INT, at DATETIME)")
    for place, value in enumerate(FILTERED):
        execute(
            connection, "INSERT INTO t VALUES (%s, %s, %s)", [place, value, datetime(2024, 1, 1)]
        )
    either = filtered("v", "eq", value="5")
    either["filter-conditions"] += filtered("v", "null")["filter-conditions"]
    assert judged(source, connection, [either]) == ([0, 3], [0, 3])
    both = [filtered("v", "gte", value="5"), filtered("id", "lte", value="1")]
    assert judged(source, connection, both) == ([0, 1], [0, 1])


def judged(
    source: Source, connection: Connection, filters: list[Json]
) -> tuple[list[int], list[int]]:
    """Ids of the rows that the full load's SQL takes, and of those that changes would."""
    (table,) = read_tables(connection, source.schema)
    rules = TableMappings.from_json(
        {"rules": [selection(source.schema, "t", filters=filters)]}
    ).selections
    condition, arguments = filter_sql(table, rules)
    loaded = [
        row[0]
        for chunk in read_chunks(connection, table, condition=condition, arguments=arguments)
        for row in chunk.rows
    ]
    includes = filter_predicate(table, rules)
    assert includes is not None
    changed = [
        row[0] for chunk in read_chunks(connection, table) for row in chunk.rows if includes(row)
    ]
    return loaded, changed  # type: ignore[return-value]
