"""CloudWatch keeps logs for a shorter time."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity
from dms_stream.review.words import amount


@rule(
    Severity.DATA_LOSS,
    types=("aws_cloudwatch_log_group",),
    judges=("retention_in_days",),
    why="Older log events are deleted: what would explain an earlier failure goes with them.",
    instead="Keep the period, or export the log group to S3 first.",
    sources=(
        "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html",
        provider_page("cloudwatch_log_group"),
    ),
)
def log_retention_shortened(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """The retention of a log group is shortened. 0 or nothing means for ever."""
    if not change.updates or change.unknown("retention_in_days"):
        return
    old, new = change.old("retention_in_days") or 0, change.new("retention_in_days") or 0
    if new and (not old or new < old):
        before = amount(old, "day") if old else "for ever"
        yield Observation(
            f"{change.name} keeps log events for {amount(new, 'day')} instead of {before}"
        )
