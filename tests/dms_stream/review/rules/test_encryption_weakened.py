"""Examples of the rule `encryption-weakened`."""

from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import STREAM
from tests.support.small_plans import change, update

SSE = "aws_s3_bucket_server_side_encryption_configuration"

EXAMPLES = (
    example(
        "a stream no longer encrypted",
        update(STREAM, "encryption_type", "KMS", "NONE"),
        finds=(
            "aws_kinesis_stream.it is no longer encrypted as it was (encryption_type: KMS → NONE)"
        ),
    ),
    example(
        "a cluster that is not from the start",
        change("aws_rds_cluster", None, {"cluster_identifier": "c"}),
        finds="c is not encrypted (storage_encrypted)",
    ),
    example(
        "a bucket with S3's own keys",
        update(
            SSE,
            "rule.0.apply_server_side_encryption_by_default.0.sse_algorithm",
            "aws:kms",
            "AES256",
        ),
        finds="aws_s3_bucket_server_side_encryption_configuration.it: "
        "sse_algorithm: aws:kms → AES256",
    ),
    example("encrypted from now on", update(STREAM, "encryption_type", "NONE", "KMS")),
)

test_examples = examples_of("encryption-weakened", EXAMPLES)
