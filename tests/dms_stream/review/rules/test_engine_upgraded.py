"""Examples of the rule `engine-upgraded`."""

from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import CLUSTER, INSTANCE
from tests.support.small_plans import update

EXAMPLES = (
    example(
        "minor",
        update(CLUSTER, "engine_version", "8.0.mysql_aurora.3.08.0", "8.0.mysql_aurora.3.10.4"),
        finds="aws_rds_cluster.it: engine_version: 8.0.mysql_aurora.3.08.0 → "
        "8.0.mysql_aurora.3.10.4, applied in the maintenance window",
    ),
    example(
        "major",
        update(INSTANCE, "engine_version", "3.5.4", "4.0.0"),
        finds="aws_dms_replication_instance.it: engine_version: 3.5.4 → 4.0.0, applied in the "
        "maintenance window; this is a major upgrade",
    ),
    example(
        "back",
        update(INSTANCE, "engine_version", "3.6.1", "3.5.4"),
        finds="aws_dms_replication_instance.it: engine_version: 3.6.1 → 3.5.4, applied in the "
        "maintenance window; this is a step back, which AWS refuses",
    ),
    example("no longer given", update(INSTANCE, "engine_version", "3.5.4", None)),
)

test_examples = examples_of("engine-upgraded", EXAMPLES)
