"""Examples of the rule `cluster-restarts`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import CLUSTER
from tests.support.small_plans import update

EXAMPLES = (
    example(
        "another port",
        update(CLUSTER, "port", 3306, 3307),
        finds="aws_rds_cluster.it: port: 3306 → 3307",
        severity=Severity.INTERRUPTION,
    ),
    example(
        "within other bounds",
        update(CLUSTER, "serverlessv2_scaling_configuration.0.max_capacity", 4, 8),
        finds="aws_rds_cluster.it: serverlessv2_scaling_configuration.0.max_capacity: 4 → 8",
        severity=Severity.NOTICE,
    ),
    example("tags", update(CLUSTER, "tags", {}, {"a": "b"})),
)

test_examples = examples_of("cluster-restarts", EXAMPLES)
