"""An instance of a database cluster is resized, replaced or destroyed."""

from collections.abc import Iterator

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity


@rule(
    Severity.INTERRUPTION,
    types=("aws_rds_cluster_instance",),
    watches=("instance_class",),
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
def database_instance_changed(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """The class of a cluster's instance changes, or it is replaced or destroyed."""
    role = "writer" if change.old("writer") else "reader"
    if change.action is Action.DELETE:
        yield Observation(f"{change.name}, a {role}, is destroyed")
    elif change.action is Action.REPLACE:
        yield Observation(
            f"{change.name}, a {role}, is destroyed and made anew, because of "
            f"{change.reasons_for_replacement()}"
        )
    elif change.updates and change.changed("instance_class"):
        when = "at once" if change.new("apply_immediately") else "in the maintenance window"
        yield Observation(f"{change.name}, a {role}: {change.step('instance_class')}, {when}")
