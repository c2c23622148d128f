"""What the review says of a selection agrees with what DMS's patterns match."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.dms.table_mappings import SelectionRule, TableMappings
from dms_stream.review.mapping_words import Topic, differences

# every short name: what two documents capture differently, one of these shows
NAMES = ["".join(name) for length in (1, 2, 3) for name in product("ab_x", repeat=length)]
PATTERNS = st.lists(
    st.sampled_from(["a", "b", "x", "%", "[_]", "[ab]", "[a-x]"]), min_size=1, max_size=4
).map("".join)


@st.composite
def selections(draw: st.DrawFn) -> list[SelectionRule]:
    """Rules of one schema, the first of which includes something."""
    included = draw(st.lists(PATTERNS, min_size=1, max_size=3, unique=True))
    excluded = draw(st.lists(PATTERNS, max_size=1))
    return [
        SelectionRule(schema_name="shop", table_name=name, rule_action=action)
        for action, names in (("include", included), ("exclude", excluded))
        for name in names
    ]


def mappings(rules: list[SelectionRule]) -> TableMappings:
    """A document that is read as one on a deployed task is, faults or not."""
    return TableMappings.from_json({"rules": [rule.to_document() for rule in rules]}, lint=False)


def topics(old: TableMappings, new: TableMappings) -> set[Topic]:
    """What the review finds."""
    return {each.topic for each in differences(old, new)}


def captured(document: TableMappings) -> set[str]:
    """Which of the names it captures."""
    return {name for name in NAMES if document.captures("shop", name)}


@given(selections(), selections())
def test_what_is_captured_differently_is_reported(
    before: list[SelectionRule], after: list[SelectionRule]
) -> None:
    old, new = mappings(before), mappings(after)
    found, was, now = topics(old, new), captured(old), captured(new)
    assert was <= now or Topic.TABLES_DROPPED in found
    assert now <= was or Topic.TABLES_ADDED in found


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("shop.or%", "shop.o%"),
        ("shop.orders", "shop.or%"),
        ("shop.order[_]lines", "shop.order%lines"),
        ("shop.order_lines", "shop.order[_]lines"),
        ("sh%.orders", "%.orders"),
        ("shop.o%r%s", "shop.o%"),
    ],
)
def test_what_is_widened_drops_nothing(before: str, after: str) -> None:
    found = topics(TableMappings(tables=(before,)), TableMappings(tables=(after,)))
    assert Topic.TABLES_DROPPED not in found


@pytest.mark.parametrize(
    ("before", "after"),
    [("shop.o%", "shop.or%"), ("shop.or%", "shop.orders"), ("shop.o%", "shop.o%s")],
)
def test_what_is_narrowed_is_reported_with_what_is_left(before: str, after: str) -> None:
    old, new = TableMappings(tables=(before,)), TableMappings(tables=(after,))
    (text,) = (d.text for d in differences(old, new) if d.topic is Topic.TABLES_DROPPED)
    assert text == f"{before} is no longer selected; of it only {after} still is"


def test_a_rule_for_one_table_says_what_the_same_rule_for_a_pattern_says() -> None:
    rule: dict[str, Any] = {"schema_name": "shop", "table_name": "order_lines"}
    wide = mappings([SelectionRule(**rule)])
    exact = mappings([SelectionRule(**rule, rule_action="explicit")])
    assert topics(wide, exact) == set()


def test_views_that_are_no_longer_selected_are_reported() -> None:
    rule: dict[str, Any] = {"schema_name": "shop", "table_name": "%"}
    both = mappings([SelectionRule(**rule, table_type="all")])
    tables = mappings([SelectionRule(**rule)])
    assert [each.text for each in differences(both, tables)] == [
        "shop.% (tables and views) is no longer selected; of it only shop.% still is"
    ]
    assert Topic.TABLES_ADDED in topics(tables, both)
