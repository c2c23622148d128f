"""Examples of the rule `dynamic-partitioning-changed`."""

from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import FIREHOSE, S3
from tests.support.small_plans import update

EXAMPLES = (
    example(
        "on",
        update(FIREHOSE, f"{S3}.dynamic_partitioning_configuration", [], [{"enabled": True}]),
        finds="aws_kinesis_firehose_delivery_stream.it: dynamic partitioning is turned on",
    ),
    example(
        "another retry",
        update(
            FIREHOSE,
            f"{S3}.dynamic_partitioning_configuration",
            [{"enabled": True, "retry_duration": 1}],
            [{"enabled": True, "retry_duration": 2}],
        ),
    ),
)

test_examples = examples_of("dynamic-partitioning-changed", EXAMPLES)
