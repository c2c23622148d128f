"""Reading a table whole, in chunks by its key.

One long SELECT dies when the reader is slower than the server's net_write_timeout, and a chunk by
key can be repeated after a crash. Only a table without a usable key is read in one go.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pymysql.cursors import SSCursor

from dms_stream.rehearsal.source.data_types import (
    DATE_LENGTH,
    ImpossibleDate,
    Value,
    single_precision,
)
from dms_stream.rehearsal.source.database import Connection, identifier
from dms_stream.rehearsal.source.table import SourceColumn, SourceTable

Row = Sequence[Value]

CHUNK_ROWS = 5_000
# types that sort as they compare with a value, and that JSON can hold
CHUNKABLE = frozenset({"tinyint", "smallint", "mediumint", "int", "bigint", "char", "varchar"})
"""Types of the columns that a table is read by."""


@dataclass(frozen=True)
class Chunk:
    """Some rows.

    Attributes:
        rows: As many as fit.
        last_key: Where the next chunk begins; None where the table has no usable key.
    """

    rows: list[Row]
    last_key: tuple[Any, ...] | None


def chunk_key(table: SourceTable, types: frozenset[str] = CHUNKABLE) -> tuple[str, ...]:
    """The columns to read by; none where the key has other types than these."""
    columns = [table.column(name) for name in table.primary_key]
    usable = all(column is not None and column.data_type in types for column in columns)
    return table.primary_key if usable else ()


def read_chunks(
    connection: Connection,
    table: SourceTable,
    *,
    condition: str = "",
    arguments: Sequence[object] = (),
    after: tuple[Any, ...] | None = None,
    chunk_rows: int = CHUNK_ROWS,
) -> Iterator[Chunk]:
    """The rows that meet a condition.

    Args:
        connection: To the source, in UTC.
        table: What to read.
        condition: In SQL, with `%s` for each argument; empty: every row.
        arguments: The condition's values.
        after: Key of the last row read before; None: from the start.
        chunk_rows: Rows a chunk.
    """
    fixes = [
        (place, fix) for place, c in enumerate(table.columns) if (fix := _fix(table, c)) is not None
    ]
    key = chunk_key(table)
    if not key:
        yield from _in_one_go(connection, table, condition, arguments, fixes, chunk_rows)
        return
    places = [table.positions[name] for name in key]
    while True:
        conditions, values = [], list(arguments)
        if condition:
            conditions.append(f"({condition})")
        if after is not None:
            start, more = beyond(key, after)
            conditions.append(start)
            values += more
        sql = _select(table, conditions)
        sql += f" ORDER BY {', '.join(map(name_in, key))} LIMIT {chunk_rows}"
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            rows = _fixed(cursor.fetchall(), fixes)
        if rows:
            after = tuple(rows[-1][place] for place in places)
            yield Chunk(rows, after)
        if len(rows) < chunk_rows:
            return


def _in_one_go(
    connection: Connection,
    table: SourceTable,
    condition: str,
    arguments: Sequence[object],
    fixes: Sequence[tuple[int, Callable[[Any], Value]]],
    chunk_rows: int,
) -> Iterator[Chunk]:
    with connection.cursor(SSCursor) as cursor:
        cursor.execute(_select(table, [f"({condition})"] if condition else []), arguments)
        while rows := cursor.fetchmany(chunk_rows):
            yield Chunk(_fixed(rows, fixes), None)


def _select(table: SourceTable, conditions: Sequence[str]) -> str:
    columns = ", ".join(selected(column) for column in table.columns)
    sql = f"SELECT {columns} FROM {named_table(table)}"
    return f"{sql} WHERE {' AND '.join(conditions)}" if conditions else sql


def selected(column: SourceColumn) -> str:
    """A column's value in a statement that has arguments."""
    name = name_in(column.name)
    return whole_number(name) if column.data_type in ("float", "double") else name


def whole_number(name: str) -> str:
    """A FLOAT or DOUBLE as the log has it: a SELECT rounds the one to six digits, a (M,D) to D.

    https://dev.mysql.com/doc/refman/8.4/en/floating-point-types.html
    """
    return f"{name} * 1e0"


def name_in(name: str) -> str:
    """A name in a statement that has arguments, in which a `%` would stand for one."""
    return identifier(name).replace("%", "%%")


def named_table(table: SourceTable) -> str:
    """A table's whole name in a statement that has arguments."""
    return f"{name_in(table.schema)}.{name_in(table.name)}"


def beyond(key: Sequence[str], after: Sequence[Any]) -> tuple[str, list[Any]]:
    """The condition for rows behind a key, and its values."""
    return _compared(key, after, ">", is_equal_enough=False)


def up_to(key: Sequence[str], last: Sequence[Any]) -> tuple[str, list[Any]]:
    """The condition for rows up to a key, itself included, and its values."""
    return _compared(key, last, "<", is_equal_enough=True)


def _compared(
    key: Sequence[str], bound: Sequence[Any], sign: str, *, is_equal_enough: bool
) -> tuple[str, list[Any]]:
    # (a, b) > (x, y) is written out, as servers do not use an index for row comparisons
    alternatives, values = [], []
    for number, name in enumerate(key):
        parts = [f"{name_in(earlier)} = %s" for earlier in key[:number]]
        alternatives.append(" AND ".join([*parts, f"{name_in(name)} {sign} %s"]))
        values += [*bound[:number], bound[number]]
    if is_equal_enough:
        alternatives.append(" AND ".join(f"{name_in(name)} = %s" for name in key))
        values += bound
    joined = " OR ".join(f"({alternative})" for alternative in alternatives)
    # the first column alone lets the server start in the right place
    values.insert(0, bound[0])
    return f"({name_in(key[0])} {sign}= %s AND ({joined}))", values


def _fixed(rows: Sequence[Any], fixes: Sequence[tuple[int, Callable[[Any], Value]]]) -> list[Row]:
    if not fixes:
        return list(rows)
    found: list[Row] = []
    for row in rows:
        values = list(row)
        for place, fix in fixes:
            if values[place] is not None:
                values[place] = fix(values[place])
        found.append(values)
    return found


def _fix(table: SourceTable, column: SourceColumn) -> Callable[[Any], Value] | None:
    match column.data_type:
        case "float":
            return single_precision
        case "bit" if column.length == 1:
            return lambda value: value != b"\x00"
        case "bit":
            return lambda value: int.from_bytes(value, "big")
        case "date" | "datetime" | "timestamp":
            # pymysql gives an invalid date, such as a zero date, as text
            place = f"{table.full_name}.{column.name}"
            return lambda value: (
                ImpossibleDate(value[:DATE_LENGTH], place) if isinstance(value, str) else value
            )
        case "json":
            return lambda value: value if isinstance(value, str) else value.decode()
    return None
