"""A check of the configuration does not pass."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, Scope, rule
from dms_stream.review.severity import Severity


@rule(
    Severity.UNKNOWN,
    scope=Scope.PLAN,
    why="The author of the check wants you to know, and a failed `check` does not stop an apply.",
    instead="Find out why it fails before you apply.",
    sources=("https://developer.hashicorp.com/terraform/language/checks",),
    others=(Severity.NOTICE,),
)
def check_failed(plan: Plan, _change: ResourceChange) -> Iterator[Observation]:
    """A check, precondition or postcondition fails or cannot be evaluated. One that is known only
    after the apply is only said.
    """
    for each in plan.checks:
        messages = "; ".join(each.messages)
        said = f": {messages}" if messages else ""
        if each.status == "unknown":
            yield Observation(
                "the result of the check is known only after the apply",
                severity=Severity.NOTICE,
                address=each.address,
                why="Until then nobody knows whether it passes.",
                instead="Look at it after the apply.",
            )
        else:
            verb = "fails" if each.status == "fail" else "cannot be evaluated"
            yield Observation(f"the check {verb}{said}", address=each.address)
