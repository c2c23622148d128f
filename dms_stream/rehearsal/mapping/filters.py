"""Filters of selection rules: as SQL for the full load, and on values for changes.

https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.Filters.html
"""

import operator as operators
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, assert_never

from constructs_lib.dms.table_mappings import Filter, FilterCondition, SelectionRule
from dms_stream.rehearsal.errors import RefusedError
from dms_stream.rehearsal.source.data_types import DmsType, Value, dms_type
from dms_stream.rehearsal.source.row_chunks import name_in
from dms_stream.rehearsal.source.table import SourceTable

Predicate = Callable[[Sequence[Value]], bool]


def rules_with_filters(rules: Sequence[SelectionRule]) -> list[SelectionRule]:
    """The rules that decide about rows; none where one of them includes every row."""
    return [] if any(not rule.filters for rule in rules) else list(rules)


def filter_sql(table: SourceTable, rules: Sequence[SelectionRule]) -> tuple[str, list[object]]:
    """A condition for the rows that any of these rules includes, and its values."""
    arguments: list[object] = []
    alternatives = []
    for rule in rules_with_filters(rules):
        filters = []
        for given in rule.filters or ():
            _column_of(table, rule, given)
            conditions = [
                _condition_sql(given.column_name, condition, arguments)
                for condition in given.filter_conditions
            ]
            filters.append(f"({' OR '.join(conditions)})")
        alternatives.append(f"({' AND '.join(filters)})")
    return " OR ".join(alternatives), arguments


def _condition_sql(column: str, condition: FilterCondition, arguments: list[object]) -> str:
    name = name_in(column)
    match condition.filter_operator:
        case "null":
            return f"{name} IS NULL"
        case "notnull":
            return f"{name} IS NOT NULL"
        case "between":
            arguments += [condition.start_value, condition.end_value]
            return f"{name} BETWEEN %s AND %s"
        case "notbetween":
            arguments += [condition.start_value, condition.end_value]
            return f"{name} NOT BETWEEN %s AND %s"
        case "lte" | "ste" | "gte" | "eq" | "noteq" as operator:
            arguments.append(condition.value)
            return f"{name} {_comparison(operator)[0]} %s"
    assert_never(condition.filter_operator)


def _comparison(
    operator: Literal["lte", "ste", "gte", "eq", "noteq"],
) -> tuple[str, Callable[[Any, Any], bool]]:
    match operator:
        case "lte" | "ste":
            return "<=", operators.le
        case "gte":
            return ">=", operators.ge
        case "eq":
            return "=", operators.eq
        case "noteq":
            return "<>", operators.ne
    assert_never(operator)


def filter_predicate(table: SourceTable, rules: Sequence[SelectionRule]) -> Predicate | None:
    """Whether any of these rules includes a row; None: all rows are included.

    Raises:
        RefusedError: a filter names a missing column, or a value that does not fit its column.
    """
    deciding = rules_with_filters(rules)
    if not deciding:
        return None
    alternatives = [
        [_filter(table, rule, given) for given in rule.filters or ()] for rule in deciding
    ]
    return lambda row: any(all(part(row) for part in parts) for parts in alternatives)


def _filter(table: SourceTable, rule: SelectionRule, given: Filter) -> Predicate:
    place, kind = _column_of(table, rule, given)
    tests = [_condition(rule, kind, condition) for condition in given.filter_conditions]

    def holds(row: Sequence[Value]) -> bool:
        value = _comparable(row[place], kind)
        return any(test(value) for test in tests)

    return holds


def _column_of(table: SourceTable, rule: SelectionRule, given: Filter) -> tuple[int, DmsType]:
    column = table.column(given.column_name)
    if column is None:
        raise RefusedError(
            f"rule {rule.rule_id}",
            [f"its filter names {given.column_name}, but {table.full_name} has no such column"],
        )
    kind = dms_type(column)
    if kind.is_lob:
        raise RefusedError(
            f"rule {rule.rule_id}",
            [f"its filter names {given.column_name}, a LOB, and DMS does not filter by LOBs"],
        )
    return table.positions[given.column_name], kind


def _condition(
    rule: SelectionRule, kind: DmsType, condition: FilterCondition
) -> Callable[[Any], bool]:
    # a comparison with null is neither true nor false, as in SQL
    match condition.filter_operator:
        case "null":
            return lambda value: value is None
        case "notnull":
            return lambda value: value is not None
        case "between" | "notbetween" as between:
            low = _bound(rule, kind, condition.start_value)
            high = _bound(rule, kind, condition.end_value)
            inside = between == "between"
            return lambda value: value is not None and (low <= value <= high) is inside
        case "lte" | "ste" | "gte" | "eq" | "noteq" as operator:
            bound = _bound(rule, kind, condition.value)
            _, compare = _comparison(operator)
            return lambda value: value is not None and compare(value, bound)
    assert_never(condition.filter_operator)


def _bound(rule: SelectionRule, kind: DmsType, value: object) -> Any:
    text = str(value)
    try:
        if kind.is_number or kind.name == "boolean":
            return Decimal(text)
        if kind.name in ("date", "datetime"):
            return datetime.fromisoformat(text)
    except (ValueError, InvalidOperation):
        raise RefusedError(
            f"rule {rule.rule_id}", [f"its filter compares a {kind.name} with {text!r}"]
        ) from None
    return text


def _comparable(value: Value, kind: DmsType) -> Any:
    if value is None:
        return None
    if kind.is_number or kind.name == "boolean":
        return Decimal(str(value) if isinstance(value, float) else value)  # type: ignore[arg-type]
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    return value if isinstance(value, datetime) else str(value)
