"""What a new policy will allow is not known."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.policy_attributes import documents
from dms_stream.review.provider_schema import has_default
from dms_stream.review.rule import Observation, rule
from dms_stream.review.severity import Severity


@rule(
    Severity.UNKNOWN,
    why="It names things that this plan creates, so what it allows cannot be reviewed here.",
    instead="Read its statements in the configuration.",
    sources=("https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html",),
)
def unknown_policy(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A policy that is created, or created again, is known only after the apply."""
    if change.makes:
        for path in documents(change):
            if change.unknown(path) and (not has_default(change.type, path) or change.old(path)):
                yield Observation(f"{path} is known only after the apply")
