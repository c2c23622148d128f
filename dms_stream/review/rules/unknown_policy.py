"""What a new policy will allow is not known."""

from collections.abc import Iterator

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.policy_attributes import concerns_what_exists, documents, policy_after
from dms_stream.review.provider_schema import has_default
from dms_stream.review.rule import Observation, rule
from dms_stream.review.severity import Severity


@rule(
    Severity.UNKNOWN,
    why="It names things that this plan creates, so what it allows cannot be reviewed here.",
    instead="Read its statements in the configuration.",
    sources=("https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html",),
)
def unknown_policy(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A policy that is created, or created again, is known only after the apply; or a new one is
    none that this review can read.
    """
    if not change.makes:
        return
    # `policy-widened` speaks of what is laid on something that exists
    alone = change.action is Action.CREATE and not concerns_what_exists(plan, change)
    for path in documents(change):
        if change.unknown(path):
            if not has_default(change.type, path) or change.old(path):
                yield Observation(f"{path} is known only after the apply")
        elif alone and not change.sensitive(path) and policy_after(plan, change, path) is None:
            yield Observation(
                f"{path} of {change.name} cannot be read as a policy",
                why="What it allows cannot be reviewed here.",
            )
