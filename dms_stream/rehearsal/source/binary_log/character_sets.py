"""MySQL's character sets as Python decodes them, so that the log's text equals the selected one.

Each byte, and each pair of bytes, that both servers store in these sets was compared with what they
select as utf8mb4. Sets that are not here are refused: Python lacks them, or differs.
"""

import codecs
from typing import TYPE_CHECKING

from pymysqlreplication.constants.CHARSET import charset_by_id

if TYPE_CHECKING:
    from codecs import _Decoder

    from _typeshed import ReadableBuffer as Buffer

BINARY = "binary"

_SAME = {
    "ascii": "ascii",
    "cp1250": "cp1250",
    "cp1251": "cp1251",
    "cp1257": "cp1257",
    "cp850": "cp850",
    "cp852": "cp852",
    "cp932": "cp932",
    "euckr": "euc_kr",
    "gb2312": "gb2312",
    "gbk": "gbk",
    "koi8r": "koi8_r",
    "latin2": "iso8859_2",
    "latin5": "iso8859_9",
    "latin7": "iso8859_13",
    "macce": "mac_latin2",
    "macroman": "mac_roman",
    "tis620": "tis_620",
    "utf16": "utf_16_be",
    "utf16le": "utf_16_le",
    "utf32": "utf_32_be",
    "utf8": "utf8",
    "utf8mb3": "utf8",
    "utf8mb4": "utf8",
}
# single-byte sets in which MySQL gives a few bytes another meaning
_ALMOST = {
    "cp866": ("cp866", {0xFC: "ⁿ", 0xFD: "²"}),
    "koi8u": ("koi8_u", {0x95: "•"}),
    "latin1": ("cp1252", {byte: chr(byte) for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}),
}
_UCS2 = "ucs2"
_OURS = "mysql_"
# https://mariadb.com/kb/en/supported-character-sets-and-collations/: the ids of uca1400 collations,
# which mysql-replication takes for utf8, are in ranges of 256
_FIRST_UCA1400 = 8
_OF_UCA1400 = ("utf8mb3", "utf8mb4", "ucs2", "utf16", "utf32")


def character_set(collation_id: int, dbms: str) -> str:
    """MySQL's name of a collation's character set.

    Args:
        collation_id: Its number.
        dbms: `mysql` or `mariadb`.
    """
    known = charset_by_id(collation_id, dbms)
    if known is not None:
        return str(known.name)
    place = (collation_id >> 8) - _FIRST_UCA1400
    if dbms == "mariadb" and 0 <= place < len(_OF_UCA1400):
        return _OF_UCA1400[place]
    return f"of collation {collation_id}"


def codec(name: str) -> str | None:
    """Python's name for one of MySQL's character sets; None where it has no exact equal."""
    if name in _ALMOST or name == _UCS2:
        return _OURS + name
    return _SAME.get(name)


def _one_byte(base: str, others: dict[int, str]) -> "_Decoder":
    table = "".join(
        others.get(byte) or bytes([byte]).decode(base, "replace").replace("\ufffd", "\ufffe")
        for byte in range(256)
    )

    def decode(data: "Buffer", errors: str = "strict", /) -> tuple[str, int]:
        return codecs.charmap_decode(data, errors, table)

    return decode


def _ucs2(data: "Buffer", errors: str = "strict", /) -> tuple[str, int]:
    text, length = codecs.utf_16_be_decode(data, errors, True)
    if 2 * len(text) != length:  # a pair of surrogates, which ucs2 does not know
        raise UnicodeDecodeError(_UCS2, bytes(data), 0, length, "it has surrogates")
    return text, length


def _encode(*_: object) -> tuple[bytes, int]:
    raise NotImplementedError


_CODECS = {
    _OURS + name: codecs.CodecInfo(_encode, decode, name=_OURS + name)
    for name, decode in (
        *((name, _one_byte(*differing)) for name, differing in _ALMOST.items()),
        (_UCS2, _ucs2),
    )
}
codecs.register(_CODECS.get)
