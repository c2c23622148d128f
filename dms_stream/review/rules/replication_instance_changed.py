"""A DMS replication instance is resized, upgraded, replaced or destroyed."""

from collections.abc import Iterator

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity

_INTERRUPTING = (
    "replication_instance_class",
    "allocated_storage",
    "engine_version",
    "multi_az",
    "vpc_security_group_ids",
    "network_type",
    "preferred_maintenance_window",
)
_QUIET = {"preferred_maintenance_window", "vpc_security_group_ids"}


@rule(
    Severity.INTERRUPTION,
    types=("aws_dms_replication_instance",),
    judges=_INTERRUPTING,
    why=(
        "Every task on it stops while it is changed, and goes on from its checkpoint afterwards "
        "(with multi_az after a failover)."
    ),
    instead=(
        "Let it happen in the maintenance window (apply_immediately false), and watch the latency "
        "afterwards."
    ),
    sources=(
        "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_ReplicationInstance.Modifying.html",
        provider_page("dms_replication_instance"),
    ),
    others=(Severity.NOTICE,),
)
def replication_instance_changed(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """Class, storage, zone or version of a replication instance changes, or it is replaced."""
    name = change.name
    if change.action is Action.DELETE:
        yield Observation(
            f"the instance {name} is destroyed",
            why="No task can run on it any longer; DMS refuses as long as it has tasks.",
            instead="Keep it as long as a task needs it.",
        )
    elif change.action is Action.REPLACE:
        yield Observation(
            f"the instance {name} is destroyed and recreated {change.why_replaced()}",
            why=(
                "DMS deletes no instance that still has tasks: where they are not replaced in the "
                "same plan, the apply stops half-way; where they are, they lose their position."
            ),
            instead=(
                "Leave what forces the replacement, or make a second instance and move the tasks."
            ),
        )
    elif change.updates:
        steps = [path for path in _INTERRUPTING if change.changed(path)]
        if steps:
            when = "at once" if change.new("apply_immediately") else "in the maintenance window"
            texts = ", ".join(change.step(path) for path in steps)
            quiet = set(steps) <= _QUIET
            yield Observation(
                f"the instance {name}: {texts}; applied {when}",
                severity=Severity.NOTICE if quiet else None,
            )
