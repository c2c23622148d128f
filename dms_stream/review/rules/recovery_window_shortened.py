"""A deleted secret can be restored for a shorter time."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity
from dms_stream.review.words import amount


@rule(
    Severity.DATA_LOSS,
    types=("aws_secretsmanager_secret",),
    judges=("recovery_window_in_days",),
    why="Whoever notices after that cannot restore the secret.",
    instead="Leave the window at 30 days.",
    sources=(
        "https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html",
        provider_page("secretsmanager_secret"),
    ),
)
def recovery_window_shortened(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """The recovery window of a secret is shortened. Absent, it is 30 days; 0 deletes at once."""
    path = "recovery_window_in_days"
    if not change.updates or change.unknown(path):
        return
    old, new = (30 if days is None else days for days in (change.old(path), change.new(path)))
    if new < old:
        yield Observation(
            f"{change.name} can be restored for {amount(new, 'day')} instead of {amount(old)}"
        )
