"""One table after the transformation rules: names, columns, key, and changes of values.

https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Transformations.html

Of several rules of one kind for an object, the one with the lowest rule-id is applied, as DMS does.
"""

import hashlib
import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import assert_never

from constructs_lib.dms.table_mappings import TransformationRule
from constructs_lib.dms.table_mappings.patterns import matches
from constructs_lib.dms.vocabulary import DEFAULT_BEFORE_IMAGE_PREFIX, ColumnFilter, RuleTarget
from dms_stream.rehearsal.errors import RefusedError
from dms_stream.rehearsal.mapping.expressions import HEADERS, METADATA, Expression, SqlValue
from dms_stream.rehearsal.source.data_types import (
    DmsType,
    ImpossibleDate,
    Value,
    converter,
    dms_type,
    time_text,
)
from dms_stream.rehearsal.source.table import SourceColumn, SourceTable

BEFORE = "BI__"
"""Begins a column's name in an expression that asks for its value before the change."""

_DIGIT = re.compile(r"\d")

Change = Callable[[Value], Value]


@dataclass(frozen=True)
class TargetColumn:
    """A column of the target that comes from one of the source.

    Attributes:
        name: Its name on the target.
        source: The source's column.
        place: Where the source's column is in a row.
        kind: DMS's type, after the rules.
        changes: The rules' functions for a value that is not None, in order.
    """

    name: str
    source: SourceColumn
    place: int
    kind: DmsType
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class ComputedColumn:
    """A column that a rule adds.

    Attributes:
        name: Its name on the target.
        kind: Its type.
        expression: What it holds.
        convert: From SQLite's result to the type.
        is_comparable: Whether the same row always gives the same value.
    """

    name: str
    kind: DmsType
    expression: Expression
    convert: Change
    is_comparable: bool


@dataclass(frozen=True)
class BeforeImageColumns:
    """Columns that a rule adds to updates, with the values before.

    Attributes:
        names: Name on the target, by the target's name of the column.
    """

    names: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TransformedTable:
    """A table after the rules."""

    schema_name: str
    table_name: str
    columns: tuple[TargetColumn, ...]
    computed: tuple[ComputedColumn, ...]
    primary_key: tuple[str, ...]
    before_image_columns: BeforeImageColumns

    @property
    def full_name(self) -> str:
        """`schema.table`."""
        return f"{self.schema_name}.{self.table_name}"


def transform(
    table: SourceTable, rules: Iterable[TransformationRule], target_schema: str | None = None
) -> TransformedTable:
    """Apply the rules to a table.

    Args:
        table: The source's table.
        rules: All transformation rules of the task.
        target_schema: The setting `TargetSchema`; None or empty: the source's name.

    Raises:
        RefusedError: a rule names a missing column, or two columns get the same name.
    """
    sorted_rules = sorted(
        (rule for rule in rules if _is_about(rule, table)), key=lambda rule: int(rule.rule_id or 0)
    )
    found = _by_effect(sorted_rules)
    columns = _columns(table, found)
    computed = tuple(_computed(rule, table) for rule in found.adding)
    names = [column.name for column in columns] + [column.name for column in computed]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise RefusedError(
            f"the rules for {table.full_name}",
            [f"they give the name {name} to more than one column" for name in twice],
        )
    key = _primary_key(table, columns, names, found.defining_keys)
    schema = _renamed(target_schema or table.schema, "schema", found, table)
    return TransformedTable(
        schema_name=schema,
        table_name=_renamed(table.name, "table", found, table),
        columns=columns,
        computed=computed,
        primary_key=key,
        before_image_columns=_before_image_columns(found.adding_before_images, columns, key),
    )


@dataclass
class _Rules:
    """Rules about one table by what they do, each kind with the lowest rule-id first."""

    renaming: dict[RuleTarget, list[TransformationRule]] = field(default_factory=dict)
    including: list[TransformationRule] = field(default_factory=list)
    removing: list[TransformationRule] = field(default_factory=list)
    retyping: list[TransformationRule] = field(default_factory=list)
    masking: list[TransformationRule] = field(default_factory=list)
    adding: list[TransformationRule] = field(default_factory=list)
    defining_keys: list[TransformationRule] = field(default_factory=list)
    adding_before_images: list[TransformationRule] = field(default_factory=list)


