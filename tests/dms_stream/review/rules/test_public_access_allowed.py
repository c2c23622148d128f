"""Examples of the rule `public-access-allowed`."""

from tests.dms_stream.review.rules.example import entries_of, example, examples_of
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

_ALL_BLOCKS = (
    "block_public_acls",
    "block_public_policy",
    "ignore_public_acls",
    "restrict_public_buckets",
)

test_entries = entries_of(
    "public-access-allowed",
    [
        *(
            update(type_, name, True, False)
            for type_ in ("aws_s3_bucket_public_access_block", "aws_s3_account_public_access_block")
            for name in _ALL_BLOCKS
        ),
        *(
            change(
                "aws_s3_bucket_public_access_block",
                None,
                dict.fromkeys(_ALL_BLOCKS, True) | {name: False},
            )
            for name in _ALL_BLOCKS
        ),
        *(
            update(type_, "acl", "private", acl)
            for type_ in ("aws_s3_bucket", "aws_s3_bucket_acl", "aws_s3_object")
            for acl in (
                "public-read",
                "public-read-write",
                "authenticated-read",
            )
        ),
        update(
            "aws_s3_bucket_ownership_controls",
            "rule.0.object_ownership",
            "BucketOwnerEnforced",
            "ObjectWriter",
        ),
        change("aws_s3_bucket_ownership_controls", {"bucket": "b"}),
        *(
            update(
                "aws_s3_bucket_acl",
                "access_control_policy.0.grant",
                [],
                [
                    {
                        "permission": "READ",
                        "grantee": [{"uri": f"http://acs.amazonaws.com/groups/global{group}"}],
                    }
                ],
            )
            for group in ("/AllUsers", "/AuthenticatedUsers")
        ),
        update(
            "aws_s3_bucket",
            "grant",
            [],
            [{"permissions": ["READ"], "uri": "http://acs.amazonaws.com/groups/global/AllUsers"}],
        ),
        *(
            update(type_, "publicly_accessible", False, True)
            for type_ in (
                "aws_db_instance",
                "aws_rds_cluster_instance",
                "aws_dms_replication_instance",
                "aws_redshift_cluster",
                "aws_mq_broker",
                "aws_somebodys",
            )
        ),
        update("aws_somebodys", "inner.0.publicly_accessible", False, True),
        change("aws_mq_broker", None, {"publicly_accessible": True}),
    ],
)
