"""A table is read whole, each row once, in chunks by its key; SQLite stands in for the server."""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import product
from typing import Any, cast

import pytest
from pymysql.cursors import SSCursor

from dms_stream.rehearsal.source.data_types import ImpossibleDate
from dms_stream.rehearsal.source.database import Connection
from dms_stream.rehearsal.source.row_chunks import (
    CHUNK_ROWS,
    beyond,
    chunk_key,
    named_table,
    read_chunks,
    up_to,
)
from dms_stream.rehearsal.source.table import SourceColumn, SourceTable


class Cursor:
    """pymysql's, on SQLite: `%s` is an argument, and `%%` a sign."""

    def __init__(self, cursor: sqlite3.Cursor, seen: list[str]) -> None:
        self._cursor, self._seen = cursor, seen

    def __enter__(self) -> "Cursor":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""

    def execute(self, sql: str, arguments: Sequence[object]) -> None:
        """Run it."""
        self._seen.append(sql)
        self._cursor.execute(sql % (("?",) * len(arguments)), arguments)

    def fetchall(self) -> list[Any]:
        """All rows."""
        return self._cursor.fetchall()

    def fetchmany(self, size: int) -> list[Any]:
        """The next ones."""
        return self._cursor.fetchmany(size)


class Server:
    """A database with the schema `shop`.

    Attributes:
        seen: The statements.
        kinds: The kinds of cursors that were asked for.
    """

    def __init__(self) -> None:
        self.database = sqlite3.connect(":memory:")
        self.database.execute("ATTACH ':memory:' AS shop")
        self.seen: list[str] = []
        self.kinds: list[object] = []

    def cursor(self, kind: object = None) -> Cursor:
        """One."""
        self.kinds.append(kind)
        return Cursor(self.database.cursor(), self.seen)

    @property
    def connection(self) -> Connection:
        """As what it passes for."""
        return cast(Connection, self)

    def fill(self, table: SourceTable, rows: Sequence[Sequence[object]]) -> None:
        """Make a table with these rows, in another order than the key's."""
        names = ", ".join("`" + c.name.replace("`", "``") + "`" for c in table.columns)
        self.database.execute(f"CREATE TABLE {named_table(table).replace('%%', '%')} ({names})")
        places = ", ".join("?" * len(table.columns))
        name = named_table(table).replace("%%", "%")
        self.database.executemany(f"INSERT INTO {name} VALUES ({places})", [*rows][::-1])


@pytest.fixture
def server() -> Iterator[Server]:
    """An empty one."""
    server = Server()
    yield server
    server.database.close()


def table(*columns: SourceColumn, key: tuple[str, ...] = (), name: str = "t") -> SourceTable:
    """A table of the schema."""
    return SourceTable("shop", name, columns, key)


A, B, V = SourceColumn("a", "int"), SourceColumn("b", "varchar"), SourceColumn("v", "int")
ROWS = [(a, b, n) for n, (a, b) in enumerate(product((1, 2, 5), ("x", "y", "z")))]


@pytest.mark.parametrize("key", [("a", "b"), ("b", "a")])
@pytest.mark.parametrize("chunk_rows", [1, 2, 3, 4, 8, 9, 10])
def test_each_row_comes_once_in_the_keys_order(
    server: Server, key: tuple[str, ...], chunk_rows: int
) -> None:
    of = table(A, B, V, key=key)
    server.fill(of, ROWS)
    chunks = [*read_chunks(server.connection, of, chunk_rows=chunk_rows)]
    in_order = sorted(ROWS, key=lambda row: tuple(row[of.positions[name]] for name in key))
    assert [row for chunk in chunks for row in chunk.rows] == in_order
    assert all(0 < len(chunk.rows) <= chunk_rows for chunk in chunks)
    for chunk in chunks:
        assert chunk.last_key == tuple(chunk.rows[-1][of.positions[name]] for name in key)
    # the one that is not full is the last one
    assert len(server.seen) == len(ROWS) // chunk_rows + 1


@pytest.mark.parametrize("number", range(len(ROWS)))
def test_reading_goes_on_behind_any_key(server: Server, number: int) -> None:
    of = table(A, B, V, key=("a", "b"))
    server.fill(of, ROWS)
    after = ROWS[number][:2]
    chunks = read_chunks(server.connection, of, after=after, chunk_rows=2)
    assert [row for chunk in chunks for row in chunk.rows] == ROWS[number + 1 :]


def test_a_condition_holds_in_each_chunk(server: Server) -> None:
    of = table(A, B, V, key=("a", "b"))
    server.fill(of, ROWS)
    condition = {"condition": "v < %s OR v = %s", "arguments": [4, 7]}
    wanted = [row for row in ROWS if row[2] < 4 or row[2] == 7]
    for more in ({}, {"after": ROWS[1][:2]}):
        chunks = read_chunks(server.connection, of, chunk_rows=2, **condition, **more)  # type: ignore[arg-type]
        found = [row for chunk in chunks for row in chunk.rows]
        assert found == [row for row in wanted if not more or row > ROWS[1]]
    keyless = table(A, B, V, name="keyless")
    server.fill(keyless, ROWS)
    (chunk,) = read_chunks(server.connection, keyless, **condition)  # type: ignore[arg-type]
    assert [*chunk.rows][::-1] == wanted


