"""Examples of the rule `secret-in-state`."""

from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import CANARY, ENDPOINT
from tests.support.small_plans import change, update

EXAMPLES = (
    example(
        "a password that the provider calls sensitive",
        change(
            "aws_rds_cluster",
            None,
            {"cluster_identifier": "c", "master_password": CANARY},
            sensitive={"master_password": True},
        ),
        finds="master_password of c",
    ),
    example(
        "one in the middle of an attribute that nobody calls sensitive",
        change(
            ENDPOINT,
            None,
            {"endpoint_id": "e", "extra_connection_attributes": f"password={CANARY};a=b"},
        ),
        finds="extra_connection_attributes of e",
    ),
    example(
        "one inside of a block",
        update(ENDPOINT, "kafka_settings.0.sasl_password", "", CANARY),
        finds="kafka_settings.0.sasl_password of aws_dms_endpoint.it",
    ),
    example(
        "a resource that makes one",
        change("random_password", None, {"length": 32}),
        finds="random_password makes a secret and keeps it in the state (result)",
    ),
    example(
        "one that is written and not kept",
        change(
            "aws_rds_cluster",
            None,
            {"master_password_wo": None, "master_password_wo_version": 1},
            sensitive={"master_password_wo": True},
        ),
    ),
    *(
        example(
            f"{name}, which keeps a request from being carried out twice",
            change("aws_efs_file_system", None, {name: "x"}),
        )
        for name in ("creation_token", "idempotency_token", "client_request_token")
    ),
    example(
        "a token with more in its name",
        change("aws_efs_file_system", None, {"creation_token_of_others": "x"}),
        finds="creation_token_of_others of aws_efs_file_system.it",
    ),
    example("the place of one", change(ENDPOINT, None, {"secrets_manager_arn": "arn:aws:secret"})),
    example(
        "one that is there already, and stays",
        change(
            "aws_rds_cluster",
            {"master_password": CANARY, "port": 1},
            {"master_password": CANARY, "port": 2},
            sensitive={"master_password": True},
        ),
    ),
)

test_examples = examples_of("secret-in-state", EXAMPLES)
