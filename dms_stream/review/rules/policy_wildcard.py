"""A policy allows everything, or lets anybody in."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.policies import (
    ANYTHING,
    NOTHING,
    Permission,
    Policy,
    accounts_of,
    in_words,
    is_by_canonical_id,
    read_policy,
    widened,
    wildcards,
)
from dms_stream.review.policy_attributes import TRUST, documents, policy_before
from dms_stream.review.redaction import clean
from dms_stream.review.rule import Observation, rule
from dms_stream.review.severity import Severity

# they only limit: everyone in the network may use an endpoint, and what it reaches has policies of
# its own; an organization's policy grants nothing
# https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
_ONLY_LIMITS = ("aws_vpc_endpoint", "aws_vpc_endpoint_policy", "aws_organizations_policy")
# in the policy of a resource, `*` means this resource; these are about all of an account
_OF_AN_ACCOUNT = (
    "aws_cloudwatch_log_resource_policy",
    "aws_ecr_registry_policy",
    "aws_glue_resource_policy",
)


@rule(
    Severity.EXPOSURE,
    judges_policies=True,
    why="A wildcard grows by itself, with every action, resource and principal that comes.",
    instead=(
        "Name the exact actions, resources and principals, or add a condition that says who may "
        "come: on aws:PrincipalOrgID, aws:SourceAccount, aws:SourceArn."
    ),
    sources=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-"
        "checks.html",
    ),
    others=(Severity.UNKNOWN,),
)
def policy_wildcard(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A policy that is new or changed lets in anybody (`*` or NotPrincipal) or another account. Or
    it says what somebody may do, and that is every action, a whole service on everything, all but
    some (NotAction, NotResource), or what gives the rights of others.
    """
    if not (change.makes or change.compares) or change.type in _ONLY_LIMITS:
        return
    for path in documents(change):
        if change.sensitive(path) or not change.changed(path):
            continue
        after = read_policy(change.new_document(path))
        if after is None:
            continue
        before = policy_before(plan, change, path)
        of_a_resource = change.type not in _OF_AN_ACCOUNT
        known = set(wildcards(before, of_a_resource=of_a_resource)) if before else set()
        gained = Policy(frozenset(widened(before, after)), after.denied)
        found = wildcards(gained, of_a_resource=of_a_resource)
        new = [text for text in found if text not in known]
        if new:
            named = "; ".join(dict.fromkeys(new))
            yield Observation(f"{path} of {change.name} is open: {named}")
        if before in (None, NOTHING, ANYTHING):
            strangers = [
                each
                for each in after.allowed
                if (accounts := accounts_of(each)) and not accounts & plan.accounts
            ]
            by_id = [each for each in after.allowed if is_by_canonical_id(each)]
            if strangers:
                yield _another_account(change, path, strangers, known=bool(plan.accounts))
            if by_id:
                yield _another_account(change, path, by_id, known=False)


def _another_account(
    change: ResourceChange, path: str, strangers: list[Permission], *, known: bool
) -> Observation:
    shown = in_words(sorted(strangers, key=str))
    verb = "may be assumed by" if path == TRUST else "lets in"
    subject = change.name if path == TRUST else f"{path} of {change.name}"
    if known:
        return Observation(f"{clean(subject)} {verb} another account: {shown}")
    return Observation(
        f"{clean(subject)} {verb} an account by name: {shown}",
        severity=Severity.UNKNOWN,
        why="The plan does not say whether it is yours, so this may be somebody else's.",
        instead="Check whose account it is.",
    )
