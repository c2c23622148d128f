"""Filters take the same rows in the full load's SQL as in changes."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.dms.table_mappings import TableMappings
from dms_stream.rehearsal.mapping.filters import filter_predicate, filter_sql
from dms_stream.rehearsal.source.database import Connection, current_position, execute
from dms_stream.rehearsal.source.row_chunks import read_chunks
from dms_stream.rehearsal.source.table import read_tables
from dms_stream.rehearsal.task.engine import Engine
from tests.support.filters import FILTERED, FILTERS, filtered
from tests.support.pipelines import Json, Pipeline, Source, selection

pytestmark = pytest.mark.rehearsal


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
}


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
        ("t", "notnull", {}, [0, 1, 2]),
        ("b", "eq", {"value": "1"}, [1, 2]),
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
    defined = ", ".join(f"{name} {kind}" for name, (kind, _) in COLUMNS.items())
    execute(connection, f"CREATE TABLE t (id INT PRIMARY KEY, {defined})")
    for place in range(len(FILTERED) - 1):
        row = [place, *(held[place] for _, held in COLUMNS.values())]
        execute(connection, f"INSERT INTO t VALUES ({', '.join(['%s'] * len(row))})", row)
    assert judged(source, connection, [filtered(column, operator, **values)]) == (taken, taken)


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
