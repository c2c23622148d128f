"""What the server renders is, value for value, what is read row by row."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.dms.table_mappings import TableMappings
from constructs_lib.dms.task_settings import TaskSettings
from dms_stream.rehearsal.deployed_task import DeployedTask, KinesisTarget
from dms_stream.rehearsal.mapping.messages import Clock
from dms_stream.rehearsal.mapping.table_recipe import TableRecipe
from dms_stream.rehearsal.reconciliation import Reconciliation
from dms_stream.rehearsal.reconciliation.source_rows import RecipeRows
from dms_stream.rehearsal.reconciliation.sql import plain_digits, rendered_value
from dms_stream.rehearsal.result import Column
from dms_stream.rehearsal.source import rendered_rows
from dms_stream.rehearsal.source.database import Connection, execute
from dms_stream.rehearsal.source.rendered_rows import NotRenderedError
from dms_stream.rehearsal.source.table import selected_tables
from tests.support.filters import filtered
from tests.support.pipelines import Json, Source, selection

needs_database = pytest.mark.rehearsal

TEXTS = [
    *("", " ", "'", '"', '""', "a,b", "\n", "\r\n", "\\", "\\n", "\t", "NULL", "é😀", "a" * 300),
    *('"quoted"', ",", "\x1f", "trailing ", '\n"', "%s", "0"),
]
COLUMNS: dict[str, tuple[str, Sequence[object]]] = {
    "tiny": ("TINYINT", [-128, 127]),
    "big": ("BIGINT", [-(2**63), 2**63 - 1, 2**53, 2**53 + 1]),
    "ubig": ("BIGINT UNSIGNED", [0, 2**64 - 1]),
    "filled": ("INT ZEROFILL", [0, 42]),
    "price": ("DECIMAL(9,2)", ["-0.10", "1234567.89", "0"]),
    "long_number": ("DECIMAL(40,10)", ["-0.1", "1000", "123456789012345678901234567890.5", "0"]),
    "mean": ("DOUBLE", [0.1, -1e300, 1 / 3, 5e-324, 0]),
    "rounded": ("DOUBLE(10,2)", [-1.43, -0.29, 1e7]),
    "day": ("DATE", ["2024-02-29", "1000-01-01", "9999-12-31"]),
    "at": ("DATETIME", ["2024-01-31 10:00:00"]),
    "at_6": ("DATETIME(6)", ["2024-01-31 10:00:00.000001", "2024-01-31 10:00:00"]),
    "stamp": ("TIMESTAMP(3) NULL", ["2024-01-31 10:00:00.120"]),
    "clock": ("TIME", ["-838:59:59", "10:00:00"]),
    "year": ("YEAR", [1901, 2155]),
    "flag": ("BIT(1)", [0, 1]),
    "bits": ("BIT(9)", [0, 257]),
    "name": ("VARCHAR(400) CHARACTER SET utf8mb4", TEXTS),
    "latin": ("CHAR(9) CHARACTER SET latin1", ["é", "ü "]),
    "note": ("TEXT CHARACTER SET utf8mb4", TEXTS),
    "size": ("ENUM('s','x,\"l')", ["s", 'x,"l']),
    "tags": ("SET('a','b')", ["", "a,b"]),
    "raw": ("VARBINARY(9)", [b"", b"\0\xff\n"]),
    "fixed": ("BINARY(3)", [b"a"]),
    "blob": ("BLOB", [b"", b"\0" * 5]),
    "bio": ("LONGTEXT CHARACTER SET utf8mb4", ["é" * 400, ""]),
    "doc": ("JSON", ['{"a": [1, "\\"x"]}']),
    "a%b": ("INT", [1]),
    "a`b,c": ("INT", [1]),
}


def task(schema: str, *filters: Json, large_integers: bool = True) -> DeployedTask:
    """A task that captures the schema."""
    rules = [selection(schema, "t" if filters else "%", filters=list(filters))]
    return DeployedTask(
        arn="arn:aws:dms:eu-west-1:123456789012:task:T",
        identifier="t",
        migration_type="full-load-and-cdc",
        mappings=TableMappings.from_json({"rules": rules}),
        settings=TaskSettings(),
        target=KinesisTarget(
            "arn:aws:kinesis:eu-west-1:123456789012:stream/s",
            "json-unformatted",
            use_large_integer_value=large_integers,
        ),
        source_settings={},
        cdc_start_position=None,
        is_serverless=False,
    )


def rows_of(given: DeployedTask, source: Source, connection: Connection) -> RecipeRows:
    """What the source holds."""
    (table,) = selected_tables(connection, given.mappings)
    return RecipeRows(source.dms, [TableRecipe(given, table, Clock())])


def both_ways(rows: RecipeRows) -> tuple[list[Any], list[Any]]:
    """The source's rows in DuckDB, as the server renders them and row by row."""
    found = []
    with Reconciliation([]) as reconciliation:
        lines = rows.rendered()
        assert lines is not None
        for way in ("rendered", "one by one"):
            if way == "rendered":
                count = reconciliation._load_rendered(rows, lines)
            else:
                count = reconciliation._load_rows(rows)
            held = list(reconciliation._rows("SELECT * FROM source ORDER BY ALL"))
            assert len(held) == count
            found.append(held)
    return found[0], found[1]


def fill(connection: Connection, columns: dict[str, tuple[str, Sequence[object]]]) -> None:
    """A table with each value of each column once, and nulls beside it."""
    named = {name: "`" + name.replace("`", "``") + "`" for name in columns}
    defined = ", ".join(f"{named[name]} {kind}" for name, (kind, _) in columns.items())
    execute(connection, f"CREATE TABLE t (id INT PRIMARY KEY, {defined})")
    execute(connection, "INSERT INTO t (id) VALUES (0)")
    number = 0
    for name, (_, values) in columns.items():
        for value in values:
            number += 1
            with connection.cursor() as cursor:
                column = named[name].replace("%", "%%")
                cursor.execute(f"INSERT INTO t (id, {column}) VALUES (%s, %s)", [number, value])


