"""A limit stops what worked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity
from dms_stream.review.values import schema_path


@dataclass(frozen=True)
class Limit:
    """An attribute that bounds what may be done; more of it does no harm.

    Attributes:
        path: Its path, with positions.
        absent: How much may be done where it says nothing.
        means: What less of it means.
        severity: How serious that is, where it is not as the rule says.
    """

    path: str
    absent: float
    means: str
    severity: Severity | None = None


LIMITS: Mapping[str, Limit] = {
    "aws_athena_workgroup": Limit(
        "configuration.0.bytes_scanned_cutoff_per_query",
        float("inf"),
        "queries that scan more are canceled",
    ),
    "aws_db_instance": Limit(
        "max_allocated_storage", 0, "its storage no longer grows so far", Severity.NOTICE
    ),
    "aws_rds_cluster": Limit(
        "enable_http_endpoint", 0, "whoever queries it through the Data API is refused"
    ),
}
"""Type, and its limit."""


@rule(
    Severity.INTERRUPTION,
    types=tuple(LIMITS),
    judges={type_: (schema_path(limit.path),) for type_, limit in LIMITS.items()},
    why="What was within the old limit, and is not within the new one, stops working.",
    instead="First look how much of it is used, and lower it to what leaves room for that.",
    sources=(
        "https://docs.aws.amazon.com/athena/latest/ug/workgroups-setting-control-limits-cloudwatch.html",
        "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html",
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/data-api.html",
        provider_page("athena_workgroup"),
    ),
    others=(Severity.NOTICE,),
)
def limit_lowered(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """What a query may scan, or how far storage grows, is limited more than before; or the Data API
    is switched off.
    """
    limit = LIMITS[change.type]
    if not change.compares or not change.changed(limit.path):
        return
    old, new = (float(value(limit.path) or 0) or limit.absent for value in (change.old, change.new))
    if new < old:
        yield Observation(
            f"{change.name}: {limit.means} ({change.step(limit.path).rsplit('.', 1)[-1]})",
            severity=limit.severity,
        )
