"""Examples of the rule `key-disabled`."""

from tests.dms_stream.review.rules.example import example, examples_of
from tests.support.small_plans import update

EXAMPLES = (
    example(
        "disabled",
        update("aws_kms_key", "is_enabled", True, False),
        finds="the key aws_kms_key.it is disabled",
    ),
    example(
        "less time to cancel",
        update("aws_kms_key", "deletion_window_in_days", None, 7),
        finds=("a deletion of the key aws_kms_key.it can be canceled for 7 days instead of 30"),
    ),
    example("enabled", update("aws_kms_key", "is_enabled", False, True)),
)

test_examples = examples_of("key-disabled", EXAMPLES)
