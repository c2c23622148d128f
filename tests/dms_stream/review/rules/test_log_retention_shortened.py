"""Examples of the rule `log-retention-shortened`."""

from tests.dms_stream.review.rules.example import example, examples_of
from tests.support.small_plans import update

EXAMPLES = (
    example(
        "from for ever",
        update("aws_cloudwatch_log_group", "retention_in_days", 0, 30),
        finds="aws_cloudwatch_log_group.it keeps log events for 30 days instead of for ever",
    ),
    example("to for ever", update("aws_cloudwatch_log_group", "retention_in_days", 30, 0)),
)

test_examples = examples_of("log-retention-shortened", EXAMPLES)
