"""The rules a DMS table mapping is made of, in DMS's own words.

In Python the fields are in snake_case, in YAML and JSON the keys are AWS's (`rule-action`). The
names of an `object-locator` are fields of the rule itself, so that a rule is written
`SelectionRule(schema_name="dms_sample", table_name="person")`; YAML and JSON may nest them as AWS
does or write them flat.

What a rule of the right shape may not say is in `lint`; this module only knows shapes, so that any
document found on a deployed task can be read.

Grammar: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation.html
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    GetJsonSchemaHandler,
    JsonValue,
    Tag,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from constructs_lib.dms.vocabulary import (
    ColumnFilter,
    FilterOperator,
    LobMode,
    ObjectMappingAction,
    ParallelLoadType,
    PartitionKeyType,
    RuleTarget,
    SelectionAction,
    TableType,
    TransformationAction,
)
from constructs_lib.props import Props, or_null


def _kebab(name: str) -> str:
    return name.replace("_", "-")


def _not_empty(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty: write the name of the object, or % for all of them")
    return text


def _numeric_text(value: object) -> object:
    text = _text(value)
    if not isinstance(text, str) or re.fullmatch(r"[0-9]{1,18}", text) is None:
        raise ValueError("must be a number of 1 to 18 digits, such as 542485267")
    return text


def _text(value: object) -> object:
    # a number too long to print is no name either: pydantic then asks for a text
    printable = isinstance(value, int) and not isinstance(value, bool) and value < 10**18
    return str(value) if printable else value


def _date_as_text(value: object) -> object:
    # an unquoted date in YAML arrives as one; DMS compares dates in this form
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date) else value


Name = Annotated[str, AfterValidator(_not_empty)]
"""Name of a schema, table or column, or a pattern where the rule allows wildcards."""

RuleId = Annotated[
    str,
    BeforeValidator(_numeric_text),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "pattern": "^[0-9]{1,18}$"}, {"type": "integer"}]}
    ),
]
"""Digits; a number is taken as well and becomes text."""

RuleName = Annotated[
    str,
    BeforeValidator(_text),
    AfterValidator(_not_empty),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "integer"}]}),
]
"""Unique name of a rule; a number is taken as well and becomes text."""

Scalar = Annotated[str | int | float | bool, BeforeValidator(_date_as_text)]
"""A value to compare or to write. Text and numbers both are kept as they were given."""

Whole = int | str
"""A whole number, which AWS's own documents write as a number or as text: kept as it was given."""


