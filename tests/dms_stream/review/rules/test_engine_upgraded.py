"""Examples of the rule `engine-upgraded`."""

from tests.dms_stream.review.rules.example import entries_of, example, examples_of
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


test_entries = entries_of(
    "engine-upgraded",
    [
        *(
            update(type_, "engine_version", "1.1", "1.2")
            for type_ in (
                "aws_rds_cluster",
                "aws_db_instance",
                "aws_dms_replication_instance",
                "aws_rds_cluster_instance",
                "aws_docdb_cluster",
                "aws_neptune_cluster",
                "aws_elasticache_replication_group",
                "aws_elasticache_cluster",
                "aws_memorydb_cluster",
                "aws_opensearch_domain",
                "aws_elasticsearch_domain",
                "aws_mq_broker",
            )
        ),
    ],
)
