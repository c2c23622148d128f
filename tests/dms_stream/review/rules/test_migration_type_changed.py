"""Examples of the rule `migration-type-changed`."""

from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import TASK
from tests.support.small_plans import update

EXAMPLES = (
    example(
        "to changes only",
        update(TASK, "migration_type", "full-load-and-cdc", "cdc"),
        finds=(
            "migration_type: full-load-and-cdc → cdc. Nothing is loaded any longer, only "
            "changes are captured."
        ),
    ),
    example(
        "to a type that is not known",
        update(TASK, "migration_type", "cdc", "replay"),
        finds="migration_type: cdc → replay. What such a task does, this review does not know.",
    ),
    example("the same", update(TASK, "migration_type", "cdc", "cdc")),
)

test_examples = examples_of("migration-type-changed", EXAMPLES)
