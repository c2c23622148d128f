"""The models of table mappings and task settings, which are those the constructs are made with."""

from constructs_lib.dms.table_mappings import (
    AttributeMapping,
    BeforeImageDef,
    DataType,
    Filter,
    FilterCondition,
    LobSettings,
    MappingParameters,
    ObjectMappingRule,
    ParallelLoad,
    SelectionRule,
    TableMappings,
    TableSettingsRule,
    TransformationRule,
)
from constructs_lib.dms.table_mappings.patterns import matches
from constructs_lib.dms.task_settings import TaskSettings

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
    "SelectionRule",
    "TableMappings",
    "TableSettingsRule",
    "TaskSettings",
    "TransformationRule",
    "matches",
]
