"""What a DMS task captures and how: `TableMappings` and the rules it is made of."""

from constructs_lib.dms.table_mappings.mappings import TableMappings
from constructs_lib.dms.table_mappings.rules import (
    AttributeMapping,
    BeforeImageDef,
    DataType,
    Filter,
    FilterCondition,
    LobSettings,
    MappingParameters,
    ObjectMappingRule,
    ParallelLoad,
    PartitionKey,
    PrimaryKeyDef,
    Rule,
    SelectionRule,
    TableSettingsRule,
    TransformationRule,
)

__all__ = [
    "AttributeMapping",
    "BeforeImageDef",
    "DataType",
    "Filter",
    "FilterCondition",
    "LobSettings",
    "MappingParameters",
    "ObjectMappingRule",
    "ParallelLoad",
    "PartitionKey",
    "PrimaryKeyDef",
    "Rule",
    "SelectionRule",
    "TableMappings",
    "TableSettingsRule",
    "TransformationRule",
]
