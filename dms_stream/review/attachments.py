"""Rights that are given by attaching something, instead of by a policy's own words."""

from collections.abc import Iterator, Mapping

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.policies import read_policy
from dms_stream.review.redaction import printable

ATTACHMENTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "aws_iam_group_membership": ("group", ("users",)),
    "aws_iam_group_policy_attachment": ("policy_arn", ("group",)),
    "aws_iam_group_policy_attachments_exclusive": ("policy_arns", ("group_name",)),
    "aws_iam_group_policies_exclusive": ("policy_names", ("group_name",)),
    "aws_iam_policy_attachment": ("policy_arn", ("roles", "users", "groups")),
    "aws_iam_role_policy_attachment": ("policy_arn", ("role",)),
    "aws_iam_role_policy_attachments_exclusive": ("policy_arns", ("role_name",)),
    "aws_iam_role_policies_exclusive": ("policy_names", ("role_name",)),
    "aws_iam_user_group_membership": ("groups", ("user",)),
    "aws_iam_user_policy_attachment": ("policy_arn", ("user",)),
    "aws_iam_user_policy_attachments_exclusive": ("policy_arns", ("user_name",)),
    "aws_iam_user_policies_exclusive": ("policy_names", ("user_name",)),
    "aws_ssoadmin_account_assignment": ("permission_set_arn", ("principal_id",)),
    "aws_ssoadmin_managed_policy_attachment": ("managed_policy_arn", ("permission_set_arn",)),
    "aws_ssoadmin_customer_managed_policy_attachment": (
        "customer_managed_policy_reference.0.name",
        ("permission_set_arn",),
    ),
    "aws_eks_access_policy_association": ("policy_arn", ("principal_arn",)),
    "aws_lakeformation_permissions": ("permissions", ("principal",)),
    "aws_iam_instance_profile": ("role", ("name",)),
    "aws_organizations_policy_attachment": ("policy_id", ("target_id",)),
}
"""Type of an attachment, the attribute that says what is attached, and those that say to whom."""

LISTS: Mapping[str, tuple[str, ...]] = {
    "aws_iam_role": ("managed_policy_arns",),
    **{
        type_: tuple(path for path in (right, *holders) if path.endswith("s"))
        for type_, (right, holders) in ATTACHMENTS.items()
        if any(path.endswith("s") for path in (right, *holders))
    },
}
"""Type, and its attributes that list what is attached, or to whom."""

BOUNDARY = "permissions_boundary"
"""The attribute that limits what an identity can be allowed."""

BOUNDED = ("aws_iam_role", "aws_iam_user")
"""The types that have it."""

LIMITS: Mapping[str, tuple[str, str]] = {
    "aws_organizations_policy_attachment": ("policy_id", "target_id"),
    "aws_ssoadmin_permissions_boundary_attachment": (
        "permissions_boundary.0.managed_policy_arn",
        "permission_set_arn",
    ),
}
"""Type whose resources limit instead of allow, what limits, and whom."""

_BROAD = (
    "AdministratorAccess",
    "PowerUserAccess",
    "IAMFullAccess",
    "AmazonEKSClusterAdminPolicy",
    "AmazonEKSAdminPolicy",
)


NOBODY_KNOWN = "somebody who is known only after the apply"
"""The holder of what is attached, where the plan does not know it."""

IN_WHAT_EXISTS = frozenset(
    {"aws_iam_group_membership", "aws_lakeformation_permissions", "aws_ssoadmin_account_assignment"}
)
"""The types that let somebody into what exists: who that is decides, even if it is new."""

_ROLE = "aws_iam_role"
_INSIDE = "managed_policy_arns"

Attached = tuple[str, str, str]
"""The kind of holder where a policy of IAM is attached, what is, and to whom."""


def moves(plan: Plan, attachment: Attached, *, away: bool = False) -> bool:
    """Whether another resource of a plan attached the same before: it only moves.

    Args:
        plan: The plan.
        attachment: What is attached, and to whom.
        away: Whether it goes, so that what counts is what this plan attaches newly.
    """
    if "attached" not in plan.memo:
        before: set[Attached] = set()
        newly: set[Attached] = set()
        for each in plan.of_type(_ROLE, *ATTACHMENTS):
            was = set(attached(each, before=True))
            before |= was
            # a role shows what others attach to it: only what comes is put there by the plan
            newly |= set(attached(each)) - was
        plan.memo["attached"] = before, newly
    # of other rights it matters as well on what they are given
    return bool(attachment[0]) and attachment in plan.memo["attached"][away]


