"""Examples of the rule `message-format-changed`."""

from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import ENDPOINT
from tests.support.small_plans import update

EXAMPLES = (
    example(
        "several lines",
        update(ENDPOINT, "kinesis_settings.0.message_format", "json-unformatted", "json"),
        finds="aws_dms_endpoint.it: message_format: json-unformatted → json",
    ),
    example(
        "a default that is written out",
        update(ENDPOINT, "kinesis_settings.0.include_control_details", None, False),
    ),
)

test_examples = examples_of("message-format-changed", EXAMPLES)
