"""Examples of the rule `credentials-changed`."""

from tests.dms_stream.review.rules.example import entries_of, example, examples_of
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


test_entries = entries_of(
    "credentials-changed",
    [
        *(
            update(type_, path, "was", "is")
            for type_ in ("aws_rds_cluster", "aws_db_instance")
            for path in (
                "master_password_wo_version",
                "password_wo_version",
                "secret_string_wo_version",
                "master_password",
                "password",
                "manage_master_user_password",
                "master_user_secret_kms_key_id",
                "master_username",
            )
        ),
        *(
            update("aws_secretsmanager_secret_version", path, "was", "is")
            for path in (
                "secret_string",
                "secret_binary",
                "version_stages",
            )
        ),
        change("aws_secretsmanager_secret_version", {"id": "s"}),
        update("aws_secretsmanager_secret_rotation", "rotation_rules", "was", "is"),
        update("aws_secretsmanager_secret_rotation", "rotation_lambda_arn", "was", "is"),
        change("aws_secretsmanager_secret_rotation", {"id": "s"}),
    ],
)
