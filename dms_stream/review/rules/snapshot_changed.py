"""A database is to come from another snapshot."""

from collections.abc import Iterator

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity

_PATHS = (
    "snapshot_identifier",
    "replication_source_identifier",
    "restore_to_point_in_time.0.source_cluster_identifier",
)


@rule(
    Severity.DATA_LOSS,
    types=("aws_rds_cluster", "aws_db_instance", "aws_docdb_cluster", "aws_neptune_cluster"),
    judges=(
        "snapshot_identifier",
        "replication_source_identifier",
        "restore_to_point_in_time",
        "s3_import",
    ),
    why=(
        "A snapshot is restored only into a new cluster, so the present one is destroyed with "
        "everything that was written since it was restored."
    ),
    instead=(
        "Ignore later changes of it (`lifecycle { ignore_changes = [snapshot_identifier] }`), as "
        "it has done its work. To go back to a snapshot, restore it beside the cluster."
    ),
    sources=(
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-restore-snapshot.html",
        provider_page("rds_cluster"),
    ),
)
def snapshot_changed(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """The snapshot (or other source) a database is restored from is changed or taken away."""
    if not change.compares:
        return
    for path in _PATHS:
        if change.changed(path) and (change.old(path) or change.action is Action.REPLACE):
            yield Observation(f"{change.name}: {change.step(path)}")
