"""A service no longer refuses to delete something that holds data."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity

_SWITCHES = ("deletion_protection", "deletion_protection_enabled")


@rule(
    Severity.DATA_LOSS,
    watches=_SWITCHES,
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
        if change.old(switch) is True and not change.new(switch) and not change.unknown(switch):
            yield Observation(f"{change.name} may be deleted from now on ({switch}: true → false)")
