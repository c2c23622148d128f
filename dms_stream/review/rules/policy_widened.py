"""A policy allows more than before."""

from collections.abc import Iterator

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.policies import in_words, no_longer_denied, read_policy, widened
from dms_stream.review.policy_attributes import concerns_what_exists, documents
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
    denial; or something that exists gets a policy for the first time.
    """
    if change.action is Action.DELETE:
        yield from _denials_taken_away(plan, change)
        return
    first = change.action is Action.CREATE
    if first and not concerns_what_exists(plan, change):
        return
    for path in documents(change):
        if not change.changed(path) or not change.new(path):
            continue
        if change.sensitive(path):
            yield Observation(
                f"{path} of {change.name} changes and is marked as sensitive, so this review "
                "cannot show how",
                severity=Severity.UNKNOWN,
                instead="Read it where you are allowed to see it.",
            )
            continue
        after = read_policy(change.new_document(path))
        before = read_policy(change.old_document(path))
        if after is None or (before is None and change.old(path) not in (None, "", "{}")):
            yield Observation(
                f"{path} of {change.name} changes, and this review cannot read it as a policy",
                severity=Severity.UNKNOWN,
                instead="Read both documents yourself.",
            )
            continue
        gained = widened(before, after)
        if gained:
            yield Observation(f"{path} of {change.name} now allows {in_words(gained)}")
        undenied = no_longer_denied(before, after) if before else []
        if undenied:
            yield Observation(f"{path} of {change.name} no longer denies {in_words(undenied)}")


def _denials_taken_away(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    if not change.type.endswith("_policy") or plan.destroys("aws_s3_bucket", change.old("bucket")):
        return
    for path in documents(change):
        before = read_policy(change.old_document(path))
        undenied = no_longer_denied(before, None) if before and not change.sensitive(path) else []
        if undenied:
            yield Observation(f"{path} of {change.name} no longer denies {in_words(undenied)}")
