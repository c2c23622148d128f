"""Examples of the rule `forgotten`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import STREAM
from tests.support.small_plans import change

EXAMPLES = (
    example(
        "let go",
        change(STREAM, {"name": "s"}, None, forget=True),
        finds="is no longer managed by Terraform, and stays as it is",
        severity=Severity.NOTICE,
    ),
    example("destroyed", change(STREAM, {"name": "s"})),
)

test_examples = examples_of("forgotten", EXAMPLES)
