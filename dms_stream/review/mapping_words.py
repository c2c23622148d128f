"""What changes between two table mappings, in words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import Any, Literal, assert_never

from constructs_lib.dms.table_mappings import (
    ObjectMappingRule,
    SelectionRule,
    TableMappings,
    TableSettingsRule,
    TransformationRule,
)
from constructs_lib.dms.table_mappings.patterns import has_wildcard
from constructs_lib.dms.table_mappings.selection import covers_rule, is_including
from constructs_lib.dms.vocabulary import TransformationAction
from dms_stream.review.documents import read_mappings
from dms_stream.review.plan import ResourceChange
from dms_stream.review.redaction import clean, hidden, shown
from dms_stream.review.words import count

TYPES = ("aws_dms_replication_task", "aws_dms_replication_config")
ATTRIBUTE = "table_mappings"

_ColumnAction = Literal["remove-column", "include-column", "add-column"]


class Topic(Enum):
    """What a difference is about."""

    TABLES_DROPPED = auto()
    TABLES_ADDED = auto()
    ROWS = auto()
    COLUMNS_DROPPED = auto()
    COLUMNS_ADDED = auto()
    UNMASKED = auto()
    TRANSFORMATIONS = auto()
    PARTITION_KEYS = auto()
    LOADING = auto()


@dataclass(frozen=True)
class Difference:
    """One difference in words."""

    topic: Topic
    text: str


def differences_of(change: ResourceChange, *topics: Topic) -> list[str]:
    """The differences in the mappings of a task, of these topics; none where they can't be read."""
    if not change.compares or change.unknown(ATTRIBUTE) or change.sensitive(ATTRIBUTE):
        return []
    if change.old(ATTRIBUTE) == change.new(ATTRIBUTE):
        return []
    old, new = change.old(ATTRIBUTE), change.new(ATTRIBUTE)
    if not isinstance(old, str) or not isinstance(new, str):
        return []
    found = _differences(old, new, hidden())
    return [each.text for each in found if each.topic in topics]


# each topic's rule asks about the same change, one after the other; what is hidden is a part of it
@lru_cache(maxsize=1)
def _differences(old_text: str, new_text: str, _hidden: frozenset[str]) -> tuple[Difference, ...]:
    old, new = _read(old_text), _read(new_text)
    return () if old is None or new is None else tuple(differences(old, new))


def unreadable(change: ResourceChange) -> bool:
    """Whether the mappings change and cannot be compared."""
    if not change.compares or not change.changed(ATTRIBUTE):
        return False
    both = _read(change.old(ATTRIBUTE)), _read(change.new(ATTRIBUTE))
    return change.sensitive(ATTRIBUTE) or None in both


def differences(old: TableMappings, new: TableMappings) -> list[Difference]:
    """All that changes in what is captured and how; empty where only ids, names and order do."""
    return [
        *_selected(old, new),
        *_filtered(old, new),
        *_columns(old, new),
        *_masked(old, new),
        *_transformed(old, new),
        *_mapped(old, new),
        *_loaded(old, new),
    ]


def _read(text: Any) -> TableMappings | None:
    return read_mappings(text) if isinstance(text, str) else None


def _rules(mappings: TableMappings, kind: type[Any]) -> list[Any]:
    return [rule for rule in mappings.all_rules if isinstance(rule, kind)]


def _table(rule: Any) -> str:
    return f"{clean(rule.schema_name)}.{clean(rule.table_name or '%')}"


def _selection(rule: SelectionRule) -> str:
    match rule.table_type:
        case None | "table":
            return _table(rule)
        case "view":
            return f"{_table(rule)} (views)"
        case "all":
            return f"{_table(rule)} (tables and views)"
    assert_never(rule.table_type)


def _selected(old: TableMappings, new: TableMappings) -> Iterator[Difference]:
    included = [_including(each) for each in (old, new)]
    excluded = [[r for r in each.selections if not is_including(r)] for each in (old, new)]
    for rule in _uncovered(included[0], included[1]):
        left = [_selection(each) for each in included[1] if _covered(each, [rule])]
        rest = f"; of it only {', '.join(sorted(set(left)))} still is" if left else ""
        yield Difference(Topic.TABLES_DROPPED, f"{_selection(rule)} is no longer selected{rest}")
    for rule in _uncovered(excluded[1], excluded[0]):
        # what an exact rule names must have been captured to be dropped
        if _was_captured(rule, old):
            yield Difference(Topic.TABLES_DROPPED, f"{_selection(rule)} is excluded from now on")
    for rule in _uncovered(included[1], included[0]):
        yield Difference(Topic.TABLES_ADDED, f"{_selection(rule)} is selected from now on")
    for rule in _uncovered(excluded[0], excluded[1]):
        if _was_captured(rule, new):
            yield Difference(Topic.TABLES_ADDED, f"{_selection(rule)} is no longer excluded")


