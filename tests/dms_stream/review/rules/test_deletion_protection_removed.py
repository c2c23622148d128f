"""Examples of the rule `deletion-protection-removed`."""

from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import CLUSTER
from tests.support.small_plans import update

EXAMPLES = (
    example(
        "off",
        update(CLUSTER, "deletion_protection", True, False),
        finds=("aws_rds_cluster.it can be deleted from now on (deletion_protection: true → false)"),
    ),
    example("on", update(CLUSTER, "deletion_protection", False, True)),
)

test_examples = examples_of("deletion-protection-removed", EXAMPLES)