def attached(change: ResourceChange, *, before: bool = False) -> Iterator[Attached]:
    """What an attachment, or a role that lists policies, gives to whom.

    Args:
        change: The attachment or role.
        before: Whether as it was instead of as it will be.
    """
    value = change.old if before else change.new
    if change.type == _ROLE:
        for each in value(_INSIDE) or []:
            yield "role", printable(str(each)), printable(str(value("name") or change.name))
        return
    right, holders = ATTACHMENTS[change.type]
    for holder in holders:
        named = value(holder)
        # of a list that is known in part, the rest is null
        names = [each for each in (named if isinstance(named, list) else [named]) if each]
        if not before and change.unknown(holder):
            names.append(NOBODY_KNOWN)
        for name in names:
            rights = value(right)
            for each in rights if isinstance(rights, list) else [rights]:
                known = "something that is not known yet" if change.unknown(right) else "a policy"
                yield _kind(change, holder), printable(str(each or known)), printable(str(name))


def _kind(change: ResourceChange, holder: str) -> str:
    right, _ = ATTACHMENTS[change.type]
    is_policy = change.type.startswith("aws_iam_") and right.startswith("policy_arn")
    return holder.removesuffix("_name").removesuffix("s") if is_policy else ""


def denials_laid(plan: Plan, change: ResourceChange) -> list[tuple[str, str]]:
    """The policies that only deny, and the holders that exist and get them."""
    old, new = (set(_rights_of(change, before=before)) for before in (True, False))
    _, holders = ATTACHMENTS.get(change.type, ("", ()))
    made = all(plan.makes_owner(change, path) for path in holders if change.new(path))
    exists = change.compares or not made
    return sorted(each for each in new - old if exists and only_denies(plan, each[0]))


def denials_taken_away(plan: Plan, change: ResourceChange) -> list[tuple[str, str]]:
    """The policies that only deny, and the holders that stay and lose them."""
    if change.type.endswith("_exclusive") and change.destroys:
        return []
    old, new = (set(_rights_of(change, before=before)) for before in (True, False))
    return sorted(
        (right, holder)
        for right, holder in old - new
        if only_denies(plan, right) and not any(plan.destroys(type_, holder) for type_ in _HOLDERS)
    )


_HOLDERS = (_ROLE, "aws_iam_user", "aws_iam_group")


def _rights_of(change: ResourceChange, *, before: bool) -> Iterator[tuple[str, str]]:
    if change.type in ATTACHMENTS or (change.type == _ROLE and not change.unknown(_INSIDE)):
        for _, right, holder in attached(change, before=before):
            yield right, holder


def is_broad(right: str) -> bool:
    """Whether a managed policy lets its holder do nearly everything, or everything in a service."""
    name = right.rsplit("/", 1)[-1].rsplit(":", 1)[-1]
    return name in _BROAD or name.endswith("FullAccess") or name.endswith("_FullAccess")


def is_made_for_a_service(right: str) -> bool:
    """Whether a managed policy is AWS's own for what one service needs."""
    return "::aws:policy/service-role/" in right or "::aws:policy/aws-service-role/" in right


# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSDenyAll.html
# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCompromisedKeyQuarantineV3.html
_DENIALS = ("AWSDenyAll", "AWSCompromisedKeyQuarantine")


def only_denies(plan: Plan, right: str) -> bool:
    """Whether a managed policy takes rights instead of giving them, as far as the plan tells."""
    if "::aws:policy/" in right:
        return right.rsplit("/", 1)[-1].startswith(_DENIALS)
    change = plan.managed_policies.get(right)
    documents = (change.old_document("policy"), change.new_document("policy")) if change else ()
    policies = [policy for each in documents if (policy := read_policy(each))]
    return bool(policies) and not any(policy.allowed for policy in policies)
