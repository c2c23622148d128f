"""Examples of the rule `policy-wildcard`."""

import json
from typing import Any

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import POLICY, allow, policy
from tests.support.small_plans import change, update

_NOT_TLS_ONLY = policy(
    {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": "arn:b"}
)

FOREIGN = json.dumps(
    {
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"AWS": "arn:aws:iam::222222222222:root"},
            }
        ]
    }
)
_ROLE = change("aws_iam_role", None, {"name": "r", "assume_role_policy": FOREIGN}, name="r")


def _queue(account: str) -> dict[str, Any]:
    arn = f"arn:aws:sqs:eu-west-1:{account}:q"
    return change("aws_sqs_queue", {"arn": arn}, {"arn": arn, "tags": {"a": "b"}})


EXAMPLES = (
    example(
        "a whole service on everything",
        change(POLICY, None, {"policy": policy(allow("s3:*", "*"))}),
        finds=("policy of aws_iam_role_policy.it is open: s3:* on everything"),
    ),
    example(
        "anybody",
        update(
            "aws_s3_bucket_policy",
            "policy",
            _NOT_TLS_ONLY,
            policy(allow("s3:GetObject", Principal="*")),
        ),
        finds=("policy of aws_s3_bucket_policy.it is open: anybody may s3:GetObject"),
    ),
    example(
        "anybody under a condition",
        change(
            "aws_sns_topic_policy",
            None,
            {
                "policy": policy(
                    allow(
                        "sns:Publish",
                        Principal={"AWS": "*"},
                        Condition={"StringEquals": {"aws:SourceAccount": "123456789012"}},
                    )
                )
            },
        ),
    ),
    example("exact", change(POLICY, None, {"policy": policy(allow("s3:GetObject"))})),
    example(
        "another account",
        _queue("111111111111"),
        _ROLE,
        finds="r may be assumed by another account: arn:aws:iam::222222222222:root: sts:AssumeRole",
        severity=Severity.EXPOSURE,
    ),
    example(
        "an account, where nothing says which one is ours",
        _ROLE,
        finds="r may be assumed by an account by name: arn:aws:iam::222222222222:root: "
        "sts:AssumeRole",
        severity=Severity.UNKNOWN,
    ),
    example("our own account", _queue("222222222222"), _ROLE),
)

test_examples = examples_of("policy-wildcard", EXAMPLES)
