"""A database gets another name, and with it another address."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity

_IDENTIFIERS = {
    "aws_rds_cluster": "cluster_identifier",
    "aws_db_instance": "identifier",
    "aws_rds_cluster_instance": "identifier",
    "aws_docdb_cluster": "cluster_identifier",
    "aws_docdb_cluster_instance": "identifier",
    "aws_neptune_cluster": "cluster_identifier",
    "aws_neptune_cluster_instance": "identifier",
    "aws_redshift_cluster": "cluster_identifier",
    "aws_rds_global_cluster": "global_cluster_identifier",
}


@rule(
    Severity.INTERRUPTION,
    types=tuple(_IDENTIFIERS),
    judges={type_: (path,) for type_, path in _IDENTIFIERS.items()},
    why=(
        "The name is a part of the DNS name: DMS and every application that has the old one can no "
        "longer connect, and alarms and log groups go by the old name too."
    ),
    instead="Keep the name, or change every secret, endpoint and alarm in the same change.",
    sources=(
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Modifying.html",
        "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_RenameInstance.html",
        provider_page("rds_cluster"),
    ),
)
def database_renamed(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """The identifier of a database cluster or instance changes in place, and so does its DNS
    name.
    """
    path = _IDENTIFIERS[change.type]
    if change.updates and change.changed(path) and change.old(path):
        yield Observation(f"{change.name} gets another DNS name: {change.step(path)}")
