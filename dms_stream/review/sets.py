"""Entries of sets: a plan lists them by their content, so another content is another order."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from dms_stream.review.provider_schema import named_sets

_BEFORE = ("before", "before_sensitive")
_AFTER = ("after", "after_unknown", "after_sensitive")

Name = tuple[str, int]
"""What an entry is called, and how many of that name stand before it."""


def pair_entries(type_: str, change: dict[str, Any]) -> None:
    """Give the entries of each set the same positions before and after where they have the same
    name, so that what is at a path is about the same entry.

    Args:
        type_: The resource's type.
        change: Its values and their marks, as a plan has them; changed in place.
    """
    for path, name in named_sets(type_):
        before, after = ([change.get(key) for key in keys] for keys in (_BEFORE, _AFTER))
        _pair(path, name, before, after)


def _pair(path: Sequence[str], name: str, before: list[Any], after: list[Any]) -> None:
    """Pair what is at a path, in values (which come first) and in their marks."""
    key, *inner = path
    before, after = (
        [each.get(key) if isinstance(each, dict) else None for each in side]
        for side in (before, after)
    )
    if not (isinstance(before[0], list) and isinstance(after[0], list)):
        return
    if not inner:
        _put_in_order(name, before, after)
        return
    for number in range(min(len(before[0]), len(after[0]))):
        _pair(inner, name, _each(before, number), _each(after, number))


def _each(lists: list[Any], number: int) -> list[Any]:
    return [
        each[number] if isinstance(each, list) and number < len(each) else None for each in lists
    ]


def _put_in_order(name: str, before: list[Any], after: list[Any]) -> None:
    sides = [(side, _names(side[0], name)) for side in (before, after)]
    # marks that do not fit stay with what they mark only if nothing moves
    if any(
        isinstance(each, list) and len(each) != len(names) for side, names in sides for each in side
    ):
        return
    kept = [each for each in sides[0][1] if each in sides[1][1]]
    for side, names in sides:
        positions = {each: number for number, each in enumerate(names)}
        order = [positions.pop(each) for each in kept]
        order += positions.values()
        for each in side:
            if isinstance(each, list):
                each[:] = [each[number] for number in order]


def _names(entries: list[Any], name: str) -> dict[Name, None]:
    seen: Counter[str] = Counter()
    found: dict[Name, None] = {}
    for each in entries:
        text = str(each.get(name)) if isinstance(each, dict) else ""
        found[text, seen[text]] = None
        seen[text] += 1
    return found
