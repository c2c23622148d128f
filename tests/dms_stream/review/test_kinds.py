"""Kinds of changes that were once quiet, or said wrongly, each with its neighbours."""

from datetime import date
from typing import Any

import pytest

from dms_stream.review import Acknowledgement, Severity, review_plans
from tests.support.small_plans import change, findings, found, plan, update

CLUSTER, STREAM, GROUP = "aws_rds_cluster", "aws_kinesis_stream", "aws_security_group"
INGRESS = "aws_vpc_security_group_ingress_rule"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"skip_final_snapshot": False, "final_snapshot_identifier": None},
            "The apply fails: skip_final_snapshot is false, and the final snapshot has no name "
            "(final_snapshot_identifier).",
        ),
        (
            {"skip_final_snapshot": False, "deletion_protection": True},
            "AWS refuses as long as deletion_protection is true; then the apply stops. The apply "
            "fails: skip_final_snapshot is false, and the final snapshot has no name "
            "(final_snapshot_identifier).",
        ),
        (
            {
                "skip_final_snapshot": False,
                "final_snapshot_identifier": "last",
                "delete_automated_backups": False,
            },
            "A final snapshot is taken. The automated backups are kept.",
        ),
        (
            {"skip_final_snapshot": True, "delete_automated_backups": True},
            "No final snapshot is taken (skip_final_snapshot). The automated backups are deleted "
            "too.",
        ),
    ],
)
@pytest.mark.parametrize("type_", [CLUSTER, "aws_db_instance", "aws_docdb_cluster"])
def test_what_is_left_of_a_destroyed_database(
    type_: str, values: dict[str, Any], said: str
) -> None:
    (seen,) = findings(change(type_, {"id": "db", **values}))
    assert seen.what.endswith(said)
    assert seen.severity is Severity.DATA_LOSS


@pytest.mark.parametrize("type_", ["aws_s3_object", "aws_s3_bucket_object"])
def test_an_object_is_called_by_its_key(type_: str) -> None:
    (seen,) = findings(change(type_, {"bucket": "landing", "key": "config/a.txt"}))
    assert seen.what == "landing/config/a.txt is destroyed. Lost: the object."


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("replace_by_request", "because -replace asks for it"),
        (
            "replace_because_tainted",
            "because it is tainted (by an apply that failed half-way, or by `terraform taint`)",
        ),
        (
            "replace_by_triggers",
            "because something named in its replace_triggered_by changes",
        ),
        (None, "for a reason that the plan does not give"),
    ],
)
def test_why_something_is_replaced(reason: str | None, said: str) -> None:
    entry = change(STREAM, {"name": "s"}, {"name": "s"}, action_reason=reason)
    entry["change"]["actions"] = ["delete", "create"]
    (seen,) = findings(entry)
    assert f"s is destroyed and recreated {said}. Lost:" in seen.what


@pytest.mark.parametrize("value", [4, 4.5, "4", "x"])
def test_no_sensitive_value_is_short_enough_to_be_shown(value: Any) -> None:
    seen = findings(
        update("aws_cloudwatch_metric_alarm", "threshold", value, 7, sensitive={"threshold": True})
    )
    assert seen
    assert all(str(value) not in each.what.split("threshold")[-1] for each in seen)


def test_sensitive_addresses_are_not_given_away() -> None:
    rule = {"from_port": 3306, "to_port": 3306, "ip_protocol": "tcp"}
    (seen,) = found(
        "security-group-opened",
        change(
            INGRESS,
            {**rule, "cidr_ipv4": "10.0.0.0/8"},
            {**rule, "cidr_ipv4": "0.0.0.0/0"},
            sensitive={"cidr_ipv4": True},
        ),
    )
    assert seen.severity is Severity.EXPOSURE
    assert "internet" not in seen.what
    assert "0.0.0.0" not in seen.what


def _opening(cidr: str = "0.0.0.0/0") -> dict[str, Any]:
    return {"cidr_blocks": [cidr], "from_port": 443, "to_port": 443, "protocol": "tcp"}


def _rule(cidr: str = "0.0.0.0/0") -> dict[str, Any]:
    ports = {"from_port": 443, "to_port": 443, "ip_protocol": "tcp"}
    return {"security_group_id": "sg", "cidr_ipv4": cidr, **ports}


def _old_rule() -> dict[str, Any]:
    return {"security_group_id": "sg", "type": "ingress", **_opening()}


