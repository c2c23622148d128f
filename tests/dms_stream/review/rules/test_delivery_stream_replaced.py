"""Examples of the rule `delivery-stream-replaced`."""

from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import FIREHOSE, S3
from tests.support.small_plans import change, update

EXAMPLES = (
    example(
        "another name",
        change(FIREHOSE, {"name": "a"}, {"name": "b"}, replace=("name",)),
        finds=("the delivery stream a is destroyed and recreated because name changes (a → b)"),
    ),
    example(
        "destroyed",
        change(FIREHOSE, {"name": "a"}),
        finds=("the delivery stream a is destroyed: nothing is delivered any longer"),
    ),
    example(
        "another source",
        update(FIREHOSE, "kinesis_source_configuration.0.kinesis_stream_arn", "arn:a", "arn:b"),
        finds="the delivery stream aws_kinesis_firehose_delivery_stream.it reads from another "
        "stream: kinesis_source_configuration.0.kinesis_stream_arn: arn:a → arn:b",
    ),
    example("another buffer", update(FIREHOSE, f"{S3}.buffering_size", 5, 64)),
)

test_examples = examples_of("delivery-stream-replaced", EXAMPLES)
