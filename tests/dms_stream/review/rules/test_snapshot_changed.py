"""Examples of the rule `snapshot-changed`."""

from tests.dms_stream.review.rules.example import example, examples_of
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
