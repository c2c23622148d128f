"""Expressions of rules: what they may name, and what it is worth in each kind of record."""

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dms_stream.rehearsal.errors import RehearsalError
from dms_stream.rehearsal.mapping.expressions import Expression, unsupported_in, variables_of
from dms_stream.rehearsal.mapping.messages import Clock
from dms_stream.rehearsal.mapping.table_recipe import ChangeOrigin, TableRecipe
from dms_stream.rehearsal.mapping.transformations import sql_value
from dms_stream.rehearsal.source.data_types import ImpossibleDate
from tests.support.played_source import FILE, T, task

PLACE = f"{FILE}:100:0"
COMMITTED = "2024-01-31T10:00:00.000000Z"


def added(expression: str) -> dict[str, Any]:
    """What a column with that expression holds, by the record's operation."""
    rule = {
        "rule-type": "transformation",
        "rule-id": "7",
        "rule-name": "add",
        "rule-target": "column",
        "rule-action": "add-column",
        "object-locator": {"schema-name": "shop", "table-name": "t"},
        "value": "x",
        "expression": expression,
        "data-type": {"type": "string", "length": 50},
    }
    selection = {
        "rule-type": "selection",
        "rule-id": "1",
        "rule-name": "all",
        "rule-action": "include",
        "object-locator": {"schema-name": "shop", "table-name": "%"},
    }
    recipe = TableRecipe(task(selection, rule, include_null_and_empty=True), T, Clock())
    origin = ChangeOrigin(1, 1, 0, 0, COMMITTED, PLACE)
    messages = {"load": recipe.load([1, 10])}
    for operation, row, before in (
        ("insert", [1, 10], None),
        ("update", [1, 11], [1, 10]),
        ("delete", [1, 11], None),
    ):
        messages[operation] = recipe.change(operation, row, before, origin)
    return {kind: json.loads(message.text)["data"]["x"] for kind, message in messages.items()}


@pytest.mark.parametrize(
    ("expression", "load", "insert", "update", "delete"),
    [
        ("$v + 1", "11", "11", "12", "12"),
        ("$AR_M_SOURCE_SCHEMA || '.' || $AR_M_SOURCE_TABLE_NAME", *["shop.t"] * 4),
        ("$AR_H_OPERATION", "INSERT", "INSERT", "UPDATE", "DELETE"),
        ("operation_indicator('D', 'U', 'I')", "I", "I", "U", "D"),
        ("Operation_Indicator ('D', $v, 'I') || $id", "I1", "I1", "111", "D1"),
        ("$AR_H_TIMESTAMP", None, *[COMMITTED] * 3),
        ("$AR_H_COMMIT_TIMESTAMP", None, *[COMMITTED] * 3),
        ("$AR_H_STREAM_POSITION", None, *[PLACE] * 3),
        ("$BI__v", None, None, "10", None),
        ("substr(hash_sha256('a'), 1, 16)", *["ca978112ca1bbdca"] * 4),
        ("NULL", None, None, None, None),
    ],
)  # fmt: skip
def test_what_an_expression_is_worth(
    expression: str, load: object, insert: object, update: object, delete: object
) -> None:
    assert added(expression) == {
        "load": load,
        "insert": insert,
        "update": update,
        "delete": delete,
    }


def test_names_are_found_once_and_in_their_order() -> None:
    assert variables_of("$b || $a_1 || $b || '$' || $AR_H_X") == ["b", "a_1", "AR_H_X"]


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("$a || $AR_H_OPERATION || $AR_M_SOURCE_SCHEMA", []),
        ("operation_indicator(1, 2, 3)", []),
        ("$AR_H_USER || $AR_M_X || $AR_H_TIMESTAMP", ["$AR_H_USER", "$AR_M_X"]),
        ("$a +", ["the expression $a + cannot be evaluated: incomplete input"]),
        ("none($a)", ["the expression none($a) cannot be evaluated: no such function: none"]),
    ],
)  # fmt: skip
def test_what_is_not_supported_is_named(expression: str, found: list[str]) -> None:
    assert unsupported_in(expression) == found


def test_values_by_name_and_in_order() -> None:
    expression = Expression("$a - $b")
    assert expression.evaluate({"b": 2, "a": 5}) == 3
    assert expression.evaluate({"a": 5}) is None
    assert expression.evaluate_in_order([7, 3]) == 4
    # an unsigned BIGINT
    with pytest.raises(RehearsalError, match=r"\$a - \$b cannot be evaluated: .* too large"):
        expression.evaluate_in_order([2**63, 1])


@pytest.mark.parametrize(
    ("value", "found"),
    [
        *((None, None), (True, 1), (5, 5), (1.5, 1.5), ("a", "a"), (b"a", b"a")),
        *((Decimal("1.50"), 1.5), (date(2024, 1, 2), "2024-01-02")),
        (datetime.fromisoformat("2024-01-02T03:04:05.000060"), "2024-01-02 03:04:05.000060"),
        (timedelta(hours=30, seconds=1), "30:00:01"),
        (ImpossibleDate("2024-02-30", "shop.t.d"), None),
    ],
)  # fmt: skip
def test_values_as_sqlite_takes_them(value: Any, found: object) -> None:
    if isinstance(value, ImpossibleDate):
        with pytest.raises(RehearsalError, match=r"2024-02-30"):
            sql_value(value)
    else:
        assert sql_value(value) == found
        assert type(sql_value(value)) is type(found)
