"""YAML files that people write, read with limits: none of them costs more than its size."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    Event,
    ScalarEvent,
)
from ruamel.yaml.reader import ReaderError

from constructs_lib.errors import Fault, FaultsError

# a hundred times what a large environment needs
MOST_BYTES = 512 * 1024
DEEPEST = 50
MOST_VALUES = 50_000
"""Values of a document, those counted again that an alias repeats."""

# what ruamel says, and what it means to whoever wrote the file; behind "is not valid YAML, as it"
_WORDS = (
    (r"found character '\\t'", "is indented with a tab: use spaces"),
    (
        r"found character '(.+)' that cannot start",
        "begins a text with `{}`, which means something else in YAML: put the text in quotes",
    ),
    ("another document", "begins a second document: a file holds one, so take out `---`"),
    (
        r"constructor for the tag '(.+)'",
        "has the tag `{}`, which means nothing here: take it out, or put the text in quotes",
    ),
    (
        r"undefined alias '(.+)'",
        "uses `*{0}`, and nothing above it is named `&{0}`: name it there, or put the text in "
        "quotes",
    ),
    (r'duplicate key "(.+?)"', "names `{}` a second time: leave one of the two out"),
    ("could not find expected ':'", "has no `: ` behind a key: write `key: value`"),
    (
        "mapping values are not allowed",
        "has a `: ` where no key can be: put the text in quotes, or begin the key on a line of its "
        "own, as far to the right as its neighbours",
    ),
    ("expected <block end>", "does not begin as far to the right as its neighbours: align it"),
    ("unexpected end of stream", "has a quote that is not closed: close it"),
    ("expected ',' or", "has a bracket that is not closed, or lacks a comma: add it"),
    ("incompatible YAML document", "asks for another YAML than 1.2: take out the line `%YAML`"),
    (
        r"unknown escape character '(.+)'",
        "has the escape `\\{}` in double quotes, which YAML lacks: use single quotes",
    ),
    ("for merging", "gives `<<` something else than a mapping: write `<<: *name`"),
)


def read_yaml(path: Path, error_class: type[FaultsError]) -> Any:
    """What a YAML file holds.

    Args:
        path: The file.
        error_class: What is raised.

    Raises:
        FaultsError: of the class given; the file cannot be read, is not valid YAML, or is larger
            or deeper than a person writes.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise error_class(str(path), [Fault("(file)", f"cannot be read: {reason}")]) from None
    return parse_yaml(content, str(path), error_class)


def parse_yaml(content: bytes | str, source: str, error_class: type[FaultsError]) -> Any:
    """What YAML text holds.

    Args:
        content: The text, or its UTF-8.
        source: Where it is from.
        error_class: What is raised.

    Raises:
        FaultsError: of the class given; it is not valid YAML, or is larger or deeper than a person
            writes.
    """
    try:
        if len(content) > MOST_BYTES:
            raise error_class(
                source,
                [Fault("(file)", f"has more than {MOST_BYTES // 1024} KiB: shorten it")],
            )
        text = content if isinstance(content, str) else content.decode("utf-8")
        problem = _beyond_limits(_yaml().parse(text))
        if problem is not None:
            raise error_class(source, [Fault(*problem)])
        # ruamel's safe loader refuses duplicate keys; YAML 1.2, so `no` stays a string
        return _yaml().load(text)
    except FaultsError:
        # it is a ValueError, too
        raise
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "(unknown place)"
        words = _in_words(str(error.problem or error.context))
        raise error_class(source, [Fault(where, f"is not valid YAML{words}")]) from None
    except ReaderError as error:
        words = (
            f"is not valid YAML, as it holds the control character U+{error.character:04X} at "
            f"character {error.position + 1}: take it out"
        )
        raise error_class(source, [Fault("(file)", words)]) from None
    except UnicodeDecodeError as error:
        place = f"byte {error.start + 1}"
        raise error_class(
            source, [Fault("(file)", f"cannot be read: {place} is not UTF-8, so save it as UTF-8")]
        ) from None
    except (YAMLError, ValueError) as error:
        # a value that only looks like one of its kind, such as the 30th of February
        raise error_class(source, [Fault("(file)", f"is not valid YAML: {error}")]) from None


def _in_words(problem: str) -> str:
    for pattern, words in _WORDS:
        if match := re.search(pattern, problem):
            return f", as it {words.format(*match.groups())}"
    return f": {' '.join(problem.split())}"


def _yaml() -> YAML:
    return YAML(typ="safe", pure=True)


def _beyond_limits(events: Iterable[Event]) -> tuple[str, str] | None:
    """Where and why a document is beyond the limits; it is read no further than there."""
    # the values of each collection that is open, and of all that have a name
    counts, names, sizes = [0], [""], dict[str, int]()
    for event in events:
        where = f"line {event.start_mark.line + 1}"
        if isinstance(event, AliasEvent):
            counts[-1] += sizes.get(event.anchor, 1)
        elif isinstance(event, ScalarEvent):
            counts[-1] += 1
            sizes[event.anchor or ""] = 1
        elif isinstance(event, CollectionStartEvent):
            counts.append(1)
            names.append(event.anchor or "")
        elif isinstance(event, CollectionEndEvent):
            count, name = counts.pop(), names.pop()
            counts[-1] += count
            sizes[name] = count
        if len(counts) > DEEPEST + 1:
            return where, f"is nested more than {DEEPEST} deep: write it flat"
        if sum(counts) > MOST_VALUES:
            return where, (
                f"makes more than {MOST_VALUES} values, those counted again that an alias (`*name`)"
                " repeats: leave some out"
            )
    return None
