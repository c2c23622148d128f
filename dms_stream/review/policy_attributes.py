"""Where resources keep policy documents."""

from collections.abc import Iterator
from typing import Any

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.policies import ANYTHING, NOTHING, Policy, read_policy
from dms_stream.review.provider_schema import policy_paths
from dms_stream.review.values import at

TRUST = "assume_role_policy"

OWNERS = (
    "role",
    "user",
    "group",
    "bucket",
    "repository",
    "key_id",
    "secret_arn",
    "queue_url",
    "resource_arn",
    "stream_arn",
    "function_name",
    "domain_name",
    "rest_api_id",
    "file_system_id",
    "vpc_endpoint_id",
    "backup_vault_name",
    "table_bucket_arn",
    "destination_name",
    "event_bus_name",
    "cluster_arn",
    "arn",
)
"""Attributes by which a policy of its own names what, or whom, it belongs to."""

IDENTITY_TYPES = frozenset(
    {
        "aws_iam_group_policy",
        "aws_iam_policy",
        "aws_iam_role_policy",
        "aws_iam_user_policy",
        "aws_ssoadmin_permission_set_inline_policy",
        "aws_organizations_policy",
        "aws_iot_policy",
        "aws_transfer_access",
        "aws_transfer_user",
        "aws_rolesanywhere_profile",
    }
)
"""The types whose policies say what somebody may do; others say who may do something here."""


OPEN_WITHOUT = frozenset(
    {"aws_efs_file_system_policy", "aws_vpc_endpoint", "aws_vpc_endpoint_policy"}
)
"""The types that let everybody do everything where they have no document.

https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
"""


def documents(change: ResourceChange) -> tuple[str, ...]:
    """Paths of the policy documents in a resource: those that the provider's schema tells, and any
    other attribute that holds one.
    """
    if "policies" not in change.memo:
        change.memo["policies"] = tuple(dict.fromkeys(_documents(change)))
    found: tuple[str, ...] = change.memo["policies"]
    return found


def _documents(change: ResourceChange) -> Iterator[str]:
    for path in policy_paths(change.type):
        yield from _positions(change, path.split("."))
    for values in (change.after, change.before):
        for name, value in values.items():
            if isinstance(value, str) and '"Statement"' in value and value.lstrip()[:1] == "{":
                yield name


def _positions(change: ResourceChange, parts: list[str]) -> Iterator[str]:
    paths = [parts[0]]
    for part in parts[1:]:
        longer = []
        for path in paths:
            both = at(change.before, path), at(change.after, path)
            count = max((len(each) for each in both if isinstance(each, list)), default=0)
            longer += [f"{path}.{number}.{part}" for number in range(count)]
        paths = longer
    yield from paths


def is_identity_policy(change: ResourceChange, path: str) -> bool:
    """Whether a document says what somebody may do, instead of who may do something here."""
    return change.type in IDENTITY_TYPES or path.startswith("inline_policy.")


def policy_before(plan: Plan, change: ResourceChange, path: str) -> Policy | None:
    """What a document said before, or what holds without one; None where it cannot be read, and
    where nothing was there before.
    """
    if change.action is Action.CREATE and not concerns_what_exists(plan, change):
        return None
    return _policy(change, change.old(path), change.old_document(path))


def policy_after(change: ResourceChange, path: str) -> Policy | None:
    """What a document says afterwards, or what holds without one; None where it cannot be read."""
    return _policy(change, change.new(path), change.new_document(path))


def _policy(change: ResourceChange, value: Any, document: Any) -> Policy | None:
    if value in (None, "", "{}"):
        return ANYTHING if change.type in OPEN_WITHOUT else NOTHING
    return read_policy(document)


def concerns_what_exists(plan: Plan, change: ResourceChange) -> bool:
    """Whether a policy that is new is laid on something that exists already."""
    if change.action is not Action.CREATE or change.type == "aws_iam_policy":
        return False
    for owner in OWNERS:
        if change.unknown(owner):
            return False
        if isinstance(change.new(owner), str):
            return not plan.makes_owner(change, owner)
    return False
