"""Tables as the binary log describes them, and its values made the same as selected ones.

mysql-replication decodes some types otherwise than SELECT gives them; each difference has its test
in tests/rehearsal/test_binary_log.py.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pymysqlreplication.column import Column
from pymysqlreplication.constants import FIELD_TYPE
from pymysqlreplication.row_event import TableMapEvent

from rehearsal.data_types import Value, single_precision
from rehearsal.errors import RefusedError
from rehearsal.source_table import SourceColumn, SourceTable

Row = Sequence[Value]

_PLAIN = {
    FIELD_TYPE.TINY: "tinyint",
    FIELD_TYPE.SHORT: "smallint",
    FIELD_TYPE.INT24: "mediumint",
    FIELD_TYPE.LONG: "int",
    FIELD_TYPE.LONGLONG: "bigint",
    FIELD_TYPE.FLOAT: "float",
    FIELD_TYPE.DOUBLE: "double",
    FIELD_TYPE.NEWDECIMAL: "decimal",
    FIELD_TYPE.BIT: "bit",
    FIELD_TYPE.DATE: "date",
    FIELD_TYPE.DATETIME: "datetime",
    FIELD_TYPE.DATETIME2: "datetime",
    FIELD_TYPE.TIMESTAMP: "timestamp",
    FIELD_TYPE.TIMESTAMP2: "timestamp",
    FIELD_TYPE.TIME: "time",
    FIELD_TYPE.TIME2: "time",
    FIELD_TYPE.YEAR: "year",
    FIELD_TYPE.ENUM: "enum",
    FIELD_TYPE.SET: "set",
    FIELD_TYPE.GEOMETRY: "geometry",
    FIELD_TYPE.JSON: "json",
}
_BLOB_PREFIXES = {1: "tiny", 2: "", 3: "medium", 4: "long"}
_BINARY = "binary"
_ZERO_TIMESTAMP = datetime(1970, 1, 1)
_SECOND = timedelta(seconds=1)
_EMPTY_SET = "empty set"
# the log counts years from 1900, and its zero is the year 0
_ZERO_YEAR = 1900

Fix = Callable[[Any], Value]


class LogTable:
    """A table at some place of the binary log.

    Args:
        event: Its description there.

    Attributes:
        table: The same as a source table; the log's key is not reliable (mysql-replication leaves
            the last four bytes of the description unread where there are no checksums), so that it
            has none.
    """

    def __init__(self, event: TableMapEvent) -> None:
        nulls = event.null_bitmask
        self.table = SourceTable(
            event.schema,
            event.table,
            tuple(
                _source_column(column, bool(nulls[place // 8] >> place % 8 & 1))
                for place, column in enumerate(event.columns)
            ),
        )
        self._fixes = [
            (column.name, fix)
            for column, source in zip(event.columns, self.table.columns, strict=True)
            if (fix := _fix(column, source)) is not None
        ]
        self._sets = [c.name for c in self.table.columns if c.data_type == "set"]

    def row(self, values: Mapping[str, Any], none_sources: Mapping[str, str]) -> Row:
        """A row's values, in the order of the columns."""
        if not self._fixes and not self._sets:
            return list(values.values())
        fixed = dict(values)
        for name, fix in self._fixes:
            if fixed[name] is not None:
                fixed[name] = fix(fixed[name])
        for name in self._sets:
            if fixed[name] is None and none_sources.get(name) == _EMPTY_SET:
                fixed[name] = ""
        return list(fixed.values())


def _source_column(column: Column, is_nullable: bool) -> SourceColumn:
    is_bytes = column.character_set_name == _BINARY
    data_type = _PLAIN.get(column.type)
    length = int(getattr(column, "max_length", 0) or getattr(column, "bits", 0))
    if column.type == FIELD_TYPE.VARCHAR:
        data_type = "varbinary" if is_bytes else "varchar"
    elif column.type in (FIELD_TYPE.STRING, FIELD_TYPE.VAR_STRING):
        data_type = "binary" if is_bytes else "char"
    elif column.type == FIELD_TYPE.BLOB:
        data_type = _BLOB_PREFIXES[column.length_size] + ("blob" if is_bytes else "text")
    if data_type is None:
        raise RefusedError(
            "the binary log", [f"column {column.name} has the unknown type {column.type}"]
        )
    elements = (column.enum_values or [""])[1:] if data_type == "enum" else column.set_values
    return SourceColumn(
        name=column.name,
        data_type=data_type,
        is_unsigned=bool(column.unsigned) and data_type != "year",
        is_nullable=is_nullable,
        length=length,
        precision=getattr(column, "precision", 0),
        scale=getattr(column, "decimals", 0),
        fraction=getattr(column, "fsp", 0),
        elements=tuple(elements or ()),
    )


def _fix(column: Column, source: SourceColumn) -> Fix | None:
    match source.data_type:
        case "float":
            return single_precision
        case "bit" if source.length == 1:
            return lambda value: value == "1"
        case "bit":
            return lambda value: int(value, 2)
        case "set":
            order = source.elements
            return lambda value: ",".join(element for element in order if element in value)
        case "binary":
            return lambda value: _bytes(value).ljust(column.max_length, b"\0")
        case "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" | "geometry":
            return _bytes
        case "timestamp":
            return lambda value: None if value == _ZERO_TIMESTAMP else value
        case "year":
            return lambda value: 0 if value == _ZERO_YEAR else value
        case "time":
            return negative_time
        case "json":
            return json_text
    return None


def _bytes(value: bytes | str) -> bytes:
    # nothing at all decodes in every character set, so that the library gives it as text
    return value.encode() if isinstance(value, str) else value


def negative_time(value: timedelta) -> timedelta:
    """Undo how mysql-replication reads the fraction of a negative TIME: backwards."""
    if value >= timedelta(0) or not value.microseconds:
        return value
    whole, rest = divmod(-value, _SECOND)
    return -(whole * _SECOND + (_SECOND - rest))


def json_text(value: Any) -> str:
    """MySQL's JSON, which mysql-replication gives as Python objects, as the server writes it."""
    return json.dumps(_decoded(value), ensure_ascii=False, default=str)


def _decoded(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, dict):
        return {_decoded(key): _decoded(inner) for key, inner in value.items()}
    return [_decoded(inner) for inner in value] if isinstance(value, list) else value
