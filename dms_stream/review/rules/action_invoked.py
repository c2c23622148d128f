"""The apply does something beside creating, changing and destroying."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, Scope, rule
from dms_stream.review.severity import Severity

_STOPS = {
    "aws_ec2_stop_instance": "the instance stops",
}


@rule(
    Severity.UNKNOWN,
    scope=Scope.PLAN,
    why="An action calls something, and what that does is in no plan.",
    instead="Read what it calls, and run it by itself, where you can watch it.",
    sources=("https://developer.hashicorp.com/terraform/language/invoke-actions",),
    others=(Severity.INTERRUPTION,),
)
def action_invoked(plan: Plan, _change: ResourceChange) -> Iterator[Observation]:
    """An action (Terraform 1.14 and later) is invoked, such as a Lambda function or a build."""
    for each in plan.invocations:
        when = f" ({each.trigger})" if each.trigger else ""
        known = _STOPS.get(each.type)
        yield Observation(
            f"{each.type} is invoked{when}" + (f": {known}" if known else ""),
            severity=Severity.INTERRUPTION if known else None,
            address=each.address,
        )
