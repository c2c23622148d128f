"""Something was changed outside Terraform."""

from collections.abc import Iterator

from review.plan import Action, Plan, ResourceChange
from review.rule import Observation, Scope, rule
from review.severity import Severity
from review.stateful import what_is_lost
from review.values import same

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
    others=(Severity.DATA_LOSS, Severity.NOISE),
)
def drifted(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """What exists differs from what Terraform remembers. Something gone that held data is data
    loss.
    """
    if change.action is Action.DELETE:
        lost = what_is_lost(change.type, change.before)
        again = any(each.address == change.address and each.makes for each in plan.changes)
        after = "; this plan makes it anew, empty" if again and lost else ""
        yield Observation(
            f"{change.name} was destroyed outside Terraform{after}",
            severity=Severity.DATA_LOSS if lost else None,
            why=f"Lost, unless a copy exists: {lost}." if lost else None,
            instead="Find with CloudTrail who did it, and restore it before you apply."
            if lost
            else None,
        )
        return
    names = [name for name in change.changed_attributes() if name not in _MOVES_BY_ITSELF]
    real = [name for name in names if not same(change.old(name), change.new(name))]
    if not real:
        return
    undone = next((each for each in plan.changes if each.address == change.address), None)
    back = [name for name in real if undone is not None and undone.changed(name)]
    steps = ", ".join(change.step(name) for name in real[:_MOST_NAMED])
    more = f" and {len(real) - _MOST_NAMED} more" if len(real) > _MOST_NAMED else ""
    after = f"; this plan sets {', '.join(back)} back" if back else "; this plan leaves it so"
    yield Observation(f"changed outside Terraform: {steps}{more}{after}")
