"""A resource holds something that a rule cannot read."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, rule
from dms_stream.review.severity import Severity


@rule(
    Severity.UNKNOWN,
    why="The rule expected another kind of value, so what it looks for cannot be ruled out.",
    instead="Look at the resource yourself, and report it to the makers of this review.",
    sources=("https://developer.hashicorp.com/terraform/internals/json-format",),
    others=(Severity.DATA_LOSS, Severity.EXPOSURE, Severity.INTERRUPTION),
)
def unreadable_value(_plan: Plan, _change: ResourceChange) -> Iterator[Observation]:
    """A value is of another kind than its provider's, such as a number that is written as text, so
    that some rule cannot decide by it. It counts as seriously as that rule. (The review itself
    reports it, as it is the one who asks the rules.)
    """
    return iter(())
