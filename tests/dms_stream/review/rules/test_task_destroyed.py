"""Examples of the rule `task-destroyed`."""

from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import ENDPOINT, TASK
from tests.support.small_plans import change

EXAMPLES = (
    example("a task", change(TASK, {"id": "t"}), finds="t is destroyed: capture ends"),
    example("an endpoint", change(ENDPOINT, {"id": "e"})),
)

test_examples = examples_of("task-destroyed", EXAMPLES)
