"""The dependencies in a stack's Terraform JSON, as Terraform would find them."""

import re
from collections.abc import Iterator
from typing import Any

from tests.support.synth import Json, addresses, resource

_REFERENCE = re.compile(r"\b(data\.)?(aws_[a-z0-9_]+)\.([A-Za-z0-9_-]+)")


def references(document: Json) -> dict[str, set[str]]:
    """For each address what it refers to: in expressions, and in `depends_on`."""
    known = set(addresses(document))
    return {address: set(_found(resource(document, address))) & known for address in known}


def needs(document: Json, address: str) -> set[str]:
    """All that exists before `address` is created."""
    graph, found, left = references(document), set[str](), [address]
    while left:
        for needed in graph[left.pop()] - found:
            found.add(needed)
            left.append(needed)
    return found


def _found(value: Any, *, is_address: bool = False) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key != "replace_triggered_by":
                yield from _found(inner, is_address=key == "depends_on")
    elif isinstance(value, list):
        for inner in value:
            yield from _found(inner, is_address=is_address)
    elif isinstance(value, str) and (is_address or "${" in value):
        for data, type_, name in _REFERENCE.findall(value):
            yield f"{data}{type_}.{name}"
