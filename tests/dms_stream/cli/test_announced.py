"""What the review said of another version of the settings, beside what happened."""

import json
from dataclasses import replace
from typing import Any

import pytest

from dms_stream.cli import announced as judging
from dms_stream.cli.announced import Outcome, announced, unannounced
from dms_stream.rehearsal.result import OperationCounts, TableVerdict
from dms_stream.rehearsal.version_watch import Seen
from dms_stream.review import ALL_RULES, Finding, Plan, parse_plan, review_plans
from tests.support.small_plans import change, update

TABLE = TableVerdict(
    "shop", "orders", 4, 4, sent=OperationCounts(load=4), landed=OperationCounts(load=4)
)
DIFFERENT = replace(TABLE, difference_count=3)
SHORT = replace(TABLE, landed=OperationCounts(load=3))
STOPPED = Seen(stops=[2.5], resumed_at="log.000001:42")

TASK, ENDPOINT = "aws_dms_replication_task", "aws_dms_endpoint"
INSTANCE = "aws_dms_replication_instance"
MAPPINGS = "table_mappings"


def mapping(*tables: str, **more: Any) -> str:
    """Table mappings that select tables of the schema `shop`."""
    rules = [
        {
            **{"rule-type": "selection", "rule-id": str(number), "rule-name": str(number)},
            **{"rule-action": "include"},
            "object-locator": {"schema-name": "shop", "table-name": table},
            **more,
        }
        for number, table in enumerate(tables, start=1)
    ]
    return json.dumps({"rules": rules})


def task(old: str, new: str, **others: Any) -> dict[str, Any]:
    """A task whose mappings change."""
    values = {"status": "running", "start_replication_task": True, **others}
    return change(TASK, {**values, MAPPINGS: old}, {**values, MAPPINGS: new})


def reviewed(*changes: dict[str, Any]) -> tuple[tuple[Finding, ...], Plan]:
    """What the review finds in a plan, and the plan."""
    document = {"format_version": "1.2", "resource_changes": list(changes)}
    plan = parse_plan(json.dumps(document), "plan")
    return review_plans([plan]).findings, plan


def outcome(seen: Seen, *after: TableVerdict, failure: str = "") -> Outcome:
    """What came of it, where nothing differed before."""
    return Outcome(seen, [TABLE], after or [TABLE], failure)


MORE_TABLES = task(mapping("orders"), mapping("orders", "items"))
POLLED_MORE_OFTEN = update(ENDPOINT, "extra_connection_attributes", "a=1", "a=2")
POLLED_MORE_OFTEN["change"]["after"]["pause_replication_tasks"] = True
UNPAUSED = update(ENDPOINT, "extra_connection_attributes", "a=1", "a=2")
LARGER = change(
    INSTANCE,
    {"replication_instance_class": "dms.t3.medium", "apply_immediately": True},
    {"replication_instance_class": "dms.t3.large", "apply_immediately": True},
)
LARGER_LATER = change(
    INSTANCE,
    {"replication_instance_class": "dms.t3.medium", "apply_immediately": False},
    {"replication_instance_class": "dms.t3.large", "apply_immediately": False},
)
MASKED: dict[str, Any] = {
    **{"rule-type": "transformation", "rule-id": "9", "rule-name": "9"},
    **{"rule-target": "column", "rule-action": "remove-column"},
    "object-locator": {"schema-name": "shop", "table-name": "orders", "column-name": "note"},
}
COLUMN_GONE = task(
    mapping("orders"), json.dumps({"rules": [*json.loads(mapping("orders"))["rules"], MASKED]})
)


@pytest.mark.parametrize(
    ("planned", "rule"),
    [
        (MORE_TABLES, "task-stopped"),
        (POLLED_MORE_OFTEN, "endpoint-changed"),
        (LARGER, "replication-instance-changed"),
    ],
    ids=["mapping", "endpoint", "instance"],
)
def test_what_was_said_to_stop_has_to_stop_and_go_on(planned: dict[str, Any], rule: str) -> None:
    findings, plan = reviewed(planned)

    (said,) = (a for a in announced(findings, plan, outcome(STOPPED)) if a.rule == rule)
    assert said.agrees is True
    assert said.observed == (
        "the task stood still for 2.5 s and went on from its checkpoint at log.000001:42; no table "
        "was loaded again; no record lost, none twice, no row different"
    )
    assert unannounced(findings, plan, outcome(STOPPED)) == ()

    (said,) = (a for a in announced(findings, plan, outcome(Seen())) if a.rule == rule)
    assert (said.agrees, said.observed.partition(";")[0]) == (False, "the task did not stop")


