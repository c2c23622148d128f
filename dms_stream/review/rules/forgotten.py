"""Terraform lets go of something without destroying it."""

from collections.abc import Iterator

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.rule import Observation, rule
from dms_stream.review.severity import Severity


@rule(
    Severity.NOTICE,
    why="It stays as it is, costs what it costs, and nobody's plan shows it any more.",
    instead="Make sure that somebody else manages it.",
    sources=("https://developer.hashicorp.com/terraform/language/block/removed",),
)
def forgotten(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A resource is taken out of the state and left standing."""
    if change.action is Action.FORGET:
        yield Observation("is no longer managed by Terraform, and stays as it is")
