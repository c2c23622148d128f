"""Examples of the rule `target-changed`."""

from tests.dms_stream.review.rules.example import entries_of, example, examples_of
from tests.dms_stream.review.rules.shapes import ENDPOINT
from tests.support.small_plans import update

EXAMPLES = (
    example(
        "another stream",
        update(ENDPOINT, "kinesis_settings.0.stream_arn", "arn:a", "arn:b"),
        finds="aws_dms_endpoint.it: kinesis_settings.0.stream_arn: arn:a → arn:b",
    ),
    example("another certificate", update(ENDPOINT, "certificate_arn", "arn:a", "arn:b")),
)

test_examples = examples_of("target-changed", EXAMPLES)


test_entries = entries_of(
    "target-changed",
    [
        *(
            update("aws_dms_endpoint", path, "was", "is")
            for path in (
                "kinesis_settings.0.stream_arn",
                "kafka_settings.0.topic",
                "s3_settings.0.bucket_name",
                "secrets_manager_arn",
                "server_name",
                "port",
                "database_name",
            )
        ),
        update("aws_dms_s3_endpoint", "bucket_name", "a", "b"),
    ],
)
