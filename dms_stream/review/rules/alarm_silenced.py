"""Nobody is told any more when something goes wrong."""

from collections.abc import Iterator

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity


@rule(
    Severity.NOTICE,
    types=("aws_cloudwatch_metric_alarm", "aws_sns_topic_subscription", "aws_sns_topic"),
    watches=("actions_enabled", "alarm_actions", "threshold"),
    why="A task that stops or a delivery that fails is noticed later, or not at all.",
    instead="Keep the alarm, or say in the pull request who notices instead.",
    sources=(
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html",
        provider_page("cloudwatch_metric_alarm"),
    ),
)
def alarm_silenced(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """An alarm or its topic is destroyed, switched off, left without actions, or given another
    threshold.
    """
    name = change.name
    if change.action is Action.DELETE or (
        change.action is Action.REPLACE and change.type != "aws_cloudwatch_metric_alarm"
    ):
        yield Observation(f"{name} is {change.action}")
    elif change.updates and change.type == "aws_cloudwatch_metric_alarm":
        if change.old("actions_enabled") is not False and change.new("actions_enabled") is False:
            yield Observation(f"{name} tells nobody any more (actions_enabled)")
        gone = set(change.old("alarm_actions") or []) - set(change.new("alarm_actions") or [])
        if gone and not change.unknown("alarm_actions"):
            yield Observation(f"{name} tells {len(gone)} fewer than before")
        for path in ("threshold", "evaluation_periods", "comparison_operator"):
            if change.changed(path):
                yield Observation(f"{name}: {change.step(path)}")
