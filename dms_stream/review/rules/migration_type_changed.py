"""A task does another kind of work than before."""

from collections.abc import Iterator, Mapping

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity

_CONSEQUENCES: Mapping[str, str] = {
    "full-load": "Changes are no longer captured: it ends after the load.",
    "cdc": "Nothing is loaded any longer, only changes are captured.",
    "full-load-and-cdc": "Every table is loaded again before changes are captured.",
}


@rule(
    Severity.INTERRUPTION,
    types=("aws_dms_replication_task", "aws_dms_replication_config"),
    judges=("migration_type", "replication_type"),
    why="Other things arrive on the stream, and from another moment on.",
    instead="Make a second task for the other kind of work, and leave this one alone.",
    sources=(
        "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.Creating.html",
        provider_page("dms_replication_task"),
    ),
)
def migration_type_changed(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """The migration type (full-load, cdc, full-load-and-cdc) of a task is changed."""
    if not change.compares:
        return
    for path in ("migration_type", "replication_type"):
        if change.changed(path):
            result = _CONSEQUENCES.get(
                str(change.new(path)), "What such a task does, this review does not know."
            )
            yield Observation(f"{change.step(path)}. {result}")
