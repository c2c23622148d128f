"""A DMS task is destroyed and recreated, and forgets how far it got."""

from collections.abc import Iterator

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity


@rule(
    Severity.INTERRUPTION,
    types=("aws_dms_replication_task",),
    why=(
        "The old task's checkpoint goes with it. What is committed in the source between the old "
        "task's stop and the new task's start is in no change record."
    ),
    instead=(
        "Change what can be changed in place. If it must be replaced: stop the task, note its "
        'recovery checkpoint, and give the new one `cdc_start_position = "checkpoint:…"` with '
        "migration_type cdc, so that it goes on where the old one stopped; the source's binary log "
        "must reach back so far."
    ),
    sources=(
        "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Task.CDC.html",
        "https://docs.aws.amazon.com/dms/latest/APIReference/API_StartReplicationTask.html",
        provider_page("dms_replication_task"),
    ),
)
def task_replaced(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A DMS task is replaced. Says where its successor begins, and whether it loads everything
    again.
    """
    if change.action is not Action.REPLACE:
        return
    yield Observation(
        f"the task {change.name} is destroyed and recreated "
        f"{change.why_replaced()}. "
        + where_it_begins(
            change,
            migration_type="migration_type",
            start="start_replication_task",
            positions=("cdc_start_position", "cdc_start_time"),
        )
    )


def where_it_begins(
    change: ResourceChange, *, migration_type: str, start: str, positions: tuple[str, ...] = ()
) -> str:
    """Where a replication that is recreated begins, in words."""
    kind = change.new(migration_type)
    text = {
        "full-load": "The new one loads every table again: consumers get all rows once more.",
        "full-load-and-cdc": (
            "The new one loads every table again (consumers get all rows once more), then captures "
            "changes from the start of that load on; what was updated or deleted in between shows "
            "only in the rows' final state, or not at all."
        ),
        "cdc": _where_cdc_begins(change, positions),
    }.get(str(kind), "Where the new one begins, the plan does not say.")
    if not change.new(start) and not change.unknown(start):
        text += (
            f" It is not started ({start} is not true): nothing is captured until somebody does."
        )
    return text


def _where_cdc_begins(change: ResourceChange, positions: tuple[str, ...]) -> str:
    for path in positions:
        if change.new(path):
            return f"The new one loads nothing and captures from {change.shown_new(path)} on."
        if change.unknown(path) and change.old(path):
            return f"The new one loads nothing; from where it captures is not known ({path})."
    return (
        "The new one loads nothing and captures from the moment it is started: changes before that "
        "are missing."
    )
