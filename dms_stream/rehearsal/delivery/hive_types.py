"""The types of a Glue table: what Firehose accepts for a column, and what Parquet then holds.

A value is read as the OpenX SerDe reads it: a string column takes any JSON as its text, a number
may stand in quotes. https://docs.aws.amazon.com/athena/latest/ug/openx-json-serde.html
"""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

_MOST_SECONDS = 10**11
"""A timestamp above it is in milliseconds: it would be in the year 5138."""

_INTEGERS = {"tinyint": 8, "smallint": 16, "int": 32, "integer": 32, "bigint": 64}


class HiveType(ABC):
    """A column's or field's type.

    Attributes:
        duckdb: DuckDB's name of it.
    """

    duckdb: str

    @abstractmethod
    def read(self, value: Any) -> Any:
        """The value as it goes to DuckDB, which casts it to the type; None stays None.

        Raises:
            ValueError: it does not fit.
        """


@dataclass(frozen=True)
class _Scalar(HiveType):
    duckdb: str
    convert: Callable[[Any], Any]

    def read(self, value: Any) -> Any:
        return None if value is None else self.convert(value)


@dataclass(frozen=True)
class _List(HiveType):
    item: HiveType

    @property
    def duckdb(self) -> str:  # type: ignore[override]
        return f"{self.item.duckdb}[]"

    def read(self, value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, list):
            raise ValueError("is not a list")
        return [self.item.read(one) for one in value]


@dataclass(frozen=True)
class _Map(HiveType):
    value: HiveType

    @property
    def duckdb(self) -> str:  # type: ignore[override]
        return f"MAP(VARCHAR, {self.value.duckdb})"

    def read(self, value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, dict):
            raise ValueError("is not an object")
        return {key: self.value.read(one) for key, one in value.items()}


@dataclass(frozen=True)
class Struct(HiveType):
    """Named fields, as in a column of type struct; a row of a table is one as well.

    Attributes:
        fields: Types by name, in order.
        keys: JSON keys of fields that have other names in the records.
        ignores_case: Whether JSON keys match in any case.
    """

    fields: dict[str, HiveType]
    keys: dict[str, str]
    ignores_case: bool

    @property
    def duckdb(self) -> str:  # type: ignore[override]
        """DuckDB's name of it."""
        return f"STRUCT({self.columns})"

    @property
    def columns(self) -> str:
        """Its fields, as in a DuckDB struct."""
        return ", ".join(f"{quoted(name)} {type_.duckdb}" for name, type_ in self.fields.items())

    def read(self, value: Any) -> Any:
        """The fields of an object that the type has; others are left out."""
        if value is None:
            return None
        if not isinstance(value, dict):
            raise ValueError("is not an object")
        if self.ignores_case:
            value = {key.lower(): one for key, one in value.items()}
        found = {}
        for name, type_ in self.fields.items():
            key = self.keys.get(name, name)
            given = value.get(key.lower() if self.ignores_case else key)
            try:
                found[name] = type_.read(given)
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None
        return found


def parse(text: str, *, ignores_case: bool) -> HiveType:
    """The type of a Glue column.

    Raises:
        ValueError: a type that is not reproduced.
    """
    found, rest = _parse(text.strip(), ignores_case)
    if rest:
        raise ValueError(f"{text} is not a Glue column type: unexpected {rest}")
    return found


def quoted(name: str) -> str:
    """A name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def _parse(text: str, ignores_case: bool) -> tuple[HiveType, str]:
    match = re.match(r"\s*([a-z]+)(\([\d,\s]+\))?", text, re.IGNORECASE)
    if not match:
        raise ValueError(f"{text or 'nothing'} is not a Glue column type")
    name, arguments, rest = match[1].lower(), match[2] or "", text[match.end() :]
    if name in ("array", "map", "struct") and rest.startswith("<"):
        return _parse_nested(name, rest[1:], ignores_case)
    if name in _INTEGERS:
        return _integer(_INTEGERS[name]), rest
    if name == "decimal":
        return _Scalar(f"DECIMAL{arguments or '(10,0)'}", _decimal_text), rest
    if name in ("varchar", "char"):
        return _SCALARS["string"], rest
    if name in _SCALARS:
        return _SCALARS[name], rest
    raise ValueError(f"the type {name} is not reproduced")


def _parse_nested(name: str, text: str, ignores_case: bool) -> tuple[HiveType, str]:
    if name == "array":
        item, rest = _parse(text, ignores_case)
        return _List(item), _after(rest, ">")
    if name == "map":
        key, rest = _parse(text, ignores_case)
        if key.duckdb != "VARCHAR":
            raise ValueError("a map's keys must be strings, as they are in JSON")
        value, rest = _parse(_after(rest, ","), ignores_case)
        return _Map(value), _after(rest, ">")
    fields: dict[str, HiveType] = {}
    rest = "," + text
    while rest.startswith(","):
        field, _, rest = rest[1:].partition(":")
        fields[field.strip()], rest = _parse(rest, ignores_case)
        rest = rest.lstrip()
    return Struct(fields, {}, ignores_case), _after(rest, ">")


def _after(text: str, mark: str) -> str:
    text = text.lstrip()
    if not text.startswith(mark):
        raise ValueError(f"a Glue column type lacks {mark} before {text or 'its end'}")
    return text[1:]


def _integer(bits: int) -> HiveType:
    names = {8: "TINYINT", 16: "SMALLINT", 32: "INTEGER", 64: "BIGINT"}
    limit = 2 ** (bits - 1)

    def convert(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise ValueError(f"{_shown(value)} is not an integer")
        number = int(value)
        if not -limit <= number < limit:
            raise ValueError(f"{number} does not fit in {bits} bits")
        return number

    return _Scalar(names[bits], convert)


def _decimal_text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise ValueError(f"{_shown(value)} is not a number")
    try:
        return format(Decimal(value), "f")
    except InvalidOperation:
        raise ValueError(f"{_shown(value)} is not a number") from None


def _float_text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise ValueError(f"{_shown(value)} is not a number")
    return repr(float(value))


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise ValueError(f"{_shown(value)} is not a boolean")


def _string(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return str(value)
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=_json_number)


def _json_number(value: Decimal) -> float:
    return float(value)


def _date(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{_shown(value)} is not a date")
    return date.fromisoformat(value).isoformat()


def _timestamp(value: Any) -> str:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        seconds = float(value)
        if abs(seconds) >= _MOST_SECONDS:
            seconds /= 1000
        try:
            moment = datetime.fromtimestamp(seconds, UTC)
        except (OverflowError, OSError):
            raise ValueError(f"{_shown(value)} is not a timestamp") from None
    elif isinstance(value, str):
        moment = datetime.fromisoformat(value)
    else:
        raise ValueError(f"{_shown(value)} is not a timestamp")
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment.isoformat(" ")


def _shown(value: Any) -> str:
    return str(value)[:60]


_SCALARS: dict[str, HiveType] = {
    "string": _Scalar("VARCHAR", _string),
    "boolean": _Scalar("BOOLEAN", _boolean),
    "float": _Scalar("FLOAT", _float_text),
    "double": _Scalar("DOUBLE", _float_text),
    "date": _Scalar("DATE", _date),
    "timestamp": _Scalar("TIMESTAMP", _timestamp),
}
