"""The filters of selection rules: which rows each operator takes."""

from typing import Any

Json = dict[str, Any]

FILTERED: list[int | None] = [5, 7, 10, None, -7]
"""Values of the filtered column, by the rows' places."""

FILTERS: list[tuple[str, Json, set[int]]] = [
    ("lte", {"value": "7"}, {0, 1, 4}),
    ("ste", {"value": "7"}, {0, 1, 4}),
    ("gte", {"value": "7"}, {1, 2}),
    ("eq", {"value": "7"}, {1}),
    ("noteq", {"value": "7"}, {0, 2, 4}),
    ("between", {"start_value": "5", "end_value": "7"}, {0, 1}),
    ("notbetween", {"start_value": "5", "end_value": "7"}, {2, 4}),
    ("null", {}, {3}),
    ("notnull", {}, {0, 1, 2, 4}),
]
"""Operator, its values, and the places of the rows that it takes."""


def filtered(column: str, operator: str, **values: str) -> Json:
    """A filter of one condition."""
    given = {key.replace("_", "-"): value for key, value in values.items()}
    condition = {"filter-operator": operator, **given}
    return {"filter-type": "source", "column-name": column, "filter-conditions": [condition]}
