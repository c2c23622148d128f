"""Which tables selection rules select: the one place that decides it.

A table is captured if some rule includes it and none excludes it:
https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Selections.html
"""

from collections.abc import Iterable
from typing import assert_never

from constructs_lib.dms.table_mappings.patterns import covers, matches
from constructs_lib.dms.table_mappings.rules import SelectionRule


def is_including(rule: SelectionRule) -> bool:
    """Whether a rule adds tables; otherwise it takes them out."""
    match rule.rule_action:
        case "include" | "explicit":
            return True
        case "exclude":
            return False
    assert_never(rule.rule_action)


def applies_to(
    rule: SelectionRule, schema_name: str, table_name: str, *, is_view: bool = False
) -> bool:
    """Whether a rule is about a table, or a view."""
    if not _takes(rule, is_view=is_view):
        return False
    match rule.rule_action:
        case "explicit":
            return (rule.schema_name, rule.table_name) == (schema_name, table_name)
        case "include" | "exclude":
            return matches(rule.schema_name, schema_name) and matches(rule.table_name, table_name)
    assert_never(rule.rule_action)


def including_rules(
    rules: Iterable[SelectionRule], schema_name: str, table_name: str, *, is_view: bool = False
) -> list[SelectionRule]:
    """The rules that include a table; none where another one excludes it."""
    found = [rule for rule in rules if applies_to(rule, schema_name, table_name, is_view=is_view)]
    return found if all(is_including(rule) for rule in found) else []


def covers_rule(rule: SelectionRule, other: SelectionRule) -> bool:
    """Whether every table that `other` is about is surely one that `rule` is about as well."""
    if any(
        _takes(other, is_view=is_view) and not _takes(rule, is_view=is_view)
        for is_view in (False, True)
    ):
        return False
    if other.rule_action == "explicit":
        is_view = not _takes(other, is_view=False)
        return applies_to(rule, other.schema_name, other.table_name, is_view=is_view)
    if rule.rule_action == "explicit":
        exact = (rule.schema_name, rule.table_name) == (other.schema_name, other.table_name)
        return exact and not any(c in "%_[" for c in rule.schema_name + rule.table_name)
    return covers(rule.schema_name, other.schema_name) and covers(rule.table_name, other.table_name)


def _takes(rule: SelectionRule, *, is_view: bool) -> bool:
    match rule.table_type:
        case None | "table":
            return not is_view
        case "view":
            return is_view
        case "all":
            return True
    assert_never(rule.table_type)
