"""Examples of the rule `trust-without-conditions`."""

from typing import Any

from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import policy
from tests.support.small_plans import change, update

ROLE = "aws_iam_role"


def trust(**condition: Any) -> str:
    """A trust policy for Firehose."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "firehose.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    return policy(statement | ({"Condition": condition} if condition else {}))


_GUARDED = trust(StringEquals={"aws:SourceAccount": "123456789012"})

EXAMPLES = (
    example(
        "a role that is made",
        change(ROLE, None, {"name": "r", "assume_role_policy": trust()}),
        finds="firehose.amazonaws.com may assume r for any account",
    ),
    example(
        "the condition goes",
        update(ROLE, "assume_role_policy", _GUARDED, trust()),
        finds="firehose.amazonaws.com may assume aws_iam_role.it for any account",
    ),
    example("with one", change(ROLE, None, {"name": "r", "assume_role_policy": _GUARDED})),
    example(
        "a service that acts for nobody else",
        change(
            ROLE,
            None,
            {"assume_role_policy": trust().replace("firehose", "monitoring.rds")},
        ),
    ),
)

test_examples = examples_of("trust-without-conditions", EXAMPLES)
