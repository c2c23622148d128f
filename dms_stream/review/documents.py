"""DMS's documents, read with the models of this project: the one place that knows where they
are.
"""

from functools import lru_cache
from typing import Any

from constructs_lib.dms.table_mappings import (
    ObjectMappingRule,
    SelectionRule,
    TableMappings,
    TableSettingsRule,
    TransformationRule,
)
from constructs_lib.dms.table_mappings.patterns import has_wildcard, matches
from constructs_lib.dms.task_settings import TaskSettings
from constructs_lib.dms.task_settings.section import Section, dms_key
from constructs_lib.errors import DmsStreamError

__all__ = [
    "ObjectMappingRule",
    "SelectionRule",
    "TableMappings",
    "TableSettingsRule",
    "TransformationRule",
    "covers",
    "read_mappings",
    "setting_meanings",
]


@lru_cache(maxsize=64)
def read_mappings(text: str) -> TableMappings | None:
    """The table mappings in a text; None where it holds none that can be understood."""
    try:
        return TableMappings.from_json(text, lint=False)
    except DmsStreamError:
        return None


def covers(pattern: str, other: str) -> bool:
    """Whether a name or pattern of a rule takes in all of another one, as far as can be told."""
    if pattern in (other, "%"):
        return True
    return not has_wildcard(other) and matches(pattern, other)


@lru_cache(maxsize=1)
def setting_meanings() -> dict[str, str]:
    """`Section.Key` of DMS's task settings, and what it is in one sentence."""
    found: dict[str, str] = {}

    def walk(model: Any, path: str) -> None:
        for name, field in model.model_fields.items():
            here = f"{path}{dms_key(name)}"
            if field.description:
                found[here] = " ".join(field.description.split())
            for inner in _sections(field.annotation):
                walk(inner, f"{here}.")

    walk(TaskSettings, "")
    return found


def _sections(annotation: Any) -> list[Any]:
    if isinstance(annotation, type):
        return [annotation] if issubclass(annotation, Section) else []
    return [found for each in getattr(annotation, "__args__", ()) for found in _sections(each)]
