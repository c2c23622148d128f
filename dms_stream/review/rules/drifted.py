"""Something was changed outside Terraform."""

from collections.abc import Iterator

from dms_stream.review.mirrors import is_accounted_for
from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.rule import Finding, Observation, Rule, Scope, rule
from dms_stream.review.severity import Severity
from dms_stream.review.stateful import is_replica, what_is_lost
from dms_stream.review.values import differing_paths

_MOST_NAMED = 8
# what AWS changes by itself
_MOVES_BY_ITSELF = {"status", "latest_restorable_time", "tags_all", "state", "version_id"}


@rule(
    Severity.NOTICE,
    scope=Scope.DRIFT,
    why=(
        "Somebody or something changes it beside Terraform: this plan undoes that where the "
        "configuration says otherwise, and it will happen again."
    ),
    instead=(
        "Find with CloudTrail who changed it. Take the change over into the configuration, or "
        "let this plan undo it on purpose."
    ),
    sources=(
        "https://developer.hashicorp.com/terraform/tutorials/state/resource-drift",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html",
    ),
    others=(Severity.DATA_LOSS, Severity.EXPOSURE),
)
def drifted(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """What exists differs from what Terraform remembers. What this plan leaves so, and what held
    data and is gone, counts as a change would.
    """
    if change.action is Action.DELETE:
        lost = what_is_lost(change.type, change.before)
        if is_replica(change.type, change.before):
            lost = None
        planned = plan.by_address.get(change.address)
        again = planned is not None and planned.makes
        after = "; this plan creates it again, empty" if again and lost else ""
        yield Observation(
            f"{change.name} was destroyed outside Terraform{after}",
            severity=Severity.DATA_LOSS if lost else None,
            why=f"Lost, unless a copy exists: {lost}." if lost else None,
            instead="Find with CloudTrail who did it, and restore it before you apply."
            if lost
            else None,
        )
        return
    names = [
        name
        for name in change.changed_attributes()
        if name not in _MOVES_BY_ITSELF and not is_accounted_for(plan, change, name)
    ]
    paths = [path for name in names for path in _differing(change, name)]
    if not paths:
        return
    undone = plan.by_address.get(change.address)
    back = [name for name in names if undone is not None and undone.changed(name)]
    steps = ", ".join(change.step(path) for path in paths[:_MOST_NAMED])
    more = f" and {len(paths) - _MOST_NAMED} more" if len(paths) > _MOST_NAMED else ""
    after = f"; this plan sets {', '.join(back)} back" if back else "; this plan leaves it so"
    text = f"changed outside Terraform: {steps}{more}{after}"
    serious = [] if back else _consequences(plan, change)
    if not serious:
        yield Observation(text)
        return
    worst = max(serious, key=lambda each: each.severity)
    means = "; ".join(dict.fromkeys(each.what for each in serious))
    yield Observation(f"{text}. It means: {means}", severity=worst.severity, why=worst.why)


def _consequences(plan: Plan, change: ResourceChange) -> list[Finding]:
    from dms_stream.review.rules import ALL_RULES

    return [
        finding
        for each in ALL_RULES
        if each.scope is Scope.CHANGE and _weighs(each, change)
        for finding in each.findings(plan, change)
        if finding.severity >= Severity.EXPOSURE
    ]


def _weighs(rule_: Rule, change: ResourceChange) -> bool:
    if change.type in rule_.types:
        return True
    # of the rules about every type, those that look at attributes
    return not rule_.types and bool(rule_.judged_paths(change.type))


def _differing(change: ResourceChange, name: str) -> Iterator[str]:
    for path in differing_paths(change.old(name), change.new(name), name):
        # the provider reads false or 0 where nothing was said
        if (change.old(path) or None) != (change.new(path) or None):
            yield path
