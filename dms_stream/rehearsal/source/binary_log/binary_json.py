"""The binary log's JSON as the text that SELECT gives.

mysql-replication parses the stored form, but gives null as NULL and loses what JSON has no types
for: decimals, dates, times, bytes. So its packets hand out the stored form, and its parser keeps
those.
https://dev.mysql.com/doc/dev/mysql-server/latest/json__binary_8h.html
"""

from base64 import encodebytes
from collections.abc import Callable
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

from pymysqlreplication import json_binary
from pymysqlreplication.constants import FIELD_TYPE
from pymysqlreplication.packet import BinLogPacketWrapper
from pymysqlreplication.util.bytes import decode_decimal, decode_variable_length

# INSERT IGNORE of NULL into a NOT NULL column stores nothing
_NULL = bytes([json_binary.JSONB_TYPE_LITERAL, json_binary.JSONB_LITERAL_NULL])
# MySQL's my_gcvt writes exponents beyond these places of the point
_LEAST_POINT, _MOST_POINT = -14, 15


def json_text(stored: bytes) -> str:
    """The text of a JSON value.

    Args:
        stored: As the server stores it.
    """
    return _text(json_binary.parse_json(stored[0], stored[1:]))


def _text(value: Any) -> str:
    writer = _WRITERS.get(type(value))
    if writer is None:
        raise ValueError(f"{type(value).__name__} in a JSON value of the log")
    return writer(value)


def _object(value: dict[bytes, Any]) -> str:
    return "{" + ", ".join(f"{_string(key)}: {_text(item)}" for key, item in value.items()) + "}"


def _array(value: list[Any]) -> str:
    return "[" + ", ".join(map(_text, value)) + "]"


def _string(value: bytes) -> str:
    return encode_basestring(value.decode())


def double_text(value: float) -> str:
    """A DOUBLE as MySQL writes it in JSON: the shortest exact digits, with a point."""
    number = Decimal(repr(value)).normalize()
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    point = len(digits) + exponent
    # all seventeen digits take an exponent only where the point is not among them
    if not value or _LEAST_POINT <= point <= max(_MOST_POINT, len(digits) - 1):
        text = format(number, "f")
        return text if "." in text else f"{text}.0"
    first, rest = str(digits[0]), "".join(map(str, digits[1:]))
    return f"{'-' if sign else ''}{first}{'.' if rest else ''}{rest}e{point - 1}"


_WRITERS: dict[type, Callable[[Any], str]] = {
    dict: _object,
    list: _array,
    bytes: _string,
    str: encode_basestring,
    bool: lambda value: "true" if value else "false",
    int: str,
    float: double_text,
    Decimal: lambda value: format(value, "f"),
    type(None): lambda _: "null",
}


def _of_no_json_type(data: bytes) -> Decimal | str:
    kind = data[0]
    length, size = decode_variable_length(data[1:])
    value = data[1 + size : 1 + size + length]
    if kind in (FIELD_TYPE.NEWDECIMAL, FIELD_TYPE.DECIMAL):
        number: Decimal = decode_decimal(value)
        return number
    if kind in (FIELD_TYPE.DATE, FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP, FIELD_TYPE.TIME):
        return _temporal(kind, int.from_bytes(value, "little", signed=True))
    # a line break every 76 characters, but none at the end
    return f"base64:type{kind}:{encodebytes(value).decode()[:-1]}"


def _temporal(kind: int, packed: int) -> str:
    sign, packed = ("-", -packed) if packed < 0 else ("", packed)
    rest, fraction = divmod(packed, 1 << 24)
    clock = f"{rest >> 6 & 0x3F:02d}:{rest & 0x3F:02d}.{fraction:06d}"
    if kind == FIELD_TYPE.TIME:
        return f"{sign}{rest >> 12 & 0x3FF:02d}:{clock}"
    year, month = divmod(rest >> 22, 13)
    day = f"{year:04d}-{month:02d}-{rest >> 17 & 0x1F:02d}"
    return day if kind == FIELD_TYPE.DATE else f"{day} {rest >> 12 & 0x1F:02d}:{clock}"


def _stored(packet: BinLogPacketWrapper, size: int, is_partial: bool) -> bytes:
    del is_partial  # their events are refused
    return packet.read(packet.read_uint_by_size(size)) or _NULL


json_binary.parse_opaque = _of_no_json_type
BinLogPacketWrapper.read_binary_json = _stored
