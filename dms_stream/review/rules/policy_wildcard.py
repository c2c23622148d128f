"""A policy allows everything, or lets anybody in."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.policies import read_policy, wildcards
from dms_stream.review.policy_attributes import TYPES, documents
from dms_stream.review.rule import Observation, rule
from dms_stream.review.severity import Severity

# the default policies of these give an account's own administrators every action
_OWN_ACCOUNT = ("aws_kms_key", "aws_kms_key_policy", "aws_vpc_endpoint")


@rule(
    Severity.EXPOSURE,
    types=TYPES,
    why="A wildcard grows by itself, with every action and resource that comes.",
    instead="Name the exact actions, resources and principals, or add conditions.",
    sources=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-"
        "checks.html",
    ),
)
def policy_wildcard(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A policy that is new or changed allows every action, a whole service on everything, or
    anybody.
    """
    if not (change.makes or change.compares) or change.type in _OWN_ACCOUNT:
        return
    for path in documents(change):
        if change.sensitive(path) or not change.changed(path):
            continue
        after = read_policy(change.new_document(path))
        before = read_policy(change.old_document(path))
        known = set(wildcards(before)) if before else set()
        new = [text for text in wildcards(after) if text not in known] if after else []
        if new:
            named = "; ".join(dict.fromkeys(new))
            yield Observation(f"{path} of {change.name} allows {named}")
