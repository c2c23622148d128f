"""A KMS key is disabled, or less protected."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity
from dms_stream.review.words import amount


@rule(
    Severity.DATA_LOSS,
    types=("aws_kms_key",),
    judges=("is_enabled", "deletion_window_in_days"),
    why="Whatever it encrypts cannot be read or written as long as it is disabled.",
    instead="Leave it enabled; find with CloudTrail who still uses it before it goes.",
    sources=(
        "https://docs.aws.amazon.com/kms/latest/developerguide/enabling-keys.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html",
        provider_page("kms_key"),
    ),
)
def key_disabled(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A KMS key is disabled, or the time to cancel its deletion is shortened."""
    if not change.updates:
        return
    if change.old("is_enabled") is True and change.new("is_enabled") is False:
        yield Observation(f"the key {change.name} is disabled")
    path = "deletion_window_in_days"
    old, new = change.old(path) or 30, change.new(path) or 30
    if change.changed(path) and new < old:
        yield Observation(
            f"a deletion of the key {change.name} can be canceled for {amount(new, 'day')} instead "
            f"of {amount(old)}",
            why="Whoever notices after that has lost everything that the key encrypts.",
            instead="Leave the period at 30 days.",
        )
