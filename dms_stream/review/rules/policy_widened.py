"""A policy allows more than before."""

from collections.abc import Iterator

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.policies import in_words, no_longer_denied, widened
from dms_stream.review.policy_attributes import (
    concerns_what_exists,
    documents,
    goes_alone,
    policy_after,
    policy_before,
)
from dms_stream.review.rule import Observation, rule
from dms_stream.review.severity import Severity


@rule(
    Severity.EXPOSURE,
    judges_policies=True,
    why="Everyone who has the permission can do more than before, on purpose or by accident.",
    instead="Name the exact actions, resources and principals that are needed, and no more.",
    sources=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html",
    ),
    others=(Severity.UNKNOWN,),
)
def policy_widened(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A policy or trust policy gains an action, resource or principal, or loses a condition or a
    denial, or goes where it was all that limited; or something that exists gets a policy for the
    first time, or another one. What only moves to a resource of its own, or back, is none.
    """
    if change.action is Action.DELETE and not goes_alone(plan, change):
        return
    if change.action is Action.CREATE and not concerns_what_exists(plan, change):
        return
    for path in documents(change):
        if not change.changed(path) or change.unknown(path):
            continue
        if change.sensitive(path):
            yield Observation(
                f"{path} of {change.name} changes and is marked as sensitive, so this review "
                "cannot show how",
                severity=Severity.UNKNOWN,
                instead="Read it where you are allowed to see it.",
            )
            continue
        before, after = policy_before(plan, change, path), policy_after(plan, change, path)
        if before is None or after is None:
            yield Observation(
                f"{path} of {change.name} changes, and this review cannot read it as a policy",
                severity=Severity.UNKNOWN,
                instead="Read both documents yourself.",
            )
            continue
        gained = widened(before, after)
        if gained:
            yield Observation(f"{path} of {change.name} now allows {in_words(gained)}")
        undenied = no_longer_denied(before, after)
        if undenied:
            yield Observation(f"{path} of {change.name} no longer denies {in_words(undenied)}")
