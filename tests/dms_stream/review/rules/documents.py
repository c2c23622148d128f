"""Examples of the rules about table mappings and task settings."""

import json
from typing import Any

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import Example, example
from tests.support.small_plans import update

TASK = "aws_dms_replication_task"


def select(table: str, action: str = "include", **others: Any) -> dict[str, Any]:
    """A selection rule for `schema.table`."""
    schema, _, name = table.partition(".")
    locator = {"schema-name": schema, "table-name": name}
    rule = {"rule-type": "selection", "rule-action": action, "object-locator": locator}
    return rule | others


def transform(where: str, action: str, target: str = "column", **others: Any) -> dict[str, Any]:
    """A transformation rule for `schema.table.column`."""
    names = dict(zip(("schema-name", "table-name", "column-name"), where.split("."), strict=False))
    rule = {"rule-type": "transformation", "rule-target": target, "rule-action": action}
    return {**rule, "object-locator": names, **others}


def key(kind: str) -> dict[str, Any]:
    """An object mapping with a partition key."""
    return {
        "rule-type": "object-mapping",
        "rule-action": "map-record-to-record",
        "object-locator": {"schema-name": "shop", "table-name": "%"},
        "mapping-parameters": {"partition-key-type": kind},
    }


def mappings(*rules: dict[str, Any]) -> str:
    """A document of table mappings."""
    named = [
        {"rule-id": str(number), "rule-name": f"rule-{number}", **rule}
        for number, rule in enumerate(rules, 1)
    ]
    return json.dumps({"rules": named})


def remapped(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> dict[str, Any]:
    """A task with other table mappings."""
    return update(TASK, "table_mappings", mappings(*before), mappings(*after))


def resettled(before: Any, after: Any) -> dict[str, Any]:
    """A task with other settings."""
    return update(TASK, "replication_task_settings", json.dumps(before), json.dumps(after))


_ALL = select("shop.%")
_FILTER = {
    "filter-type": "source",
    "column-name": "amount",
    "filter-conditions": [{"filter-operator": "gte", "value": "100"}],
}

EXAMPLES: dict[str, tuple[Example, ...]] = {
    "tables-dropped": (
        example(
            "no longer selected",
            remapped([select("shop.orders"), select("shop.items")], [select("shop.orders")]),
            finds="shop.items is no longer selected",
            severity=Severity.INTERRUPTION,
        ),
        example(
            "excluded",
            remapped([_ALL], [_ALL, select("shop.audit", "exclude")]),
            finds="shop.audit is excluded from now on",
        ),
        example(
            "a wider rule takes its place", remapped([select("shop.orders")], [select("shop.%")])
        ),
        example(
            "excluded, though it never was selected",
            remapped(
                [select("shop.orders")],
                [select("shop.orders"), select("shop.audit", "exclude")],
            ),
        ),
    ),
    "tables-added": (
        example(
            "one more",
            remapped([select("shop.orders")], [select("shop.orders"), select("shop.items")]),
            finds="shop.items is selected from now on",
            severity=Severity.NOTICE,
        ),
        example(
            "no longer excluded",
            remapped([_ALL, select("shop.audit", "exclude")], [_ALL]),
            finds="shop.audit is no longer excluded",
        ),
        example("selected already", remapped([_ALL], [_ALL, select("shop.items")])),
    ),
    "row-filters-changed": (
        example(
            "a filter comes",
            remapped([select("shop.orders")], [select("shop.orders", filters=[_FILTER])]),
            finds="rows of shop.orders are chosen from now on, by amount",
        ),
        example(
            "the same",
            remapped(
                [select("shop.orders", filters=[_FILTER])],
                [select("shop.orders", filters=[_FILTER]), key("primary-key")],
            ),
        ),
    ),
    "columns-dropped": (
        example(
            "removed",
            remapped([_ALL], [_ALL, transform("shop.orders.note", "remove-column")]),
            finds="column shop.orders.note is no longer captured",
        ),
        example(
            "the rule that removed it goes",
            remapped([_ALL, transform("shop.orders.note", "remove-column")], [_ALL]),
        ),
    ),
    "columns-added": (
        example(
            "the rule that removed it goes",
            remapped([_ALL, transform("shop.orders.card", "remove-column")], [_ALL]),
            finds="column shop.orders.card, which was left out, is captured from now on",
            severity=Severity.EXPOSURE,
        ),
        example(
            "removed", remapped([_ALL], [_ALL, transform("shop.orders.card", "remove-column")])
        ),
    ),
    "masking-removed": (
        example(
            "gone",
            remapped(
                [_ALL, transform("shop.orders.card", "data-masking-digits-mask", value="#")],
                [_ALL],
            ),
            finds="column shop.orders.card is no longer masked",
        ),
        example(
            "masked from now on",
            remapped(
                [_ALL],
                [_ALL, transform("shop.orders.card", "data-masking-digits-mask", value="#")],
            ),
        ),
    ),
    "transformations-changed": (
        example(
            "renamed otherwise",
            remapped(
                [_ALL, transform("shop.orders", "rename", "table", value="a")],
                [_ALL, transform("shop.orders", "rename", "table", value="b")],
            ),
            finds="table shop.orders: rename changes a → b",
        ),
        example(
            "masked from now on",
            remapped(
                [_ALL],
                [_ALL, transform("shop.orders.card", "data-masking-digits-mask", value="#")],
            ),
            finds="column shop.orders.card is masked (data-masking-digits-mask)",
        ),
        example(
            "other ids",
            remapped(
                [_ALL, transform("shop.orders", "rename", "table", value="a")],
                [transform("shop.orders", "rename", "table", value="a"), _ALL],
            ),
        ),
    ),
    "partition-key-changed": (
        example(
            "by table",
            remapped([_ALL, key("primary-key")], [_ALL, key("schema-table")]),
            finds="shop.%: map-record-to-record by primary-key → "
            "map-record-to-record by schema-table",
        ),
        example("other ids", remapped([_ALL, key("primary-key")], [key("primary-key"), _ALL])),
    ),
    "loading-changed": (
        example(
            "another order",
            remapped([select("shop.orders")], [select("shop.orders", **{"load-order": "2"})]),
            finds="shop.orders (load order) is loaded otherwise",
        ),
        example("the same", remapped([_ALL], [_ALL, select("shop.orders")])),
    ),
    "mappings-unreadable": (
        example(
            "no document",
            update(TASK, "table_mappings", mappings(_ALL), "{not json"),
            finds="the table mappings change, and one of them is no document that is known",
            severity=Severity.UNKNOWN,
        ),
        example(
            "sensitive",
            update(
                TASK,
                "table_mappings",
                mappings(_ALL),
                mappings(select("a.b")),
                sensitive={"table_mappings": True},
            ),
            finds="the table mappings change, and they are marked as sensitive",
        ),
        example("readable", remapped([_ALL], [select("shop.orders")])),
    ),
    "task-settings-changed": (
        example(
            "one that matters, one that does not",
            resettled(
                {"TargetMetadata": {"LobMaxSize": 32}, "Logging": {"EnableLogging": False}},
                {"TargetMetadata": {"LobMaxSize": 16}, "Logging": {"EnableLogging": True}},
            ),
            finds=(
                "TargetMetadata.LobMaxSize: 32 → 16 (KB, up to 1024, the largest LOB a Kinesis "
                "target takes; longer ones are truncated)",
                "Logging.EnableLogging: false → true (Whether the task logs)",
            ),
        ),
        example(
            "a default that is written out",
            resettled({}, {"FullLoadSettings": {"CommitRate": 10000}}),
        ),
    ),
}
