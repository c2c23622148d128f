"""Somebody gets the rights of a policy that exists already."""

from collections.abc import Iterator

from dms_stream.review.attachments import (
    ATTACHMENTS,
    BOUNDARY,
    BOUNDED,
    IN_WHAT_EXISTS,
    LISTS,
    NOBODY_KNOWN,
    attached,
    denials_taken_away,
    is_broad,
    is_made_for_a_service,
    moves,
    only_denies,
)
from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.redaction import clean
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity
from dms_stream.review.values import schema_path

_ROLE = "aws_iam_role"
_LIMIT = "aws_organizations_policy_attachment"
_OF_A_SET = "aws_ssoadmin_permissions_boundary_attachment"
# its documents are resources of their own
_ONLY_REMOVE = "_policies_exclusive"
_SINGLE = {
    type_: tuple(schema_path(path) for path in (right, *holders) if not path.endswith("s"))
    for type_, (right, holders) in ATTACHMENTS.items()
}


@rule(
    Severity.EXPOSURE,
    types=(*ATTACHMENTS, *BOUNDED, _OF_A_SET),
    judges={
        **{type_: (*paths, *LISTS.get(type_, ())) for type_, paths in _SINGLE.items()},
        _ROLE: ("managed_policy_arns", BOUNDARY),
        "aws_iam_user": (BOUNDARY,),
    },
    at_creation=("policy_arn", "managed_policy_arn", "managed_policy_arns", "policy_arns"),
    why="Everyone with the role, or in the group, can do more than before.",
    instead=(
        "Give a policy of your own with the exact actions and resources that are needed, and keep "
        "the permissions boundary."
    ),
    sources=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html",
        provider_page("iam_role_policy_attachment"),
    ),
    others=(Severity.NOTICE,),
)
def rights_attached(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A managed policy is attached to a role, user or group, or a permissions boundary, or a
    service control policy, or a policy that only denies, is taken away or changed. For a new role
    it is only said, unless the policy allows nearly everything. What was attached already, in
    another resource, is none.
    """
    if change.type == _LIMIT:
        if change.destroys:
            yield Observation(
                f"the organization's policy {clean(str(change.old('policy_id')))} no longer limits "
                f"{clean(str(change.old('target_id')))}"
            )
        return
    if change.type in (*BOUNDED, _OF_A_SET):
        yield from _boundary(change)
    for right, holder in denials_taken_away(plan, change):
        yield Observation(f"{clean(right)}, which only denies, is detached from {clean(holder)}")
    gives = change.type == _ROLE or change.type in ATTACHMENTS
    if not gives or change.type.endswith(_ONLY_REMOVE) or not (change.makes or change.compares):
        return
    right, holders = ATTACHMENTS.get(change.type, ("managed_policy_arns", ()))
    named = [each for each in holders if change.new(each) or change.unknown(each)]
    new = change.action is Action.CREATE if change.type == _ROLE else not change.unknown(right)
    new = new and all(plan.makes_owner(change, each) for each in named)
    known = set(attached(change, before=True))
    for each in attached(change):
        _, given, holder = each
        if each in known or moves(plan, each) or only_denies(plan, given):
            continue
        if holder != NOBODY_KNOWN:
            yield from _given(given, holder, new=new)
        # `unknown-value` says it of what is not known either, or was attached before
        elif not change.unknown(right) and given not in {one for _, one, _ in known}:
            yield from _given(given, holder, new=new and change.type not in IN_WHAT_EXISTS)


def _given(right: str, holder: str, *, new: bool) -> Iterator[Observation]:
    if new and is_made_for_a_service(right):
        return
    only_said = new and not is_broad(right)
    yield Observation(
        f"{clean(right)} is attached to {clean(holder)}",
        severity=Severity.NOTICE if only_said else None,
        why="Who gets it is new, and can do what the policy says." if only_said else None,
        instead="Check that the policy says no more than is needed." if only_said else None,
    )


def _boundary(change: ResourceChange) -> Iterator[Observation]:
    if change.type == _OF_A_SET:
        if change.destroys or change.updates:
            yield Observation(f"the permissions boundary of a permission set is {change.action}")
    elif change.compares and change.changed(BOUNDARY) and change.old(BOUNDARY):
        if change.new(BOUNDARY):
            yield Observation(f"{change.name} gets another boundary: {change.step(BOUNDARY)}")
        else:
            yield Observation(f"nothing limits what {change.name} can be allowed ({BOUNDARY})")
