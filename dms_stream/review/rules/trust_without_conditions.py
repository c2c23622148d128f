"""A service may assume a role on behalf of anybody's account."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.policies import Policy, read_policy
from dms_stream.review.policy_attributes import TRUST
from dms_stream.review.redaction import clean
from dms_stream.review.rule import Observation, rule
from dms_stream.review.severity import Severity

# services that act for a resource somebody names, which need not be of this account
_DEPUTIES = ("dms", "firehose", "kinesisanalytics", "logs", "events", "sns", "s3", "glue", "states")
_GUARDS = ("aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "sts:externalid")


@rule(
    Severity.EXPOSURE,
    types=("aws_iam_role",),
    watches=("assume_role_policy",),
    why=(
        "The service can be made to use the role for a resource in somebody else's account (the "
        "confused deputy)."
    ),
    instead="Add a condition on aws:SourceAccount, and aws:SourceArn where the service sends it.",
    sources=("https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",),
)
def trust_without_conditions(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A trust policy that is new or changed lets a service in without a condition on its caller."""
    if not (change.makes or change.compares) or not change.changed(TRUST):
        return
    after = read_policy(change.new_document(TRUST))
    if after is None or change.sensitive(TRUST):
        return
    before = read_policy(change.old_document(TRUST))
    for service in _unguarded(after):
        if before is None or service not in _unguarded(before):
            yield Observation(f"{clean(service)} may assume {change.name} for any account")


def _unguarded(policy: Policy) -> list[str]:
    return sorted(
        {
            each.principal
            for each in policy.allowed
            if each.principal.split(".")[0] in _DEPUTIES
            and ".amazonaws.com" in each.principal
            and not any(guard in each.conditions.lower() for guard in _GUARDS)
        }
    )
