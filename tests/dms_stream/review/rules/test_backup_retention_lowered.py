"""Examples of the rule `backup-retention-lowered`."""

from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import CLUSTER
from tests.support.small_plans import update

EXAMPLES = (
    example(
        "lower",
        update(CLUSTER, "backup_retention_period", 14, 1),
        finds="aws_rds_cluster.it: backup_retention_period goes from 14 days to 1",
    ),
    example("higher", update(CLUSTER, "backup_retention_period", 1, 14)),
)

test_examples = examples_of("backup-retention-lowered", EXAMPLES)
