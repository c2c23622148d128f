"""A change makes a database restart, fail over, move or answer elsewhere."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity
from dms_stream.review.values import schema_path

_SCALING = "serverlessv2_scaling_configuration.0"
_QUIET = (
    f"{_SCALING}.max_capacity",
    f"{_SCALING}.min_capacity",
    f"{_SCALING}.seconds_until_auto_pause",
    "allocated_storage",
    "iops",
    "storage_throughput",
)
_PATHS = (
    "port",
    "db_cluster_parameter_group_name",
    "db_instance_parameter_group_name",
    "parameter_group_name",
    "option_group_name",
    "vpc_security_group_ids",
    "db_subnet_group_name",
    "network_type",
    "storage_type",
    "instance_class",
    "db_cluster_instance_class",
    "multi_az",
    "ca_cert_identifier",
    "ca_certificate_identifier",
    "iam_database_authentication_enabled",
    *_QUIET,
)


@rule(
    Severity.INTERRUPTION,
    types=("aws_rds_cluster", "aws_db_instance", "aws_docdb_cluster", "aws_neptune_cluster"),
    judges=tuple(schema_path(path) for path in _PATHS),
    why=(
        "The database restarts, answers elsewhere or runs under other parameters. DMS loses its "
        "connection, and with another parameter group perhaps its binary log."
    ),
    instead=(
        "Check that the new parameter group has binlog_format ROW, that DMS's secret holds the new "
        "port and that its security group is let in."
    ),
    sources=(
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Modifying.html",
        provider_page("rds_cluster"),
    ),
    others=(Severity.NOTICE,),
)
def cluster_restarts(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """Port, parameter group, security groups, certificate or capacity of a database changes in
    place.
    """
    if not change.updates:
        return
    paths = [path for path in _PATHS if change.changed(path)]
    if paths:
        steps = ", ".join(change.step(path) for path in paths)
        quiet = set(paths) <= set(_QUIET)
        yield Observation(
            f"{change.name}: {steps}",
            severity=Severity.NOTICE if quiet else None,
            why="It scales within other bounds from now on." if quiet else None,
            instead="Check that the least of them is enough for the load." if quiet else None,
        )
