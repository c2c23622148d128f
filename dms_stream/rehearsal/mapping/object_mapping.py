"""Object mapping: how a row becomes a record, and what decides its shard.

https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Kinesis.html#CHAP_Target.Kinesis.ObjectMapping
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from constructs_lib.dms.table_mappings import ObjectMappingRule
from constructs_lib.dms.table_mappings.patterns import matches
from constructs_lib.dms.vocabulary import ObjectMappingAction, PartitionKeyType
from dms_stream.rehearsal.errors import RefusedError
from dms_stream.rehearsal.mapping.transformations import TransformedTable
from dms_stream.rehearsal.source.data_types import DmsType, Value, plain_text
from dms_stream.rehearsal.source.table import SourceTable

_PLACE = re.compile(r"\$\{([^}]+)\}")

Row = Sequence[Value]


@dataclass(frozen=True)
class Attribute:
    """An attribute that a rule adds to the record.

    Attributes:
        name: Its name.
        json_text: From a row to its JSON text.
    """

    name: str
    json_text: Callable[[Row], str]


@dataclass(frozen=True)
class Mapping:
    """How the records of one table are made.

    Attributes:
        as_document: Whether columns go below `_doc`.
        excluded: Source columns that are not written on their own.
        attributes: What is written in addition.
        partition_key_type: What decides the shard; None: DMS's default.
        partition_key_name: The attribute, for `attribute-name`.
        constant: The key, for `constant`.
    """

    as_document: bool = False
    excluded: frozenset[str] = frozenset()
    attributes: tuple[Attribute, ...] = ()
    partition_key_type: PartitionKeyType | None = None
    partition_key_name: str | None = None
    constant: str | None = None


def mapping_of(
    table: SourceTable, transformed: TransformedTable, rules: Iterable[ObjectMappingRule]
) -> Mapping:
    """The object mapping of a table: that of the lowest rule-id that covers it.

    Raises:
        RefusedError: it names columns that are not there.
    """
    covering = [
        rule
        for rule in rules
        if matches(rule.schema_name, table.schema) and matches(rule.table_name, table.name)
    ]
    if not covering:
        return Mapping()
    rule = min(covering, key=lambda rule: int(rule.rule_id or 0))
    as_document = _is_document(rule.rule_action)
    given = rule.mapping_parameters
    if given is None:
        return Mapping(as_document)
    names = _names(transformed)
    attributes = []
    for mapping in given.attribute_mappings or ():
        name = str(mapping.target_attribute_name or mapping.attribute_name)
        unknown = sorted(_columns_in(mapping.value) - set(names))
        if unknown:
            raise RefusedError(
                f"rule {rule.rule_id}",
                [
                    f"its attribute {name} names ${{{column}}}, but {table.full_name} has no such "
                    "column"
                    for column in unknown
                ],
            )
        attributes.append(Attribute(name, _json_text(mapping.value, names)))
    old = given.partition_key
    kind = given.partition_key_type
    if kind is None and old is not None:
        kind = "constant" if old.value is not None else "attribute-name"
    constant = str(old.value) if old is not None and old.value is not None else None
    if kind == "constant" and constant is None:
        constant = given.partition_key_name
    return Mapping(
        as_document=as_document,
        excluded=frozenset(given.exclude_columns or ()),
        attributes=tuple(attributes),
        partition_key_type=kind,
        partition_key_name=given.partition_key_name or (old.attribute_name if old else None),
        constant=constant,
    )


def _is_document(action: ObjectMappingAction) -> bool:
    match action:
        case "map-record-to-document":
            return True
        case "map-record-to-record":
            return False
    assert_never(action)


def _names(table: TransformedTable) -> dict[str, tuple[int, DmsType, tuple[Any, ...]]]:
    found: dict[str, tuple[int, DmsType, tuple[Any, ...]]] = {}
    # a mapping may name a column as it is in the source or on the target
    for column in table.columns:
        found[column.name] = (column.place, column.kind, column.changes)
    for column in table.columns:
        found[column.source.name] = (column.place, column.kind, column.changes)
    return found


def _columns_in(value: Any) -> set[str]:
    if isinstance(value, str):
        return set(_PLACE.findall(value))
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return set().union(*(_columns_in(part) for part in parts))


def _json_text(
    value: Any, names: dict[str, tuple[int, DmsType, tuple[Any, ...]]]
) -> Callable[[Row], str]:
    def text_of(row: Row, column: str) -> str:
        place, kind, changes = names[column]
        found = row[place]
        for change in changes:
            found = change(found) if found is not None else None
        return plain_text(found, kind) or ""

    def filled(part: Any, row: Row) -> Any:
        if isinstance(part, str):
            return _PLACE.sub(lambda found: text_of(row, found.group(1)), part)
        if isinstance(part, dict):
            return {key: filled(inner, row) for key, inner in part.items()}
        return [filled(inner, row) for inner in part] if isinstance(part, list) else part

    return lambda row: json.dumps(filled(value, row), ensure_ascii=False, separators=(",", ":"))