class Part(Props):
    """Any object inside a table mapping: keys in kebab-case, and null says the same as absent."""

    model_config = ConfigDict(alias_generator=_kebab, populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _drop_nulls(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        return {key: value for key, value in data.items() if value is not None}

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """A null wherever a key may be left out, for editors."""
        reference = handler(core_schema)
        schema = handler.resolve_ref_schema(reference)
        needed = {"rule-type", *schema.get("required", [])}
        for key, value in schema["properties"].items():
            if key not in needed:
                schema["properties"][key] = or_null(value)
        schema["additionalProperties"] = {"type": "null"}
        return reference

    def to_document(self) -> dict[str, Any]:
        """The object as AWS writes it, with only the keys that are set."""
        return {
            field.alias or name: _plain(getattr(self, name))
            for name, field in type(self).model_fields.items()
            if getattr(self, name) is not None
        }


def _plain(value: Any) -> Any:
    if isinstance(value, Part):
        return value.to_document()
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


class FilterCondition(Part):
    """One comparison of a filter; the conditions of one filter are joined by OR."""

    filter_operator: FilterOperator
    """`ste` and `lte` both are "at most". The negative ones stand alone in their filter."""

    value: Scalar | None = None
    """What to compare with; for `between` and `notbetween` there are two instead."""

    start_value: Scalar | None = None
    """Lower bound of `between` and `notbetween`."""

    end_value: Scalar | None = None
    """Upper bound of `between` and `notbetween`."""


class Filter(Part):
    """Which rows of a table are captured; several filters of one rule are joined by AND.

    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.Filters.html
    """

    filter_type: Literal["source"] = "source"
    """DMS knows no other."""

    column_name: Name
    """A column that never changes after the insert, and no LOB: DMS judges only what it reads."""

    filter_conditions: tuple[FilterCondition, ...]
    """At least one."""


class ParallelLoad(Part):
    """How one table is read in segments during the full load."""

    type: ParallelLoadType
    """By all partitions, all subpartitions (Oracle), listed partitions, or ranges of values."""

    partitions: tuple[str, ...] | None = None
    """Partitions to load, for `partitions-list`."""

    subpartitions: tuple[str, ...] | None = None
    """Subpartitions to load, for `partitions-list` (Oracle)."""

    columns: tuple[Name, ...] | None = None
    """Up to 10 columns that bound the segments, for `ranges`."""

    boundaries: tuple[tuple[Scalar, ...], ...] | None = None
    """Upper bounds of the segments, each with a value for every column, for `ranges`."""

    number_of_partitions: Whole | None = None
    """Segments that DMS makes by itself (MongoDB, DocumentDB)."""

    collection_count_from_metadata: bool | str | None = None
    """Estimate instead of count (MongoDB, DocumentDB)."""

    max_records_skip_per_page: Whole | None = None
    """Records skipped at once to find the segments' bounds (MongoDB, DocumentDB)."""

    batch_size: Whole | None = None
    """Records a batch (MongoDB, DocumentDB)."""


class LobSettings(Part):
    """How the LOBs of one table are handled."""

    mode: LobMode | None = None
    """None and `limited`: up to `bulk_max_size`; `none`: as the task settings say."""

    bulk_max_size: Whole | None = None
    """Largest LOB in KB; what is larger is truncated. Required and above 0 for `limited`."""


class DataType(Part):
    """Type of a column on the target, in DMS's types."""

    type: str
    """Such as `string`, `int8` or `datetime`."""

    length: Whole | None = None
    """Length of a new column."""

    precision: Whole | None = None
    """Digits, for types that have them."""

    scale: Whole | None = None
    """Digits after the point, for types that have them."""


class PrimaryKeyDef(Part):
    """The unique key that `define-primary-key` gives a table."""

    name: Name
    """Name of the key."""

    origin: Literal["primary-key", "unique-index"] | None = None
    """None: a primary key."""

    columns: tuple[Name, ...]
    """The key's columns, in order."""


class BeforeImageDef(Part):
    """Names and choice of the columns that hold the values before an update."""

    column_prefix: str | None = None
    """Put before the column's name. None: `BI_`."""

    column_suffix: str | None = None
    """Put after the column's name. None: nothing."""

    column_filter: ColumnFilter | None = None
    """Which columns. None: those of the primary key."""


class PartitionKey(Part):
    """The partition key in the older form of object mappings, which AWS's guide still shows."""

    value: Scalar | None = None
    """The same key for every record, so that all go to one shard."""

    attribute_name: Name | None = None
    """The record's attribute whose value is the key."""


class AttributeMapping(Part):
    """One attribute of the record, made from source columns."""

    target_attribute_name: Name | None = None
    """The attribute's name."""

    attribute_name: Name | None = None
    """The attribute's name in the older form that AWS's guide still shows."""

    attribute_type: Literal["scalar", "document"] | None = None
    """`scalar`: `value` is a text; `document`: `value` is an object."""

    attribute_sub_type: str | None = None
    """`string` for a scalar, `json` for a document."""

    value: JsonValue
    """A text with `${column}` in it, or an object with such texts in it."""


class MappingParameters(Part):
    """How a record of the stream is made from a row."""

    partition_key_type: PartitionKeyType | None = None
    """What decides the shard. None: the table's primary key with parallel apply, else its name."""

    partition_key_name: Name | None = None
    """The attribute whose value is the key, for `attribute-name`."""

    partition_key: PartitionKey | None = None
    """The partition key in its older form."""

    exclude_columns: tuple[str, ...] | None = None
    """Source columns that are not written by themselves."""

    attribute_mappings: tuple[AttributeMapping, ...] | None = None
    """Attributes to write besides."""


class BaseRule(Part):
    """What all rules have in common."""

    # key in AWS's object-locator -> field; a rule's own data-type is another one
    _locator: ClassVar[Mapping[str, str]] = {
        "schema-name": "schema_name",
        "table-name": "table_name",
    }

    rule_type: str
    """Which kind of rule it is."""

    rule_id: RuleId | None = None
    """Unique number. None: the next free one after the rule before."""

    rule_name: RuleName | None = None
    """Unique name. None: the rule's id."""

    filters: tuple[Filter, ...] | None = None
    """Which rows, in a selection rule. AWS's documents hold an empty list in other rules too."""

    @model_validator(mode="before")
    @classmethod
    def _lift_locator(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        nested = [key for key in ("object-locator", "object_locator") if data.get(key) is not None]
        lifted = {key: value for key, value in data.items() if key not in nested}
        for key in nested:
            if not isinstance(data[key], Mapping):
                raise ValueError(f"{key} must be an object with the keys {', '.join(cls._locator)}")
            for name, value in data[key].items():
                field = cls._locator.get(_kebab(str(name)), f"{key}.{name}")
                if any(lifted.get(given) is not None for given in (field, _kebab(field))):
                    raise ValueError(
                        f"{name} is given both inside and outside {key}: remove one of them"
                    )
                lifted[_kebab(field)] = value
        return lifted

    def to_document(self) -> dict[str, Any]:
        """The rule as AWS writes it, with only the keys that are set."""
        flat = super().to_document()
        locator = {
            key: flat.pop(_kebab(field))
            for key, field in self._locator.items()
            if _kebab(field) in flat
        }
        head = {key: flat.pop(key) for key in ("rule-type", "rule-id", "rule-name") if key in flat}
        return head | {"object-locator": locator} | flat

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """AWS's nested form beside the flat one, for editors."""
        reference = super().__get_pydantic_json_schema__(core_schema, handler)
        schema = handler.resolve_ref_schema(reference)
        flat = schema["properties"]
        schema["required"] = [
            key for key in schema.get("required", []) if key not in map(_kebab, cls._locator)
        ]
        flat["object-locator"] = {
            "type": "object",
            "description": "The objects the rule is about, as AWS nests them.",
            "additionalProperties": {"type": "null"},
            "properties": {key: flat[_kebab(field)] for key, field in cls._locator.items()},
        }
        return reference


class SelectionRule(BaseRule):
    """Which tables are captured, and which of their rows.

    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Selections.html
    """

    _locator = {**BaseRule._locator, "table-type": "table_type"}

    rule_type: Literal["selection"] = "selection"
    """Always `selection`."""

    schema_name: Name
    """Schema (for MySQL the database); wildcards unless the action is `explicit`."""

    table_name: Name
    """Table; wildcards unless the action is `explicit` or there are filters."""

    table_type: TableType | None = None
    """None: tables only. DMS loads views in full-load-only tasks."""

    rule_action: SelectionAction = "include"
    """`include` or `exclude` what matches, or `explicit` for exactly this one table."""

    load_order: Whole | None = None
    """Tables with a higher number load first, 1 to 2,147,483,647. None: DMS chooses."""

    filters: tuple[Filter, ...] | None = None
    """Which rows. None: all."""

    parallel_load: ParallelLoad | None = None
    """What the AWS console writes here; in a rule of one's own use a `TableSettingsRule`."""

    is_auto_segmentation_checked: bool | None = Field(
        default=None, alias="isAutoSegmentationChecked"
    )
    """A mark of the AWS console's form; DMS makes nothing of it."""


class TransformationRule(BaseRule):
    """Renames, adds, removes, retypes or masks something on its way.

    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Transformations.html
    """

    _locator = {
        **BaseRule._locator,
        "column-name": "column_name",
        "table-tablespace-name": "table_tablespace_name",
        "index-tablespace-name": "index_tablespace_name",
        "data-type": "column_data_type",
    }

    rule_type: Literal["transformation"] = "transformation"
    """Always `transformation`."""

    rule_target: RuleTarget
    """What is transformed. The tablespaces are Oracle's."""

    rule_action: TransformationAction
    """What is done to it. The masking actions need DMS 3.5.4 or later."""

    schema_name: Name
    """Schema of the objects; wildcards are allowed."""

    table_name: Name | None = None
    """Table of the objects; wildcards are allowed. None: only for the target `schema`."""

    column_name: Name | None = None
    """Columns, by their names in the source; wildcards are allowed."""

    table_tablespace_name: Name | None = None
    """Table tablespace (Oracle)."""

    index_tablespace_name: Name | None = None
    """Index tablespace (Oracle)."""

    column_data_type: str | None = None
    """Only columns of this type: `data-type` in AWS's object-locator."""

    value: Scalar | None = None
    """The new name, prefix, suffix or masking character, as the action needs it."""

    old_value: Scalar | None = None
    """The prefix or suffix to replace."""

    expression: str | None = None
    """SQLite expression for the new name or for the content of a new column."""

    data_type: DataType | None = None
    """Type for `add-column` and `change-data-type`."""

    primary_key_def: PrimaryKeyDef | None = None
    """The key for `define-primary-key`."""

    before_image_def: BeforeImageDef | None = None
    """The columns for `add-before-image-columns`."""


class TableSettingsRule(BaseRule):
    """How one table is loaded.

    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Tablesettings.html
    """

    rule_type: Literal["table-settings"] = "table-settings"
    """Always `table-settings`."""

    schema_name: Name
    """Exact name of the schema."""

    table_name: Name
    """Exact name of the table."""

    parallel_load: ParallelLoad | None = None
    """None: in one piece."""

    lob_settings: LobSettings | None = None
    """None: as the task settings say."""


class ObjectMappingRule(BaseRule):
    """How the rows of a table become records of the stream.

    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Kinesis.html#CHAP_Target.Kinesis.ObjectMapping
    """

    rule_type: Literal["object-mapping"] = "object-mapping"
    """Always `object-mapping`."""

    rule_action: ObjectMappingAction
    """A column each an attribute, or all columns under the one attribute `_doc`."""

    schema_name: Name
    """Exact name of the schema."""

    table_name: Name
    """Exact name of the table."""

    target_table_name: Name | None = None
    """Name of the table on the target, as AWS's examples set it."""

    mapping_parameters: MappingParameters | None = None
    """None: all columns, and DMS's default partition key."""


def _kind_of(rule: object) -> str | None:
    if isinstance(rule, BaseRule):
        return rule.rule_type
    if not isinstance(rule, Mapping):
        return None
    kind = rule.get("rule-type", rule.get("rule_type"))
    return kind if isinstance(kind, str) and kind in _RULE_TYPES else None


_RULE_TYPES = ("selection", "transformation", "table-settings", "object-mapping")

Rule = Annotated[
    Annotated[SelectionRule, Tag("selection")]
    | Annotated[TransformationRule, Tag("transformation")]
    | Annotated[TableSettingsRule, Tag("table-settings")]
    | Annotated[ObjectMappingRule, Tag("object-mapping")],
    Discriminator(
        _kind_of,
        custom_error_type="rule_type",
        custom_error_message=(
            "must be an object whose rule-type is selection, transformation, table-settings or "
            "object-mapping (post-processing is for S3 targets only, never for Kinesis): correct "
            "the rule-type or remove the rule"
        ),
    ),
]
"""Any rule, told apart by its `rule-type`."""
