"""Attributes in which the provider shows what other resources set.

Right after it is made, a role knows nothing of its policies and a bucket nothing of its versioning:
the next refresh finds them, and Terraform calls that a change made outside. It is one only where no
resource of the plan accounts for it.
"""

from collections.abc import Iterable
from typing import Any

from dms_stream.review.openings import openings
from dms_stream.review.plan import Plan, ResourceChange

_BUCKET = "aws_s3_bucket"
_OF_BUCKETS = {
    "acceleration_status": "aws_s3_bucket_accelerate_configuration",
    "cors_rule": "aws_s3_bucket_cors_configuration",
    "grant": "aws_s3_bucket_acl",
    "lifecycle_rule": "aws_s3_bucket_lifecycle_configuration",
    "logging": "aws_s3_bucket_logging",
    "object_lock_configuration": "aws_s3_bucket_object_lock_configuration",
    "policy": "aws_s3_bucket_policy",
    "replication_configuration": "aws_s3_bucket_replication_configuration",
    "server_side_encryption_configuration": "aws_s3_bucket_server_side_encryption_configuration",
    "versioning": "aws_s3_bucket_versioning",
    "website": "aws_s3_bucket_website_configuration",
}
_INGRESS = ("aws_vpc_security_group_ingress_rule", "aws_security_group_rule")
_EGRESS = ("aws_vpc_security_group_egress_rule", "aws_security_group_rule")


def is_accounted_for(plan: Plan, change: ResourceChange, attribute: str) -> bool:
    """Whether other resources of a plan account for what an attribute shows."""
    match change.type, attribute:
        case "aws_s3_bucket", name if name in _OF_BUCKETS:
            return change.old("id") in _values(plan, "bucket", _OF_BUCKETS[name])
        case "aws_iam_role", "inline_policy":
            known = _values(plan, "name", "aws_iam_role_policy", role=change.old("name"))
            return _names(change.new(attribute)) <= known | _names(change.old(attribute))
        case "aws_iam_role", "managed_policy_arns":
            attached = _values(
                plan, "policy_arn", "aws_iam_role_policy_attachment", role=change.old("name")
            )
            return set(change.new(attribute) or []) <= attached
        case "aws_security_group", "ingress" | "egress":
            rules = plan.of_type(*(_INGRESS if attribute == "ingress" else _EGRESS))
            known_openings = {
                opening
                for rule in rules
                if rule.before.get("security_group_id") == change.old("id")
                for opening in openings([rule.before])
            }
            return set(openings(change.new(attribute) or [])) <= known_openings
        case "aws_rds_cluster", "cluster_members":
            return True
    return False


def _values(plan: Plan, path: str, type_: str, **where: Any) -> set[Any]:
    return {
        each.old(path)
        for each in plan.of_type(type_)
        if all(each.old(key) == value for key, value in where.items())
    }


def _names(policies: Any) -> set[Any]:
    entries: Iterable[Any] = policies if isinstance(policies, list) else ()
    return {each.get("name") for each in entries if isinstance(each, dict)}
