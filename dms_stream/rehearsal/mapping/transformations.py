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

from dms_stream.rehearsal.errors import RefusedError
from dms_stream.rehearsal.mapping.expressions import HEADERS, METADATA, Expression, SqlValue
from dms_stream.rehearsal.mapping.rules import TransformationRule, matches
from dms_stream.rehearsal.source.data_types import DmsType, Value, converter, dms_type, time_text
from dms_stream.rehearsal.source.table import SourceColumn, SourceTable

_RENAMING = frozenset(
    {
        "rename",
        "convert-lowercase",
        "convert-uppercase",
        "add-prefix",
        "remove-prefix",
        "replace-prefix",
        "add-suffix",
        "remove-suffix",
        "replace-suffix",
    }
)
_BEFORE = "BI__"
_DEFAULT_BEFORE_PREFIX = "BI_"
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
    found = sorted(
        (rule for rule in rules if _is_about(rule, table)), key=lambda rule: int(rule.rule_id or 0)
    )
    columns = _columns(table, [rule for rule in found if rule.rule_target == "column"])
    computed = tuple(_computed(rule, table) for rule in found if rule.rule_action == "add-column")
    names = [column.name for column in columns] + [column.name for column in computed]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise RefusedError(
            f"the rules for {table.full_name}",
            [f"they give the name {name} to more than one column" for name in twice],
        )
    key = _primary_key(table, columns, names, found)
    schema = _renamed(target_schema or table.schema, "schema", found, table)
    return TransformedTable(
        schema_name=schema,
        table_name=_renamed(table.name, "table", found, table),
        columns=columns,
        computed=computed,
        primary_key=key,
        before_image_columns=_before_image_columns(found, columns, key),
    )


def _is_about(rule: TransformationRule, table: SourceTable) -> bool:
    return matches(rule.schema_name, table.schema) and (
        rule.table_name is None or matches(rule.table_name, table.name)
    )


def _renamed(
    name: str,
    target: str,
    rules: Sequence[TransformationRule],
    table: SourceTable,
    column: SourceColumn | None = None,
) -> str:
    for rule in rules:
        if (
            rule.rule_target == target
            and rule.rule_action in _RENAMING
            and (column is None or _covers(rule, column))
        ):
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
        case _:
            return name[: -len(old)] + value if name.endswith(old) else name


def _covers(rule: TransformationRule, column: SourceColumn) -> bool:
    if rule.column_data_type is not None and (
        rule.column_data_type.lower() not in (column.data_type, dms_type(column).name)
    ):
        return False
    return matches(rule.column_name or "%", column.name)


def _columns(table: SourceTable, rules: Sequence[TransformationRule]) -> tuple[TargetColumn, ...]:
    including = [rule for rule in rules if rule.rule_action == "include-column"]
    removing = [rule for rule in rules if rule.rule_action == "remove-column"]
    kept = []
    for place, column in enumerate(table.columns):
        if including and not any(_covers(rule, column) for rule in including):
            continue
        if any(_covers(rule, column) for rule in removing):
            continue
        kind, changes = dms_type(column), []
        for rule in rules:
            if not _covers(rule, column):
                continue
            if rule.rule_action == "change-data-type" and rule.data_type is not None:
                target = _target_type(rule)
                changes.append(converter(kind, target))
                kind = target
                break
        for rule in rules:
            if rule.rule_action.startswith("data-masking-") and _covers(rule, column):
                changes.append(_mask(rule))
                kind = _masked_type(rule, kind)
                break
        name = _renamed(column.name, "column", rules, table, column)
        kept.append(TargetColumn(name, column, place, kind, tuple(changes)))
    return tuple(kept)


def _target_type(rule: TransformationRule) -> DmsType:
    given = rule.data_type
    assert given is not None
    return DmsType(
        given.type.lower(),
        int(given.length or 0),
        int(given.precision or 0),
        int(given.scale or 0),
    )


def _mask(rule: TransformationRule) -> Change:
    # https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Masking.html
    if rule.rule_action == "data-masking-hash-mask":
        return lambda value: hashlib.sha256(_as_text(value).encode()).hexdigest()
    if rule.rule_action == "data-masking-digits-mask":
        mask = str(rule.value)
        return lambda value: _DIGIT.sub(mask, _as_text(value))

    def randomize(value: Value) -> Value:
        text = _as_text(value)
        # the same digits every time, so that what landed can be compared with the source
        digits = random.Random(text)
        masked = _DIGIT.sub(lambda _: str(digits.randrange(10)), text)
        if isinstance(value, int) and not isinstance(value, bool):
            return int(masked)
        return Decimal(masked) if isinstance(value, Decimal) else masked

    return randomize


def _masked_type(rule: TransformationRule, kind: DmsType) -> DmsType:
    if rule.rule_action == "data-masking-digits-randomize" and (
        kind.name == "numeric" or "int" in kind.name
    ):
        return kind
    return DmsType("string", kind.length)


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
        if name.removeprefix(_BEFORE) not in table.positions and name not in HEADERS + METADATA
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
    is_stable = not any(
        name in HEADERS or name.startswith(_BEFORE) for name in expression.variables
    )
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
        if rule.rule_action == "define-primary-key" and rule.primary_key_def is not None:
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
        if rule.rule_action != "add-before-image-columns" or image is None:
            continue
        prefix = _DEFAULT_BEFORE_PREFIX if image.column_prefix is None else image.column_prefix
        for column in in_image(columns, key, image.column_filter):
            if _covers(rule, column.source):
                new = f"{prefix}{column.name}{image.column_suffix or ''}"
                names.setdefault(column.name, new)
    return BeforeImageColumns(names)


def in_image(
    columns: Iterable[TargetColumn], key: Sequence[str], column_filter: str | None
) -> list[TargetColumn]:
    """The columns that a before image holds; the default is those of the key."""
    if column_filter == "all":
        return list(columns)
    if column_filter == "non-lob":
        return [column for column in columns if not column.kind.is_lob]
    return [column for column in columns if column.name in key]
