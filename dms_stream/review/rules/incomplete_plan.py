"""The plan does not tell everything."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, Scope, rule
from dms_stream.review.severity import Severity


@rule(
    Severity.UNKNOWN,
    scope=Scope.PLAN,
    why="What it leaves out can be anything, and is not reviewed.",
    instead="Mend what is in the way, and review a whole plan before you apply.",
    sources=("https://developer.hashicorp.com/terraform/internals/json-format",),
)
def incomplete_plan(plan: Plan, _change: ResourceChange) -> Iterator[Observation]:
    """Planning stopped with an error (such as prevent_destroy), or resources are deferred."""
    if plan.errored:
        yield Observation(
            "planning stopped with an error: Terraform will not apply this plan, and what is shown "
            "here is what it knew by then"
        )
    elif plan.complete is False and not plan.deferred:
        yield Observation("Terraform says that another plan is needed after this one")
    for address in plan.deferred:
        yield Observation("is deferred: Terraform cannot plan it yet", address=address)
