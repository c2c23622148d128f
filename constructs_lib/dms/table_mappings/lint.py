"""What DMS refuses, or silently does otherwise than written, in rules of the right shape."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import TypeVar, get_args

from constructs_lib.dms.table_mappings.patterns import covers, has_wildcard, matches, without_sets
from constructs_lib.dms.table_mappings.rules import (
    Filter,
    FilterCondition,
    LobSettings,
    MappingParameters,
    ObjectMappingRule,
    ParallelLoad,
    RenamingAction,
    Rule,
    Scalar,
    SelectionRule,
    TableSettingsRule,
    TransformationRule,
)
from constructs_lib.errors import Fault

_GUIDE = "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks."
_RULES = f"{_GUIDE}TableMapping.SelectionTransformation."
_SELECTIONS = f"{_RULES}Selections.html"
_TRANSFORMATIONS = f"{_RULES}Transformations.html"
_MASKING = f"{_RULES}Masking.html"
_TABLE_SETTINGS = f"{_RULES}Tablesettings.html"
_FILTERS = f"{_GUIDE}Filters.html"
_KINESIS = "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Kinesis.html"

_RENAMING: frozenset[str] = frozenset(get_args(RenamingAction))
MASKING = frozenset(
    {"data-masking-digits-mask", "data-masking-digits-randomize", "data-masking-hash-mask"}
)
_OF_COLUMNS = MASKING | {
    "add-column",
    "include-column",
    "remove-column",
    "change-data-type",
    "add-before-image-columns",
}
_ACTIONS = {
    "schema": _RENAMING,
    "table": _RENAMING | {"define-primary-key"},
    "column": _RENAMING | _OF_COLUMNS,
    "table-tablespace": _RENAMING,
    "index-tablespace": _RENAMING,
}
_WITHOUT_COLUMN_NAME = frozenset({"add-column", "add-before-image-columns"})
_WITH_VALUE = _RENAMING - {"convert-lowercase", "convert-uppercase"} | {
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
_TWO_VALUES = frozenset({"between", "notbetween"})
_NO_VALUE = frozenset({"null", "notnull"})
_NEGATIVE = frozenset({"noteq", "notbetween", "notnull"})
_MOST_LOAD_ORDER = 2_147_483_647
_MOST_RANGE_COLUMNS = 10
_KINESIS_LOB_KB = 1024

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
        Fault(label, f"is listed twice, as {first} too: leave one of them out", table)
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
            f"is the {key} of {first} too, and must be unique ({_SELECTIONS}): change one of "
            "them, or leave it out to get a free one",
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
            yield from _object_mapping(f"{label}, mapping-parameters", rule.mapping_parameters)
            yield from _partition_key(f"{label}, mapping-parameters", rule.mapping_parameters)
    yield from _no_filters(label, rule)


def _no_selection(rules: Sequence[Labelled]) -> Iterator[Fault]:
    selections = [(label, rule) for label, rule in rules if isinstance(rule, SelectionRule)]
    wanted = [rule for _, rule in selections if rule.rule_action != "exclude"]
    excluding = [(label, rule) for label, rule in selections if rule.rule_action == "exclude"]
    if not wanted:
        yield Fault(
            "rules",
            "select nothing: DMS needs at least one selection rule with the action include or "
            f"explicit ({_SELECTIONS}). Add one, or list the tables under `tables`",
            f"{len(rules)} rules",
        )
        return
    found = [
        next((label for label, exclude in excluding if _excludes_all(exclude, rule)), None)
        for rule in wanted
    ]
    if None not in found:
        labels = dict.fromkeys(str(label) for label in found)
        yield Fault(
            "rules",
            f"select nothing: what is included is excluded by {', '.join(labels)}, and to "
            f"exclude weighs more ({_SELECTIONS}). Narrow the exclude rule or remove it",
            f"{len(rules)} rules",
        )


def _excludes_all(exclude: SelectionRule, include: SelectionRule) -> bool:
    return (
        (exclude.table_type or "table") in ("all", include.table_type or "table")
        and covers(exclude.schema_name, include.schema_name)
        and covers(exclude.table_name, include.table_name)
    )


def _mappings_of_nothing(rules: Sequence[Labelled]) -> Iterator[Fault]:
    selections = [rule for _, rule in rules if isinstance(rule, SelectionRule)]
    for label, rule in rules:
        # a name with wildcards has a fault of its own
        if not isinstance(rule, ObjectMappingRule) or _is_pattern(rule):
            continue
        found = [selection.rule_action for selection in selections if _selects(selection, rule)]
        if not found or "exclude" in found:
            yield Fault(
                f"{label}, object-locator",
                "names a table that no selection rule captures, so that the rule does nothing "
                f"({_KINESIS}): correct the name (names are case-sensitive), select the table, or "
                "remove the rule",
                f"{rule.schema_name}.{rule.table_name}",
            )


def _is_pattern(rule: ObjectMappingRule) -> bool:
    return has_wildcard(rule.schema_name) or has_wildcard(rule.table_name)


def _selects(selection: SelectionRule, rule: ObjectMappingRule) -> bool:
    if selection.rule_action == "explicit":
        return (selection.schema_name, selection.table_name) == (rule.schema_name, rule.table_name)
    return matches(selection.schema_name, rule.schema_name) and matches(
        selection.table_name, rule.table_name
    )


def _same_object(rules: Sequence[Labelled]) -> Iterator[Fault]:
    transformations = [
        (label, rule) for label, rule in rules if isinstance(rule, TransformationRule)
    ]
    for label, first, given in _repeated([(label, _object(r)) for label, r in transformations]):
        yield Fault(
            label,
            f"transforms the same object as {first}: DMS applies only the one with the lower "
            f"rule-id ({_TRANSFORMATIONS}). Remove one of them; only masking may join another "
            "action on the same column",
            ".".join(str(part) for part in given[2:] if part is not None),
        )


def _same_table(
    rules: Sequence[Labelled], kind: type[ObjectMappingRule | TableSettingsRule], source: str
) -> Iterator[Fault]:
    tables = [
        (label, (rule.schema_name, rule.table_name)) for label, rule in rules if type(rule) is kind
    ]
    for label, first, (schema, table) in _repeated(tables):
        yield Fault(
            f"{label}, object-locator",
            f"names the same table as {first}, which already says how that one is handled "
            f"({source}): make one rule of the two",
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
    if rule.rule_action == "explicit":
        yield from _exact(
            label,
            names,
            f"the action explicit takes exactly one table ({_SELECTIONS}). Name it, or use include",
        )
    if rule.load_order is not None:
        yield from _whole(f"{label}, load-order", rule.load_order, 1, _MOST_LOAD_ORDER, _SELECTIONS)
    if not rule.filters:
        return
    if rule.rule_action != "include":
        yield Fault(
            f"{label}, filters",
            f"are applied only by the action include ({_FILTERS}), so that {rule.rule_action} "
            "would take all rows: use include or remove the filters",
            f"{len(rule.filters)} filters",
        )
    elif has_wildcard(rule.table_name.replace("[_]", "_")):
        yield from _exact(
            label,
            {"table-name": rule.table_name},
            f"a rule with filters is about one table ({_FILTERS}). Write a rule a table",
        )
    for number, given in enumerate(rule.filters):
        yield from _filter(f"{label}, filters[{number}]", given)


def _filter(label: str, given: Filter) -> Iterator[Fault]:
    conditions = given.filter_conditions
    if not conditions:
        yield Fault(
            f"{label}.filter-conditions",
            f"must hold at least one condition ({_FILTERS}): add one or remove the filter",
        )
    negative = next((c for c in conditions if c.filter_operator in _NEGATIVE), None)
    if negative is not None and len(conditions) > 1:
        yield Fault(
            f"{label}.filter-conditions",
            f"hold {len(conditions)} conditions, but {negative.filter_operator} must stand alone "
            f"in its filter ({_FILTERS}): give it a filter of its own",
            ", ".join(condition.filter_operator for condition in conditions),
        )
    for number, condition in enumerate(conditions):
        yield from _condition(f"{label}.filter-conditions[{number}]", condition)


def _condition(label: str, given: FilterCondition) -> Iterator[Fault]:
    operator = given.filter_operator
    if operator in _NO_VALUE:
        wanted: tuple[str, ...] = ()
    elif operator in _TWO_VALUES:
        wanted = ("start-value", "end-value")
    else:
        wanted = ("value",)
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
                f"has no place here: {operator} takes {needs} ({_FILTERS}). Remove it",
                repr(value),
            )


def _transformation(label: str, rule: TransformationRule) -> Iterator[Fault]:
    action, target = rule.rule_action, rule.rule_target
    if action not in _ACTIONS[target]:
        targets = [name for name, actions in _ACTIONS.items() if action in actions]
        yield Fault(
            f"{label}, rule-action",
            f"{action} is not for the target {target}, only for {' and '.join(targets)} "
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
            "names a table tablespace and an index tablespace, but a rule takes one of the two "
            f"({_TRANSFORMATIONS}): write two rules",
            f"{rule.table_tablespace_name}, {rule.index_tablespace_name}",
        )
    if rule.column_name is not None and any(c in without_sets(rule.column_name) for c in "#\\/-"):
        yield Fault(
            f"{label}, object-locator.column-name",
            f"holds one of # \\ / -, and DMS cannot transform such columns ({_TRANSFORMATIONS}): "
            "rename the column in the source or remove the rule",
            rule.column_name,
        )
    if action == "define-primary-key":
        names = {"schema-name": rule.schema_name, "table-name": rule.table_name or ""}
        yield from _exact(
            label, names, f"define-primary-key is about one table ({_TRANSFORMATIONS}). Name it"
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
            "must not leave prefix and suffix both empty, or the old value would take the new "
            f"one's name ({_KINESIS}): give one, or leave out column-prefix for BI_",
            "two empty texts",
        )


def _mask(where: str, value: Scalar | None) -> Iterator[Fault]:
    text = str(value)
    if len(text) != 1 or not "!" <= text <= "~":
        yield Fault(
            where,
            f"must be a single printable ASCII character and no space ({_MASKING}), such as #",
            text,
        )


def _missing(label: str, key: str, action: str, source: str) -> Fault:
    return Fault(f"{label}, {key}", f"is missing: {action} needs it ({source}). Add it")


def _table_settings(label: str, rule: TableSettingsRule) -> Iterator[Fault]:
    names = {"schema-name": rule.schema_name, "table-name": rule.table_name}
    yield from _exact(
        label,
        names,
        f"table-settings are about one table ({_TABLE_SETTINGS}). Write one each",
    )
    if rule.parallel_load is not None:
        yield from _parallel_load(f"{label}, parallel-load", rule.parallel_load)
    if rule.lob_settings is not None:
        yield from _lob_settings(f"{label}, lob-settings", rule.lob_settings)


def _parallel_load(label: str, load: ParallelLoad) -> Iterator[Fault]:
    if load.type == "partitions-list" and not (load.partitions or load.subpartitions):
        yield Fault(
            f"{label}.partitions",
            f"is missing: partitions-list needs partitions or subpartitions ({_TABLE_SETTINGS})",
        )
    if load.type != "ranges":
        return
    columns, boundaries = load.columns or (), load.boundaries or ()
    if not 1 <= len(columns) <= _MOST_RANGE_COLUMNS:
        yield Fault(
            f"{label}.columns",
            f"must be 1 to {_MOST_RANGE_COLUMNS} columns for ranges ({_TABLE_SETTINGS})",
            f"{len(columns)} columns",
        )
    if not boundaries:
        yield Fault(f"{label}.boundaries", f"is missing: ranges needs it ({_TABLE_SETTINGS})")
    for number, boundary in enumerate(boundaries):
        if len(boundary) != len(columns):
            yield Fault(
                f"{label}.boundaries[{number}]",
                f"must hold a value for each of the {len(columns)} columns ({_TABLE_SETTINGS})",
                f"{len(boundary)} values",
            )


def _lob_settings(label: str, lobs: LobSettings) -> Iterator[Fault]:
    if lobs.mode == "unlimited":
        yield Fault(
            f"{label}.mode",
            f"unlimited is the full LOB mode, which Kinesis targets do not have ({_KINESIS}): "
            "use limited",
            lobs.mode,
        )
        return
    if lobs.mode == "none":
        return
    if lobs.bulk_max_size is None:
        yield Fault(
            f"{label}.bulk-max-size",
            f"is missing: the mode limited needs a size in KB ({_TABLE_SETTINGS})",
        )
        return
    yield from _whole(
        f"{label}.bulk-max-size", lobs.bulk_max_size, 1, _KINESIS_LOB_KB, _KINESIS, " KB"
    )


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
        f"is open ({_KINESIS}). Write a rule a table, or leave the rule out where it only repeats "
        "DMS's default",
    )


def _partition_key(label: str, parameters: MappingParameters | None) -> Iterator[Fault]:
    if parameters is None:
        return
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


def _object_mapping(label: str, parameters: MappingParameters | None) -> Iterator[Fault]:
    if parameters is None:
        return
    key = parameters.partition_key
    named = parameters.partition_key_name or (key and key.attribute_name)
    if parameters.partition_key_type == "attribute-name" and not named:
        yield Fault(
            f"{label}.partition-key-name",
            f"is missing: the partition-key-type attribute-name needs it ({_KINESIS}). Name the "
            "attribute whose value decides the shard",
        )
    if key is not None and (key.value is None) == (key.attribute_name is None):
        yield Fault(
            f"{label}.partition-key",
            "must hold either value (the same key for all records) or attribute-name "
            f"({_KINESIS}): write one of the two",
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
                f"must be a text for the attribute-type scalar ({_KINESIS}): write one such as "
                "${column}, or use the attribute-type document",
                repr(mapping.value),
            )
    for where, first, name in _repeated(attributes):
        yield Fault(
            f"{where}.target-attribute-name",
            f"is the attribute of {first} too, and a record holds each attribute once "
            f"({_KINESIS}): rename one of them",
            name,
        )


def _whole(
    where: str, value: int | str, least: int, most: int, source: str, unit: str = ""
) -> Iterator[Fault]:
    text = str(value)
    # longer than any bound: no need to make a number of it
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 20 else None
    if number is None or not least <= number <= most:
        yield Fault(where, f"must be a whole number from {least} to {most}{unit} ({source})", text)
