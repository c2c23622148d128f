"""Examples of the rule `credentials-changed`."""

from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import CLUSTER
from tests.support.small_plans import change, update

EXAMPLES = (
    example(
        "a new password",
        update(CLUSTER, "master_password_wo_version", 1, 2),
        finds="aws_rds_cluster.it gets a new password",
    ),
    example(
        "the secret's value goes",
        change("aws_secretsmanager_secret_version", {"id": "s"}),
        finds="the value of the secret is destroyed: nobody can log in with it",
    ),
    example("another port", update(CLUSTER, "port", 3306, 3307)),
)

test_examples = examples_of("credentials-changed", EXAMPLES)
