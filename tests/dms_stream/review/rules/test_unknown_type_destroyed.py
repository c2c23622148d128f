"""Examples of the rule `unknown-type-destroyed`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.support.small_plans import change

EXAMPLES = (
    example(
        "of another provider",
        change("google_thing", {"id": "g"}),
        finds=("g (google_thing) is destroyed"),
        severity=Severity.UNKNOWN,
    ),
    example("one that holds nothing", change("null_resource", {"id": "1"})),
    example("one that is known", change("aws_route", {"id": "r"})),
    example("one that is made", change("google_thing", None, {"id": "g"})),
)

test_examples = examples_of("unknown-type-destroyed", EXAMPLES)
