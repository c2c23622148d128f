"""Tables as the binary log describes them, and its values made equal to selected ones.

mysql-replication decodes some types differently from SELECT; each difference has its test in
tests/dms_stream/rehearsal/source/test_binary_log.py.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from pymysqlreplication.column import Column
from pymysqlreplication.constants import FIELD_TYPE
from pymysqlreplication.row_event import OptionalMetaData, RowsEvent, TableMapEvent

from dms_stream.rehearsal.errors import LogRefusedError
from dms_stream.rehearsal.source.binary_log.binary_json import json_text
from dms_stream.rehearsal.source.binary_log.character_sets import BINARY, character_set, codec
from dms_stream.rehearsal.source.data_types import ImpossibleDate, Value, single_precision
from dms_stream.rehearsal.source.table import SourceColumn, SourceTable

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
    FIELD_TYPE.DATETIME2: "datetime",
    FIELD_TYPE.TIMESTAMP2: "timestamp",
    FIELD_TYPE.TIME2: "time",
    FIELD_TYPE.YEAR: "year",
    FIELD_TYPE.ENUM: "enum",
    FIELD_TYPE.SET: "set",
    FIELD_TYPE.GEOMETRY: "geometry",
    FIELD_TYPE.JSON: "json",
}
_READABLE = {
    *_PLAIN,
    *(FIELD_TYPE.VARCHAR, FIELD_TYPE.VAR_STRING, FIELD_TYPE.STRING, FIELD_TYPE.BLOB),
}
_BLOB_PREFIXES = {1: "tiny", 2: "", 3: "medium", 4: "long"}
_ZERO_TIMESTAMP = datetime(1970, 1, 1)
_ZERO_DATE = "0000-00-00"
_SECOND = timedelta(seconds=1)
_EMPTY_SET = "empty set"
# a character a byte, whatever they mean
_AS_THEY_ARE = "latin-1"
_HEADER_BYTES = 19
_CHECKSUM_BYTES = 4
# the log counts years from 1900, and its zero is the year 0
_ZERO_YEAR = 1900

Fix = Callable[[Any], Value]


class LogTable:
    """A table at some place of the binary log.

    Args:
        event: Its description there. Its columns, by which mysql-replication decodes the rows, are
            corrected.

    Raises:
        LogRefusedError: its text has a character set that Python does not have.

    Attributes:
        table: The same as a source table. Its key is what the server identifies rows by: where
            there is no primary key, that may be a unique one.
    """

    def __init__(self, event: TableMapEvent) -> None:
        _correct_character_sets(event)
        nulls = event.null_bitmask
        self.table = SourceTable(
            event.schema,
            event.table,
            tuple(
                _source_column(column, bool(nulls[place // 8] >> place % 8 & 1))
                for place, column in enumerate(event.columns)
            ),
            _primary_key(event),
        )
        self._fixes = [
            (column.name, fix)
            for column, source in zip(event.columns, self.table.columns, strict=True)
            if (fix := _fix(column, source, self.table.full_name)) is not None
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


def _primary_key(event: TableMapEvent) -> tuple[str, ...]:
    metadata = event.optional_metadata
    places = metadata.simple_primary_key_list or list(metadata.primary_keys_with_prefix)
    return tuple(event.columns[place].name for place in places)


def _correct_character_sets(event: TableMapEvent) -> None:
    metadata = event.optional_metadata
    text_collations = iter(metadata.charset_collation_list or ())
    list_collations = iter(metadata.enum_and_set_collation_list or ())
    refusals = []
    for column in event.columns:
        is_list = column.type in (FIELD_TYPE.ENUM, FIELD_TYPE.SET)
        if not is_list and not event._is_character_column(column.type, dbms=event.dbms):
            continue
        name = character_set(next(list_collations if is_list else text_collations), event.dbms)
        if name == BINARY and not is_list:
            continue
        found = codec(name)
        if found is None:
            refusals.append(
                f"{event.schema}.{event.table}.{column.name} has the character set {name}, "
                "which Python does not decode exactly as the server does: leave the table out, or "
                "rehearse with a utf8mb4 column"
            )
            continue
        column.character_set_name = found
        for elements in (column.enum_values, column.set_values):
            if elements:
                elements[:] = [element.encode(_AS_THEY_ARE).decode(found) for element in elements]
    if refusals:
        raise LogRefusedError(refusals)


def _undecoded_elements(event: TableMapEvent, length: int) -> list[list[str]]:
    """The values of each ENUM or SET, undecoded: the library takes them all for utf8."""
    end = event.packet.read_bytes + length
    found = []
    while event.packet.read_bytes < end:
        count = event.packet.read_length_coded_binary()
        values = [event.packet.read_variable_length_string() for _ in range(count)]
        found.append([value.decode(_AS_THEY_ARE) for value in values])
    return found


_read_metadata = TableMapEvent._get_optional_meta_data


def _all_metadata(event: TableMapEvent) -> OptionalMetaData:
    """What describes a table, to the last byte: the library takes four for a checksum always."""
    if any(column.type not in _READABLE for column in event.columns):
        # what such a column says of itself has a length of its own, so that the rest is lost, too
        raise LogRefusedError(
            [
                f"{event.schema}.{event.table} has a column of a type that DMS does not map, or "
                "one that MariaDB logs compressed or in its old format of dates and times "
                "(mysql56_temporal_format): leave the table out, or change the column"
            ],
        )
    if event.packet.event_size - event.event_size == _HEADER_BYTES:  # there is none
        event.packet.packet._data += bytes(_CHECKSUM_BYTES)
    return _read_metadata(event)


def _date(event: RowsEvent) -> date | ImpossibleDate:
    """A DATE; the library gives a zero date as NULL, and fails on a day that its month lacks."""
    packed = event.packet.read_uint24()
    year, month, day = packed >> 9, packed >> 5 & 0xF, packed & 0x1F
    try:
        return date(year, month, day)
    except ValueError:
        return ImpossibleDate(f"{year:04d}-{month:02d}-{day:02d}")


def _datetime(event: RowsEvent, column: Column) -> datetime | ImpossibleDate:
    """A DATETIME; the library gives all that a calendar lacks as NULL.

    https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1Rows__event.html
    """
    packed = event.packet.read_int_be_by_size(5)
    year, month = divmod(packed >> 22 & 0x1FFFF, 13)
    day, hour = packed >> 17 & 0x1F, packed >> 12 & 0x1F
    try:
        whole = datetime(year, month, day, hour, packed >> 6 & 0x3F, packed & 0x3F)
    except ValueError:
        event._RowsEvent__read_fsp(column)
        return ImpossibleDate(f"{year:04d}-{month:02d}-{day:02d}")
    found: datetime = event._RowsEvent__add_fsp_to_time(whole, column)
    return found


RowsEvent._RowsEvent__read_date = _date
RowsEvent._RowsEvent__read_datetime2 = _datetime
TableMapEvent._read_type_values = _undecoded_elements
TableMapEvent._get_optional_meta_data = _all_metadata


def _source_column(column: Column, is_nullable: bool) -> SourceColumn:
    is_bytes = column.character_set_name == BINARY
    data_type = _PLAIN.get(column.type)
    length = int(getattr(column, "max_length", 0) or getattr(column, "bits", 0))
    if column.type == FIELD_TYPE.VARCHAR:
        data_type = "varbinary" if is_bytes else "varchar"
    elif column.type in (FIELD_TYPE.STRING, FIELD_TYPE.VAR_STRING):
        data_type = "binary" if is_bytes else "char"
    elif column.type == FIELD_TYPE.BLOB:
        data_type = _BLOB_PREFIXES[column.length_size] + ("blob" if is_bytes else "text")
    if data_type is None:
        raise LogRefusedError([f"column {column.name} has the unknown type {column.type}"])
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


def _fix(column: Column, source: SourceColumn, table: str) -> Fix | None:
    place = f"{table}.{source.name}"
    match source.data_type:
        case "date" | "datetime":
            return lambda value: (
                ImpossibleDate(value.text, place) if isinstance(value, ImpossibleDate) else value
            )
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
            return lambda value: (
                ImpossibleDate(_ZERO_DATE, place) if value == _ZERO_TIMESTAMP else value
            )
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
    """Correct a negative TIME, whose fraction mysql-replication reads backwards."""
    if value >= timedelta(0) or not value.microseconds:
        return value
    whole, rest = divmod(-value, _SECOND)
    return -(whole * _SECOND + (_SECOND - rest))
