"""Examples of the rule `access-removed`."""

from tests.dms_stream.review.rules.example import example, examples_of
from tests.support.small_plans import change, update

EXAMPLES = (
    example(
        "an action goes",
        update(
            "aws_iam_role_policy",
            "policy",
            '{"Statement": {"Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject"], '
            '"Resource": "arn:b"}}',
            '{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:b"}}',
        ),
        finds="policy of aws_iam_role_policy.it no longer allows s3:PutObject on arn:b",
    ),
    example(
        "a managed policy is detached",
        change("aws_iam_role_policy_attachment", {"role": "r", "policy_arn": "arn:p"}),
        finds="arn:p is detached from r",
    ),
    example("a role that is made", change("aws_iam_role", None, {"name": "r"})),
)

test_examples = examples_of("access-removed", EXAMPLES)
