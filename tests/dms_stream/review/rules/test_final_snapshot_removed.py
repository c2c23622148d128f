"""Examples of the rule `final-snapshot-removed`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import entries_of, example, examples_of
from tests.dms_stream.review.rules.shapes import CLUSTER
from tests.support.small_plans import change, update

EXAMPLES = (
    example(
        "skipped",
        update(CLUSTER, "skip_final_snapshot", False, True),
        finds="aws_rds_cluster.it leaves no final snapshot from now on",
    ),
    example(
        "skipped by a cache, which has no switch for it",
        update("aws_elasticache_replication_group", "final_snapshot_identifier", "a", None),
        finds=(
            "aws_elasticache_replication_group.it leaves no final snapshot from now on "
            "(final_snapshot_identifier)"
        ),
    ),
    example(
        "without a name",
        change(
            CLUSTER,
            {"skip_final_snapshot": False, "final_snapshot_identifier": "a"},
            {"skip_final_snapshot": False},
        ),
        finds=(
            "the final snapshot of aws_rds_cluster.it has no name any longer "
            "(final_snapshot_identifier)"
        ),
        severity=Severity.NOTICE,
    ),
    example(
        "with its backups",
        update(CLUSTER, "delete_automated_backups", False, True),
        finds="aws_rds_cluster.it: its automated backups will be deleted with it",
    ),
    example("taken", update(CLUSTER, "skip_final_snapshot", True, False)),
)

test_examples = examples_of("final-snapshot-removed", EXAMPLES)


test_entries = entries_of(
    "final-snapshot-removed",
    [
        update("aws_rds_cluster", "skip_final_snapshot", False, True),
        update("aws_rds_cluster", "delete_automated_backups", False, True),
        update("aws_elasticache_replication_group", "final_snapshot_identifier", "a", None),
        change(
            "aws_rds_cluster",
            {"skip_final_snapshot": False, "final_snapshot_identifier": "a"},
            {"skip_final_snapshot": False},
        ),
    ],
)
