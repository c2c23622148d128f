"""Examples of the rules about drift, noise and what a plan cannot know."""

import json

from dms_stream.review import Severity
from tests.dms_stream.review.rules.documents import _ALL, mappings, select
from tests.dms_stream.review.rules.example import Example, example
from tests.dms_stream.review.rules.exposure import allow, policy
from tests.support.small_plans import change, update

STREAM, POLICY, TASK = "aws_kinesis_stream", "aws_iam_role_policy", "aws_dms_replication_task"

_INLINE = {"cidr_blocks": ["10.0.0.0/8"], "protocol": "tcp", "from_port": 1, "to_port": 1}
_RULE = {
    "security_group_id": "sg",
    "cidr_ipv4": "10.0.0.0/8",
    "ip_protocol": "tcp",
    "from_port": 1,
    "to_port": 1,
}

EXAMPLES: dict[str, tuple[Example, ...]] = {
    "drifted": (
        example(
            "changed by hand, and set back",
            update(STREAM, "retention_period", 48, 168),
            drift=(update(STREAM, "retention_period", 168, 48),),
            finds="changed outside Terraform: retention_period: 168 → 48; this plan sets "
            "retention_period back",
            severity=Severity.NOTICE,
        ),
        example(
            "opened by hand, and left so",
            drift=(
                update(
                    "aws_security_group",
                    "ingress",
                    [],
                    [{"cidr_blocks": ["0.0.0.0/0"], "protocol": "tcp", "from_port": 1}],
                ),
            ),
            finds="changed outside Terraform: ingress: nothing → (a structure); this plan leaves "
            "it so. It means: aws_security_group.it lets in 0.0.0.0/0 (the whole internet) on port "
            "1 (tcp)",
            severity=Severity.EXPOSURE,
        ),
        example(
            "what its own rules account for",
            change("aws_vpc_security_group_ingress_rule", _RULE, _RULE),
            drift=(
                change(
                    "aws_security_group",
                    {"id": "sg", "ingress": []},
                    {"id": "sg", "ingress": [_INLINE]},
                ),
            ),
        ),
        example(
            "destroyed by hand",
            change(STREAM, None, {"name": "s"}),
            drift=(change(STREAM, {"name": "s"}),),
            finds="s was destroyed outside Terraform; this plan makes it anew, empty",
            severity=Severity.DATA_LOSS,
        ),
        example(
            "an alarm destroyed by hand",
            drift=(change("aws_cloudwatch_metric_alarm", {"id": "a"}),),
            finds="a was destroyed outside Terraform",
            severity=Severity.NOTICE,
        ),
        example(
            "what moves by itself",
            drift=(update(TASK, "status", "ready", "running"),),
        ),
        example("null instead of nothing", drift=(update(STREAM, "tags", None, {}),)),
    ),
    "equal-in-meaning": (
        example(
            "JSON in another order",
            update(POLICY, "policy", '{"a": 1, "b": [2]}', '{"b": [2], "a": 1}'),
            finds="policy: another spelling, the same meaning",
            severity=Severity.NOISE,
        ),
        example(
            "a policy in another order",
            update(
                POLICY,
                "policy",
                policy(allow(["s3:GetObject", "s3:PutObject"])),
                policy(allow("s3:PutObject"), allow("s3:GetObject")),
            ),
            finds="policy: another spelling, the same meaning",
        ),
        example(
            "mappings with other ids",
            update(
                TASK, "table_mappings", mappings(_ALL, select("a.b")), mappings(select("a.b"), _ALL)
            ),
            finds="table_mappings: another spelling, the same meaning",
        ),
        example(
            "a default that is written out",
            update(STREAM, "retention_period", None, 24),
            finds="retention_period: another spelling, the same meaning",
        ),
        example("another value", update(STREAM, "retention_period", 24, 48)),
        example(
            "one of two",
            change(
                STREAM,
                {"retention_period": None, "shard_count": 1},
                {"retention_period": 24, "shard_count": 2},
            ),
        ),
    ),
    "unknown-value": (
        example(
            "by which a rule decides",
            change(
                STREAM,
                {"name": "s", "retention_period": 168},
                {"name": "s"},
                unknown={"retention_period": True},
            ),
            finds="retention_period of s is known only after the apply, so "
            "`stream-retention-lowered` cannot be ruled out",
            severity=Severity.DATA_LOSS,
        ),
        example(
            "by which none decides",
            change(STREAM, {"name": "s", "other": "a"}, {"name": "s"}, unknown={"other": True}),
            finds="other of s is known only after the apply",
            severity=Severity.UNKNOWN,
        ),
        example(
            "of something new",
            change(STREAM, None, {"name": "s"}, unknown={"arn": True, "retention_period": True}),
        ),
        example(
            "what is made anew on every change",
            change(STREAM, {"tags_all": {}}, {}, unknown={"tags_all": True}),
        ),
    ),
    "unknown-policy": (
        example(
            "a policy that is made",
            change(POLICY, None, {"name": "p"}, unknown={"policy": True}),
            finds="policy is known only after the apply",
            severity=Severity.UNKNOWN,
        ),
        example("a known one", change(POLICY, None, {"policy": policy(allow("s3:GetObject"))})),
    ),
    "unknown-type-destroyed": (
        example(
            "of another provider",
            change("google_thing", {"id": "g"}),
            finds="google_thing is destroyed",
            severity=Severity.UNKNOWN,
        ),
        example("one that holds nothing", change("null_resource", {"id": "1"})),
        example("one that is known", change("aws_route", {"id": "r"})),
        example("one that is made", change("google_thing", None, {"id": "g"})),
    ),
    "forgotten": (
        example(
            "let go",
            change(STREAM, {"name": "s"}, None, forget=True),
            finds="is no longer managed by Terraform, and stays as it is",
            severity=Severity.NOTICE,
        ),
        example("destroyed", change(STREAM, {"name": "s"})),
    ),
    "incomplete-plan": (
        example(
            "stopped",
            errored=True,
            finds="planning stopped with an error: Terraform will not apply this plan, and what "
            "is shown here is what it knew by then",
            severity=Severity.UNKNOWN,
        ),
        example(
            "targeted",
            complete=False,
            finds="Terraform says that another plan is needed after this one",
        ),
        example(
            "deferred",
            deferred_changes=[{"reason": "unknown", "resource_change": {"address": "a.b"}}],
            finds="is deferred: Terraform cannot plan it yet",
        ),
        example("whole", complete=True, errored=False),
    ),
    "unreadable-value": (
        example(
            "a text for a number",
            update(STREAM, "retention_period", json.dumps("long"), 24),
            finds="`stream-retention-lowered` cannot be ruled out: the values are not what it "
            "knows",
            severity=Severity.DATA_LOSS,
        ),
        example("a number", update(STREAM, "retention_period", 24, 48)),
    ),
}
