"""Examples of the rule `alarm-silenced`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import entries_of, example, examples_of
from tests.support.small_plans import change, update

EXAMPLES = (
    example(
        "switched off, with fewer to tell",
        change(
            "aws_cloudwatch_metric_alarm",
            {"alarm_name": "a", "actions_enabled": True, "alarm_actions": ["arn:t"]},
            {"alarm_name": "a", "actions_enabled": False, "alarm_actions": []},
        ),
        finds=(
            ("a no longer notifies anybody (actions_enabled)"),
            ("a notifies 1 fewer than before (alarm_actions)"),
        ),
        severity=Severity.NOTICE,
    ),
    example("made", change("aws_cloudwatch_metric_alarm", None, {"alarm_name": "a"})),
)

test_examples = examples_of("alarm-silenced", EXAMPLES)


test_entries = entries_of(
    "alarm-silenced",
    [
        update("aws_cloudwatch_metric_alarm", "actions_enabled", True, False),
        update("aws_cloudwatch_metric_alarm", "alarm_actions", ["arn:a"], []),
        update("aws_cloudwatch_metric_alarm", "insufficient_data_actions", ["arn:a"], []),
        *(
            update("aws_cloudwatch_metric_alarm", path, "was", "is")
            for path in (
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
        ),
        *(
            update("aws_sns_topic_subscription", path, "was", "is")
            for path in (
                "filter_policy",
                "filter_policy_scope",
                "endpoint",
                "protocol",
                "redrive_policy",
            )
        ),
        *(
            update("aws_cloudwatch_event_rule", path, "was", "is")
            for path in ("event_pattern", "is_enabled", "state", "event_bus_name")
        ),
        *(
            update("aws_cloudwatch_event_target", path, "was", "is")
            for path in (
                "arn",
                "rule",
                "input",
                "input_path",
                "input_transformer",
                "event_bus_name",
            )
        ),
        *(
            update("aws_chatbot_slack_channel_configuration", path, "was", "is")
            for path in ("sns_topic_arns", "slack_channel_id", "slack_team_id")
        ),
        *(
            update(f"aws_{service}_event_subscription", path, "was", "is")
            for service, paths in {
                "dms": ("sns_topic_arn",),
                "db": ("sns_topic",),
                "neptune": ("sns_topic_arn",),
                "docdb": ("sns_topic_arn",),
                "redshift": ("sns_topic_arn", "severity"),
            }.items()
            for path in (*paths, "source_type", "source_ids", "event_categories", "enabled")
        ),
        *(
            change(f"aws_{service}_event_subscription", {"name": "s"})
            for service in ("dms", "db", "neptune", "docdb", "redshift")
        ),
        change("aws_cloudwatch_event_target", {"arn": "arn:aws:sns:eu-west-1:123456789012:t"}),
        change("aws_chatbot_slack_channel_configuration", {"configuration_name": "c"}),
        change("aws_cloudwatch_metric_alarm", {"alarm_name": "a"}),
        change("aws_sns_topic", {"name": "t"}),
        change("aws_sns_topic_subscription", {"arn": "arn:s"}),
    ],
)
