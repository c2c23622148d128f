"""A set has no order: its entries are compared by their names, wherever a plan lists them."""

import json
from typing import Any

import pytest

from dms_stream.review import Severity, parse_plan
from dms_stream.review.provider_schema import named_sets
from tests.dms_stream.review.rules.shapes import allow, policy
from tests.support.small_plans import change, document, findings, update

PLAN, ROLE, TABLE = "aws_backup_plan", "aws_iam_role", "aws_dynamodb_table"


def _kept(name: str, days: int) -> dict[str, Any]:
    return {"rule_name": name, "lifecycle": [{"delete_after": days}]}


def _inline(name: str, action: str) -> dict[str, Any]:
    return {"name": name, "policy": policy(allow(action))}


def _replica(region: str) -> dict[str, Any]:
    return {"region_name": region, "kms_key_arn": f"arn:{region}", "point_in_time_recovery": True}


def test_what_is_lowered_is_found_in_another_order() -> None:
    changed = update(
        PLAN, "rule", [_kept("a", 365), _kept("b", 30)], [_kept("b", 365), _kept("a", 35)]
    )
    (worst, other) = findings(changed)
    assert worst.severity is Severity.DATA_LOSS
    assert worst.what.endswith("delete_after is 35 days instead of 365 days")
    assert other.severity is Severity.NOTICE


def test_what_is_raised_is_no_loss_in_another_order() -> None:
    changed = update(
        PLAN, "rule", [_kept("a", 365), _kept("b", 30)], [_kept("b", 60), _kept("a", 365)]
    )
    assert {each.severity for each in findings(changed)} == {Severity.NOTICE}


def test_entry_before_another_takes_nothing_from_it() -> None:
    old, new = _inline("reads", "s3:GetObject"), _inline("asks", "sqs:SendMessage")
    (found,) = findings(update(ROLE, "inline_policy", [old], [new, old]))
    assert found.rule == "policy-widened"
    assert "sqs:SendMessage" in found.what


def test_entry_that_goes_leaves_the_next_one_as_it_was() -> None:
    first, second = _replica("ap-south-1"), _replica("eu-west-1")
    said = [each.what for each in findings(update(TABLE, "replica", [first, second], [second]))]
    assert said[0] == "aws_dynamodb_table.it loses its replica in ap-south-1, with its items"
    assert "eu-west-1" not in str(said)
    assert not findings(update(TABLE, "replica", [second], [first, second]))


def test_entry_with_another_name_is_compared_with_the_one_that_goes() -> None:
    old = [_inline("kept", "s3:GetObject"), _inline("old", "s3:PutObject")]
    new = [_inline("new", "s3:PutObject"), _inline("kept", "s3:GetObject")]
    assert findings(update(ROLE, "inline_policy", old, new)) == []


def test_order_alone_is_nothing_to_say() -> None:
    entries = [_replica("eu-west-1"), _replica("eu-west-2"), _replica("eu-west-3")]
    assert findings(update(TABLE, "replica", entries, entries[::-1])) == []


def test_entries_in_entries_are_compared_by_their_names_too() -> None:
    options = {"name": "SQLNET.ENCRYPTION_SERVER", "value": "REQUIRED"}
    other = {"name": "A", "value": "1"}
    old = [{"option_name": "x"}, {"option_name": "tls", "option_settings": [options, other]}]
    new = [{"option_name": "tls", "option_settings": [other, options]}, {"option_name": "x"}]
    assert findings(update("aws_db_option_group", "option", old, new)) == []


def test_entries_of_one_name_stay_in_their_order() -> None:
    old = [{"key": "a", "value": "1", "effect": "x"}, {"key": "a", "value": "2", "effect": "y"}]
    (found,) = findings(update("aws_eks_node_group", "taint", old, [old[0], old[1] | {"value": 3}]))
    assert found.what == "1 attribute changes: taint.value"


def test_marks_stay_with_what_they_mark() -> None:
    old = [{"name": "a", "value": "open"}, {"name": "b", "value": "canary"}]
    new = [{"name": "c", "value": "is new"}, {"name": "b", "value": "canary2"}]
    entry = update("aws_db_parameter_group", "parameter", old, [*new, old[0]])
    entry["change"]["before_sensitive"] = {"parameter": [{}, {"value": True}]}
    entry["change"]["after_sensitive"] = {"parameter": [{}, {"value": True}, {}]}
    (paired,) = parse_plan(json.dumps(document(entry)), "plan").changes
    marked = [number for number in range(3) if paired.sensitive(f"parameter.{number}.value")]
    named = [number for number in range(3) if paired.new(f"parameter.{number}.name") == "b"]
    assert marked == named
    assert "canary" not in str(findings(entry))


@pytest.mark.parametrize("marks", [[{"value": True}], [{}, {"value": True}, {}, {}]])
def test_nothing_moves_where_marks_do_not_fit(marks: list[Any]) -> None:
    old = [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}]
    entry = update("aws_db_parameter_group", "parameter", old, old[::-1])
    entry["change"]["after_sensitive"] = {"parameter": marks}
    (kept,) = parse_plan(json.dumps(document(entry)), "plan").changes
    assert kept.new("parameter.0.name") == "b"


def test_lists_keep_their_order() -> None:
    behaviors = [{"path_pattern": "/a/*"}, {"path_pattern": "/*"}]
    type_, path = "aws_cloudfront_distribution", "ordered_cache_behavior"
    assert (path,) not in dict(named_sets(type_))
    assert findings(update(type_, path, behaviors, behaviors[::-1]))


@pytest.mark.parametrize(
    ("type_", "path", "name"),
    [
        (PLAN, ("rule",), "rule_name"),
        (ROLE, ("inline_policy",), "name"),
        (TABLE, ("replica",), "region_name"),
        ("aws_s3_bucket", ("replication_configuration", "rules"), "id"),
        ("aws_db_option_group", ("option", "option_settings"), "name"),
    ],
)
def test_what_names_an_entry_is_known_from_the_schema(
    type_: str, path: tuple[str, ...], name: str
) -> None:
    assert dict(named_sets(type_))[path] == name


def test_new_resource_has_nothing_to_be_paired_with() -> None:
    created = change(PLAN, None, {"name": "p", "rule": [_kept("b", 1), _kept("a", 2)]})
    assert findings(created) == []