@needs_database
@pytest.mark.parametrize("large_integers", [True, False])
def test_each_type_is_alike_both_ways(
    source: Source, connection: Connection, large_integers: bool
) -> None:
    fill(connection, COLUMNS)
    rows = rows_of(task(source.schema, large_integers=large_integers), source, connection)
    rendered, one_by_one = both_ways(rows)
    assert len(rendered) == 1 + sum(len(values) for _, values in COLUMNS.values())
    assert rendered == one_by_one


@needs_database
@pytest.mark.parametrize("chunk_rows", [1, 2, 7, 1000])
def test_chunks_meet_without_a_gap(
    source: Source, connection: Connection, monkeypatch: pytest.MonkeyPatch, chunk_rows: int
) -> None:
    """By a key of several columns, whose texts compare without case; and under a filter."""
    monkeypatch.setattr(rendered_rows, "_CHUNK_ROWS", chunk_rows)
    execute(
        connection,
        "CREATE TABLE t (a VARCHAR(9), b INT, v INT, PRIMARY KEY (a, b)) "
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
    )
    for place, key in enumerate(["", "a", "B", "é", "z"]):
        for b in range(3):
            execute(connection, "INSERT INTO t VALUES (%s, %s, %s)", [key, b, place])
    rendered, one_by_one = both_ways(rows_of(task(source.schema), source, connection))
    assert rendered == one_by_one
    assert len(rendered) == 15
    given = task(source.schema, filtered("v", "gte", value="2"))
    rendered, one_by_one = both_ways(rows_of(given, source, connection))
    assert rendered == one_by_one
    assert len(rendered) == 9


@needs_database
def test_a_table_is_read_by_a_key_with_a_time(
    source: Source, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendered_rows, "_CHUNK_ROWS", 2)
    execute(
        connection,
        "CREATE TABLE t (id INT, n DECIMAL(9,2), at DATETIME(6), day DATE, stamp TIMESTAMP(3), "
        "PRIMARY KEY (id, n, at, day, stamp))",
    )
    for fraction in range(5):
        for id_ in (1, 2):
            moment = f"2024-01-31 10:00:00.00000{fraction}"
            execute(
                connection,
                "INSERT INTO t VALUES (%s, 1.5, %s, '2024-01-31', '2024-01-31 10:00:00.5')",
                [id_, moment],
            )
    rendered, one_by_one = both_ways(rows_of(task(source.schema), source, connection))
    assert rendered == one_by_one
    assert len(rendered) == 10


@needs_database
def test_lines_that_the_server_cuts_are_asked_for_in_smaller_parts(
    source: Source, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendered_rows, "_LONGEST_BYTES", 4000)
    monkeypatch.setattr(rendered_rows, "_CHUNK_ROWS", 100)
    monkeypatch.setattr(rendered_rows, "_FEWEST_ROWS", 2)
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(1000))")
    for number in range(50):
        execute(connection, "INSERT INTO t VALUES (%s, %s)", [number, "x" * 100 + str(number)])
    rendered, one_by_one = both_ways(rows_of(task(source.schema), source, connection))
    assert rendered == one_by_one
    execute(connection, "UPDATE t SET name = REPEAT('x', 1000)")
    monkeypatch.setattr(rendered_rows, "_LONGEST_BYTES", 1000)
    lines = rows_of(task(source.schema), source, connection).rendered()
    assert lines is not None
    with pytest.raises(NotRenderedError, match="are too long for one value"):
        list(lines)


@needs_database
@pytest.mark.parametrize(
    ("definition", "value", "why"),
    [
        ("id INT PRIMARY KEY, v LONGTEXT", "REPEAT('é', 600)", "has a LOB that is cut"),
        ("id DOUBLE PRIMARY KEY, v INT", "1", "has no key to read it by"),
    ],
)
def test_what_depends_on_more_is_read_row_by_row(
    source: Source, connection: Connection, definition: str, value: str, why: str
) -> None:
    execute(connection, f"CREATE TABLE t ({definition})")
    execute(connection, f"INSERT INTO t VALUES (1, {value})")
    given = task(source.schema)
    settings = TaskSettings.model_validate({"TargetMetadata": {"LobMaxSize": 1}})
    rows = rows_of(replace(given, settings=settings), source, connection)
    lines = rows.rendered()
    assert lines is not None
    with pytest.raises(NotRenderedError, match=why):
        list(lines)
    # what is compared is the same all the same
    with Reconciliation([]) as reconciliation:
        assert reconciliation._load_source(rows) == 1


@needs_database
@pytest.mark.parametrize("kind", ["FLOAT", "TIME(3)", "POINT"])
def test_what_the_server_renders_otherwise_is_read_row_by_row(
    source: Source, connection: Connection, kind: str
) -> None:
    execute(connection, f"CREATE TABLE t (id INT PRIMARY KEY, v {kind})")
    assert rows_of(task(source.schema), source, connection).rendered() is None


@given(st.decimals(allow_nan=False, allow_infinity=False, places=10))
def test_digits_are_alike_in_sql(number: Decimal) -> None:
    column = Column("n", "DECIMAL(38,10)")
    ((found,),) = duckdb.execute(
        f"SELECT {rendered_value('n', column)} FROM (SELECT ? AS n)", [format(number, "f")]
    ).fetchall()
    assert found == plain_digits(number)
