"""Examples of the rule `unreadable-value`."""

import json

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import STREAM
from tests.support.small_plans import update

EXAMPLES = (
    example(
        "a text for a number",
        update(STREAM, "retention_period", json.dumps("long"), 24),
        finds=(
            "`stream-retention-lowered` cannot be ruled out: the values are of a kind it "
            "does not know"
        ),
        severity=Severity.DATA_LOSS,
    ),
    example("a number", update(STREAM, "retention_period", 24, 48)),
)

test_examples = examples_of("unreadable-value", EXAMPLES)
