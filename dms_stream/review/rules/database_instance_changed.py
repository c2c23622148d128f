"""An instance of a database cluster is resized, replaced or destroyed."""

from collections.abc import Iterator

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity

_TYPES = ("aws_rds_cluster_instance", "aws_docdb_cluster_instance", "aws_neptune_cluster_instance")
_PATHS = (
    "instance_class",
    "db_parameter_group_name",
    "neptune_parameter_group_name",
    "ca_cert_identifier",
    "availability_zone",
)


@rule(
    Severity.INTERRUPTION,
    types=_TYPES,
    judges=_PATHS,
    why=(
        "The instance restarts or goes. Where it is the writer, the cluster fails over to a "
        "reader, or stands still if there is none, and DMS loses its connection."
    ),
    instead=(
        "Let it happen in the maintenance window (apply_immediately false), with a reader to fail "
        "over to."
    ),
    sources=(
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Modifying.html",
        provider_page("rds_cluster_instance"),
    ),
)
def database_instance_changed(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """The class or parameter group of a cluster's instance changes, or it is replaced or destroyed.
    Says whether it is the writer, where the plan tells, and whether another one stays.
    """
    who = f"{change.name}{_role(change)}"
    if change.action is Action.DELETE:
        yield Observation(f"{who} is destroyed{_last(plan, change)}")
    elif change.action is Action.REPLACE:
        yield Observation(f"{who} is destroyed and recreated {change.why_replaced()}")
    elif change.updates:
        when = "at once" if change.new("apply_immediately") else "in the maintenance window"
        steps = [change.step(path) for path in _PATHS if change.changed(path)]
        if steps:
            yield Observation(f"{who}: {', '.join(steps)}, {when}")


def _role(change: ResourceChange) -> str:
    match change.old("writer"):
        case True:
            return " (the writer)"
        case False:
            return " (a reader)"
        case _:
            return " (writer or reader: the plan does not say)"


def _last(plan: Plan, change: ResourceChange) -> str:
    if change.old("writer") is False:
        return ""
    cluster = change.old("cluster_identifier")
    if any(plan.destroys(each, cluster) for each in ("aws_rds_cluster", "aws_docdb_cluster")):
        return ""
    others = [
        other
        for other in plan.of_type(change.type)
        if other is not change
        and other.action is not Action.DELETE
        and (other.new("cluster_identifier") or other.old("cluster_identifier")) == cluster
    ]
    return "" if others else ", and this plan shows no other instance of its cluster"