@pytest.mark.parametrize(
    ("columns", "key", "found"),
    [
        ((A, B), ("a", "b"), ("a", "b")),
        ((A, B), (), ()),
        ((A, SourceColumn("b", "decimal")), ("a", "b"), ()),
        ((A, SourceColumn("b", "text")), ("a",), ("a",)),
        ((A,), ("gone",), ()),
        *(
            ((SourceColumn("c", kind),), ("c",), ("c",))
            for kind in ("tinyint", "smallint", "mediumint", "int", "bigint", "char", "varchar")
        ),
    ],
)
def test_what_a_table_is_read_by(
    columns: tuple[SourceColumn, ...], key: tuple[str, ...], found: tuple[str, ...]
) -> None:
    assert chunk_key(table(*columns, key=key)) == found


def test_without_a_usable_key_a_table_is_read_in_one_go(server: Server) -> None:
    of = table(A, B, V)
    server.fill(of, ROWS)
    chunks = [*read_chunks(server.connection, of, chunk_rows=4)]
    assert [(len(chunk.rows), chunk.last_key) for chunk in chunks] == [
        *((4, None), (4, None), (1, None)),
    ]
    assert server.kinds == [SSCursor]
    assert len(server.seen) == 1


def test_names_stand_as_they_are(server: Server) -> None:
    odd = SourceColumn("50%`s", "int")
    of = table(odd, V, key=("50%`s",), name="a%s")
    server.fill(of, [(1, 10), (2, 20)])
    chunks = read_chunks(server.connection, of, chunk_rows=1)
    assert [row for chunk in chunks for row in chunk.rows] == [(1, 10), (2, 20)]


def test_bounds_are_in_or_out(server: Server) -> None:
    of = table(A, B, V, key=("a", "b"))
    server.fill(of, ROWS)
    for number, row in enumerate(ROWS):
        for bound, wanted in ((beyond, ROWS[number + 1 :]), (up_to, ROWS[: number + 1])):
            condition, values = bound(("a", "b"), row[:2])
            chunks = read_chunks(server.connection, of, condition=condition, arguments=values)
            assert [found for chunk in chunks for found in chunk.rows] == wanted
            # the first column alone lets the server begin in the right place
            assert condition.startswith(f"(`a` {'>' if bound is beyond else '<'}= %s AND (")
            assert values[0] == row[0]


@pytest.mark.parametrize(
    ("column", "held", "value"),
    [
        (SourceColumn("c", "bit", length=1), b"\x00", False),
        (SourceColumn("c", "bit", length=1), b"\x01", True),
        (SourceColumn("c", "bit", length=9), b"\x01\x02", 258),
        (SourceColumn("c", "float"), 0.10000000149011612, 0.1),
        (SourceColumn("c", "double"), 0.10000000149011612, 0.10000000149011612),
        (SourceColumn("c", "json"), b'{"a": 1}', '{"a": 1}'),
        (SourceColumn("c", "json"), '{"a": 1}', '{"a": 1}'),
        (SourceColumn("c", "varchar"), "0000-00-00", "0000-00-00"),
        (SourceColumn("c", "bit", length=1), None, None),
        (SourceColumn("c", "date"), None, None),
    ],
)
def test_values_are_as_the_log_has_them(
    server: Server, column: SourceColumn, held: object, value: object
) -> None:
    for key in ((), ("a",)):
        of = table(A, column, key=key, name=f"t{len(key)}")
        server.fill(of, [(1, held)])
        (chunk,) = read_chunks(server.connection, of)
        ((_, found),) = chunk.rows
        assert found == value
        assert type(found) is type(value)


@pytest.mark.parametrize("kind", ["date", "datetime", "timestamp"])
def test_a_date_that_no_calendar_has_knows_its_column(server: Server, kind: str) -> None:
    of = table(A, SourceColumn("c", kind), key=("a",))
    server.fill(of, [(1, "2024-02-30 10:00:00")])
    (chunk,) = read_chunks(server.connection, of)
    assert chunk.rows == [[1, ImpossibleDate("2024-02-30", "shop.t.c")]]


def test_a_date_is_left_as_it_is() -> None:
    class Dates(Server):
        def cursor(self, kind: object = None) -> Any:
            class Found(Cursor):
                def fetchall(self) -> list[Any]:
                    return [(1, date(2024, 2, 29))]

            del kind
            return Found(self.database.cursor(), self.seen)

    server = Dates()
    of = table(A, SourceColumn("c", "date"), key=("a",))
    server.fill(of, [])
    (chunk,) = read_chunks(server.connection, of)
    assert chunk.rows == [[1, date(2024, 2, 29)]]
    assert f"LIMIT {CHUNK_ROWS}" in server.seen[0]
