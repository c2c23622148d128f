"""What a new policy will allow is not known."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.policy_attributes import TYPES, documents
from dms_stream.review.rule import Observation, rule
from dms_stream.review.severity import Severity


@rule(
    Severity.UNKNOWN,
    types=TYPES,
    why="It names things that this plan makes first, so what it allows cannot be reviewed here.",
    instead="Read its statements in the configuration.",
    sources=("https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html",),
)
def unknown_policy(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A policy that is made, or made anew, is known only after the apply."""
    if change.makes:
        for path in documents(change):
            if change.unknown(path) and (change.type.endswith("policy") or change.old(path)):
                yield Observation(f"{path} is known only after the apply")
