"""Examples of the rule `snapshot-changed`."""

from tests.dms_stream.review.rules.example import entries_of, example, examples_of
from tests.dms_stream.review.rules.shapes import CLUSTER
from tests.support.small_plans import change, update

EXAMPLES = (
    example(
        "another",
        change(
            CLUSTER,
            {"cluster_identifier": "db", "snapshot_identifier": "a"},
            {"cluster_identifier": "db", "snapshot_identifier": "b"},
            replace=("snapshot_identifier",),
        ),
        finds="db: snapshot_identifier: a → b",
    ),
    example("none before in an update", update(CLUSTER, "snapshot_identifier", None, "b")),
)

test_examples = examples_of("snapshot-changed", EXAMPLES)


test_entries = entries_of(
    "snapshot-changed",
    [
        *(
            update(type_, path, "was", "is")
            for type_ in (
                "aws_rds_cluster",
                "aws_db_instance",
                "aws_docdb_cluster",
                "aws_neptune_cluster",
            )
            for path in (
                "snapshot_identifier",
                "replication_source_identifier",
                "restore_to_point_in_time.0.source_cluster_identifier",
            )
        ),
    ],
)
