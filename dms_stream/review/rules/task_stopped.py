"""A DMS task or serverless replication is stopped to be changed."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import EVERYTHING, Observation, provider_page, rule
from dms_stream.review.severity import Severity

# only these are no change to the task itself
_HARMLESS = {
    "timeouts",
    "tags",
    "tags_all",
    "status",
    "start_replication_task",
    "start_replication",
}


@rule(
    Severity.INTERRUPTION,
    types=("aws_dms_replication_task", "aws_dms_replication_config"),
    judges=(EVERYTHING,),
    why=(
        "DMS changes no task that runs, so the provider stops it. It goes on from its checkpoint "
        "when it is started again; nothing is lost as long as the source keeps its binary log, but "
        "the changes arrive later."
    ),
    instead=(
        "Apply when a delay does no harm, and check afterwards that the task runs and the latency "
        "comes down."
    ),
    sources=(
        "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.Modifying.html",
        provider_page("dms_replication_task"),
        provider_page("dms_replication_config"),
    ),
    others=(Severity.NOTICE,),
)
def task_stopped(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A change of mappings, settings or anything but the tags stops a running task. Says whether it
    is started again (`start_replication_task`).
    """
    if not change.updates:
        return
    serverless = change.type == "aws_dms_replication_config"
    start = "start_replication" if serverless else "start_replication_task"
    causes = [name for name in change.changed_attributes() if name not in _HARMLESS]
    causes += [name for name in change.unknown_attributes() if change.old(name) is not None]
    causes = [name for name in dict.fromkeys(causes) if name not in _HARMLESS]
    named = ", ".join(sorted(causes))
    if not causes:
        if change.changed(start):
            yield _start_changed(change, start)
        return
    if change.old("status") in ("stopped", "ready", "created", "failed"):
        yield Observation(
            f"{change.name} is {change.shown_old('status')} and is changed: {named}",
            severity=Severity.NOTICE,
            why="It does not run, so nothing stops.",
            instead="Nothing needs to be done.",
        )
        return
    if change.new(start):
        yield Observation(
            f"{change.name} is stopped, changed ({named}) and started again ({start} is true)"
        )
    else:
        yield Observation(
            f"{change.name} is stopped and changed ({named}), and not started again "
            f"({start} is not true)",
            why=(
                "Capture stands still until somebody starts the task; once the source's binary log "
                "no longer reaches back, the changes since then are lost to it."
            ),
            instead=f"Set {start} to true, or start it right after the apply.",
        )


def _start_changed(change: ResourceChange, start: str) -> Observation:
    if change.new(start):
        return Observation(
            f"{change.name} will be started ({start}: false → true)",
            severity=Severity.NOTICE,
            why="It runs from then on.",
            instead="Nothing needs to be done.",
        )
    return Observation(
        f"{change.name} will be stopped ({start}: true → false)",
        why="Capture stands still until somebody starts the task.",
        instead=f"Leave {start} true to keep it running.",
    )
