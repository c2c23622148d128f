"""Examples of the rule `deletion-protection-removed`."""

from tests.dms_stream.review.rules.example import entries_of, example, examples_of
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


test_entries = entries_of(
    "deletion-protection-removed",
    [
        update("aws_rds_cluster", "deletion_protection", True, False),
        update("aws_rds_cluster", "deletion_protection", True, None),
        update("aws_cognito_user_pool", "deletion_protection", "ACTIVE", "INACTIVE"),
        update("aws_somebodys", "deletion_protection", "ENABLED", "DISABLED"),
        update("aws_dynamodb_table", "deletion_protection_enabled", True, False),
        update("aws_lb", "enable_deletion_protection", True, False),
        update("aws_networkfirewall_firewall", "delete_protection", True, False),
    ],
)
