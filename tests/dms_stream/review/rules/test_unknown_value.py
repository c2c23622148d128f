"""Examples of the rule `unknown-value`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import STREAM
from tests.support.small_plans import change

EXAMPLES = (
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
)

test_examples = examples_of("unknown-value", EXAMPLES)
