"""Examples of the rule `policy-widened`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import POLICY, allow, policy
from tests.support.small_plans import update

_NOT_TLS_ONLY = policy(
    {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": "arn:b"}
)

_TLS_ONLY = policy(
    {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "arn:b",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    },
    {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": "arn:b"},
)

EXAMPLES = (
    example(
        "one more action",
        update(
            POLICY,
            "policy",
            policy(allow("s3:GetObject")),
            policy(allow(["s3:GetObject", "s3:DeleteObject"])),
        ),
        finds="policy of aws_iam_role_policy.it now allows s3:DeleteObject on arn:b",
        severity=Severity.EXPOSURE,
    ),
    example(
        "a wider resource",
        update(
            POLICY,
            "policy",
            policy(allow("s3:GetObject", "arn:b/changes/*")),
            policy(allow("s3:GetObject", "arn:b/*")),
        ),
        finds="policy of aws_iam_role_policy.it now allows s3:GetObject on arn:b/*",
    ),
    example(
        "without its condition",
        update(
            POLICY,
            "policy",
            policy(allow("s3:GetObject", Condition={"Bool": {"aws:SecureTransport": "true"}})),
            policy(allow("s3:GetObject")),
        ),
        finds="policy of aws_iam_role_policy.it now allows s3:GetObject on arn:b",
    ),
    example(
        "another principal",
        update(
            "aws_sns_topic_policy",
            "policy",
            policy(allow("sns:Publish", Principal={"Service": "dms.amazonaws.com"})),
            policy(
                allow("sns:Publish", Principal={"Service": "dms.amazonaws.com"}),
                allow("sns:Publish", Principal={"AWS": "arn:aws:iam::210987654321:root"}),
            ),
        ),
        finds="policy of aws_sns_topic_policy.it now allows arn:aws:iam::210987654321:root: "
        "sns:Publish on arn:b",
    ),
    example(
        "a denial goes",
        update("aws_s3_bucket_policy", "policy", _TLS_ONLY, _NOT_TLS_ONLY),
        finds=(
            "policy of aws_s3_bucket_policy.it no longer denies anybody: s3:* on arn:b "
            "under conditions"
        ),
    ),
    example(
        "what cannot be weighed",
        update(
            POLICY,
            "policy",
            policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "arn:b"}),
            policy({"Effect": "Allow", "NotAction": "iam:Pass*", "Resource": "arn:b"}),
        ),
        finds=("policy of aws_iam_role_policy.it now allows everything except iam:Pass* on arn:b"),
    ),
    example(
        "sensitive, so nobody can be told",
        update(
            POLICY,
            "policy",
            policy(allow("s3:GetObject")),
            policy(allow("s3:*")),
            sensitive={"policy": True},
        ),
        finds=(
            "policy of aws_iam_role_policy.it changes and is marked as sensitive, so this "
            "review cannot show how"
        ),
        severity=Severity.UNKNOWN,
    ),
    example(
        "narrower",
        update(
            POLICY,
            "policy",
            policy(allow("s3:*", "*")),
            policy(allow(["s3:GetObject", "s3:PutObject"], "arn:b/*")),
        ),
    ),
    example(
        "in another order",
        update(
            POLICY,
            "policy",
            policy(allow(["s3:GetObject", "s3:PutObject"]), allow("s3:ListBucket")),
            policy(allow(["s3:ListBucket"]), allow(["s3:PutObject", "s3:GetObject"])),
        ),
    ),
)

test_examples = examples_of("policy-widened", EXAMPLES)
