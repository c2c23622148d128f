"""What the resources of a configuration name and depend on, as a plan's JSON tells it.

https://developer.hashicorp.com/terraform/internals/json-format#configuration-representation
"""

from collections.abc import Iterator, Mapping
from typing import Any


def configured_needs(module: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """What each resource of a module needs: addresses without positions.

    Args:
        module: A module's configuration; child modules are not looked into.
    """
    resources = module.get("resources")
    return {
        str(resource.get("address")): frozenset(_needs(resource))
        for resource in (resources if isinstance(resources, list) else [])
        if isinstance(resource, dict)
    }


def _needs(resource: Mapping[str, Any]) -> Iterator[str]:
    named = [*_texts(resource.get("depends_on")), *_references(resource.get("expressions"))]
    for reference in named:
        parts = reference.partition("[")[0].split(".")
        length = 3 if parts[0] == "data" else 2
        if len(parts) >= length:
            yield ".".join(parts[:length])


def _references(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            yield from _texts(each.get("references"))
            waiting += [inner for key, inner in each.items() if key != "references"]
        elif isinstance(each, list):
            waiting += each


def _texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
