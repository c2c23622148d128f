"""A Kinesis stream keeps its records for a shorter time."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity
from dms_stream.review.words import amount


@rule(
    Severity.DATA_LOSS,
    types=("aws_kinesis_stream",),
    judges=("retention_period",),
    why=(
        "Records older than the new period become inaccessible at once, those that no consumer has "
        "read yet included, and there is less time to mend a failed delivery."
    ),
    instead=(
        "Keep the period, or lower it only when the consumers' iterator age is well below the new "
        "one."
    ),
    sources=(
        "https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DecreaseStreamRetentionPeriod.html",
        provider_page("kinesis_stream"),
    ),
)
def stream_retention_lowered(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """The retention period of a Kinesis stream is lowered. Absent, it is 24 hours."""
    if not change.updates or change.unknown("retention_period"):
        return
    old, new = change.old("retention_period") or 24, change.new("retention_period") or 24
    if new < old:
        yield Observation(
            f"{change.name} keeps records for {amount(new, 'hour')} instead of {amount(old)}"
        )
