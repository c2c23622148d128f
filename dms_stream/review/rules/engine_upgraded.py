"""A database or DMS engine gets another version."""

import re
from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity


@rule(
    Severity.INTERRUPTION,
    types=(
        "aws_rds_cluster",
        "aws_db_instance",
        "aws_dms_replication_instance",
        "aws_rds_cluster_instance",
        "aws_docdb_cluster",
        "aws_neptune_cluster",
        "aws_elasticache_replication_group",
        "aws_elasticache_cluster",
        "aws_memorydb_cluster",
        "aws_opensearch_domain",
        "aws_elasticsearch_domain",
        "aws_mq_broker",
    ),
    judges=("engine_version",),
    why=(
        "The engine restarts. A database cannot go back to an older version, and its binary log "
        "starts over after a major upgrade, so that CDC may not find its position."
    ),
    instead=(
        "Try it on a copy. Before a major upgrade of a source, let the task read everything and "
        "stop it; restart it afterwards."
    ),
    sources=(
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Updates.html",
        "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_ReleaseNotes.html",
        provider_page("rds_cluster"),
    ),
)
def engine_upgraded(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """The engine version is changed in place. Says whether it is a major step, or a step back."""
    path = "engine_version"
    if not change.updates or not change.changed(path) or change.new(path) is None:
        return
    old, new = _numbers(change.old(path)), _numbers(change.new(path))
    kind = ""
    if old and new:
        if new < old:
            kind = "; this is a step back, which AWS refuses"
        elif new[0] != old[0]:
            kind = "; this is a major upgrade"
    when = "at once" if change.new("apply_immediately") else "in the maintenance window"
    yield Observation(f"{change.name}: {change.step(path)}, applied {when}{kind}")


def _numbers(version: object) -> tuple[int, ...]:
    # Aurora's own version is behind the MySQL one: 8.0.mysql_aurora.3.10.4
    text = str(version).split("mysql_aurora.")[-1]
    return tuple(int(part) for part in re.findall(r"\d{1,9}", text))
