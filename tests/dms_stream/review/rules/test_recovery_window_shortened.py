"""Examples of the rule `recovery-window-shortened`."""

from tests.dms_stream.review.rules.example import example, examples_of
from tests.support.small_plans import update

EXAMPLES = (
    example(
        "closed",
        update("aws_secretsmanager_secret", "recovery_window_in_days", None, 0),
        finds="aws_secretsmanager_secret.it can be restored for 0 days instead of 30",
    ),
    example("longer", update("aws_secretsmanager_secret", "recovery_window_in_days", 7, 30)),
)

test_examples = examples_of("recovery-window-shortened", EXAMPLES)
