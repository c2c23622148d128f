"""MySQL's stored JSON as the text that SELECT gives, value by value; rows: test_binary_log.py.

https://dev.mysql.com/doc/dev/mysql-server/latest/json__binary_8h.html
"""

import struct
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pymysqlreplication.constants import FIELD_TYPE
from pymysqlreplication.packet import BinLogPacketWrapper

from dms_stream.rehearsal.source.binary_log.binary_json import _text, json_text

NULL, TRUE, FALSE = b"\x04\x00", b"\x04\x01", b"\x04\x02"


def text(value: str) -> bytes:
    """A string, stored."""
    data = value.encode()
    length = [len(data)] if len(data) < 128 else [len(data) & 127 | 128, len(data) >> 7]
    return b"\x0c" + bytes(length) + data


def opaque(kind: int, data: bytes) -> bytes:
    """A value for which JSON has no type, stored."""
    return b"\x0f" + bytes([kind, len(data)]) + data


def moment(kind: int, packed: int) -> bytes:
    """A date or time, stored."""
    return opaque(kind, packed.to_bytes(8, "little", signed=True))


def packed(
    year: int = 0, month: int = 0, day: int = 0, hour: int = 0, minute: int = 0, second: int = 0,
    microsecond: int = 0,
) -> int:  # fmt: skip
    """As MySQL packs them into one number."""
    days = (year * 13 + month) << 5 | day
    return ((days << 17) | hour << 12 | minute << 6 | second) << 24 | microsecond


def array(*values: bytes) -> bytes:
    """A small array, stored."""
    head = 4 + 3 * len(values)
    entries, rest = b"", b""
    for value in values:
        if value[0] in (4, 5, 6):
            entries += value[:1] + value[1:].ljust(2, b"\x00")
        else:
            entries += value[:1] + struct.pack("<H", head + len(rest))
            rest += value[1:]
    return b"\x02" + struct.pack("<HH", len(values), head + len(rest)) + entries + rest


def document(**values: bytes) -> bytes:
    """A small object, stored."""
    head = 4 + 7 * len(values)
    names = [name.encode() for name in values]
    keys, entries, rest = b"", b"", b""
    for name in names:
        place = head + sum(map(len, names[: names.index(name)]))
        keys += struct.pack("<HH", place, len(name))
    head += sum(map(len, names))
    for value in values.values():
        if value[0] in (4, 5, 6):
            entries += value[:1] + value[1:].ljust(2, b"\x00")
        else:
            entries += value[:1] + struct.pack("<H", head + len(rest))
            rest += value[1:]
    size = struct.pack("<HH", len(values), head + len(rest))
    return b"\x00" + size + keys + entries + b"".join(names) + rest


@pytest.mark.parametrize(
    ("stored", "found"),
    [
        *((NULL, "null"), (TRUE, "true"), (FALSE, "false")),
        (b"\x05" + struct.pack("<h", -2), "-2"),
        (b"\x06" + struct.pack("<H", 65_535), "65535"),
        (b"\x07" + struct.pack("<i", -(2**31)), "-2147483648"),
        (b"\x08" + struct.pack("<I", 2**32 - 1), "4294967295"),
        (b"\x09" + struct.pack("<q", -(2**63)), "-9223372036854775808"),
        (b"\x0a" + struct.pack("<Q", 2**64 - 1), "18446744073709551615"),
        (b"\x0b" + struct.pack("<d", 1.5), "1.5"),
        (b"\x0b" + struct.pack("<d", 3.0), "3.0"),
        (b"\x0b" + struct.pack("<d", -1e20), "-1e20"),
        (text('Ä "'), '"Ä \\""'),
        (text("x" * 200), '"' + "x" * 200 + '"'),
        (opaque(FIELD_TYPE.NEWDECIMAL, b"\x02\x01\x81\x05"), "1.5"),
        (opaque(FIELD_TYPE.NEWDECIMAL, b"\x02\x01\x7e\xfa"), "-1.5"),
        (moment(FIELD_TYPE.DATE, packed(2024, 2, 29)), '"2024-02-29"'),
        (
            moment(FIELD_TYPE.DATETIME, packed(2024, 12, 31, 23, 59, 58, 7)),
            '"2024-12-31 23:59:58.000007"',
        ),
        (moment(FIELD_TYPE.TIMESTAMP, packed(1, 1, 1)), '"0001-01-01 00:00:00.000000"'),
        (moment(FIELD_TYPE.TIME, packed(hour=838, minute=59, second=1)), '"838:59:01.000000"'),
        (moment(FIELD_TYPE.TIME, -packed(hour=1, microsecond=5)), '"-01:00:00.000005"'),
        (opaque(FIELD_TYPE.BLOB, b"\x00\xff"), '"base64:type252:AP8="'),
        (
            opaque(FIELD_TYPE.BLOB, b"a" * 60),
            '"base64:type252:' + "YWFh" * 19 + "\\n" + "YWFh" + '"',
        ),
        (array(), "[]"),
        (array(NULL, TRUE, b"\x05\x07\x00", text("é")), '[null, true, 7, "é"]'),
        (
            document(a=array(text("b")), é=NULL, c=document(d=b"\x05\x01\x00")),
            '{"a": ["b"], "é": null, "c": {"d": 1}}',
        ),
    ],
)
def test_a_stored_value_reads_as_select_gives_it(stored: bytes, found: str) -> None:
    assert json_text(stored) == found


def test_what_json_does_not_have_is_an_error() -> None:
    with pytest.raises(ValueError, match="set in a JSON value of the log"):
        _text({1})


@pytest.mark.parametrize(("content", "stored"), [(b"\x04\x01", b"\x04\x01"), (b"", NULL)])
def test_a_packet_hands_out_what_is_stored_and_nothing_is_null(
    content: bytes, stored: bytes
) -> None:
    """INSERT IGNORE of NULL into a NOT NULL column stores nothing."""
    asked: list[int] = []

    def read_uint_by_size(size: int) -> int:
        asked.append(size)
        return len(content)

    packet: Any = SimpleNamespace(
        read_uint_by_size=read_uint_by_size, read=lambda size: content[:size]
    )
    read = cast(Any, BinLogPacketWrapper.read_binary_json)
    assert read(packet, 4, False) == stored
    assert asked == [4]
