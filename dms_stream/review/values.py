"""Looking into the values of a plan: paths, documents written as JSON, and what is equal."""

import json
from collections.abc import Iterator
from functools import lru_cache
from itertools import zip_longest
from typing import Any

Path = tuple[str | int, ...]

_DEEPEST = 200
"""Levels of a plan: several times what Terraform writes, and few enough to be walked through."""


@lru_cache(maxsize=4096)
def path_of(text: str) -> Path:
    """`kinesis_settings.0.message_format` as the keys and positions to follow."""
    return tuple(int(part) if part.isdigit() else part for part in text.split("."))


def text_of(path: Path) -> str:
    """The keys and positions as text again."""
    return ".".join(str(part) for part in path)


def at(value: Any, path: str) -> Any:
    """What is at a path; None where there is nothing."""
    for part in path_of(path):
        if isinstance(value, dict):
            value = value.get(str(part))
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value


def marks(value: Any, path: str) -> bool:
    """Whether a map of marks (unknown, sensitive) marks a path, or something above or below it."""
    if not value:
        return False
    for part in path_of(path):
        if value is True:
            return True
        if isinstance(value, dict):
            value = value.get(str(part))
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return False
    return has_mark(value)


def has_mark(value: Any) -> bool:
    """Whether anything in a map of marks is marked."""
    if isinstance(value, dict):
        return any(has_mark(inner) for inner in value.values())
    if isinstance(value, list):
        return any(has_mark(inner) for inner in value)
    return value is True


def marked_paths(value: Any, path: str = "") -> Iterator[str]:
    """The innermost paths that a map of marks marks."""
    if value is True:
        yield path
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from marked_paths(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from marked_paths(inner, f"{path}.{number}" if path else str(number))


def are_marks(value: Any, of: Any) -> bool:
    """Whether something is a map of marks as Terraform writes it, of the same shape as a value."""
    if isinstance(value, dict):
        inside = of if isinstance(of, dict) else {}
        return not isinstance(of, list) and all(
            are_marks(inner, inside.get(key)) for key, inner in value.items()
        )
    if isinstance(value, list):
        entries = of if isinstance(of, list) else []
        return not isinstance(of, dict) and all(
            are_marks(inner, entry) for inner, entry in zip_longest(value, entries[: len(value)])
        )
    return value is None or isinstance(value, bool)


@lru_cache(maxsize=16384)
def schema_path(path: str) -> str:
    """A path without the positions in lists, as a provider's schema has it."""
    return ".".join(part for part in path.split(".") if not part.isdigit())


def differing_paths(one: Any, other: Any, path: str = "") -> Iterator[str]:
    """The innermost paths at which two values differ in meaning."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in dict.fromkeys([*one, *other]):
            yield from differing_paths(one.get(key), other.get(key), f"{path}.{key}".lstrip("."))
    elif _are_blocks(one, other):
        # a block that is not there is one that says nothing
        for number, (first, second) in enumerate(zip_longest(one or (), other or ())):
            inner = f"{path}.{number}".lstrip(".")
            within = list(differing_paths(first or {}, second or {}, inner))
            # but that it is there may be all that it says, as in `block {}`
            yield from within or ([inner] if (first is None) != (second is None) else [])
    elif not same(one, other):
        yield path


def _are_blocks(one: Any, other: Any) -> bool:
    values = [value for value in (one, other) if value]
    return bool(values) and all(
        isinstance(value, list) and all(isinstance(each, dict) for each in value)
        for value in values
    )


def is_too_deep(value: Any) -> bool:
    """Whether a value is nested deeper than what looks into values goes."""
    level = [value]
    for _ in range(_DEEPEST):
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def document(text: Any) -> Any:
    """The document that a text holds as JSON; None where it holds none."""
    if not isinstance(text, str):
        return None
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return None if isinstance(parsed, dict | list) and is_too_deep(parsed) else parsed


def is_empty(value: Any) -> bool:
    """Whether a provider says nothing with it: null, an empty text, list or map."""
    return value is None or value == "" or value == [] or value == {}


def same(one: Any, other: Any) -> bool:
    """Whether two values mean the same: JSON in another order, null or nothing, 1 or "1"."""
    if one is other or (one == other and type(one) is type(other)):
        return True
    return bool(_plain(one) == _plain(other))


def _plain(value: Any) -> Any:
    if is_empty(value):
        return None
    if isinstance(value, dict):
        return {key: plain for key, inner in value.items() if (plain := _plain(inner)) is not None}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, str):
        return _plain_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(int(value)) if value == value // 1 else repr(value)
    return value


def _plain_text(text: str) -> Any:
    if text.lstrip()[:1] in ("{", "["):
        parsed = document(text)
        if parsed is not None:
            # inside a document null and nothing differ: an absent setting is left as it is
            return json.dumps(parsed, sort_keys=True)
    return text
