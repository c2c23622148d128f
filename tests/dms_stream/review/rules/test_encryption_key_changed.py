"""Examples of the rule `encryption-key-changed`."""

from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import STREAM
from tests.support.small_plans import update

EXAMPLES = (
    example(
        "another key",
        update(STREAM, "kms_key_id", "arn:a", "arn:b"),
        finds="aws_kinesis_stream.it: kms_key_id: arn:a → arn:b",
    ),
    example("a first key", update(STREAM, "kms_key_id", None, "arn:b")),
)

test_examples = examples_of("encryption-key-changed", EXAMPLES)
