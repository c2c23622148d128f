"""Examples of the rule `shards-lowered`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import STREAM
from tests.support.small_plans import change, update

EXAMPLES = (
    example(
        "fewer",
        update(STREAM, "shard_count", 4, 2),
        finds="aws_kinesis_stream.it has 2 shards instead of 4",
        severity=Severity.INTERRUPTION,
    ),
    example(
        "on demand",
        change(
            STREAM,
            {"shard_count": 4, "stream_mode_details": [{"stream_mode": "PROVISIONED"}]},
            {"shard_count": 0, "stream_mode_details": [{"stream_mode": "ON_DEMAND"}]},
        ),
        finds="aws_kinesis_stream.it: stream_mode: PROVISIONED → ON_DEMAND",
        severity=Severity.NOTICE,
    ),
    example("more", update(STREAM, "shard_count", 2, 4)),
)

test_examples = examples_of("shards-lowered", EXAMPLES)
