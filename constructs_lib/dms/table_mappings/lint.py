"""What DMS refuses, or silently does differently, in rules of the right shape."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Literal, TypeVar, assert_never, get_args

from constructs_lib.dms import guide
from constructs_lib.dms.guide import Page
from constructs_lib.dms.limits import (
    HIGHEST_LOAD_ORDER,
    LARGEST_LOB_KB,
    NO_FULL_LOB_MODE,
    RANGE_COLUMNS,
    UNUSABLE_IN_COLUMN_NAMES,
)
from constructs_lib.dms.table_mappings.patterns import has_wildcard, without_sets
from constructs_lib.dms.table_mappings.rules import (
    Filter,
    FilterCondition,
    LobSettings,
    MappingParameters,
    ObjectMappingRule,
    ParallelLoad,
    Rule,
    Scalar,
    SelectionRule,
    TableSettingsRule,
    TransformationRule,
)
from constructs_lib.dms.table_mappings.selection import (
    covers_rule,
    including_rules,
    is_including,
)
from constructs_lib.dms.vocabulary import MASKING, RENAMING, FilterOperator, RuleTarget
from constructs_lib.errors import Fault

_SELECTIONS = guide.SELECTIONS
_TRANSFORMATIONS = guide.TRANSFORMATIONS
_MASKING = guide.MASKING
_TABLE_SETTINGS = guide.TABLE_SETTINGS
_FILTERS = guide.FILTERS
_KINESIS = guide.KINESIS_TARGET

_OF_COLUMNS = MASKING | {
    "add-column",
    "include-column",
    "remove-column",
    "change-data-type",
    "add-before-image-columns",
}
_WITHOUT_COLUMN_NAME = frozenset({"add-column", "add-before-image-columns"})
_WITH_VALUE = RENAMING - {"convert-lowercase", "convert-uppercase"} | {
    "add-column",
    "data-masking-digits-mask",
}
_MAY_BE_EMPTY = frozenset({"replace-prefix", "replace-suffix"})
_DATA_TYPES = (
    "bytes",
    "date",
    "time",
    "datetime",
    "int1",
    "int2",
    "int4",
    "int8",
    "numeric",
    "real4",
    "real8",
    "string",
    "uint1",
    "uint2",
    "uint4",
    "uint8",
    "wstring",
    "blob",
    "nclob",
    "clob",
    "boolean",
    "set",
    "list",
    "map",
    "tuple",
)
_Value = TypeVar("_Value", bound=Hashable)

Labelled = tuple[str, Rule]
"""A rule and how a message calls it, such as `rules[3] (rule-id 4)`."""


def faults_of_rules(rules: Sequence[Labelled]) -> list[Fault]:
    """Faults that each rule has by itself, in order."""
    return [fault for label, rule in rules for fault in _faults_of_rule(label, rule)]


def faults_of_tables(tables: Sequence[object]) -> list[Fault]:
    """Tables of the short list that are there twice; what is no text is skipped."""
    given = [
        (f"tables[{number}]", table)
        for number, table in enumerate(tables)
        if isinstance(table, str)
    ]
    return [
        Fault(label, f"is already listed as {first}: remove one of them", table)
        for label, first, table in _repeated(given)
    ]


def faults_among_rules(rules: Sequence[Labelled]) -> list[Fault]:
    """Faults of the rules together: what is missing, and what is there twice."""
    return [
        *_no_selection(rules),
        *repeated_keys(
            ids=[(label, rule.rule_id) for label, rule in rules],
            names=[(label, rule.rule_name) for label, rule in rules],
        ),
        *repeated_objects(rules),
        *_mappings_of_nothing(rules),
    ]


def repeated_keys(
    *, ids: Sequence[tuple[str, str | None]], names: Sequence[tuple[str, str | None]]
) -> list[Fault]:
    """Ids and names that more than one rule has; each with how a message calls the rule."""
    # 07 is 7
    numbers = [(label, id_.lstrip("0") or "0") for label, id_ in ids if id_ is not None]
    return [
        Fault(
            f"{label}, {key}",
            f"is already the {key} of {first}, and must be unique ({_SELECTIONS}): change one of "
            "them, or omit it to get a free one",
            value,
        )
        for key, given in (
            ("rule-id", numbers),
            ("rule-name", [(label, name) for label, name in names if name is not None]),
        )
        for label, first, value in _repeated(given)
    ]


def repeated_objects(rules: Sequence[Labelled]) -> list[Fault]:
    """Rules about what another rule is about already."""
    return [
        *_same_object(rules),
        *_same_table(rules, ObjectMappingRule, _KINESIS),
        *_same_table(rules, TableSettingsRule, _TABLE_SETTINGS),
    ]


def _faults_of_rule(label: str, rule: Rule) -> Iterator[Fault]:
    match rule:
        case SelectionRule():
            yield from _selection(label, rule)
        case TransformationRule():
            yield from _transformation(label, rule)
        case TableSettingsRule():
            yield from _table_settings(label, rule)
        case ObjectMappingRule():
            yield from _exact_object_mapping(label, rule)
            yield from _object_mapping(label, rule)
        case _:
            assert_never(rule)
    yield from _no_filters(label, rule)


def _no_selection(rules: Sequence[Labelled]) -> Iterator[Fault]:
    selections = [(label, rule) for label, rule in rules if isinstance(rule, SelectionRule)]
    wanted = [rule for _, rule in selections if is_including(rule)]
    excluding = [(label, rule) for label, rule in selections if not is_including(rule)]
    if not wanted:
        yield Fault(
            "rules",
            "select nothing: DMS needs at least one selection rule with the action include or "
            f"explicit ({_SELECTIONS}). Add one, or list the tables under `tables`",
            f"{len(rules)} rules",
        )
        return
    found = [
        next((label for label, exclude in excluding if covers_rule(exclude, rule)), None)
        for rule in wanted
    ]
    if None not in found:
        labels = dict.fromkeys(str(label) for label in found)
        yield Fault(
            "rules",
            f"select nothing: {', '.join(labels)} excludes all that they include, and exclude "
            f"wins over include ({_SELECTIONS}). Narrow the exclude rule or remove it",
            f"{len(rules)} rules",
        )


def _mappings_of_nothing(rules: Sequence[Labelled]) -> Iterator[Fault]:
    selections = [rule for _, rule in rules if isinstance(rule, SelectionRule)]
    for label, rule in rules:
        # a name with wildcards has a fault of its own
        if not isinstance(rule, ObjectMappingRule) or _is_pattern(rule):
            continue
        if not any(
            including_rules(selections, rule.schema_name, rule.table_name, is_view=is_view)
            for is_view in (False, True)
        ):
            yield Fault(
                f"{label}, object-locator",
                "names a table that no selection rule captures, so the rule does nothing "
                f"({_KINESIS}): correct the name (names are case-sensitive), select the table, or "
                "remove the rule",
                f"{rule.schema_name}.{rule.table_name}",
            )


def _is_pattern(rule: ObjectMappingRule) -> bool:
    return has_wildcard(rule.schema_name) or has_wildcard(rule.table_name)


def _same_object(rules: Sequence[Labelled]) -> Iterator[Fault]:
    transformations = [
        (label, rule) for label, rule in rules if isinstance(rule, TransformationRule)
    ]
    for label, first, given in _repeated([(label, _object(r)) for label, r in transformations]):
        yield Fault(
            label,
            f"transforms the same object as {first}: DMS applies only the one with the lower "
            f"rule-id ({_TRANSFORMATIONS}). Remove one of them; only masking can be combined with "
            "another action on the same column",
            ".".join(str(part) for part in given[2:] if part is not None),
        )


def _same_table(
    rules: Sequence[Labelled], kind: type[ObjectMappingRule | TableSettingsRule], source: Page
) -> Iterator[Fault]:
    tables = [
        (label, (rule.schema_name, rule.table_name)) for label, rule in rules if type(rule) is kind
    ]
    for label, first, (schema, table) in _repeated(tables):
        yield Fault(
            f"{label}, object-locator",
            f"is about the same table as {first} ({source}): merge the two rules",
            f"{schema}.{table}",
        )


def _object(rule: TransformationRule) -> tuple[object, ...]:
    # a new column is an object of its own, which the locator does not name
    column = rule.value if rule.rule_action == "add-column" else rule.column_name
    return (
        rule.rule_action in MASKING,
        rule.rule_action == "add-before-image-columns",
        rule.rule_target,
        rule.schema_name,
        rule.table_name,
        column,
        rule.column_data_type,
        rule.table_tablespace_name,
        rule.index_tablespace_name,
    )


def _repeated(given: Iterable[tuple[str, _Value]]) -> Iterator[tuple[str, str, _Value]]:
    first: dict[_Value, str] = {}
    for label, value in given:
        if value in first:
            yield label, first[value], value
        else:
            first[value] = label


def _exact(label: str, names: dict[str, str], why: str) -> Iterator[Fault]:
    for key, name in names.items():
        if has_wildcard(name):
            yield Fault(
                f"{label}, object-locator.{key}",
                f"must be an exact name, without % and [ ]: {why}",
                name,
            )


def _selection(label: str, rule: SelectionRule) -> Iterator[Fault]:
    names = {"schema-name": rule.schema_name, "table-name": rule.table_name}
    match rule.rule_action:
        case "explicit":
            yield from _exact(
                label,
                names,
                f"explicit selects exactly one table ({_SELECTIONS}). Write its name, or use "
                "include",
            )
        case "include" | "exclude":
            pass
        case _:
            assert_never(rule.rule_action)
    if rule.load_order is not None:
        yield from _whole(
            f"{label}, load-order", rule.load_order, 1, HIGHEST_LOAD_ORDER.value, _SELECTIONS
        )
    if not rule.filters:
        return
    if rule.rule_action != "include":
        yield Fault(
            f"{label}, filters",
            f"only work with the action include ({_FILTERS}); {rule.rule_action} ignores them: "
            "use include or remove the filters",
            f"{len(rule.filters)} filters",
        )
    elif has_wildcard(rule.table_name.replace("[_]", "_")):
        yield from _exact(
            label,
            {"table-name": rule.table_name},
            f"a rule with filters applies to one table ({_FILTERS}). Write one rule per table",
        )
    for number, given in enumerate(rule.filters):
        yield from _filter(f"{label}, filters[{number}]", given)


def _filter(label: str, given: Filter) -> Iterator[Fault]:
    conditions = given.filter_conditions
    if not conditions:
        yield Fault(
            f"{label}.filter-conditions",
            f"must contain at least one condition ({_FILTERS}): add one or remove the filter",
        )
    negative = next((c for c in conditions if _is_negative(c.filter_operator)), None)
    if negative is not None and len(conditions) > 1:
        yield Fault(
            f"{label}.filter-conditions",
            f"contain {len(conditions)} conditions, but {negative.filter_operator} must be alone "
            f"in its filter ({_FILTERS}): give it its own filter",
            ", ".join(condition.filter_operator for condition in conditions),
        )
    for number, condition in enumerate(conditions):
        yield from _condition(f"{label}.filter-conditions[{number}]", condition)


def _condition(label: str, given: FilterCondition) -> Iterator[Fault]:
    operator = given.filter_operator
    wanted = _VALUES[_takes(operator)]
    values = {
        "value": given.value,
        "start-value": given.start_value,
        "end-value": given.end_value,
    }
    needs = " and ".join(wanted) or "no value"
    for key, value in values.items():
        if key in wanted and value is None:
            yield Fault(f"{label}.{key}", f"is missing: {operator} needs {needs} ({_FILTERS})")
        elif key not in wanted and value not in (None, ""):
            yield Fault(
                f"{label}.{key}",
                f"is not used by {operator}, which takes {needs} ({_FILTERS}): remove it",
                repr(value),
            )


_VALUES = {"nothing": (), "one": ("value",), "two": ("start-value", "end-value")}


def _takes(operator: FilterOperator) -> Literal["nothing", "one", "two"]:
    match operator:
        case "null" | "notnull":
            return "nothing"
        case "between" | "notbetween":
            return "two"
        case "eq" | "noteq" | "gte" | "lte" | "ste":
            return "one"
    assert_never(operator)


def _is_negative(operator: FilterOperator) -> bool:
    match operator:
        case "noteq" | "notbetween" | "notnull":
            return True
        case "eq" | "gte" | "lte" | "ste" | "between" | "null":
            return False
    assert_never(operator)


def _actions_on(target: RuleTarget) -> frozenset[str]:
    match target:
        case "schema" | "table-tablespace" | "index-tablespace":
            return RENAMING
        case "table":
            return RENAMING | {"define-primary-key"}
        case "column":
            return RENAMING | _OF_COLUMNS
    assert_never(target)


def _transformation(label: str, rule: TransformationRule) -> Iterator[Fault]:
    action, target = rule.rule_action, rule.rule_target
    if action not in _actions_on(target):
        targets = [name for name in get_args(RuleTarget) if action in _actions_on(name)]
        if not targets:
            raise AssertionError(f"no target is known for the rule-action {action!r}")
        yield Fault(
            f"{label}, rule-action",
            f"{action} does not apply to the target {target}, only to {' and '.join(targets)} "
            f"({_TRANSFORMATIONS}): change the rule-target or the rule-action",
            action,
        )
        return
    yield from _locator(label, rule)
    yield from _parameters(label, rule)


def _locator(label: str, rule: TransformationRule) -> Iterator[Fault]:
    action, target = rule.rule_action, rule.rule_target
    needed = {
        "table-name": (rule.table_name, target in ("table", "column")),
        "column-name": (
            rule.column_name,
            target == "column" and action not in _WITHOUT_COLUMN_NAME,
        ),
        "table-tablespace-name": (rule.table_tablespace_name, target == "table-tablespace"),
        "index-tablespace-name": (rule.index_tablespace_name, target == "index-tablespace"),
    }
    for key, (name, is_needed) in needed.items():
        if is_needed and name is None:
            yield Fault(
                f"{label}, object-locator.{key}",
                f"is missing: {action} on the target {target} needs it ({_TRANSFORMATIONS}). "
                "Name the object, or write % for all of them",
            )
    if rule.table_tablespace_name is not None and rule.index_tablespace_name is not None:
        yield Fault(
            f"{label}, object-locator",
            "names both a table tablespace and an index tablespace, but a rule takes only one "
            f"({_TRANSFORMATIONS}): write two rules",
            f"{rule.table_tablespace_name}, {rule.index_tablespace_name}",
        )
    if rule.column_name is not None and any(
        c in without_sets(rule.column_name) for c in UNUSABLE_IN_COLUMN_NAMES.value
    ):
        yield Fault(
            f"{label}, object-locator.column-name",
            "contains one of # \\ / -, and DMS cannot transform such columns "
            f"({_TRANSFORMATIONS}): rename the column in the source or remove the rule",
            rule.column_name,
        )
    if action == "define-primary-key":
        names = {"schema-name": rule.schema_name, "table-name": rule.table_name or ""}
        yield from _exact(
            label,
            names,
            f"define-primary-key applies to one table ({_TRANSFORMATIONS}). Write its name",
        )


def _parameters(label: str, rule: TransformationRule) -> Iterator[Fault]:
    action = rule.rule_action
    by_expression = action == "rename" and rule.expression
    if action in _WITH_VALUE and rule.value is None and not by_expression:
        yield _missing(label, "value", action, _TRANSFORMATIONS)
    elif action in _WITH_VALUE - _MAY_BE_EMPTY and rule.value == "" and not by_expression:
        yield Fault(
            f"{label}, value", f"must not be empty: {action} needs it ({_TRANSFORMATIONS})", "''"
        )
    if action == "data-masking-digits-mask" and rule.value not in (None, ""):
        yield from _mask(f"{label}, value", rule.value)
    if action in _MAY_BE_EMPTY and rule.old_value in (None, ""):
        yield _missing(label, "old-value", action, _TRANSFORMATIONS)
    needed = {
        "data-type": (rule.data_type, ("add-column", "change-data-type")),
        "primary-key-def": (rule.primary_key_def, ("define-primary-key",)),
        "before-image-def": (rule.before_image_def, ("add-before-image-columns",)),
    }
    for key, (value, actions) in needed.items():
        if action in actions and value is None:
            yield _missing(label, key, action, _TRANSFORMATIONS)
    if rule.data_type is not None and rule.data_type.type.lower() not in _DATA_TYPES:
        yield Fault(
            f"{label}, data-type.type",
            f"must be one of {', '.join(_DATA_TYPES)} ({_TRANSFORMATIONS})",
            rule.data_type.type,
        )
    if rule.primary_key_def is not None and not rule.primary_key_def.columns:
        yield Fault(
            f"{label}, primary-key-def.columns",
            f"must name at least one column ({_TRANSFORMATIONS})",
        )
    image = rule.before_image_def
    if image is not None and image.column_prefix == "" and not image.column_suffix:
        yield Fault(
            f"{label}, before-image-def",
            "must not leave both prefix and suffix empty, or the old value would get the new one's "
            f"name ({_KINESIS}): set one of them, or omit column-prefix to get BI_",
            "both are empty",
        )


def _mask(where: str, value: Scalar | None) -> Iterator[Fault]:
    text = str(value)
    if len(text) != 1 or not "!" <= text <= "~":
        yield Fault(
            where,
            "must be a single printable ASCII character other than a space "
            f"({_MASKING}), such as #",
            text,
        )


def _missing(label: str, key: str, action: str, source: Page) -> Fault:
    return Fault(f"{label}, {key}", f"is missing: {action} needs it ({source}). Add it")


def _table_settings(label: str, rule: TableSettingsRule) -> Iterator[Fault]:
    names = {"schema-name": rule.schema_name, "table-name": rule.table_name}
    yield from _exact(
        label,
        names,
        f"a table-settings rule applies to one table ({_TABLE_SETTINGS}). Write one rule per table",
    )
    if rule.parallel_load is not None:
        yield from _parallel_load(f"{label}, parallel-load", rule.parallel_load)
    if rule.lob_settings is not None:
        yield from _lob_settings(f"{label}, lob-settings", rule.lob_settings)


def _parallel_load(label: str, load: ParallelLoad) -> Iterator[Fault]:
    match load.type:
        case "partitions-list":
            if not (load.partitions or load.subpartitions):
                yield Fault(
                    f"{label}.partitions",
                    "is missing: partitions-list needs partitions or subpartitions "
                    f"({_TABLE_SETTINGS})",
                )
        case "ranges":
            yield from _ranges(label, load)
        case "partitions-auto" | "subpartitions-auto" | "none":
            pass
        case _:
            assert_never(load.type)


def _ranges(label: str, load: ParallelLoad) -> Iterator[Fault]:
    columns, boundaries = load.columns or (), load.boundaries or ()
    if not 1 <= len(columns) <= RANGE_COLUMNS.value:
        yield Fault(
            f"{label}.columns",
            f"must name 1 to {RANGE_COLUMNS} columns for ranges ({_TABLE_SETTINGS})",
            f"{len(columns)} columns",
        )
    if not boundaries:
        yield Fault(f"{label}.boundaries", f"is missing: ranges needs it ({_TABLE_SETTINGS})")
    for number, boundary in enumerate(boundaries):
        if len(boundary) != len(columns):
            yield Fault(
                f"{label}.boundaries[{number}]",
                f"must contain a value for each of the {len(columns)} columns ({_TABLE_SETTINGS})",
                f"{len(boundary)} values",
            )


def _lob_settings(label: str, lobs: LobSettings) -> Iterator[Fault]:
    match lobs.mode:
        case "unlimited":
            yield Fault(
                f"{label}.mode",
                f"must not be unlimited: {NO_FULL_LOB_MODE} ({_KINESIS}). Use limited",
                lobs.mode,
            )
        case None | "limited":
            yield from _lob_size(f"{label}.bulk-max-size", lobs.bulk_max_size)
        case "none":
            pass
        case _:
            assert_never(lobs.mode)


def _lob_size(where: str, size_kb: int | str | None) -> Iterator[Fault]:
    if size_kb is None:
        yield Fault(where, f"is missing: the mode limited needs a size in KB ({_TABLE_SETTINGS})")
    else:
        yield from _whole(where, size_kb, 1, LARGEST_LOB_KB.value, _KINESIS, " KB")


def _no_filters(label: str, rule: Rule) -> Iterator[Fault]:
    # AWS's own documents hold `filters: []` in rules of any kind
    if not isinstance(rule, SelectionRule) and rule.filters:
        yield Fault(
            f"{label}, filters",
            f"only filter rows in selection rules ({_FILTERS}): move them there, or leave the "
            "list empty",
            f"{len(rule.filters)} filters",
        )


def _exact_object_mapping(label: str, rule: ObjectMappingRule) -> Iterator[Fault]:
    # users of DMS 3.5 met the refusal "Exact schema and table required when using object mapping
    # rule with '3.5' engine"; whether 3.6 and serverless take patterns is open (?), and exact
    # names are right for all of them
    yield from _exact(
        label,
        {"schema-name": rule.schema_name, "table-name": rule.table_name},
        "DMS 3.5 refuses an object mapping of a pattern, and whether 3.6 and serverless take one "
        f"is open ({_KINESIS}). Write a rule for each table, or leave the rule out where it only "
        "repeats DMS's default",
    )


def _object_mapping(label: str, rule: ObjectMappingRule) -> Iterator[Fault]:
    match rule.rule_action:
        case "map-record-to-record" | "map-record-to-document":
            if rule.mapping_parameters is not None:
                yield from _mapping(f"{label}, mapping-parameters", rule.mapping_parameters)
                yield from _partition_key(f"{label}, mapping-parameters", rule.mapping_parameters)
        case _:
            assert_never(rule.rule_action)


def _partition_key(label: str, parameters: MappingParameters) -> Iterator[Fault]:
    key = parameters.partition_key
    if parameters.partition_key_type == "constant" and not (
        parameters.partition_key_name or (key is not None and key.value is not None)
    ):
        yield Fault(
            f"{label}.partition-key",
            "is missing: the partition-key-type constant needs the key of all records "
            f"({_KINESIS}). Write it as `partition-key: {{value: …}}`",
        )
    of_both_forms = key is not None and key.value is not None and key.attribute_name is not None
    named = parameters.partition_key_name or (key and key.attribute_name)
    if not named or of_both_forms or parameters.partition_key_type not in (None, "attribute-name"):
        return
    attributes = [
        mapping.target_attribute_name or mapping.attribute_name
        for mapping in parameters.attribute_mappings or ()
    ]
    if named not in attributes:
        yield Fault(
            f"{label}.partition-key-name",
            f"names an attribute that no attribute-mapping makes ({_KINESIS}): add one, such as "
            f"target-attribute-name {named} with the value ${{column}}",
            named,
        )


def _mapping(label: str, parameters: MappingParameters) -> Iterator[Fault]:
    key = parameters.partition_key
    named = parameters.partition_key_name or (key and key.attribute_name)
    match parameters.partition_key_type:
        case "attribute-name":
            if not named:
                yield Fault(
                    f"{label}.partition-key-name",
                    f"is missing: the partition-key-type attribute-name needs it ({_KINESIS}). "
                    "Name the attribute whose value decides the shard",
                )
        case None | "schema-table" | "transaction-id" | "primary-key" | "constant":
            pass
        case _:
            assert_never(parameters.partition_key_type)
    if key is not None and (key.value is None) == (key.attribute_name is None):
        yield Fault(
            f"{label}.partition-key",
            "must contain either value (the same key for all records) or attribute-name "
            f"({_KINESIS}): write exactly one of them",
            repr(key.to_document()),
        )
    attributes: list[tuple[str, str]] = []
    for number, mapping in enumerate(parameters.attribute_mappings or ()):
        where = f"{label}.attribute-mappings[{number}]"
        name = mapping.target_attribute_name or mapping.attribute_name
        if name is None:
            yield Fault(
                f"{where}.target-attribute-name",
                f"is missing: it names the record's attribute ({_KINESIS}). Add it",
            )
        else:
            attributes.append((where, name))
        if mapping.attribute_type == "scalar" and isinstance(mapping.value, dict | list):
            yield Fault(
                f"{where}.value",
                f"must be a string for the attribute-type scalar ({_KINESIS}): write one such as "
                "${column}, or use the attribute-type document",
                repr(mapping.value),
            )
    for where, first, name in _repeated(attributes):
        yield Fault(
            f"{where}.target-attribute-name",
            f"is already the attribute of {first}, and a record has each attribute once "
            f"({_KINESIS}): rename one of them",
            name,
        )


def _whole(
    where: str, value: int | str, least: int, most: int, source: Page, unit: str = ""
) -> Iterator[Fault]:
    text = str(value)
    # longer than any bound: no need to make a number of it
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 20 else None
    if number is None or not least <= number <= most:
        yield Fault(where, f"must be a whole number from {least} to {most}{unit} ({source})", text)
