"""MySQL's types as DMS's, and their values as DMS writes them into JSON.

MySQL → DMS: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Source.MySQL.html#CHAP_Source.MySQL.DataTypes
DMS's types: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Reference.DataTypes.html
Kinesis: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Kinesis.html

AWS does not publish how each type is written into the JSON. Known from captured
records: numbers are JSON numbers, a DATETIME is `2024-01-31T10:00:00Z`. Assumed: bytes are
hexadecimal with `0x` before them (`NoHexPrefix` leaves that out), a fraction of a second has six
digits, a BIT(1) is true or false, a TIME is `10:00:00`. What DMS makes of dates that no calendar
has is not known, so they are refused: see `ImpossibleDate`.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from json.encoder import encode_basestring

from dms_stream.rehearsal.errors import RefusedError, RehearsalError
from dms_stream.rehearsal.source.table import SourceColumn


@dataclass(frozen=True)
class ImpossibleDate:
    """A date that no calendar has, such as 0000-00-00 or 2024-02-31.

    It may stand in a column that no record holds. Whatever writes or compares it refuses it.

    Attributes:
        text: The date, without a time.
        column: Where it stands: `schema.table.column`.
    """

    text: str
    column: str = ""

    def isoformat(self, *_: object, **__: object) -> str:
        """Refuse it, where a date would be written.

        Raises:
            RefusedError: always.
        """
        raise RefusedError(
            "the source's rows",
            [
                f"{self.column} holds {self.text}, a date that no calendar has, and nothing says "
                "what DMS makes of it: correct it in the source, or remove the column by a rule"
            ],
        )

    __str__ = isoformat


Value = (
    None | bool | int | float | Decimal | str | bytes | date | datetime | timedelta | ImpossibleDate
)
"""A value of a row, the same whether it was selected or read from the binary log."""

Encode = Callable[[Value], str]
"""From a value that is not None to its JSON text."""

DATE_LENGTH = len("0000-00-00")
EXACT_IN_A_DOUBLE = 2**53
"""Up to it, a double holds every integer."""
_BYTES_IN_KB = 1024

_INTEGERS = {"tinyint": 1, "smallint": 2, "mediumint": 4, "int": 4, "bigint": 8}
_LOBS = {
    "mediumblob": "blob",
    "longblob": "blob",
    "geometry": "blob",
    "mediumtext": "nclob",
    "longtext": "nclob",
    "json": "nclob",
}
_OTHERS = {
    "decimal": "numeric",
    "float": "real4",
    "double": "real8",
    "date": "date",
    "datetime": "datetime",
    "timestamp": "datetime",
    "time": "string",
    "year": "int2",
    "binary": "bytes",
    "varbinary": "bytes",
    "tinyblob": "bytes",
    "blob": "bytes",
    "char": "wstring",
    "varchar": "wstring",
    "tinytext": "wstring",
    "text": "wstring",
    "enum": "wstring",
    "set": "wstring",
}
SUPPORTED = frozenset([*_INTEGERS, *_LOBS, *_OTHERS, "bit"])
"""MySQL's types that DMS has a mapping for."""

LOB_TYPES = frozenset({"blob", "clob", "nclob"})
"""DMS's types to which its LOB settings apply."""

INTEGER_TYPES = frozenset({"int1", "int2", "int4", "int8", "uint1", "uint2", "uint4", "uint8"})
_TEXT_TYPES = frozenset({"string", "wstring", "clob", "nclob"})
_BYTES_TYPES = frozenset({"bytes", "blob"})
CONVERTIBLE = (
    INTEGER_TYPES
    | _TEXT_TYPES
    | _BYTES_TYPES
    | {
        "numeric",
        "real4",
        "real8",
        "date",
        "datetime",
        "time",
        "boolean",
    }
)
"""DMS's types that a rule may ask for and that the rehearsal makes."""

