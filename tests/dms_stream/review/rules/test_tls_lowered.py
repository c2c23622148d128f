"""Examples of the rule `tls-lowered`."""

from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import ENDPOINT, policy
from tests.support.small_plans import change, update

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
        "an endpoint of a name",
        change(
            "aws_dms_endpoint",
            {"endpoint_id": "source", "ssl_mode": "verify-full"},
            {"endpoint_id": "source", "ssl_mode": "none"},
        ),
        finds="source: ssl_mode: verify-full → none",
    ),
    example(
        "verify-full to none",
        update(ENDPOINT, "ssl_mode", "verify-full", "none"),
        finds="aws_dms_endpoint.it: ssl_mode: verify-full → none",
    ),
    example(
        "a new source without it",
        change(
            ENDPOINT,
            None,
            {"endpoint_id": "e", "endpoint_type": "source", "ssl_mode": "none"},
        ),
        finds="e connects to its source without TLS (ssl_mode)",
    ),
    example(
        "a bucket",
        update("aws_s3_bucket_policy", "policy", _TLS_ONLY, _NOT_TLS_ONLY),
        finds="aws_s3_bucket_policy.it no longer refuses requests without TLS, or with old TLS",
    ),
    example(
        "a database",
        update(
            "aws_rds_cluster_parameter_group",
            "parameter",
            [{"name": "require_secure_transport", "value": "ON"}],
            [{"name": "require_secure_transport", "value": "OFF"}],
        ),
        finds="aws_rds_cluster_parameter_group.it: the database takes connections without TLS",
    ),
    example("raised", update(ENDPOINT, "ssl_mode", "none", "verify-ca")),
)

test_examples = examples_of("tls-lowered", EXAMPLES)
