"""A DMS endpoint is changed or replaced while a task may use it."""

from collections.abc import Iterator

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.redaction import clean
from dms_stream.review.rule import EVERYTHING, Observation, provider_page, rule
from dms_stream.review.severity import Severity

_HARMLESS = {"tags", "tags_all", "pause_replication_tasks", "timeouts"}


@rule(
    Severity.INTERRUPTION,
    types=("aws_dms_endpoint", "aws_dms_s3_endpoint"),
    judges=(EVERYTHING,),
    why=(
        "DMS changes no endpoint while a task runs on it: the task is stopped, or the apply fails "
        "half-way."
    ),
    instead=(
        "Set `pause_replication_tasks` to true, so that the provider stops the tasks and starts "
        "them again; or stop them yourself. Apply when a delay does no harm."
    ),
    sources=(
        "https://docs.aws.amazon.com/dms/latest/APIReference/API_ModifyEndpoint.html",
        provider_page("dms_endpoint"),
    ),
    others=(Severity.NOTICE,),
)
def endpoint_changed(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A DMS endpoint is changed, replaced or destroyed. Says which tasks of the plan use it."""
    if change.action not in (Action.UPDATE, Action.REPLACE, Action.DELETE):
        return
    used_by = _users(plan, change)
    users = f"used by {', '.join(used_by)}" if used_by else "no task of this plan uses it"
    direction = change.old("endpoint_type")
    kind = f"{clean(str(direction)) if direction else 'DMS'} endpoint {change.name}"
    if change.action is Action.DELETE:
        yield Observation(
            f"the {kind} is destroyed ({users})",
            why="DMS deletes no endpoint that a task uses, and a task without one cannot run.",
            instead="Keep it as long as a task uses it.",
        )
        return
    if change.action is Action.REPLACE:
        yield Observation(
            f"the {kind} is destroyed and recreated {change.why_replaced()} ({users})",
            why=(
                "DMS deletes no endpoint that a task uses: where its tasks are not replaced in the "
                "same plan, the apply stops half-way; where they are, they lose their position."
            ),
            instead="Leave what forces it, or make a second endpoint and a second task.",
        )
        return
    causes = [name for name in change.changed_attributes() if name not in _HARMLESS]
    causes += [
        name
        for name in change.unknown_attributes()
        if name not in _HARMLESS and change.old(name) is not None
    ]
    if not causes:
        return
    pauses = change.new("pause_replication_tasks") is True
    how = "running tasks are stopped and started again (pause_replication_tasks)"
    if change.type == "aws_dms_s3_endpoint":
        how = "the apply fails while a task runs, and this type cannot pause tasks"
    elif not pauses:
        how = "the apply fails while a task runs (pause_replication_tasks is not true)"
    yield Observation(
        f"the {kind} is changed: {', '.join(sorted(dict.fromkeys(causes)))}; {how} ({users})",
        instead=(
            "Apply when a delay does no harm, and check afterwards that the tasks run."
            if pauses
            else None
        ),
    )


def _users(plan: Plan, change: ResourceChange) -> list[str]:
    return plan.users_of_endpoints.get(str(change.old("endpoint_arn")), [])
