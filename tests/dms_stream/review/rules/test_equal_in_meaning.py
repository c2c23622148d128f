"""Examples of the rule `equal-in-meaning`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import (
    POLICY,
    STREAM,
    TASK,
    allow,
    mappings,
    policy,
    select,
)
from tests.support.small_plans import change, update

EXAMPLES = (
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
            TASK,
            "table_mappings",
            mappings(select("shop.%"), select("a.b")),
            mappings(select("a.b"), select("shop.%")),
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
)

test_examples = examples_of("equal-in-meaning", EXAMPLES)
