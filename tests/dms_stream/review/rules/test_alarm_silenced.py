"""Examples of the rule `alarm-silenced`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.support.small_plans import change

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
