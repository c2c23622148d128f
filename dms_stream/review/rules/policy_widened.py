"""A policy allows more than before."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.policies import in_words, no_longer_denied, read_policy, widened
from dms_stream.review.policy_attributes import TYPES, documents
from dms_stream.review.rule import Observation, rule
from dms_stream.review.severity import Severity


@rule(
    Severity.EXPOSURE,
    types=TYPES,
    watches=("policy", "assume_role_policy"),
    why="Whoever holds the permission can do more than before, on purpose or by accident.",
    instead="Name the exact actions, resources and principals that are needed, and no more.",
    sources=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html",
    ),
    others=(Severity.UNKNOWN,),
)
def policy_widened(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A policy or trust policy that exists gains an action, resource or principal, or loses a
    condition or a denial.
    """
    if not change.compares:
        return
    for path in documents(change):
        if not change.changed(path) or not change.old(path):
            continue
        if change.sensitive(path):
            yield Observation(
                f"{path} of {change.name} changes, and is marked as sensitive: nobody can be told "
                "how",
                severity=Severity.UNKNOWN,
                instead="Look at it yourself where you may see it.",
            )
            continue
        before, after = (
            read_policy(change.old_document(path)),
            read_policy(change.new_document(path)),
        )
        if after is None and change.new(path):
            yield _unreadable(change, path)
            continue
        if before is None:
            yield _unreadable(change, path)
            continue
        gained = widened(before, after) if after else []
        if gained:
            yield Observation(f"{path} of {change.name} now allows {in_words(gained)}")
        undenied = no_longer_denied(before, after)
        if undenied:
            yield Observation(f"{path} of {change.name} no longer denies {in_words(undenied)}")
        if before.inverted or (after and after.inverted):
            yield _unreadable(change, path)


def _unreadable(change: ResourceChange, path: str) -> Observation:
    return Observation(
        f"{path} of {change.name} changes, and this review cannot weigh it (NotAction, "
        "NotResource, NotPrincipal, or no policy document)",
        severity=Severity.UNKNOWN,
        instead="Read both documents yourself.",
    )
