"""A service no longer refuses to delete something that holds data."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity

_SWITCHES = (
    "deletion_protection",
    "deletion_protection_enabled",
    "enable_deletion_protection",
    "delete_protection",
)
_ON = (True, "ACTIVE", "ENABLED")


@rule(
    Severity.DATA_LOSS,
    judges=_SWITCHES,
    why=(
        "Nothing is deleted by this change, but nothing stops the next one: a later plan, a script "
        "or a click deletes it."
    ),
    instead="Leave it on. To destroy, take it off in the change that destroys, reviewed as such.",
    sources=(
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_DeleteCluster.html",
        provider_page("rds_cluster"),
    ),
)
def deletion_protection_removed(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """The deletion protection of a service is turned off."""
    if not change.updates:
        return
    for switch in _SWITCHES:
        if (
            change.old(switch) in _ON
            and change.new(switch) not in _ON
            and not change.unknown(switch)
        ):
            yield Observation(f"{change.name} can be deleted from now on ({change.step(switch)})")
