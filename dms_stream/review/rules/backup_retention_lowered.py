"""A database's automated backups are kept for a shorter time."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity
from dms_stream.review.words import amount

_DATABASES = (
    "aws_rds_cluster",
    "aws_db_instance",
    "aws_docdb_cluster",
    "aws_neptune_cluster",
)


@rule(
    Severity.DATA_LOSS,
    types=_DATABASES,
    judges=("backup_retention_period", "backtrack_window"),
    why="Backups older than the new period are deleted: the database can't be set back so far.",
    instead="Keep the period, or take a manual snapshot first, which stays until you delete it.",
    sources=(
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Managing.Backups.html",
        provider_page("rds_cluster"),
    ),
)
def backup_retention_lowered(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """The retention of a database's automated backups, or its backtrack window, is lowered."""
    if not change.updates:
        return
    units = {"backup_retention_period": "day", "backtrack_window": "second"}
    for attribute, unit in units.items():
        if change.unknown(attribute):
            continue
        old, new = change.old(attribute) or 0, change.new(attribute) or 0
        if new < old:
            yield Observation(
                f"{change.name}: {attribute} goes from {amount(old, unit)} to {amount(new)}"
            )
