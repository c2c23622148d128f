"""Terraform lets go of something without destroying it."""

from collections.abc import Iterator

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.rule import Observation, rule
from dms_stream.review.severity import Severity
from dms_stream.review.stateful import what_is_lost


@rule(
    Severity.NOTICE,
    why="It stays as it is and costs what it costs, and no plan shows it any longer.",
    instead="Make sure that somebody else manages it.",
    sources=("https://developer.hashicorp.com/terraform/language/block/removed",),
    others=(Severity.INTERRUPTION,),
)
def forgotten(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A resource is taken out of the state and left standing. Where a new one is created in its
    place, whatever uses it moves to one that is empty.
    """
    if change.action is Action.FORGET:
        yield Observation("is no longer managed by Terraform, and stays as it is")
    elif change.action is Action.SUPERSEDE:
        holds_data = what_is_lost(change.type, change.before) is not None
        reason = f" {change.why_replaced()}" if change.replace_paths else ""
        yield Observation(
            f"{change.name} is no longer managed by Terraform and stays as it is; a new one is "
            f"created in its place{reason}" + (", empty" if holds_data else ""),
            severity=Severity.INTERRUPTION if holds_data else None,
            why=(
                "Whatever uses it moves to the new one, which holds nothing; what the old one "
                "holds stays behind, and nobody reads it."
                if holds_data
                else None
            ),
            instead=(
                "Move the data and the consumers over, or keep the old one in the configuration."
                if holds_data
                else None
            ),
        )
