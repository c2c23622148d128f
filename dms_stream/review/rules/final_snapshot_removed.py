"""A database no longer leaves a snapshot when it is destroyed."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity


@rule(
    Severity.DATA_LOSS,
    watches=("skip_final_snapshot", "delete_automated_backups"),
    why="When the database is destroyed, in whichever later change, nothing of it is left.",
    instead="Leave skip_final_snapshot false, with a final_snapshot_identifier.",
    sources=(
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_DeleteCluster.html",
        provider_page("rds_cluster"),
    ),
)
def final_snapshot_removed(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """The final snapshot is skipped, or automated backups go with the database, unlike before."""
    if not change.updates:
        return
    before, after = change.before, change.after
    skipped = "skip_final_snapshot"
    if after.get(skipped) is True and before.get(skipped) is not True:
        yield Observation(f"{change.name} leaves no final snapshot from now on")
    kept = "delete_automated_backups"
    if before.get(kept) is False and after.get(kept) is True:
        yield Observation(f"{change.name}: its automated backups will be deleted with it")