@pytest.mark.parametrize(
    ("came", "sentence"),
    [
        (outcome(STOPPED), "the task stood still for 2.5 s and went on from its checkpoint"),
        (outcome(Seen(runs=False, message="broken")), "the task does not run any more: broken"),
        (outcome(Seen(loaded={"a.b": 3}, loaded_again={"a.b": 3})), "loaded again: a.b"),
        (outcome(Seen(), SHORT), "1 record lost, none twice, no row different"),
        (outcome(Seen(), DIFFERENT), "no record lost, none twice, 3 rows different"),
        (outcome(Seen(), failure="no"), "the deployment failed: no"),
    ],
)
def test_what_nobody_announced_is_said(came: Outcome, sentence: str) -> None:
    findings, plan = reviewed(update("aws_dms_event_subscription", "enabled", True, False))
    (said,) = unannounced(findings, plan, came)
    assert said.startswith(sentence)


def test_what_was_different_or_twice_before_is_not_held_against_a_version() -> None:
    before = replace(DIFFERENT, duplicates=7)
    came = Outcome(Seen(), [before], [replace(before, duplicates=9)])
    findings, plan = reviewed()
    assert unannounced(findings, plan, came) == ()
    assert came.loss == "no record lost, 2 records twice, no row different"


def test_a_loss_that_was_announced_agrees() -> None:
    findings, plan = reviewed(COLUMN_GONE)
    came = outcome(STOPPED, DIFFERENT)
    agreed = {each.rule: each.agrees for each in announced(findings, plan, came)}
    assert agreed == {"columns-dropped": True, "task-stopped": True}
    assert unannounced(findings, plan, came) == ()


def test_tables_that_come_are_loaded() -> None:
    findings, plan = reviewed(MORE_TABLES)
    came = outcome(replace(STOPPED, loaded={"shop.items": 12}))
    said = {each.rule: each for each in announced(findings, plan, came)}["tables-added"]
    assert (said.agrees, said.observed) == (True, "loaded: shop.items: 12 rows")
    # nothing to load, or a task that loads nothing: this machine cannot tell
    (said,) = (e for e in announced(findings, plan, outcome(STOPPED)) if e.rule == "tables-added")
    assert said.agrees is None


def test_a_window_of_maintenance_is_not_waited_for() -> None:
    findings, plan = reviewed(LARGER_LATER)
    (said,) = announced(findings, plan, outcome(Seen()))
    assert (said.agrees, said.observed) == (None, "nothing yet; the task did not stop")


def test_an_endpoint_whose_tasks_are_not_paused_is_said_to_fail() -> None:
    findings, plan = reviewed(UNPAUSED)
    failed = outcome(Seen(), failure="in use")
    (said,) = announced(findings, plan, failed)
    assert (said.agrees, said.observed) == (True, "in use")
    assert unannounced(findings, plan, failed) == ()
    (said,) = announced(findings, plan, outcome(Seen()))
    assert said.agrees is False


def test_a_task_that_was_said_to_stay_stopped_may() -> None:
    findings, plan = reviewed(
        task(mapping("orders"), mapping("orders", "items"), start_replication_task=False)
    )
    stays = outcome(Seen(stops=[9.0], runs=False))
    assert unannounced(findings, plan, stays) == ()
    (said,) = (each for each in announced(findings, plan, stays) if each.rule == "task-stopped")
    assert said.agrees
    assert "and does not run" in said.observed


def test_every_rule_that_is_judged_exists() -> None:
    known = {rule.id for rule in ALL_RULES}
    judged = judging.STOPS | judging.MAY_STOP | judging.LOADS | judging.DIFFERS
    assert judged <= known
