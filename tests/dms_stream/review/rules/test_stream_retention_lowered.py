"""Examples of the rule `stream-retention-lowered`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import STREAM
from tests.support.small_plans import update

EXAMPLES = (
    example(
        "lower",
        update(STREAM, "retention_period", 168, 24, name="it"),
        finds="aws_kinesis_stream.it keeps records for 24 hours instead of 168",
        severity=Severity.DATA_LOSS,
    ),
    example(
        "no longer given, so 24 hours",
        update(STREAM, "retention_period", 48, None),
        finds="aws_kinesis_stream.it keeps records for 24 hours instead of 48",
    ),
    example("higher", update(STREAM, "retention_period", 24, 168)),
)

test_examples = examples_of("stream-retention-lowered", EXAMPLES)
