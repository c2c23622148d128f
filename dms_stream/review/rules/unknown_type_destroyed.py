"""Something is destroyed, and this review cannot say what that means."""

from collections.abc import Iterator

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.provider_schema import policy_paths
from dms_stream.review.rule import Observation, Scope, rule
from dms_stream.review.severity import Severity
from dms_stream.review.stateful import DEPENDED_ON, STATELESS

_NOTHING = {"null_resource", "terraform_data", "random_id", "random_string", "time_sleep"}
"""Types of other providers that hold nothing beyond the state."""
_RUNS = ("null_resource", "terraform_data")


@rule(
    Severity.UNKNOWN,
    scope=Scope.REST,
    why="Whether it holds data, and who uses it, is not known here.",
    instead="Find out who uses it before you apply.",
    sources=("https://developer.hashicorp.com/terraform/language/resources/behavior",),
)
def unknown_type_destroyed(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A resource is destroyed or replaced of which no other rule says anything: its type is unknown
    here, or holds no data but may be needed by somebody.
    """
    if not change.destroys or change.type in STATELESS:
        return
    # what a policy allowed and denied, `access-removed` and `policy-widened` judge
    is_policy = change.type.endswith("_policy") and policy_paths(change.type)
    if change.action is Action.DELETE and is_policy:
        return
    if change.type in _NOTHING:
        if change.makes and change.type in _RUNS:
            yield Observation(
                f"{change.type} is recreated {change.why_replaced()}: any provisioners run",
                why="A provisioner runs a command, and no plan says what that does.",
                instead="Read its provisioners in the configuration.",
            )
        return
    because = f" {change.why_replaced()}" if change.makes else ""
    known = DEPENDED_ON.get(change.type)
    yield Observation(
        f"{change.name} ({change.type}) is {change.action}{because}"
        + (f": it {known}" if known else ""),
        why="It holds no data of its own, but somebody may depend on it." if known else None,
    )
