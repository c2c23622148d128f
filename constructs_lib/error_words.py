"""What pydantic finds wrong, said in this project's words."""

import difflib
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import PurePath
from typing import Any, cast, get_args

from pydantic_core import PydanticCustomError, core_schema, to_json, to_jsonable_python

DURATION_WORDS = (
    "a duration needs its unit: write 60s, 5m, 24h or 7d, or ISO 8601 such as PT60S, PT5M, PT24H "
    "or P7D"
)
_LIST = "must be a list: write `[a, b]`, or one item a line behind `- `"
_MAPPING = "must be a mapping of keys to values: write one `key: value` a line"
_NUMBER = "must be a number, without quotes or a unit"
_WHOLE = "must be a whole number, without quotes or a unit"
_MOMENT = "must be a date and a time with its offset, such as 2026-03-01T00:00:00Z"
_DAY = "must be a date, such as 2026-01-31"
_SWITCH = "must be true or false"

# by pydantic's names of its errors, which are part of its interface, as its messages are not:
# https://docs.pydantic.dev/latest/errors/validation_errors/
_WORDS: Mapping[str, str] = {
    "missing": "is required and has no default: add it",
    "string_type": "must be text: put it in quotes",
    "string_sub_type": "must be text: put it in quotes",
    "string_unicode": "must be text in UTF-8",
    "string_too_short": "must be {min_length} or more characters long",
    "string_too_long": "must have {max_length} characters or fewer",
    "string_pattern_mismatch": "must match {pattern}",
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing_size": "must be a whole number with fewer digits",
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": "must be a finite number",
    "bool_type": _SWITCH,
    "bool_parsing": _SWITCH,
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be {le} or less",
    "multiple_of": "must be a multiple of {multiple_of}",
    "too_short": "must hold {min_length} or more, and holds {actual_length}: add some",
    "too_long": "must hold {max_length} or fewer, and holds {actual_length}: leave some out",
    "tuple_type": _LIST,
    "list_type": _LIST,
    "dict_type": _MAPPING,
    "mapping_type": _MAPPING,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "dict_attributes_type": _MAPPING,
    "invalid_key": "must be text: put the key in quotes",
    "literal_error": "must be {expected}",
    "none_required": "must be left out",
    "union_tag_not_found": "must say its {discriminator}",
    "time_delta_type": DURATION_WORDS,
    "time_delta_parsing": DURATION_WORDS,
    "datetime_type": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "datetime_object_invalid": _MOMENT,
    "timezone_aware": _MOMENT,
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "path_type": "must be the path of a file, as text",
    "recursion_loop": "refers to itself",
}
_OF_A_KIND = ("_type", "_parsing")
_NOTHING = "has no value: give one, or leave the key out where it has a default"
_ELSE = "is not what this setting takes: see its description in docs/settings.md"
# ours already: what a validator of this project says
_OURS = ("value_error", "assertion_error")
_SAID = "said:"
_PYDANTICS = frozenset(get_args(core_schema.ErrorType))


def said(detail: Mapping[str, Any], *, more: str = "") -> PydanticCustomError:
    """An error of pydantic's as one that says our words.

    Args:
        detail: One of `ValidationError.errors()`.
        more: A sentence to add.
    """
    words = sentence(detail) + (f". {more}" if more else "")
    return PydanticCustomError(cast(Any, _SAID + kind_of(detail)), cast(Any, words))


def kind_of(detail: Mapping[str, Any]) -> str:
    """Pydantic's name of an error, whether it has been said already or not."""
    return str(detail["type"]).removeprefix(_SAID)


def is_said(detail: Mapping[str, Any]) -> bool:
    """Whether an error says our words."""
    return str(detail["type"]).startswith(_SAID)


def sentence(detail: Mapping[str, Any]) -> str:
    """An error of pydantic's as a sentence behind the name of the setting."""
    kind, context = str(detail["type"]), detail.get("ctx") or {}
    message = str(detail["msg"])
    if is_said(detail):
        return message
    if kind in _OURS:
        # pydantic's own prefix carries nothing for the reader
        return message.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    if kind == "union_tag_invalid":
        return _unknown_variant(context)
    if kind.endswith(_OF_A_KIND) and detail.get("input", "") is None and kind in _WORDS:
        return _NOTHING
    if kind in _WORDS:
        return _WORDS[kind].format_map({key: _number(item) for key, item in context.items()})
    # a custom error of ours has no address in pydantic's documentation
    return _ELSE if kind in _PYDANTICS else message


def _unknown_variant(context: Mapping[str, Any]) -> str:
    known = [name.strip().strip("'") for name in str(context["expected_tags"]).split(",")]
    close = difflib.get_close_matches(str(context["tag"]), known, n=1)
    advice = f"; did you mean {close[0]}?" if close else "."
    name = str(context["discriminator"]).strip("'").removesuffix("()")
    return f"has an unknown {name} `{context['tag']}`{advice} Allowed: {', '.join(known)}"


def _number(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def shown(value: object) -> str:
    """A value as a message shows it: as Python or YAML would write it, without class names."""
    return repr(_plain(value))


def key_shown(key: object) -> str:
    """A mapping's key as a message shows it."""
    return str(_plain(key))


class _Bare(str):
    """A text that stands without quotes."""

    def __repr__(self) -> str:
        return str(self)


def _plain(value: object) -> object:
    if isinstance(value, timedelta):
        return _Bare(to_jsonable_python(value, timedelta_mode="iso8601"))
    if isinstance(value, date):
        return _Bare(value.isoformat())
    if value is None or isinstance(value, bool):
        return _Bare(to_json(value).decode())
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return tuple(map(_plain, value)) if type(value) is tuple else value
