"""What the provider's schema says of a type, from a small file that is made of it.

`python scripts/review_schema.py` makes `provider_schema.json`; a test compares it with the
provider.
"""

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

_FILE = "provider_schema.json"


@lru_cache(maxsize=1)
def _types() -> dict[str, Any]:
    text = files("dms_stream.review").joinpath(_FILE).read_text(encoding="utf-8")
    types: dict[str, Any] = json.loads(text)["types"]
    return types


def all_types() -> frozenset[str]:
    """The types of the provider's resources."""
    return frozenset(_types())


@lru_cache(maxsize=4096)
def is_computed(type_: str, path: str) -> bool:
    """Whether only the provider sets an attribute, or what it stands in.

    Args:
        type_: The type.
        path: The path without positions.
    """
    computed = _types().get(type_, {}).get("computed", ())
    parts = path.split(".")
    return any(".".join(parts[: number + 1]) in computed for number in range(len(parts)))


def has_default(type_: str, path: str) -> bool:
    """Whether the service chooses a value where the configuration gives none, so that an unknown
    value may only mean that.
    """
    return path.split(".")[0] in _types().get(type_, {}).get("defaulted", ())


@lru_cache(maxsize=65536)
def is_number(type_: str, path: str) -> bool:
    """Whether the provider has a number at a path, which is without positions."""
    return path in _types().get(type_, {}).get("numbers", ())


@lru_cache(maxsize=65536)
def is_switch(type_: str, path: str) -> bool:
    """Whether the provider has true or false at a path, which is without positions."""
    return path in _types().get(type_, {}).get("switches", ())


@lru_cache(maxsize=4096)
def policy_paths(type_: str) -> tuple[str, ...]:
    """Where a type keeps policy documents, as paths without positions."""
    return tuple(_types().get(type_, {}).get("policies", ()))


@lru_cache(maxsize=4096)
def named_sets(type_: str) -> tuple[tuple[tuple[str, ...], str], ...]:
    """The sets of blocks of a type whose entries have names: the path of each, as keys, and the
    attribute that is the name. What holds others comes before them.
    """
    sets = _types().get(type_, {}).get("sets", {})
    return tuple((tuple(path.split(".")), name) for path, name in sets.items())


@lru_cache(maxsize=1)
def policy_types() -> tuple[str, ...]:
    """The types that keep a policy document."""
    return tuple(type_ for type_, entry in _types().items() if "policies" in entry)
