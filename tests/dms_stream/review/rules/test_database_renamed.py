"""Examples of the rule `database-renamed`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import entries_of, example, examples_of
from tests.support.small_plans import change, update

EXAMPLES = (
    example(
        "in place",
        update("aws_rds_cluster", "cluster_identifier", "shop", "store"),
        finds="shop gets another DNS name: cluster_identifier: shop → store",
        severity=Severity.INTERRUPTION,
    ),
    example(
        "replaced, which other rules tell",
        change(
            "aws_rds_cluster",
            {"cluster_identifier": "shop"},
            {"cluster_identifier": "store"},
            replace=("cluster_identifier",),
        ),
    ),
    example("named for the first time", update("aws_db_instance", "identifier", None, "shop")),
)

test_examples = examples_of("database-renamed", EXAMPLES)

test_entries = entries_of(
    "database-renamed",
    [
        update("aws_rds_cluster", "cluster_identifier", "a", "b"),
        update("aws_db_instance", "identifier", "a", "b"),
        update("aws_rds_cluster_instance", "identifier", "a", "b"),
        update("aws_docdb_cluster", "cluster_identifier", "a", "b"),
        update("aws_docdb_cluster_instance", "identifier", "a", "b"),
        update("aws_neptune_cluster", "cluster_identifier", "a", "b"),
        update("aws_neptune_cluster_instance", "identifier", "a", "b"),
        update("aws_redshift_cluster", "cluster_identifier", "a", "b"),
        update("aws_rds_global_cluster", "global_cluster_identifier", "a", "b"),
    ],
)
