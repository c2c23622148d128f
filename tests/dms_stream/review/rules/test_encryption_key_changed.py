"""Examples of the rule `encryption-key-changed`."""

from tests.dms_stream.review.rules.example import entries_of, example, examples_of
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


test_entries = entries_of(
    "encryption-key-changed",
    [
        *(
            update("aws_somebodys", f"inner.0.{name}", "arn:a", "arn:b")
            for name in (
                "encryption_key",
                "key_arn",
                "kms_key",
                "kms_key_arn",
                "kms_key_id",
                "kms_master_key_id",
                "server_side_encryption_kms_key_id",
            )
        ),
        update("aws_kms_alias", "target_key_id", "a", "b"),
    ],
)