def _including(mappings: TableMappings) -> list[SelectionRule]:
    return [rule for rule in mappings.selections if is_including(rule)]


def _uncovered(
    rules: Iterable[SelectionRule], others: Iterable[SelectionRule]
) -> list[SelectionRule]:
    others = list(others)
    return [rule for rule in rules if not _covered(rule, others)]


def _covered(rule: SelectionRule, others: Iterable[SelectionRule]) -> bool:
    return any(
        covers_rule(other, rule) or covers_rule(other, _written_exactly(rule)) for other in others
    )


def _written_exactly(rule: SelectionRule) -> SelectionRule:
    # a lone _ stands for any character, but in a name it nearly always means itself: whoever
    # writes it as [_], or uses the action explicit, drops no table that anybody has
    names = [name.replace("[_]", "_") for name in (rule.schema_name, rule.table_name)]
    if any(map(has_wildcard, names)):
        return rule
    exact = {"rule_action": "explicit", "schema_name": names[0], "table_name": names[1]}
    return rule.model_copy(update=exact)


def _was_captured(rule: SelectionRule, mappings: TableMappings) -> bool:
    if has_wildcard(rule.schema_name) or has_wildcard(rule.table_name):
        return True
    return not _uncovered([rule], _including(mappings))


def _filtered(old: TableMappings, new: TableMappings) -> Iterator[Difference]:
    before, after = _filters(old, new), _filters(new, old)
    for table in sorted(before.keys() & after.keys()):
        if before[table] != after[table]:
            columns = sorted({column for column, _ in before[table] | after[table]})
            verb = "chosen otherwise"
            if not before[table] or not after[table]:
                verb = "no longer chosen" if before[table] else "chosen from now on"
            named = ", ".join(clean(column) for column in columns)
            yield Difference(Topic.ROWS, f"rows of {table} are {verb}, by {named}")


def _filters(
    mappings: TableMappings, other: TableMappings
) -> dict[str, frozenset[tuple[str, str]]]:
    selecting = _including(mappings)
    # what the other one names may be covered here by a pattern, and then has no filter of its own
    found: dict[str, frozenset[tuple[str, str]]] = {
        _table(rule): frozenset() for rule in _including(other) if _covered(rule, selecting)
    }
    for rule in selecting:
        filters = {(str(each.column_name), each.model_dump_json()) for each in rule.filters or ()}
        found[_table(rule)] = found.get(_table(rule), frozenset()) | filters
    return found


def _columns(old: TableMappings, new: TableMappings) -> Iterator[Difference]:
    before, after = _column_rules(old), _column_rules(new)
    yield from (_column_rule_added(*each) for each in sorted(after - before))
    yield from (_column_rule_removed(*each) for each in sorted(before - after))


def _column_rule_added(action: _ColumnAction, where: str) -> Difference:
    match action:
        case "remove-column":
            text = f"column {where} is no longer captured"
            return Difference(Topic.COLUMNS_DROPPED, text)
        case "include-column":
            text = f"of the columns there only {where} and others named are captured"
            return Difference(Topic.COLUMNS_DROPPED, text)
        case "add-column":
            text = f"column {where} is added to the messages"
            return Difference(Topic.COLUMNS_ADDED, text)
    assert_never(action)


def _column_rule_removed(action: _ColumnAction, where: str) -> Difference:
    match action:
        case "remove-column":
            text = f"column {where}, which was left out, is captured from now on"
            return Difference(Topic.COLUMNS_ADDED, text)
        case "include-column":
            text = f"{where} is no longer among the only columns captured"
            return Difference(Topic.COLUMNS_ADDED, text)
        case "add-column":
            text = f"column {where} is no longer added to the messages"
            return Difference(Topic.COLUMNS_DROPPED, text)
    assert_never(action)


def _column_rules(mappings: TableMappings) -> set[tuple[_ColumnAction, str]]:
    found: set[tuple[_ColumnAction, str]] = set()
    for rule in _rules(mappings, TransformationRule):
        name = clean(rule.column_name or rule.value or "%")
        match rule.rule_action:
            case "remove-column" | "include-column" | "add-column" as action:
                found.add((action, f"{_table(rule)}.{name}"))
    for rule in _rules(mappings, ObjectMappingRule):
        parameters = rule.mapping_parameters
        for column in (parameters.exclude_columns if parameters else None) or ():
            found.add(("remove-column", f"{_table(rule)}.{clean(column)}"))
    return found


