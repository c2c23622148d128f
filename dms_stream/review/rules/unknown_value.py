"""What an attribute will be is known only when it is too late."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.policy_attributes import documents
from dms_stream.review.provider_schema import has_default, is_computed
from dms_stream.review.rule import Observation, Rule, covers, rule
from dms_stream.review.severity import Severity
from dms_stream.review.stateful import STATEFUL
from dms_stream.review.values import schema_path


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
def unknown_value(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """An attribute that a rule decides by is known only after the apply. It counts as seriously as
    that rule.
    """
    seen: set[str] = set()
    for path in change.unknown_paths():
        plain = schema_path(path)
        asking = _asking(plan, change, path, plain)
        if not asking or plain in seen:
            continue
        seen.add(plain)
        asked = ", ".join(f"`{each.id}`" for each in asking)
        yield Observation(
            f"{plain} of {change.name} is known only after the apply, so {asked} cannot be ruled "
            "out",
            severity=max(max(each.severity for each in asking), Severity.UNKNOWN),
        )


def _asking(plan: Plan, change: ResourceChange, path: str, plain: str) -> list[Rule]:
    from dms_stream.review.rules import touched_by

    if is_computed(change.type, plain) or plain in ("id", "arn", "tags_all"):
        return []
    rules = [each for each in touched_by(change.type, plain) if _concerns(plan, change, each)]
    # `unknown-policy` says so for a policy that is new
    if not rules or (change.makes and path in documents(change)):
        return []
    existed = change.compares and change.old(path) is not None
    # the finding about a replacement names what forces it
    existed &= not change.forces_replacement(plain.partition(".")[0])
    # what is destroyed with its data loses nothing else by what the new one will be
    stays = change.updates or change.type not in STATEFUL
    if existed and stays and (change.updates or not has_default(change.type, plain)):
        return [] if change.is_left_to_the_service(path) else rules
    if has_default(change.type, plain):
        return []
    return [
        each
        for each in rules
        if any(covers(known, plain) or known.startswith(f"{plain}.") for known in each.at_creation)
    ]


def _concerns(plan: Plan, change: ResourceChange, asked: Rule) -> bool:
    # on something that is new as well, there is nothing yet that could be lost
    if not asked.belongs_to or not change.makes:
        return True
    attribute, *types = asked.belongs_to
    return not plan.makes_owner(change, attribute, *types)
