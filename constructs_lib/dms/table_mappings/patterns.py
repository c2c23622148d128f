"""The wildcards of table mappings.

`%` is any number of characters, `_` exactly one, `[ab]` and `[a-d]` one of a set, `[_]` an
underscore itself; names are case-sensitive:
https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Wildcards.html
"""

import re
from collections.abc import Callable
from functools import lru_cache

_PARTS = re.compile(r"%|_|\[([^\[\]]+)\]|.", re.DOTALL)
_SET = re.compile(r"\[[^\[\]]+\]")


def matches(pattern: str, name: str) -> bool:
    """Whether a schema's or table's name is covered by a name or pattern of a rule."""
    return _compiled(pattern).fullmatch(name) is not None


# one document asks the same few patterns about every table and rule
@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    expression = "".join(_expression(part) for part in _PARTS.finditer(pattern))
    return re.compile(expression, re.DOTALL)


def _expression(part: re.Match[str]) -> str:
    text = part.group()
    if text == "%":
        return ".*"
    if text == "_":
        return "."
    if part.group(1) is None:
        return re.escape(text)
    # only the range's dash keeps a meaning inside a set
    return "[" + "-".join(re.escape(piece) for piece in part.group(1).split("-")) + "]"


def covers(pattern: str, other: str) -> bool:
    """Whether every name of one pattern is surely one of another as well.

    A set such as `[ab]` in `other` counts as covered only where any character would be.
    """
    if pattern == other:
        return True
    # a character that no name holds is matched by wildcards only; so many of it, or none, by % only
    many = _NO_CHARACTER * (len(pattern) + 1)
    return all(matches(pattern, _SAMPLED.sub(_sample(text), other)) for text in (many, ""))


_NO_CHARACTER = "\N{NULL}"
_SAMPLED = re.compile(r"%|_|\[[^\[\]]+\]")


def _sample(of_percent: str) -> Callable[[re.Match[str]], str]:
    def sample(part: re.Match[str]) -> str:
        if part.group() == "[_]":
            return "_"
        return of_percent if part.group() == "%" else _NO_CHARACTER

    return sample


def has_wildcard(name: str) -> bool:
    """Whether a name holds `%` or a set such as `[ab]`.

    A bare `_` does not count: it is also the most common character of exact names.
    """
    return "%" in name or _SET.search(name) is not None


def without_sets(name: str) -> str:
    """The name without its sets such as `[a-d]`, whose dash is no part of any name."""
    return _SET.sub("", name)
