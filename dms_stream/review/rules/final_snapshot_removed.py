"""A database no longer leaves a snapshot when it is destroyed."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity

_SKIPPED = "skip_final_snapshot"
_NAME = "final_snapshot_identifier"
_BACKUPS = "delete_automated_backups"


@rule(
    Severity.DATA_LOSS,
    judges=(_SKIPPED, _BACKUPS, _NAME, "final_snapshot_name"),
    why="When the database is destroyed, in whichever later change, nothing of it is left.",
    instead="Leave skip_final_snapshot false, with a final_snapshot_identifier.",
    sources=(
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_DeleteCluster.html",
        provider_page("rds_cluster"),
    ),
    others=(Severity.NOTICE,),
)
def final_snapshot_removed(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """The final snapshot is skipped or loses its name, or automated backups go with the database,
    unlike before.
    """
    if not change.updates:
        return
    before, after = change.before, change.after
    if after.get(_SKIPPED) is True and before.get(_SKIPPED) is not True:
        yield Observation(f"{change.name} leaves no final snapshot from now on")
    elif before.get(_NAME) and not after.get(_NAME) and not change.unknown(_NAME):
        skips = after.get(_SKIPPED) is True
        cache = _SKIPPED not in after
        if cache:
            yield Observation(f"{change.name} leaves no final snapshot from now on ({_NAME})")
        elif not skips:
            yield Observation(
                f"the final snapshot of {change.name} has no name any longer ({_NAME})",
                severity=Severity.NOTICE,
                why="A later destroy fails, because the snapshot that it takes needs a name.",
                instead="Keep final_snapshot_identifier.",
            )
    if before.get(_BACKUPS) is False and after.get(_BACKUPS) is True:
        yield Observation(f"{change.name}: its automated backups will be deleted with it")
