"""Examples of the rule `secret-in-output`."""

from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import CANARY

EXAMPLES = (
    example(
        "by its name",
        output_changes={"source_password": {"actions": ["create"], "after": CANARY}},
        finds="is named like a secret",
    ),
    example(
        "by its mark",
        output_changes={
            "source": {"actions": ["update"], "after": CANARY, "after_sensitive": True}
        },
        finds="holds what is marked as sensitive",
    ),
    example(
        "a place",
        output_changes={"source_secret_arn": {"actions": ["create"], "after": "arn:s"}},
    ),
)

test_examples = examples_of("secret-in-output", EXAMPLES)