# names of a captured control record: INT32, STRING; the others follow them
_IN_CONTROL = {
    "int1": "INT8",
    "int2": "INT16",
    "int4": "INT32",
    "int8": "INT64",
    "uint1": "UINT8",
    "uint2": "UINT16",
    "uint4": "UINT32",
    "uint8": "UINT64",
    "real4": "FLOAT",
    "real8": "DOUBLE",
}
_DUCKDB = {
    "int1": "BIGINT",
    "int2": "BIGINT",
    "int4": "BIGINT",
    "int8": "BIGINT",
    "uint1": "BIGINT",
    "uint2": "BIGINT",
    "uint4": "BIGINT",
    "uint8": "UBIGINT",
    "real4": "DOUBLE",
    "real8": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "datetime": "TIMESTAMP",
}
_MOST_DUCKDB_DIGITS = 38


@dataclass(frozen=True)
class DmsType:
    """A type of DMS's.

    Attributes:
        name: Its name, as rules write it: `int4`, `wstring`, `numeric`.
        length: Characters or bytes; 0 where it has none.
        precision: Digits of a `numeric`.
        scale: Digits after the point of a `numeric`.
        fraction: Digits of a second's fraction.
    """

    name: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    fraction: int = 0

    @property
    def is_lob(self) -> bool:
        """Whether DMS's LOB settings apply."""
        return self.name in LOB_TYPES

    @property
    def is_number(self) -> bool:
        """Whether its values are JSON numbers."""
        return self.name in INTEGER_TYPES or self.name in ("numeric", "real4", "real8")

    @property
    def control_name(self) -> str:
        """Its name in a control record's table definition."""
        return _IN_CONTROL.get(self.name, self.name.upper())

    @property
    def duckdb(self) -> str:
        """DuckDB's type in which its values compare exactly; NUMBER: by their digits."""
        if self.name == "numeric":
            if not 0 < self.precision <= _MOST_DUCKDB_DIGITS:
                return "NUMBER"
            return f"DECIMAL({self.precision},{self.scale})"
        return _DUCKDB.get(self.name, "VARCHAR")


def dms_type(column: SourceColumn) -> DmsType:
    """DMS's type of a source column.

    Raises:
        RehearsalError: DMS has no mapping for it.
    """
    kind = column.data_type
    if kind in _INTEGERS:
        return DmsType(f"{'u' if column.is_unsigned else ''}int{_INTEGERS[kind]}")
    if kind == "bit":
        return DmsType("boolean") if column.length == 1 else DmsType("bytes", length=8)
    if kind in _LOBS:
        return DmsType(_LOBS[kind])
    if kind in ("enum", "set"):
        joined = max(map(len, column.elements), default=0)
        if kind == "set":
            joined = len(",".join(column.elements))
        return DmsType("wstring", length=joined)
    if kind in _OTHERS:
        return DmsType(
            _OTHERS[kind], column.length, column.precision, column.scale, column.fraction
        )
    raise RehearsalError(
        f"column {column.name} has the type {kind}, which DMS does not map "
        "(https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Source.MySQL.html)"
    )


@dataclass(frozen=True)
class JsonStyle:
    """What the endpoint's settings say about values.

    Attributes:
        exact_integers: `UseLargeIntegerValue`.
        hex_prefix: Not `NoHexPrefix`.
    """

    exact_integers: bool = True
    hex_prefix: bool = True


def encoder(kind: DmsType, style: JsonStyle) -> Encode:
    """How values of this type are written."""
    name = kind.name
    if name in INTEGER_TYPES:
        may_be_large = name in ("int8", "uint8") and not style.exact_integers
        return _rounded_integer if may_be_large else str
    if name == "numeric":
        return _decimal
    if name in ("real4", "real8"):
        return repr
    if name == "boolean":
        return _boolean
    if name in _BYTES_TYPES:
        return _hex_with_prefix if style.hex_prefix else _hex
    if name == "datetime":
        return _datetime_with_fraction if kind.fraction else _datetime
    if name == "date":
        return _date
    return _text


def _rounded_integer(value: Value) -> str:
    assert isinstance(value, int)
    return str(value) if abs(value) <= EXACT_IN_A_DOUBLE else repr(float(value))


def _decimal(value: Value) -> str:
    return format(value, "f")


def _boolean(value: Value) -> str:
    return "true" if value else "false"