def _by_effect(rules: Iterable[TransformationRule]) -> _Rules:
    found = _Rules()
    for rule in rules:
        match rule.rule_action:
            case (
                "rename"
                | "convert-lowercase"
                | "convert-uppercase"
                | "add-prefix"
                | "remove-prefix"
                | "replace-prefix"
                | "add-suffix"
                | "remove-suffix"
                | "replace-suffix"
            ):
                found.renaming.setdefault(_known(rule.rule_target), []).append(rule)
            case "include-column":
                found.including.append(rule)
            case "remove-column":
                found.removing.append(rule)
            case "change-data-type":
                found.retyping.append(rule)
            case (
                "data-masking-digits-mask"
                | "data-masking-digits-randomize"
                | "data-masking-hash-mask"
            ):
                found.masking.append(rule)
            case "add-column":
                found.adding.append(rule)
            case "define-primary-key":
                found.defining_keys.append(rule)
            case "add-before-image-columns":
                found.adding_before_images.append(rule)
            case _:
                assert_never(rule.rule_action)
    return found


def _known(target: RuleTarget) -> RuleTarget:
    match target:
        case "schema" | "table" | "column" | "table-tablespace" | "index-tablespace":
            return target
    assert_never(target)


def _is_about(rule: TransformationRule, table: SourceTable) -> bool:
    return matches(rule.schema_name, table.schema) and (
        rule.table_name is None or matches(rule.table_name, table.name)
    )


def _renamed(
    name: str,
    target: RuleTarget,
    rules: _Rules,
    table: SourceTable,
    column: SourceColumn | None = None,
) -> str:
    for rule in rules.renaming.get(target, ()):
        if column is None or _covers(rule, column):
            return _new_name(name, rule, table, column)
    return name


def _new_name(
    name: str, rule: TransformationRule, table: SourceTable, column: SourceColumn | None
) -> str:
    value, old = str(rule.value or ""), str(rule.old_value or "")
    match rule.rule_action:
        case "rename" if rule.expression:
            names: dict[str, SqlValue] = {
                "SCHEMA_NAME_VAR": table.schema,
                "TABLE_NAME_VAR": table.name,
                "COLUMN_NAME_VAR": column.name if column else None,
            }
            return str(Expression(rule.expression).evaluate(names))
        case "rename":
            return value
        case "convert-lowercase":
            return name.lower()
        case "convert-uppercase":
            return name.upper()
        case "add-prefix":
            return value + name
        case "remove-prefix":
            return name.removeprefix(value)
        case "replace-prefix":
            return value + name[len(old) :] if name.startswith(old) else name
        case "add-suffix":
            return name + value
        case "remove-suffix":
            return name.removesuffix(value)
        case "replace-suffix":
            return name[: -len(old)] + value if name.endswith(old) else name
        case _:
            # _by_effect lets nothing else through
            raise AssertionError(f"{rule.rule_action} does not rename")


def _covers(rule: TransformationRule, column: SourceColumn) -> bool:
    if rule.column_data_type is not None and (
        rule.column_data_type.lower() not in (column.data_type, dms_type(column).name)
    ):
        return False
    return matches(rule.column_name or "%", column.name)


def _columns(table: SourceTable, rules: _Rules) -> tuple[TargetColumn, ...]:
    kept = []
    for place, column in enumerate(table.columns):
        if rules.including and not _first(rules.including, column):
            continue
        if _first(rules.removing, column):
            continue
        kind, changes = dms_type(column), []
        if retyping := _first(rules.retyping, column):
            target = _target_type(retyping)
            changes.append(converter(kind, target))
            kind = target
        if masking := _first(rules.masking, column):
            change, kind = _mask(masking, kind)
            changes.append(change)
        name = _renamed(column.name, "column", rules, table, column)
        kept.append(TargetColumn(name, column, place, kind, tuple(changes)))
    return tuple(kept)


def _first(rules: Iterable[TransformationRule], column: SourceColumn) -> TransformationRule | None:
    return next((rule for rule in rules if _covers(rule, column)), None)


def _target_type(rule: TransformationRule) -> DmsType:
    given = rule.data_type
    assert given is not None
    return DmsType(
        given.type.lower(),
        int(given.length or 0),
        int(given.precision or 0),
        int(given.scale or 0),
    )


