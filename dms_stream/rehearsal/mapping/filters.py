"""Filters of selection rules: as SQL for the full load, and on values for changes.

https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.Filters.html
"""

import operator as operators
import re
import struct
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, assert_never

from constructs_lib.dms.table_mappings import Filter, FilterCondition, SelectionRule
from dms_stream.rehearsal.errors import RefusedError
from dms_stream.rehearsal.source.data_types import Value, dms_type, time_text
from dms_stream.rehearsal.source.row_chunks import selected
from dms_stream.rehearsal.source.table import SourceColumn, SourceTable

Predicate = Callable[[Sequence[Value]], bool]
_Bound = float | Decimal | datetime | timedelta | bytes | str

# as long as a DECIMAL may be
_NUMBER = re.compile(r"-?[0-9]{1,35}(\.[0-9]{1,30})?")
_YEAR = re.compile(r"[0-9]{4}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?)?"
)
_TIME = re.compile(r"(-?)([0-9]{1,3}):([0-5][0-9])(?::([0-5][0-9](?:\.[0-9]{1,6})?))?")
# https://dev.mysql.com/doc/refman/8.4/en/time.html
_MOST_HOURS = 838


def rules_with_filters(rules: Sequence[SelectionRule]) -> list[SelectionRule]:
    """The rules that decide about rows; none where one of them includes every row."""
    return [] if any(not rule.filters for rule in rules) else list(rules)


def filter_sql(table: SourceTable, rules: Sequence[SelectionRule]) -> tuple[str, list[object]]:
    """A condition for the rows that any of these rules includes, and its values.

    Raises:
        RefusedError: a filter names a missing column, or a value that does not fit its column.
    """
    arguments: list[object] = []
    alternatives = []
    for rule in rules_with_filters(rules):
        filters = []
        for given in rule.filters or ():
            column = _column_of(table, rule, given)
            name = selected(column)
            conditions = []
            for condition in given.filter_conditions:
                bounds = _bounds(table, rule, column, condition)
                conditions.append(_condition_sql(name, condition))
                arguments += [time_text(b) if isinstance(b, timedelta) else b for b in bounds]
            filters.append(f"({' OR '.join(conditions)})")
        alternatives.append(f"({' AND '.join(filters)})")
    return " OR ".join(alternatives), arguments


def _condition_sql(name: str, condition: FilterCondition) -> str:
    match condition.filter_operator:
        case "null":
            return f"{name} IS NULL"
        case "notnull":
            return f"{name} IS NOT NULL"
        case "between":
            return f"{name} BETWEEN %s AND %s"
        case "notbetween":
            return f"{name} NOT BETWEEN %s AND %s"
        case "lte" | "ste" | "gte" | "eq" | "noteq" as operator:
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
    column = _column_of(table, rule, given)
    place = table.positions[column.name]
    tests = [
        _condition(condition, _bounds(table, rule, column, condition))
        for condition in given.filter_conditions
    ]

    def holds(row: Sequence[Value]) -> bool:
        value = _comparable(row[place], column)
        return any(test(value) for test in tests)

    return holds


def _column_of(table: SourceTable, rule: SelectionRule, given: Filter) -> SourceColumn:
    column = table.column(given.column_name)
    if column is None:
        raise RefusedError(
            f"rule {rule.rule_id}",
            [f"its filter names {given.column_name}, but {table.full_name} has no such column"],
        )
    if dms_type(column).is_lob:
        raise RefusedError(
            f"rule {rule.rule_id}",
            [f"its filter names {given.column_name}, a LOB, and DMS does not filter by LOBs"],
        )
    return column


def _condition(condition: FilterCondition, bounds: Sequence[_Bound]) -> Callable[[Any], bool]:
    # a comparison with null is neither true nor false, as in SQL
    match condition.filter_operator:
        case "null":
            return lambda value: value is None
        case "notnull":
            return lambda value: value is not None
        case "between" | "notbetween" as between:
            low, high = bounds
            inside = between == "between"
            return lambda value: value is not None and (low <= value <= high) is inside
        case "lte" | "ste" | "gte" | "eq" | "noteq" as operator:
            (bound,) = bounds
            _, compare = _comparison(operator)
            return lambda value: value is not None and compare(value, bound)
    assert_never(condition.filter_operator)


def _bounds(
    table: SourceTable, rule: SelectionRule, column: SourceColumn, condition: FilterCondition
) -> list[_Bound]:
    """What a condition compares with, parsed once for both phases: a server reads texts freely."""
    match condition.filter_operator:
        case "null" | "notnull":
            return []
        case "between" | "notbetween":
            given = [condition.start_value, condition.end_value]
        case "lte" | "ste" | "gte" | "eq" | "noteq":
            given = [condition.value]
        case _:
            assert_never(condition.filter_operator)
    try:
        return [_bound(column, str(value)) for value in given]
    except ValueError as error:
        texts = " and ".join(repr(str(value)) for value in given)
        raise RefusedError(
            f"rule {rule.rule_id}",
            [
                f"its filter compares {table.full_name}.{column.name} ({column.data_type}) with "
                f"{texts}: write {error}"
            ],
        ) from None


def _bound(column: SourceColumn, text: str) -> _Bound:
    match column.data_type:
        case "date" | "datetime" | "timestamp":
            form = "a date such as 2024-02-29 or 2024-02-29 10:00:00, in UTC and without an offset"
            if not _MOMENT.fullmatch(text):
                raise ValueError(form)
            try:
                return datetime.fromisoformat(text)
            except ValueError:
                raise ValueError(form) from None
        case "time":
            parts = _TIME.fullmatch(text)
            if parts is None or int(parts[2]) > _MOST_HOURS:
                raise ValueError("a time such as 09:00:00 or -100:00:00.5")
            length = timedelta(
                hours=int(parts[2]),
                minutes=int(parts[3]),
                microseconds=int(Decimal(parts[4] or 0) * 10**6),
            )
            return -length if parts[1] else length
        case "binary" | "varbinary" | "tinyblob" | "blob":
            return text.encode()
        # servers take 99 for 1999
        case "year" if not _YEAR.fullmatch(text):
            raise ValueError("a year such as 2024")
        case "char" | "varchar" | "tinytext" | "text" | "enum" | "set":
            return text
    if not _NUMBER.fullmatch(text):
        raise ValueError("a number such as -12.5")
    return float(text) if column.data_type in ("float", "double") else Decimal(text)


def _comparable(value: Value, column: SourceColumn) -> Any:
    match value:
        case float() if column.data_type == "float":
            # SQL compares what is stored, not its shortest text
            return struct.unpack("<f", struct.pack("<f", value))[0]
        case None | float() | int() | Decimal() | datetime() | timedelta() | bytes():
            return value
        case date():
            return datetime(value.year, value.month, value.day)
    return str(value)
