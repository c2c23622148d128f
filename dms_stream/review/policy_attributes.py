"""Where resources keep policy documents."""

from collections.abc import Iterator
from typing import Any

from dms_stream.review.plan import Action, Plan, ResourceChange, names_of
from dms_stream.review.policies import ANYTHING, NOTHING, Policy, read_policy
from dms_stream.review.provider_schema import (
    has_default,
    is_computed,
    policy_paths,
    policy_types,
)
from dms_stream.review.values import at, document

TRUST = "assume_role_policy"

_STANDALONE = frozenset({"aws_iam_policy", "aws_iot_policy", "aws_organizations_policy"})
"""The types of policies that count only where they are attached."""

_LAID_ON = frozenset({"aws_s3_access_point", "aws_glacier_vault_lock"})
"""The types, called otherwise, whose policy counts for something else than themselves."""

_NAMES_ITSELF = ("id", "name", "policy_name")
"""The attributes by which a policy of its own is called."""

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


def is_of_its_own(type_: str) -> bool:
    """Whether a type is a policy that counts for what it is laid on, instead of a thing with one.

    Args:
        type_: The type.
    """
    return type_ in _LAID_ON or (type_.endswith("_policy") and type_ not in _STANDALONE)


def policy_before(plan: Plan, change: ResourceChange, path: str) -> Policy | None:
    """What a document said before, in whichever resource it stood, or what holds without one; None
    where it cannot be read, and where nothing was there before.
    """
    if change.action is Action.CREATE and not concerns_what_exists(plan, change):
        return None
    if change.old(path) in _NO_DOCUMENT:
        for text in _elsewhere(plan, change, path, after=False):
            return read_policy(document(text))
    return _policy(change, change.old(path), change.old_document(path))


def policy_after(plan: Plan, change: ResourceChange, path: str) -> Policy | None:
    """What a document says afterwards, in whichever resource it stands, or what holds without one;
    None where it cannot be read.
    """
    if change.new(path) in _NO_DOCUMENT and not change.makes:
        for text in _elsewhere(plan, change, path, after=True):
            return read_policy(document(text))
    return _policy(change, change.new(path), change.new_document(path))


_NO_DOCUMENT = (None, "", "{}")


def _policy(change: ResourceChange, value: Any, parsed: Any) -> Policy | None:
    if value in _NO_DOCUMENT:
        return ANYTHING if change.type in OPEN_WITHOUT else NOTHING
    return read_policy(parsed)


Slot = tuple[str, str, str]
"""The type of what a policy counts for, one of its names, and the policy's own name."""


def _elsewhere(plan: Plan, change: ResourceChange, path: str, *, after: bool) -> Iterator[str]:
    """What other resources of a plan put in the place of a document. What stands there afterwards
    counts only where this plan puts it: a bucket shows the policy that another resource sets.
    """
    if "policies" not in plan.memo:
        found: dict[Slot, list[tuple[ResourceChange, str, str]]] = {}
        for each in plan.changes:
            if policy_paths(each.type):
                for inside in documents(each):
                    # what is hidden there must not be told here
                    for slot in () if each.sensitive(inside) else _slots(each, inside):
                        found.setdefault(slot, []).append(
                            (each, str(each.old(inside) or ""), str(each.new(inside) or ""))
                        )
        plan.memo["policies"] = found
    for slot in _slots(change, path):
        for other, was, will_be in plan.memo["policies"].get(slot, ()):
            text = will_be if after else was
            if other is not change and text and not (after and was == will_be):
                yield text


def _slots(change: ResourceChange, path: str) -> Iterator[Slot]:
    values = change.before or change.after
    if is_of_its_own(change.type):
        name = next((str(values[each]) for each in _NAMES_ITSELF[1:] if values.get(each)), "")
        owners = [str(values[each]) for each in sorted(owners_of(change)) if values.get(each)]
        if owners:
            yield change.type.removesuffix("_policy"), " ".join(owners), name
    elif is_identity_policy(change, path):
        # of a role, the policies inside of it
        block = path.rsplit(".", 1)[0]
        named = at(change.after, f"{block}.name") or at(change.before, f"{block}.name")
        for each in names_of(change.type, values):
            yield change.type, each, str(named or "")
    elif f"{change.type}_policy" in policy_types() and path != TRUST:
        for each in names_of(change.type, values):
            yield change.type, each, ""


def owners_of(change: ResourceChange) -> tuple[str, ...]:
    """The attributes by which a policy of its own names what, or whom, it is laid on; none where
    that is the account.

    Args:
        change: The policy.
    """
    if not is_of_its_own(change.type):
        return ()
    names = dict.fromkeys([*change.after, *change.before, *change.unknown_attributes()])
    known = {*_NAMES_ITSELF, *documents(change)}
    return tuple(
        name
        for name in names
        if name not in known
        and not is_computed(change.type, name)
        and not has_default(change.type, name)
        and (change.unknown(name) or isinstance(change.new(name) or change.old(name), str))
    )


def concerns_what_exists(plan: Plan, change: ResourceChange) -> bool:
    """Whether a policy that is new is laid on something that exists already."""
    return (
        change.action is Action.CREATE
        and is_of_its_own(change.type)
        and not any(plan.makes_owner(change, owner) for owner in owners_of(change))
    )


def goes_alone(plan: Plan, change: ResourceChange) -> bool:
    """Whether a policy goes by itself, and what it was laid on stays."""
    return change.type.endswith("_policy") and not any(
        plan.destroys_owner(change, owner) for owner in owners_of(change)
    )
