"""Examples of the rule `serverless-replaced`."""

from tests.dms_stream.review.rules.example import example, examples_of
from tests.support.small_plans import change, update

CONFIG = "aws_dms_replication_config"

EXAMPLES = (
    example(
        "renamed",
        change(
            CONFIG,
            {"replication_config_identifier": "a", "replication_type": "full-load-and-cdc"},
            {
                "replication_config_identifier": "b",
                "replication_type": "full-load-and-cdc",
                "start_replication": True,
            },
            replace=("replication_config_identifier",),
        ),
        finds=(
            "the replication a is destroyed and recreated because "
            "replication_config_identifier changes (a → b). The new one loads every table "
            "again (consumers get all rows once more), then captures changes from the "
            "start of that load on; what was updated or deleted in between shows only in "
            "the rows' final state, or not at all."
        ),
    ),
    example("more capacity", update(CONFIG, "compute_config.0.max_capacity_units", 8, 16)),
)

test_examples = examples_of("serverless-replaced", EXAMPLES)