def _hex(value: Value) -> str:
    return f'"{_bytes(value).hex()}"'


def _hex_with_prefix(value: Value) -> str:
    return f'"0x{_bytes(value).hex()}"'


def _bytes(value: Value) -> bytes:
    if isinstance(value, int):  # a BIT of several bits
        return value.to_bytes(8, "big")
    assert isinstance(value, bytes)
    return value


def _datetime(value: Value) -> str:
    return f'"{value.isoformat()}Z"'  # type: ignore[union-attr]


def _datetime_with_fraction(value: Value) -> str:
    return f'"{value.isoformat(timespec="microseconds")}Z"'  # type: ignore[union-attr, call-arg]


def _date(value: Value) -> str:
    return f'"{value.isoformat()}"'  # type: ignore[union-attr]


def _text(value: Value) -> str:
    if isinstance(value, timedelta):
        value = time_text(value)
    return encode_basestring(value if isinstance(value, str) else str(value))


def time_text(value: timedelta) -> str:
    """A TIME, which may be negative or longer than a day."""
    sign, length = ("-", -value) if value < timedelta(0) else ("", value)
    minutes, seconds = divmod(length.days * 86_400 + length.seconds, 60)
    fraction = f".{length.microseconds:06d}" if length.microseconds else ""
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}{fraction}"


def single_precision(value: float) -> float:
    """The shortest number that is this FLOAT: the log and DMS know it, SELECT rounds it away."""
    for digits in (6, 7, 8, 9):
        short = float(f"{value:.{digits}g}")
        if struct.pack("<f", short) == struct.pack("<f", value):
            return short
    return value


def plain_text(value: Value, kind: DmsType) -> str | None:
    """A value as text, where a rule asks for text."""
    if value is None:
        return None
    text = encoder(kind, JsonStyle())(value)
    if text.startswith('"') and kind.name not in _TEXT_TYPES:
        return text[1:-1]
    return (
        time_text(value)
        if isinstance(value, timedelta)
        else (value if isinstance(value, str) else text)
    )


def converter(source: DmsType, target: DmsType) -> Callable[[Value], Value]:
    """How `change-data-type` converts a value from one type to another.

    Raises:
        RehearsalError: (from what is returned) the value has no meaning in that type.
    """

    def convert(value: Value) -> Value:
        if value is None:
            return None
        try:
            return _converted(value, source, target)
        except (ValueError, InvalidOperation, OverflowError):
            raise RehearsalError(
                f"the value {plain_text(value, source)!r} of type {source.name} cannot become "
                f"{target.name}: correct the rule's data-type"
            ) from None

    return convert


def _converted(value: Value, source: DmsType, target: DmsType) -> Value:
    name = target.name
    if name in _BYTES_TYPES:
        return value if isinstance(value, bytes) else (plain_text(value, source) or "").encode()
    text = value.decode() if isinstance(value, bytes) else plain_text(value, source) or ""
    if name in _TEXT_TYPES or name == "time":
        return text[: target.length] if target.length else text
    if name == "boolean":
        return value if isinstance(value, bool) else Decimal(text) != 0
    if name in INTEGER_TYPES:
        if isinstance(value, bool):
            return int(value)
        return int(Decimal(text))
    if name == "numeric":
        number = Decimal(text)
        return number.quantize(Decimal(1).scaleb(-target.scale)) if target.precision else number
    if name in ("real4", "real8"):
        return float(text)
    if name == "date":
        return date.fromisoformat(text[:10])
    return datetime.fromisoformat(text).replace(tzinfo=None)


def limited_lob(limit_kb: int) -> Callable[[Value], tuple[Value, bool]]:
    """How the limited LOB mode cuts a value, and whether it did."""
    most = limit_kb * _BYTES_IN_KB

    def cut(value: Value) -> tuple[Value, bool]:
        if isinstance(value, str):
            data = value.encode()
            return (
                (value, False)
                if len(data) <= most
                else (data[:most].decode("utf-8", "ignore"), True)
            )
        if isinstance(value, bytes) and len(value) > most:
            return value[:most], True
        return value, False

    return cut
