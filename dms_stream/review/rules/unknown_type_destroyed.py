"""Something is destroyed that this review does not know."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, rule
from dms_stream.review.severity import Severity
from dms_stream.review.stateful import is_known, what_is_lost

# these hold nothing beyond the state, whatever they say
_NOTHING = {"null_resource", "terraform_data", "random_id", "random_string", "time_sleep"}


@rule(
    Severity.UNKNOWN,
    why="Whether it holds data, and who uses it, is not known here.",
    instead="Look at it yourself.",
    sources=("https://developer.hashicorp.com/terraform/language/resources/behavior",),
)
def unknown_type_destroyed(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A resource of a type that this review does not know is destroyed or replaced."""
    if not change.destroys or is_known(change.type) or change.type in _NOTHING:
        return
    if what_is_lost(change.type, change.before) is None:
        from dms_stream.review.rules import known_types

        if change.type not in known_types():
            because = f", because of {change.reasons_for_replacement()}" if change.makes else ""
            yield Observation(f"{change.type} is {change.action}{because}")
