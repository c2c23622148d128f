"""Something can be made, or is, reachable by the public."""

from collections.abc import Iterator
from typing import Any

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.redaction import clean
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
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl
_PUBLIC_ACLS = {
    "public-read": {("AllUsers", "READ")},
    "public-read-write": {("AllUsers", "READ"), ("AllUsers", "WRITE")},
    "authenticated-read": {("AuthenticatedUsers", "READ")},
}
"""Canned ACL, and what it grants to a group of everybody."""
_CANNED = ("acl", "canned_acl_for_objects")
_BLOCKS_INSIDE = {
    "aws_s3_access_point": "public_access_block_configuration",
    "aws_s3control_multi_region_access_point": "details.public_access_block",
}
_PUBLIC_GROUPS = ("/AllUsers", "/AuthenticatedUsers")
_OWNERSHIP = "aws_s3_bucket_ownership_controls"
_GRANTS = {
    "aws_s3_bucket_acl": ("access_control_policy.0.grant", "grantee.0."),
    "aws_s3_bucket": ("grant", ""),
}
_OWNER = "access_control_policy.0.owner.0.id"
_PUBLIC = "publicly_accessible"


@rule(
    Severity.EXPOSURE,
    judges={
        "*": (f"{ANYWHERE}{_PUBLIC}", *(f"{ANYWHERE}{name}" for name in _CANNED)),
        **dict.fromkeys(_BLOCK_TYPES, _BLOCKS),
        **{
            type_: tuple(f"{inside}.{name}" for name in _BLOCKS)
            for type_, inside in _BLOCKS_INSIDE.items()
        },
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
    for path in _canned(change):
        acl = change.new(path)
        if acl in _PUBLIC_ACLS and acl != change.old(path) and not _moves(plan, change, acl):
            yield Observation(f"the ACL of {change.name} is {clean(acl)}")
    if change.type in _GRANTS:
        yield from _granted(change)
    if change.type in _BLOCKS_INSIDE:
        inside = ".0.".join((*_BLOCKS_INSIDE[change.type].split("."), ""))
        loosened = [
            name
            for name in _BLOCKS
            if change.new(inside + name) is False and change.old(inside + name) is not False
        ]
        if loosened:
            yield Observation(f"{change.name}: not blocked: {', '.join(loosened)}")


def _public_paths(change: ResourceChange) -> Iterator[str]:
    if change.compares:
        yield from (path for path in change.differing() if path.rsplit(".", 1)[-1] == _PUBLIC)
    elif _PUBLIC in change.after:
        yield _PUBLIC


def _canned(change: ResourceChange) -> Iterator[str]:
    if change.compares:
        yield from (path for path in change.differing() if path.rsplit(".", 1)[-1] in _CANNED)
    else:
        for name, value in change.after.items():
            if name in _CANNED:
                yield name
            elif isinstance(value, list):
                yield from (f"{name}.{number}.{_CANNED[1]}" for number, _ in enumerate(value))


def _moves(plan: Plan, change: ResourceChange, acl: str) -> bool:
    """Whether the bucket itself shows that it has the ACL of a resource that is new."""
    if change.action is not Action.CREATE or change.type != "aws_s3_bucket_acl":
        return False
    shown = {
        (str(grant.get("uri")).rsplit("/", 1)[-1], permission)
        for bucket in plan.by_bucket.get(str(change.new("bucket")), ())
        if bucket.type == "aws_s3_bucket"
        for grant in bucket.old("grant") or []
        for permission in grant.get("permissions") or []
    }
    return shown >= _PUBLIC_ACLS[acl]


def _granted(change: ResourceChange) -> Iterator[Observation]:
    known = _grants(change, change.before)
    for whom, permission in sorted(_grants(change, change.after) - known):
        if whom.endswith(_PUBLIC_GROUPS):
            yield Observation(f"the ACL of {change.name} grants access to everybody")
        elif not whom.startswith("http"):
            yield Observation(
                f"the ACL of {change.name} grants {clean(permission)} to somebody by id",
                why="An ACL counts beside all policies, and the id may be another account's.",
                instead="Let readers in by a bucket policy, which names accounts and roles.",
            )


def _grants(change: ResourceChange, values: Any) -> set[tuple[str, str]]:
    blocks, grantee = _GRANTS[change.type]
    found = set()
    for grant in at(values, blocks) or []:
        for name in ("uri", "id", "email_address"):
            whom = str(at(grant, grantee + name) or "")
            if whom and whom != at(values, _OWNER):
                found.add((whom, str(grant.get("permission") or grant.get("permissions"))))
    return found


def _ownership(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    path = "rule.0.object_ownership"
    loosened = change.compares and change.changed(path)
    laid = change.action is Action.CREATE and not plan.makes_owner(
        change, "bucket", "aws_s3_bucket"
    )
    if loosened and change.old(path) == "BucketOwnerEnforced":
        yield Observation(f"ACLs of {change.name} count again ({change.step(path)})")
    elif laid and change.new(path) in ("ObjectWriter", "BucketOwnerPreferred"):
        # a bucket made since April 2023 has them off
        yield Observation(f"ACLs of {change.name} count: {path} is {change.shown_new(path)}")
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
