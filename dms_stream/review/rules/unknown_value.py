"""What an attribute will be is known only when it is too late."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, Rule, rule
from dms_stream.review.severity import Severity
from dms_stream.review.stateful import is_known


@rule(
    Severity.UNKNOWN,
    why="The plan cannot say what it will be, so nothing about it is safe.",
    instead=(
        "Apply what it depends on first (`-target`, or a change of its own), and review the plan "
        "that then knows it."
    ),
    sources=("https://developer.hashicorp.com/terraform/internals/json-format",),
    others=(Severity.DATA_LOSS, Severity.EXPOSURE, Severity.INTERRUPTION),
)
def unknown_value(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """An attribute of something that exists is known only after the apply. It counts as seriously
    as the rule that would have decided by it.
    """
    if not change.updates:
        return
    for name in change.unknown_attributes():
        if change.old(name) is None or name in _COMPUTED:
            continue
        asking = watching(change.type, name)
        if not asking and not is_known(change.type):
            continue
        severity = max((each.severity for each in asking), default=None)
        asked = ", ".join(f"`{each.id}`" for each in asking)
        text = f"{name} of {change.name} is known only after the apply"
        yield Observation(
            f"{text}, so {asked} cannot be ruled out" if asking else text,
            severity=None if severity is None else max(severity, Severity.UNKNOWN),
        )


# the provider computes them from what is in the plan already
_COMPUTED = {"tags_all", "version_id", "arn", "id", "engine_version_actual", "cluster_members"}


def watching(type_: str, attribute: str) -> Sequence[Rule]:
    """The rules that decide by an attribute of a type."""
    return _watching(type_, attribute)


@lru_cache(maxsize=4096)
def _watching(type_: str, attribute: str) -> tuple[Rule, ...]:
    from dms_stream.review.rules import ALL_RULES

    return tuple(
        each
        for each in ALL_RULES
        if attribute in each.watches and (not each.types or type_ in each.types)
    )
