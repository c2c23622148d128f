"""Examples of the rule `expiry-shortened`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.support.small_plans import change, update

LIFECYCLE = "aws_s3_bucket_lifecycle_configuration"


def _expires(days: int, **others: object) -> dict[str, object]:
    return {"id": "old", "status": "Enabled", "expiration": [{"days": days}], **others}


def _inline(days: int) -> dict[str, object]:
    return {"id": "x", "enabled": True, "prefix": "", "expiration": [{"days": days}]}


def _moves(storage_class: str, **others: object) -> dict[str, object]:
    transition = {"days": 30, "storage_class": storage_class}
    return {"id": "x", "status": "Enabled", "transition": [transition], **others}


def _on(date: str) -> dict[str, object]:
    return {"id": "x", "status": "Enabled", "expiration": [{"date": date}]}


SMALL = "transition_default_minimum_object_size"
_128_KB, _BY_CLASS = "all_storage_classes_128K", "varies_by_storage_class"


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
        finds=(
            "rule old: objects are deleted after 30 days, and the rule now reaches "
            "objects that no such rule reached before"
        ),
    ),
    example(
        "old versions",
        update(
            LIFECYCLE,
            "rule",
            [_expires(9, noncurrent_version_expiration=[{"newer_noncurrent_versions": 5}])],
            [_expires(9, noncurrent_version_expiration=[{"newer_noncurrent_versions": 1}])],
        ),
        finds=(
            "rule old: overwritten and deleted objects are gone for good after 0 days, "
            "with 1 newer version kept instead of 5"
        ),
    ),
    example(
        "with a bucket that is new it is only said",
        change(LIFECYCLE, None, {"rule": [_expires(30)]}, unknown={"bucket": True}),
        finds="rule old: objects are deleted after 30 days",
        severity=Severity.NOTICE,
    ),
    example(
        "with a bucket of a known name that is new",
        change("aws_s3_bucket", None, {"bucket": "b"}),
        change(LIFECYCLE, None, {"bucket": "b", "rule": [_expires(30)]}),
        finds="rule old: objects are deleted after 30 days",
        severity=Severity.NOTICE,
    ),
    example(
        "laid on a bucket that exists already",
        change("aws_s3_bucket", {"bucket": "b"}, {"bucket": "b"}),
        change(LIFECYCLE, None, {"bucket": "b", "rule": [_expires(30)]}),
        finds="rule old: objects are deleted after 30 days, and there was no such rule before",
        severity=Severity.DATA_LOSS,
    ),
    example(
        "at another address, and earlier",
        change(LIFECYCLE, {"bucket": "b", "rule": [_expires(365)]}, name="old"),
        change(LIFECYCLE, None, {"bucket": "b", "rule": [_expires(1)]}),
        finds="rule old: objects are deleted after 1 day instead of 365",
        severity=Severity.DATA_LOSS,
    ),
    example(
        "at another address, the same",
        change(LIFECYCLE, {"bucket": "b", "rule": [_expires(365)]}, name="old"),
        change(LIFECYCLE, None, {"bucket": "b", "rule": [_expires(365)]}),
    ),
    example(
        "out of the bucket into a resource of its own",
        change(
            "aws_s3_bucket",
            {"bucket": "b", "lifecycle_rule": [{"enabled": True, "expiration": [{"days": 30}]}]},
            {"bucket": "b", "lifecycle_rule": []},
        ),
        change(LIFECYCLE, None, {"bucket": "b", "rule": [_expires(30)]}),
    ),
    example(
        "in the bucket's own block",
        update("aws_s3_bucket", "lifecycle_rule", [_inline(365)], [_inline(1)]),
        finds="rule x: objects are deleted after 1 day instead of 365",
        severity=Severity.DATA_LOSS,
    ),
    example(
        "renamed",
        update(LIFECYCLE, "rule", [_expires(30)], [_expires(30) | {"id": "new"}]),
    ),
    example(
        "a narrower prefix",
        update(
            LIFECYCLE,
            "rule",
            [_expires(30, filter=[{"prefix": "logs/"}])],
            [_expires(30, filter=[{"prefix": "logs/old/"}])],
        ),
    ),
    example(
        "split in two",
        update(
            LIFECYCLE,
            "rule",
            [_expires(30, prefix="")],
            [_expires(30, prefix="a/"), _expires(60, prefix="b/")],
        ),
    ),
    example(
        "one tag fewer",
        update(
            LIFECYCLE,
            "rule",
            [_expires(30, filter=[{"and": [{"tags": {"a": "1", "b": "2"}}]}])],
            [_expires(30, filter=[{"tag": [{"key": "a", "value": "1"}]}])],
        ),
        finds="rule old: objects are deleted after 30 days, and the rule now reaches objects that "
        "no such rule reached before",
    ),
    example(
        "any size",
        update(
            LIFECYCLE,
            "rule",
            [_expires(30, filter=[{"object_size_greater_than": 100}])],
            [_expires(30, filter=[])],
        ),
        finds="rule old: objects are deleted after 30 days, and the rule now reaches objects that "
        "no such rule reached before",
    ),
    example(
        "into an archive",
        update(
            LIFECYCLE,
            "rule",
            [],
            [_moves("DEEP_ARCHIVE")],
        ),
        finds="rule x: objects move to an archive after 30 days, and there was no such rule before",
        severity=Severity.INTERRUPTION,
    ),
    example(
        "into another class",
        update(LIFECYCLE, "rule", [], [_moves("STANDARD_IA")]),
        finds="rule x: objects move to another storage class after 30 days, and there was no such "
        "rule before",
        severity=Severity.NOTICE,
    ),
    *(
        example(
            f"on {what}",
            update(LIFECYCLE, "rule", [_on(before)], [_on(after)]),
            finds=(f"rule x: objects are deleted on {after}",) if before > after else (),
        )
        for what, before, after in (
            ("a later date", "2027-01-01T00:00:00Z", "2029-01-01T00:00:00Z"),
            ("an earlier date", "2029-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        )
    ),
    *(
        example(
            f"small objects move, too: {storage_class}",
            change(
                LIFECYCLE,
                {"rule": [_moves(storage_class, **others)], SMALL: before},
                {"rule": [_moves(storage_class, **others)], SMALL: after},
            ),
            finds=(
                "rule x: objects move to an archive after 30 days, and the rule now reaches "
                "objects that no such rule reached before",
            )
            if archives
            else (),
        )
        for storage_class, before, after, others, archives in (
            ("GLACIER", _128_KB, _BY_CLASS, {}, True),
            ("DEEP_ARCHIVE", _128_KB, _BY_CLASS, {}, True),
            ("GLACIER", _BY_CLASS, _128_KB, {}, False),
            ("GLACIER", _128_KB, _BY_CLASS, {"filter": [{"object_size_less_than": 9}]}, False),
            ("STANDARD_IA", _128_KB, _BY_CLASS, {}, False),
        )
    ),
    example("later", update(LIFECYCLE, "rule", [_expires(30)], [_expires(60)])),
    example("taken away", update(LIFECYCLE, "rule", [_expires(30)], [])),
)

test_examples = examples_of("expiry-shortened", EXAMPLES)
