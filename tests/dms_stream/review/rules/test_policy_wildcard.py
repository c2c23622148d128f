"""Examples of the rule `policy-wildcard`."""

from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import POLICY, allow, policy
from tests.support.small_plans import change, update

_NOT_TLS_ONLY = policy(
    {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": "arn:b"}
)

EXAMPLES = (
    example(
        "a whole service on everything",
        change(POLICY, None, {"policy": policy(allow("s3:*", "*"))}),
        finds="policy of aws_iam_role_policy.it allows s3:* on everything",
    ),
    example(
        "anybody",
        update(
            "aws_s3_bucket_policy",
            "policy",
            _NOT_TLS_ONLY,
            policy(allow("s3:GetObject", Principal="*")),
        ),
        finds="policy of aws_s3_bucket_policy.it allows anybody may s3:GetObject",
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
)

test_examples = examples_of("policy-wildcard", EXAMPLES)
