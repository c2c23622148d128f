"""Examples of the rule `stateful-replaced`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import BUCKET, STREAM
from tests.support.small_plans import change

EXAMPLES = (
    example(
        "a stream under another name",
        change(STREAM, {"name": "old"}, {"name": "new"}, replace=("name",)),
        finds=(
            "old is destroyed and recreated because name changes (old → new). Lost: every "
            "record in it that no consumer has read yet, and the possibility to read it "
            "again."
        ),
        severity=Severity.DATA_LOSS,
    ),
    example(
        "a tainted bucket",
        change(
            BUCKET,
            {"bucket": "b"},
            {"bucket": "b"},
            replace=("id",),
            action_reason="replace_because_tainted",
        )
        | {"change": {"actions": ["delete", "create"], "before": {"bucket": "b"}, "after": {}}},
        finds=(
            "b is destroyed and recreated because it is tainted (by an apply that failed "
            "half-way, or by `terraform taint`). Lost: its objects and all their versions. S3 "
            "refuses as long as it holds an object or a version; then the apply stops."
        ),
    ),
    example(
        "an alarm",
        change(
            "aws_cloudwatch_metric_alarm",
            {"alarm_name": "a"},
            {"alarm_name": "b"},
            replace=("alarm_name",),
        ),
    ),
)

test_examples = examples_of("stateful-replaced", EXAMPLES)
