"""Nobody is notified when something goes wrong."""

from collections.abc import Iterator, Mapping

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity

_ALARM = "aws_cloudwatch_metric_alarm"
_LISTS = ("alarm_actions", "insufficient_data_actions")
_STEPS = (
    "threshold",
    "threshold_metric_id",
    "evaluation_periods",
    "datapoints_to_alarm",
    "comparison_operator",
    "period",
    "statistic",
    "extended_statistic",
    "evaluate_low_sample_count_percentiles",
    "treat_missing_data",
    "metric_name",
    "namespace",
    "dimensions",
    "metric_query",
    "unit",
)
_SUBSCRIPTION = "aws_sns_topic_subscription"
_RULE, _TARGET = "aws_cloudwatch_event_rule", "aws_cloudwatch_event_target"
_CHANNEL = "aws_chatbot_slack_channel_configuration"
_EVENTS = ("sns_topic_arn", "source_type", "source_ids", "event_categories", "enabled")
_TELLING: Mapping[str, tuple[str, ...]] = {
    _SUBSCRIPTION: (
        "filter_policy",
        "filter_policy_scope",
        "endpoint",
        "protocol",
        "redrive_policy",
    ),
    _RULE: ("event_pattern", "is_enabled", "state", "event_bus_name"),
    _TARGET: ("arn", "rule", "input", "input_path", "input_transformer", "event_bus_name"),
    _CHANNEL: ("sns_topic_arns", "slack_channel_id", "slack_team_id"),
    "aws_dms_event_subscription": _EVENTS,
    "aws_db_event_subscription": ("sns_topic", *_EVENTS[1:]),
    "aws_neptune_event_subscription": _EVENTS,
    "aws_docdb_event_subscription": _EVENTS,
    "aws_redshift_event_subscription": (*_EVENTS, "severity"),
}
"""What else tells somebody, and what of it says whom and of what."""


@rule(
    Severity.NOTICE,
    types=(_ALARM, *_TELLING, "aws_sns_topic"),
    others=(Severity.UNKNOWN,),
    judges={_ALARM: ("actions_enabled", *_LISTS, *_STEPS), **_TELLING},
    why="A task that stops, or a delivery that fails, is noticed later or not at all.",
    instead="Keep the alarm, or say in the pull request who notices instead.",
    sources=(
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html",
        provider_page("cloudwatch_metric_alarm"),
    ),
)
def alarm_silenced(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """An alarm, its topic, a subscription (to a topic, or to events of DMS or a database), or a
    rule or channel that tells somebody, is destroyed, switched off, left without actions, or
    watches something else.
    """
    name = change.name
    if change.action is Action.DELETE or (
        change.action is Action.REPLACE and change.type != _ALARM
    ):
        # a rule may start anything; what it tells is its targets' matter
        if change.type not in (_RULE, _TARGET) or ":sns:" in str(change.old("arn")):
            yield Observation(f"{name} is {change.action}")
    elif change.updates and change.type == _ALARM:
        if change.old("actions_enabled") is not False and change.new("actions_enabled") is False:
            yield Observation(f"{name} no longer notifies anybody (actions_enabled)")
        for path in _LISTS:
            gone = set(change.old(path) or []) - set(change.new(path) or [])
            if gone and not change.unknown(path):
                yield Observation(f"{name} notifies {len(gone)} fewer than before ({path})")
        for path in change.differing():
            if path.partition(".")[0] in _STEPS:
                yield Observation(f"{name}: {change.step(path)}")
    elif change.updates and change.type in _TELLING:
        for path in _TELLING[change.type]:
            if change.changed(path):
                yield Observation(f"{name}: {change.step(path)}")
            elif path == "arn" and change.unknown(path):
                # everywhere else an `arn` is what the service gives, and of no interest
                yield Observation(
                    f"whom {name} tells is known only after the apply ({path})",
                    severity=Severity.UNKNOWN,
                )
