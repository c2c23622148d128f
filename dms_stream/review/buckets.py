"""What stands in an S3 bucket, or in a resource of its own that is laid on the bucket."""

from typing import Any

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.values import at, same

ENCRYPTION = "aws_s3_bucket_server_side_encryption_configuration"
"""The type that says how new objects are encrypted."""

VERSIONING = "aws_s3_bucket_versioning"
"""The type that says whether old versions are kept."""

_DEFAULT = "apply_server_side_encryption_by_default.0"
_KEY = f"{_DEFAULT}.kms_master_key_id"
_ALGORITHM = f"{_DEFAULT}.sse_algorithm"


def moves_out(plan: Plan, change: ResourceChange, type_: str) -> bool:
    """Whether what goes from a bucket stands, with the same meaning, in a resource of its own that
    this plan makes.

    Args:
        plan: The plan.
        change: The bucket.
        type_: The type of the other resource.
    """
    if type_ not in plan.memo:
        found: dict[Any, list[ResourceChange]] = {}
        for each in plan.of_type(type_):
            if each.makes:
                found.setdefault(each.new("bucket"), []).append(each)
        plan.memo[type_] = found
    made: list[ResourceChange] = plan.memo[type_].get(change.old("bucket"), [])
    return any(_same(type_, change.before, each.after) for each in made)


def _same(type_: str, inside: Any, of_its_own: Any) -> bool:
    if type_ == ENCRYPTION:
        rules = (
            at(inside, "server_side_encryption_configuration.0.rule.0"),
            at(of_its_own, "rule.0"),
        )
        return all(same(*(at(rule, path) for rule in rules)) for path in (_ALGORITHM, _KEY))
    was, will_be = at(inside, "versioning.0"), at(of_its_own, "versioning_configuration.0")
    needed = not at(was, "mfa_delete") or at(will_be, "mfa_delete") == "Enabled"
    return bool(needed and at(will_be, "status") == "Enabled")