def _masked(old: TableMappings, new: TableMappings) -> Iterator[Difference]:
    before, after = _masks(old), _masks(new)
    for where in sorted(before.keys() - after.keys()):
        yield Difference(Topic.UNMASKED, f"column {where} is no longer masked")
    for where in sorted(after.keys() - before.keys()):
        yield Difference(Topic.TRANSFORMATIONS, f"column {where} is masked ({after[where]})")
    for where in sorted(before.keys() & after.keys()):
        if before[where] != after[where]:
            step = f"{before[where]} → {after[where]}"
            yield Difference(Topic.TRANSFORMATIONS, f"column {where} is masked otherwise: {step}")


def _masks(mappings: TableMappings) -> dict[str, str]:
    return {
        f"{_table(rule)}.{clean(rule.column_name or '%')}": rule.rule_action
        for rule in _rules(mappings, TransformationRule)
        if _kind_of(rule.rule_action) == "masking"
    }


def _kind_of(action: TransformationAction) -> Literal["column", "masking", "other"]:
    match action:
        case "remove-column" | "include-column" | "add-column":
            return "column"
        case (
            "data-masking-digits-mask" | "data-masking-digits-randomize" | "data-masking-hash-mask"
        ):
            return "masking"
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
            | "change-data-type"
            | "define-primary-key"
            | "add-before-image-columns"
        ):
            return "other"
    assert_never(action)


def _transformed(old: TableMappings, new: TableMappings) -> Iterator[Difference]:
    before, after = _transformations(old), _transformations(new)
    for key in sorted(before.keys() | after.keys()):
        target, where, action = key
        subject = f"{target} {where}: {action}"
        if key not in after:
            yield Difference(Topic.TRANSFORMATIONS, f"{subject} is taken away")
        elif key not in before:
            value = after[key][0]
            named = f" ({value})" if value else ""
            yield Difference(Topic.TRANSFORMATIONS, f"{subject}{named} is added")
        elif before[key] != after[key]:
            step = f" {before[key][0] or 'nothing'} → {after[key][0] or 'nothing'}"
            named = step if before[key][0] != after[key][0] else ""
            yield Difference(Topic.TRANSFORMATIONS, f"{subject} changes{named}")


def _transformations(
    mappings: TableMappings,
) -> dict[tuple[str, str, str], tuple[str | None, str]]:
    return {
        (
            rule.rule_target,
            _table(rule) + (f".{clean(rule.column_name)}" if rule.column_name else ""),
            rule.rule_action,
        ): (
            shown(rule.value) if rule.value is not None else None,
            rule.model_dump_json(exclude={"rule_id", "rule_name"}),
        )
        for rule in _rules(mappings, TransformationRule)
        if _kind_of(rule.rule_action) == "other"
    }


def _mapped(old: TableMappings, new: TableMappings) -> Iterator[Difference]:
    before, after = _object_mappings(old), _object_mappings(new)
    for table in sorted(before.keys() | after.keys()):
        if before.get(table) != after.get(table):
            step = f"{before.get(table, _NO_MAPPING)} → {after.get(table, _NO_MAPPING)}"
            yield Difference(Topic.PARTITION_KEYS, f"{table}: {step}")


_NO_MAPPING = "DMS's default"


def _object_mappings(mappings: TableMappings) -> dict[str, str]:
    found = {}
    for rule in _rules(mappings, ObjectMappingRule):
        parameters = rule.mapping_parameters
        key = (parameters.partition_key_type if parameters else None) or "DMS's default key"
        own = parameters.partition_key_name or parameters.partition_key if parameters else None
        attributes = len(parameters.attribute_mappings or ()) if parameters else 0
        found[_table(rule)] = (
            f"{rule.rule_action} by {key}"
            + (f" ({shown(getattr(own, 'attribute_name', own))})" if own else "")
            + (f", {count(attributes, 'attribute')} of its own" if attributes else "")
        )
    return found


def _loaded(old: TableMappings, new: TableMappings) -> Iterator[Difference]:
    def settings(mappings: TableMappings) -> dict[str, str]:
        found = {
            _table(rule): rule.model_dump_json(exclude={"rule_id", "rule_name"})
            for rule in _rules(mappings, TableSettingsRule)
        }
        orders = {
            f"{_table(rule)} (load order)": str(rule.load_order)
            for rule in mappings.selections
            if rule.load_order is not None
        }
        return found | orders

    before, after = settings(old), settings(new)
    for table in sorted(before.keys() | after.keys()):
        if before.get(table) != after.get(table):
            yield Difference(Topic.LOADING, f"{table} is loaded otherwise")
