"""Something can be made, or is, reachable by the public."""

from collections.abc import Iterator

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity

_BLOCKS = (
    "block_public_acls",
    "block_public_policy",
    "ignore_public_acls",
    "restrict_public_buckets",
)
_PUBLIC_ACLS = ("public-read", "public-read-write", "authenticated-read")


@rule(
    Severity.EXPOSURE,
    types=(
        "aws_s3_bucket_public_access_block",
        "aws_s3_account_public_access_block",
        "aws_s3_bucket_acl",
        "aws_s3_bucket",
        "aws_s3_bucket_ownership_controls",
        "aws_db_instance",
        "aws_rds_cluster_instance",
        "aws_dms_replication_instance",
        "aws_redshift_cluster",
    ),
    watches=("publicly_accessible", "acl", *_BLOCKS),
    why="One wrong policy, ACL or password away from it everybody can read the data.",
    instead="Leave public access blocked, and let readers in by name.",
    sources=(
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-"
        "access.html",
        provider_page("s3_bucket_public_access_block"),
        provider_page("dms_replication_instance"),
    ),
)
def public_access_allowed(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """The public access block of a bucket is loosened or goes, an ACL is public, or an instance
    gets a public address.
    """
    if change.type.endswith("public_access_block"):
        yield from _block(plan, change)
        return
    if change.type == "aws_s3_bucket_ownership_controls":
        path = "rule.0.object_ownership"
        loosened = change.compares and change.changed(path)
        if loosened and change.old(path) == "BucketOwnerEnforced":
            yield Observation(f"ACLs of {change.name} count again ({change.step(path)})")
        elif change.action is Action.DELETE and not plan.destroys(
            "aws_s3_bucket", change.old("bucket")
        ):
            yield Observation(f"{change.name} no longer says that ACLs do not count")
        return
    if not (change.makes or change.compares):
        return
    if change.new("publicly_accessible") is True and change.old("publicly_accessible") is not True:
        yield Observation(f"{change.name} gets a public address (publicly_accessible)")
    acl = change.new("acl")
    if acl in _PUBLIC_ACLS and acl != change.old("acl"):
        yield Observation(f"the ACL of {change.name} is {acl}")


def _block(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    if change.action is Action.DELETE:
        if not plan.destroys("aws_s3_bucket", change.old("bucket")):
            yield Observation(f"nothing blocks public access to {change.name} any more")
        return
    if not (change.makes or change.compares):
        return
    loosened = [
        name
        for name in _BLOCKS
        if not change.new(name)
        and not change.unknown(name)
        and (not change.before or change.old(name))
    ]
    if loosened:
        yield Observation(f"{change.name}: not blocked: {', '.join(loosened)}")
