"""Examples of the rule `public-access-allowed`."""

from tests.dms_stream.review.rules.example import example, examples_of
from tests.support.small_plans import change, update

BLOCK = "aws_s3_bucket_public_access_block"

EXAMPLES = (
    example(
        "loosened",
        change(
            BLOCK,
            dict.fromkeys(_BLOCKS := ("block_public_acls", "block_public_policy"), True)
            | {"ignore_public_acls": True, "restrict_public_buckets": True, "bucket": "b"},
            dict.fromkeys(_BLOCKS, True)
            | {"ignore_public_acls": False, "restrict_public_buckets": False, "bucket": "b"},
        ),
        finds="b: not blocked: ignore_public_acls, restrict_public_buckets",
    ),
    example(
        "gone",
        change(BLOCK, {"bucket": "b", "block_public_acls": True}),
        finds=("nothing blocks public access to b any longer"),
    ),
    example(
        "gone with its bucket",
        change(BLOCK, {"bucket": "b", "block_public_acls": True}),
        change("aws_s3_bucket", {"id": "b"}),
    ),
    example(
        "an instance with a public address",
        update("aws_dms_replication_instance", "publicly_accessible", False, True),
        finds="aws_dms_replication_instance.it gets a public address (publicly_accessible)",
    ),
    example(
        "an instance without one any more",
        update("aws_dms_replication_instance", "publicly_accessible", True, False),
    ),
)

test_examples = examples_of("public-access-allowed", EXAMPLES)
