"""Rows as lines of CSV that the server renders, many in one value.

A client in Python takes ten times as long to build the rows. What a server renders is what it
answers for the column itself, so nothing is rounded that a row by itself would not be.

A text is in double quotes, with those in it doubled; everything else is bare, and null is empty.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from dms_stream.rehearsal.errors import RehearsalError
from dms_stream.rehearsal.source.data_types import (
    EXACT_IN_A_DOUBLE,
    INTEGER_TYPES,
    DmsType,
    JsonStyle,
)
from dms_stream.rehearsal.source.database import Connection
from dms_stream.rehearsal.source.row_chunks import (
    CHUNKABLE,
    beyond,
    chunk_key,
    name_in,
    named_table,
    up_to,
    whole_number,
)
from dms_stream.rehearsal.source.table import SourceColumn, SourceTable

# no place is written down between two chunks, so that JSON need not hold it
_KEY_TYPES = CHUNKABLE | {"date", "datetime", "timestamp", "decimal"}
_CHUNK_ROWS = 10_000
# some rows are so long that the server cuts their lines off
_FEWEST_ROWS = 100
# of one value; the server's max_allowed_packet limits it further
_LONGEST_BYTES = 2**30
_BYTES_IN_KB = 1024
_IN_QUOTES = """CONCAT('"', REPLACE({}, '"', '""'), '"')"""
_HEXADECIMAL = "LOWER(HEX({}))"
_BITS_DIGITS = 16


class NotRenderedError(RehearsalError):
    """Some rows must be read one by one: their values depend on more than the server knows."""


def rendered(column: SourceColumn, kind: DmsType, style: JsonStyle) -> str | None:
    """SQL for a value that no rule changes, as its record holds it; None: there is none.

    Args:
        column: The source's column.
        kind: Its type for DMS.
        style: What the endpoint's settings say about values.
    """
    name = name_in(column.name)
    text = None
    match kind.name:
        case "numeric" | "date" | "datetime":
            text = f"CAST({name} AS CHAR)"
        case "real8":
            text = f"CAST({whole_number(name)} AS CHAR)"
        case "boolean":
            text = f"CAST({name} + 0 AS CHAR)"
        case "wstring" | "nclob":
            text = _IN_QUOTES.format(f"CONVERT({name} USING utf8mb4)")
        case "string" if not column.fraction:
            text = f"CAST({name} AS CHAR)"
        case "bytes" | "blob" if column.data_type != "geometry":
            digits = _HEXADECIMAL.format(name)
            if column.data_type == "bit":
                digits = f"LPAD({_HEXADECIMAL.format(f'{name} + 0')}, {_BITS_DIGITS}, '0')"
            prefix = "0x" if style.hex_prefix else ""
            text = f"""CONCAT('"{prefix}', {digits}, '"')"""
        case "int8" | "uint8" if not style.exact_integers:
            # ABS of the smallest BIGINT is none
            is_exact = f"{name} BETWEEN -{EXACT_IN_A_DOUBLE} AND {EXACT_IN_A_DOUBLE}"
            text = f"IF({is_exact}, CAST({name} AS CHAR), CAST({name} * 1e0 AS CHAR))"
        case other if other in INTEGER_TYPES:
            text = f"CAST({name} AS CHAR)"
    # a single-precision number is rounded, and a TIME written, otherwise than by the server
    return text and f"COALESCE({text}, '')"


def lines_of_rows(
    connection: Connection,
    table: SourceTable,
    values: Sequence[str],
    *,
    lobs: Sequence[str] = (),
    lob_kb: int = 0,
    condition: str = "",
    arguments: Sequence[object] = (),
) -> Iterator[bytes]:
    """The rows that meet a condition, many lines at a time, each with its end.

    Args:
        connection: To the source, in UTC.
        table: What to read.
        values: SQL of each value.
        lobs: Columns that are cut where they are longer than `lob_kb`.
        lob_kb: What of a LOB arrives.
        condition: In SQL, with `%s` for each argument; empty: every row.
        arguments: The condition's values.

    Raises:
        NotRenderedError: the table has no usable key, a LOB is cut, or rows are too long.
    """
    key = chunk_key(table, _KEY_TYPES)
    if not key:
        raise NotRenderedError(f"{table.full_name} has no key to read it by")
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION group_concat_max_len = %s", [_LONGEST_BYTES])
    longer = [
        f"COALESCE(LENGTH(CONVERT({name_in(name)} USING utf8mb4)), 0) > {lob_kb * _BYTES_IN_KB}"
        for name in lobs
    ]
    is_cut = f"SUM({' OR '.join(longer)})" if longer else "0"
    # the line's end as it is: what a backslash means is a setting of the server's
    lines = f"CAST(GROUP_CONCAT(CONCAT_WS(',', {', '.join(values)}) SEPARATOR '\n') AS BINARY)"
    given = [f"({condition})"] if condition else []
    after: tuple[Any, ...] | None = None
    rows = _CHUNK_ROWS
    while True:
        start, start_values = beyond(key, after) if after is not None else ("TRUE", [])
        conditions, wanted = [*given, start], [*arguments, *start_values]
        last = _last_key(connection, table, key, conditions, wanted, rows)
        end, end_values = up_to(key, last) if last is not None else ("TRUE", [])
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {lines}, {is_cut} FROM {named_table(table)} WHERE "
                f"{' AND '.join([*conditions, end])}",
                [*wanted, *end_values],
            )
            ((found, cut),) = cursor.fetchall()
            was_shortened = bool(cursor.warning_count)
        if cut:
            raise NotRenderedError(f"{table.full_name} has a LOB that is cut")
        if was_shortened:
            if rows <= _FEWEST_ROWS:
                raise NotRenderedError(f"rows of {table.full_name} are too long for one value")
            rows = max(rows // 10, _FEWEST_ROWS)
            continue
        if found is not None:
            yield found + b"\n"
        if last is None:
            return
        after = last


def _last_key(
    connection: Connection,
    table: SourceTable,
    key: Sequence[str],
    conditions: Sequence[str],
    arguments: Sequence[object],
    rows: int,
) -> tuple[Any, ...] | None:
    """The key of the last of so many rows; None where there are fewer."""
    names = ", ".join(map(name_in, key))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {names} FROM {named_table(table)} WHERE {' AND '.join(conditions)} "
            f"ORDER BY {names} LIMIT 1 OFFSET {rows - 1}",
            arguments,
        )
        found: tuple[Any, ...] | None = cursor.fetchone()
    return found
