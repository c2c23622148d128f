"""The tags of an environment, as all the services that get them take them."""

import unicodedata
from collections.abc import Mapping

from constructs_lib.errors import Fault

OURS = ("environment", "pipeline", "managed-by")
"""Tags that the stacks set themselves."""

_MOST = 50
_KEY_MAX_LENGTH, _VALUE_MAX_LENGTH = 128, 256
# every service that is tagged here takes these; DMS alone refuses `@`
_PUNCTUATION = frozenset("_.:/=+-")
_RESERVED_PREFIXES = ("aws:", "dms:", "rds:")
_SOURCE = (
    "https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html, "
    "https://docs.aws.amazon.com/dms/latest/APIReference/API_Tag.html"
)


def tag_faults(tags: Mapping[str, str]) -> list[Fault]:
    """What AWS refuses, or what would overwrite a tag that is there already.

    IAM does not tell keys apart by their case, so nothing here does:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
    """
    faults = []
    if len(tags) > _MOST - len(OURS):
        faults.append(
            Fault(
                "tags",
                f"may hold {_MOST - len(OURS)}: AWS takes {_MOST} for a resource, and "
                f"{', '.join(OURS)} are added. Leave some out ({_SOURCE})",
                f"{len(tags)} tags",
            )
        )
    seen: dict[str, str] = {}
    for key, value in tags.items():
        where = f"tags.{key}" if key else "tags"
        faults += [Fault(where, problem, key) for problem in _key_problems(key, seen)]
        faults += [Fault(where, problem, value) for problem in _value_problems(value)]
        seen[key.lower()] = key
    return faults


def _key_problems(key: str, seen: Mapping[str, str]) -> list[str]:
    if not key:
        return [f"has an empty key: give the tag a name ({_SOURCE})"]
    problems = _form_problems("key", key, _KEY_MAX_LENGTH)
    if key.lower() in OURS:
        problems.append(
            f"is a tag that every resource has already, whatever the case of the key: rename it. "
            f"Taken: {', '.join(OURS)}"
        )
    elif key.lower() == "name":
        problems.append(
            "would give everything the same name, and the network's parts have names of their "
            "own: rename it"
        )
    elif key.lower() in seen:
        problems.append(
            f"differs from {seen[key.lower()]} in case only, and IAM takes the two for one: leave "
            "one out (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html)"
        )
    return problems


def _value_problems(value: str) -> list[str]:
    return _form_problems("value", value, _VALUE_MAX_LENGTH)


def _form_problems(what: str, text: str, most: int) -> list[str]:
    problems = []
    if len(text) > most:
        problems.append(f"has a {what} of {len(text)} characters, and AWS takes {most}: shorten it")
    if reserved := next((word for word in _RESERVED_PREFIXES if text.lower().startswith(word)), ""):
        problems.append(
            f"has a {what} that begins with `{reserved}`, which AWS reserves: rename it"
        )
    if wrong := sorted({character for character in text if not _is_allowed(character)}):
        problems.append(
            f"has a {what} with {' '.join(map(repr, wrong))}: AWS takes letters, digits, spaces "
            f"and _ . : / = + - ({_SOURCE})"
        )
    return problems


def _is_allowed(character: str) -> bool:
    # letters, numbers and separators of Unicode
    return character in _PUNCTUATION or unicodedata.category(character)[0] in "LNZ"