@pytest.mark.parametrize(
    "moved",
    [
        [
            change(GROUP, {"id": "sg", "ingress": [_opening()]}, {"id": "sg", "ingress": []}),
            change(INGRESS, None, _rule()),
        ],
        [
            change(INGRESS, _rule()),
            change(GROUP, {"id": "sg", "ingress": []}, {"id": "sg", "ingress": [_opening()]}),
        ],
        [change("aws_security_group_rule", _old_rule()), change(INGRESS, None, _rule())],
        [change(INGRESS, _rule(), name="old"), change(INGRESS, None, _rule(), name="new")],
    ],
    ids=["out of the group", "into the group", "to another type", "to another address"],
)
def test_a_rule_that_only_moves_opens_and_closes_nothing(moved: list[dict[str, Any]]) -> None:
    assert found("security-group-opened", *moved) == []
    assert found("network-path-removed", *moved) == []


def test_a_rule_that_moves_and_grows_opens_something() -> None:
    moved = (
        change(
            GROUP, {"id": "sg", "ingress": [_opening("10.0.0.0/8")]}, {"id": "sg", "ingress": []}
        ),
        change(INGRESS, None, _rule()),
    )
    (seen,) = found("security-group-opened", *moved)
    assert seen.severity is Severity.EXPOSURE


def test_a_route_that_only_moves_removes_no_path() -> None:
    route = {"cidr_block": "0.0.0.0/0", "nat_gateway_id": "n"}
    moved = {
        "route_table_id": "rt",
        "destination_cidr_block": "0.0.0.0/0",
        "nat_gateway_id": "n",
    }
    assert not findings(
        change("aws_route_table", {"id": "rt", "route": [route]}, {"id": "rt", "route": []}),
        change("aws_route", None, moved),
    )


@pytest.mark.parametrize(
    ("cidr", "wide"),
    [
        ("fc00::/7", False),
        ("fd00:1234::/48", False),
        ("fe80::/10", False),
        ("2000::/3", True),
        ("::/0", True),
        ("2001:470::/32", True),
    ],
)
def test_private_addresses_of_ipv6(cidr: str, wide: bool) -> None:
    rule = {"from_port": 1, "to_port": 1, "ip_protocol": "tcp", "security_group_id": "sg"}
    (seen,) = found("security-group-opened", change(INGRESS, None, {**rule, "cidr_ipv6": cidr}))
    assert seen.severity is (Severity.EXPOSURE if wide else Severity.NOTICE)


@pytest.mark.parametrize("actions", [["create", "forget"], ["forget", "create"]])
def test_created_anew_and_forgotten_is_an_interruption_and_judged(actions: list[str]) -> None:
    entry = change(STREAM, {"name": "s", "encryption_type": "KMS"}, {"name": "t"})
    entry["change"]["actions"] = actions
    assert {each.rule: each.severity for each in findings(entry)} == {
        "encryption-weakened": Severity.EXPOSURE,
        "forgotten": Severity.INTERRUPTION,
        "not-judged": Severity.UNKNOWN,
    }


def test_a_rename_in_the_configuration_says_which_block_prevents_it() -> None:
    (seen,) = found(
        "stateful-destroyed",
        change(STREAM, {"name": "s"}, name="old"),
        change(STREAM, None, {"name": "s"}, name="new"),
    )
    assert "This looks like a rename: the plan creates the same name at" in seen.what
    assert seen.instead.startswith(
        "Write `moved { from = aws_kinesis_stream.old, to = aws_kinesis_stream.new }`"
    )


def test_a_block_that_says_nothing_but_that_it_is_there_is_not_quiet() -> None:
    changed = update("aws_wafv2_web_acl", "default_action.0.block", [{}], [])
    assert [each.rule for each in findings(changed)] == ["not-judged"]


def _accepts(rule: str, address: str) -> Acknowledgement:
    return Acknowledgement(
        finding=rule, address=address, reason="looked at it", expires=date(9999, 12, 31)
    )


def test_what_is_folded_can_be_accepted_alone_or_together() -> None:
    inside = [
        change(type_, {"name": "n"})
        | {"address": f"module.m.{type_}.it", "module_address": "module.m"}
        for type_ in (STREAM, "aws_sqs_queue", "aws_s3_bucket")
    ]
    whole = review_plans(
        [plan(*inside)], acknowledgements=[_accepts("module-destroyed", "module.m")]
    )
    assert (whole.findings, len(whole.accepted), whole.stale) == ((), 1, ())
    one = review_plans(
        [plan(*inside)],
        acknowledgements=[_accepts("stateful-destroyed", f"module.m.{STREAM}.it")],
    )
    (left,) = one.findings
    assert [each.address for each in left.folded] == [
        "module.m.aws_s3_bucket.it",
        "module.m.aws_sqs_queue.it",
    ]
    assert one.stale == ()
