"""Examples of the rule `expiry-shortened`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.support.small_plans import change, update

LIFECYCLE = "aws_s3_bucket_lifecycle_configuration"


def _expires(days: int, **others: object) -> dict[str, object]:
    return {"id": "old", "status": "Enabled", "expiration": [{"days": days}], **others}


EXAMPLES = (
    example(
        "earlier",
        update(LIFECYCLE, "rule", [_expires(3650)], [_expires(365)]),
        finds="rule old: objects are deleted after 365 days instead of 3650",
        severity=Severity.DATA_LOSS,
    ),
    example(
        "a rule that is new",
        update(LIFECYCLE, "rule", [], [_expires(30)]),
        finds="rule old: objects are deleted after 30 days, and there was no such rule before",
    ),
    example(
        "a rule that is enabled",
        update(LIFECYCLE, "rule", [_expires(30) | {"status": "Disabled"}], [_expires(30)]),
        finds="rule old: objects are deleted after 30 days, and there was no such rule before",
    ),
    example(
        "a rule that reaches further",
        update(
            LIFECYCLE,
            "rule",
            [_expires(30, filter=[{"prefix": "tmp/"}])],
            [_expires(30, filter=[{"prefix": ""}])],
        ),
        finds="rule old: objects are deleted after 30 days, and the rule now reaches other "
        "objects than before",
    ),
    example(
        "old versions",
        update(
            LIFECYCLE,
            "rule",
            [_expires(9, noncurrent_version_expiration=[{"newer_noncurrent_versions": 5}])],
            [_expires(9, noncurrent_version_expiration=[{"newer_noncurrent_versions": 1}])],
        ),
        finds="rule old: 1 old version kept instead of 5",
    ),
    example(
        "with a bucket that is new it is only said",
        change(LIFECYCLE, None, {"rule": [_expires(30)]}),
        finds="rule old: objects are deleted after 30 days",
        severity=Severity.NOTICE,
    ),
    example("later", update(LIFECYCLE, "rule", [_expires(30)], [_expires(60)])),
    example("taken away", update(LIFECYCLE, "rule", [_expires(30)], [])),
)

test_examples = examples_of("expiry-shortened", EXAMPLES)