def _mask(rule: TransformationRule, kind: DmsType) -> tuple[Change, DmsType]:
    """How a masking rule changes values of a type, and the type of what it makes of them."""
    # https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Masking.html
    text_type = DmsType("string", kind.length)
    match rule.rule_action:
        case "data-masking-hash-mask":
            return _hash, text_type
        case "data-masking-digits-mask":
            mask = str(rule.value)
            # by a function: a backslash is a mask like any other character
            return lambda value: _DIGIT.sub(lambda _: mask, _as_text(value)), text_type
        case "data-masking-digits-randomize":
            is_whole_or_exact = kind.name == "numeric" or "int" in kind.name
            return _randomize_digits, kind if is_whole_or_exact else text_type
        case _:
            # _by_effect lets nothing else through
            raise AssertionError(f"{rule.rule_action} does not mask")


def _hash(value: Value) -> Value:
    return hashlib.sha256(_as_text(value).encode()).hexdigest()


def _randomize_digits(value: Value) -> Value:
    text = _as_text(value)
    # the same digits every time, so that what landed can be compared with the source
    digits = random.Random(text)
    masked = _DIGIT.sub(lambda _: str(digits.randrange(10)), text)
    if isinstance(value, int) and not isinstance(value, bool):
        return int(masked)
    return Decimal(masked) if isinstance(value, Decimal) else masked


def _as_text(value: Value) -> str:
    if isinstance(value, bytes):
        return value.hex()
    return time_text(value) if isinstance(value, timedelta) else str(value)


def _computed(rule: TransformationRule, table: SourceTable) -> ComputedColumn:
    text = rule.expression if rule.expression is not None else "NULL"
    expression = Expression(text)
    unknown = [
        name
        for name in expression.variables
        if name.removeprefix(BEFORE) not in table.positions and name not in HEADERS + METADATA
    ]
    if unknown:
        raise RefusedError(
            f"rule {rule.rule_id}",
            [
                f"its expression names ${name}, but {table.full_name} has no such column"
                for name in unknown
            ],
        )
    kind = _target_type(rule)
    is_stable = not any(name in HEADERS or name.startswith(BEFORE) for name in expression.variables)
    convert = converter(DmsType("string"), kind)
    return ComputedColumn(
        str(rule.value),
        kind,
        expression,
        # SQLite gives text, numbers or bytes
        lambda value: convert(value if value is None or isinstance(value, bytes) else str(value)),
        is_stable,
    )


def sql_value(value: Value) -> SqlValue:
    """A value as SQLite takes it."""
    if isinstance(value, bool):
        return int(value)
    if value is None or isinstance(value, int | float | str | bytes):
        return value
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, ImpossibleDate):
        return value.isoformat()
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date) else time_text(value)


def _primary_key(
    table: SourceTable,
    columns: Sequence[TargetColumn],
    names: Sequence[str],
    rules: Sequence[TransformationRule],
) -> tuple[str, ...]:
    by_source = {column.source.name: column.name for column in columns}
    for rule in rules:
        if rule.primary_key_def is not None:
            wanted = rule.primary_key_def.columns
            missing = [name for name in wanted if name not in by_source and name not in names]
            if missing:
                raise RefusedError(
                    f"rule {rule.rule_id}",
                    [
                        f"its key names {name}, but {table.full_name} has no such column"
                        for name in missing
                    ],
                )
            return tuple(by_source.get(name, name) for name in wanted)
    if any(name not in by_source for name in table.primary_key):
        return ()
    return tuple(by_source[name] for name in table.primary_key)


def _before_image_columns(
    rules: Sequence[TransformationRule], columns: Sequence[TargetColumn], key: Sequence[str]
) -> BeforeImageColumns:
    names: dict[str, str] = {}
    for rule in rules:
        image = rule.before_image_def
        if image is None:
            continue
        prefix = DEFAULT_BEFORE_IMAGE_PREFIX if image.column_prefix is None else image.column_prefix
        for column in in_image(columns, key, image.column_filter):
            if _covers(rule, column.source):
                new = f"{prefix}{column.name}{image.column_suffix or ''}"
                names.setdefault(column.name, new)
    return BeforeImageColumns(names)


def in_image(
    columns: Iterable[TargetColumn], key: Sequence[str], column_filter: ColumnFilter | None
) -> list[TargetColumn]:
    """The columns that a before image holds; the default is those of the key."""
    match column_filter:
        case "all":
            return list(columns)
        case "non-lob":
            return [column for column in columns if not column.kind.is_lob]
        case None | "pk-only":
            return [column for column in columns if column.name in key]
    assert_never(column_filter)
