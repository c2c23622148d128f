"""Something can be made, or is, reachable by the public."""

from collections.abc import Iterator
from typing import Any

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.rule import ANYWHERE, Observation, provider_page, rule
from dms_stream.review.severity import Severity
from dms_stream.review.values import at

_BLOCKS = (
    "block_public_acls",
    "block_public_policy",
    "ignore_public_acls",
    "restrict_public_buckets",
)
_BLOCK_TYPES = ("aws_s3_bucket_public_access_block", "aws_s3_account_public_access_block")
_PUBLIC_ACLS = ("public-read", "public-read-write", "authenticated-read")
_PUBLIC_GROUPS = ("/AllUsers", "/AuthenticatedUsers")
_OWNERSHIP = "aws_s3_bucket_ownership_controls"
_GRANTS = {
    "aws_s3_bucket_acl": ("access_control_policy.0.grant", "grantee.0.uri"),
    "aws_s3_bucket": ("grant", "uri"),
}
_PUBLIC = "publicly_accessible"


@rule(
    Severity.EXPOSURE,
    judges={
        "*": (f"{ANYWHERE}{_PUBLIC}", "acl"),
        **dict.fromkeys(_BLOCK_TYPES, _BLOCKS),
        _OWNERSHIP: ("rule",),
        "aws_s3_bucket_acl": ("acl", "access_control_policy"),
        "aws_s3_bucket": ("acl", "grant"),
    },
    at_creation=(*_BLOCKS, "acl", f"{ANYWHERE}{_PUBLIC}"),
    why="Everybody can read the data, or could after one wrong policy, ACL or password.",
    instead="Leave public access blocked, and let readers in by name.",
    sources=(
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-"
        "access.html",
        provider_page("s3_bucket_public_access_block"),
        provider_page("dms_replication_instance"),
    ),
)
def public_access_allowed(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """The public access block of a bucket is loosened or goes, an ACL is public or counts again, or
    an instance of whichever type gets a public address.
    """
    if change.type in _BLOCK_TYPES:
        yield from _block(plan, change)
        return
    if change.type == _OWNERSHIP:
        yield from _ownership(plan, change)
        return
    if not (change.makes or change.compares):
        return
    for path in _public_paths(change):
        if change.new(path) is True and change.old(path) is not True:
            yield Observation(f"{change.name} gets a public address ({_PUBLIC})")
    acl = change.new("acl")
    if acl in _PUBLIC_ACLS and acl != change.old("acl"):
        yield Observation(f"the ACL of {change.name} is {acl}")
    if change.type in _GRANTS:
        known = _public_grants(change.before, *_GRANTS[change.type])
        if _public_grants(change.after, *_GRANTS[change.type]) - known:
            yield Observation(f"the ACL of {change.name} grants access to everybody")


def _public_paths(change: ResourceChange) -> Iterator[str]:
    if change.compares:
        yield from (path for path in change.differing() if path.rsplit(".", 1)[-1] == _PUBLIC)
    elif _PUBLIC in change.after:
        yield _PUBLIC


def _public_grants(values: Any, blocks: str, uri: str) -> set[tuple[str, str]]:
    found = set()
    for grant in at(values, blocks) or []:
        if str(at(grant, uri)).endswith(_PUBLIC_GROUPS):
            permissions = grant.get("permission") or grant.get("permissions")
            found.add((str(at(grant, uri)), str(permissions)))
    return found


def _ownership(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    path = "rule.0.object_ownership"
    loosened = change.compares and change.changed(path)
    if loosened and change.old(path) == "BucketOwnerEnforced":
        yield Observation(f"ACLs of {change.name} count again ({change.step(path)})")
    elif change.action is Action.DELETE and not plan.destroys(
        "aws_s3_bucket", change.old("bucket")
    ):
        yield Observation(f"{change.name} no longer says that ACLs do not count")


def _block(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    if change.action is Action.DELETE:
        if not plan.destroys("aws_s3_bucket", change.old("bucket")):
            yield Observation(f"nothing blocks public access to {change.name} any longer")
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
