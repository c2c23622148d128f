"""Examples of the rule `versioning-suspended`."""

from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import BUCKET
from tests.support.small_plans import change, update

EXAMPLES = (
    example(
        "suspended",
        update(
            "aws_s3_bucket_versioning",
            "versioning_configuration.0.status",
            "Enabled",
            "Suspended",
        ),
        finds="versioning of aws_s3_bucket_versioning.it is suspended",
    ),
    example(
        "its resource goes, and the bucket stays",
        change(
            "aws_s3_bucket_versioning",
            {"bucket": "b", "versioning_configuration": [{"status": "Enabled"}]},
        ),
        finds="versioning of b is suspended, as its resource is destroyed",
    ),
    example(
        "its resource goes with the bucket",
        change(
            "aws_s3_bucket_versioning",
            {"bucket": "b", "versioning_configuration": [{"status": "Enabled"}]},
        ),
        change(BUCKET, {"id": "b", "bucket": "b"}),
    ),
)

test_examples = examples_of("versioning-suspended", EXAMPLES)
