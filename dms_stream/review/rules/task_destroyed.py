"""A DMS task or serverless replication is destroyed for good."""

from collections.abc import Iterator

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity


@rule(
    Severity.INTERRUPTION,
    types=("aws_dms_replication_task", "aws_dms_replication_config"),
    why="Its tables are no longer captured, and its checkpoint goes with it.",
    instead="Stop it instead, if it may be needed again: a stopped task costs nothing of its own.",
    sources=(
        "https://docs.aws.amazon.com/dms/latest/APIReference/API_DeleteReplicationTask.html",
        provider_page("dms_replication_task"),
        provider_page("dms_replication_config"),
    ),
)
def task_destroyed(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A DMS task or serverless replication is destroyed."""
    if change.action is Action.DELETE:
        yield Observation(f"{change.name} is destroyed: capture ends")
