"""Examples of the rule `final-snapshot-removed`."""

from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import CLUSTER
from tests.support.small_plans import update

EXAMPLES = (
    example(
        "skipped",
        update(CLUSTER, "skip_final_snapshot", False, True),
        finds="aws_rds_cluster.it leaves no final snapshot from now on",
    ),
    example("taken", update(CLUSTER, "skip_final_snapshot", True, False)),
)

test_examples = examples_of("final-snapshot-removed", EXAMPLES)
