"""A policy allows everything, or lets anybody in."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.policies import (
    ANYTHING,
    NOTHING,
    Permission,
    accounts_of,
    in_words,
    read_policy,
    wildcards,
)
from dms_stream.review.policy_attributes import (
    TRUST,
    documents,
    is_identity_policy,
    policy_before,
)
from dms_stream.review.redaction import clean
from dms_stream.review.rule import Observation, rule
from dms_stream.review.severity import Severity

# everyone in the network may use an endpoint; what it reaches has policies of its own
_OPEN_BY_DEFAULT = ("aws_vpc_endpoint", "aws_vpc_endpoint_policy")
# in the policy of a key, `kms:*` on `*` means this key
_OF_KEYS = "aws_kms_"


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
    """A policy that is new or changed allows every action, a whole service on everything, all but
    some (NotAction, NotResource, NotPrincipal), anybody, or another account.
    """
    if not (change.makes or change.compares) or change.type in _OPEN_BY_DEFAULT:
        return
    for path in documents(change):
        if change.sensitive(path) or not change.changed(path):
            continue
        after = read_policy(change.new_document(path))
        if after is None:
            continue
        before = policy_before(plan, change, path)
        of_a_resource = change.type.startswith(_OF_KEYS) and not is_identity_policy(change, path)
        known = set(wildcards(before, of_a_resource=of_a_resource)) if before else set()
        found = wildcards(after, of_a_resource=of_a_resource)
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
            if strangers:
                yield _another_account(plan, change, path, strangers)


def _another_account(
    plan: Plan, change: ResourceChange, path: str, strangers: list[Permission]
) -> Observation:
    shown = in_words(sorted(strangers, key=str))
    verb = "may be assumed by" if path == TRUST else "lets in"
    subject = change.name if path == TRUST else f"{path} of {change.name}"
    if plan.accounts:
        return Observation(f"{clean(subject)} {verb} another account: {shown}")
    return Observation(
        f"{clean(subject)} {verb} an account by name: {shown}",
        severity=Severity.UNKNOWN,
        why="The plan does not say which account is yours, so this may be somebody else's.",
        instead="Check whose account it is.",
    )
