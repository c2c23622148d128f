"""Every alarm that `Monitoring` makes, and its rule, as calls of CloudWatch and EventBridge."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from constructs_lib.monitoring import Monitoring, MonitoringProps
from tests.support.synth import synth

_ARGUMENTS = {
    "alarm_name": "AlarmName",
    "alarm_description": "AlarmDescription",
    "namespace": "Namespace",
    "metric_name": "MetricName",
    "statistic": "Statistic",
    "period": "Period",
    "evaluation_periods": "EvaluationPeriods",
    "comparison_operator": "ComparisonOperator",
    "threshold": "Threshold",
    "treat_missing_data": "TreatMissingData",
    "alarm_actions": "AlarmActions",
    "ok_actions": "OKActions",
}


@dataclass(frozen=True)
class Watched:
    """A pipeline's parts, by their names in CloudWatch."""

    task_dimensions: Mapping[str, str]
    instance_dimensions: Mapping[str, str] | None
    stream_name: str
    delivery_stream_name: str
    replication_arn: str = "arn:aws:dms:eu-west-1:123456789012:task:ABC"
    cluster_identifier: str = "tickets"
    converts_format: bool = True
    uses_dynamic_partitioning: bool = True
    has_customer_key: bool = True
    shard_count: int | None = 1


def own_rule(watched: Watched, props: MonitoringProps) -> tuple[dict[str, Any], list[str]]:
    """Arguments of PutRule, and whom the rule tells."""
    made = _made(watched, props)
    (rule,) = made["aws_cloudwatch_event_rule"].values()
    targets = [target["arn"] for target in made["aws_cloudwatch_event_target"].values()]
    return {"Name": rule["name"], "EventPattern": rule["event_pattern"]}, targets


def own_alarms(watched: Watched, props: MonitoringProps) -> dict[str, dict[str, Any]]:
    """Arguments of PutMetricAlarm by the alarms' ids."""
    alarms = _made(watched, props)["aws_cloudwatch_metric_alarm"].values()
    return {
        alarm["alarm_name"].removeprefix("app-monitoring-"): {
            **{call: alarm[key] for key, call in _ARGUMENTS.items() if key in alarm},
            "Dimensions": [
                {"Name": key, "Value": value} for key, value in alarm["dimensions"].items()
            ],
        }
        for alarm in alarms
    }


def _made(watched: Watched, props: MonitoringProps) -> dict[str, Any]:
    def build(stack: Any) -> None:
        Monitoring(
            stack,
            "monitoring",
            props=props,
            replication=watched,
            stream=watched,
            delivery=watched,
            source=watched,
        )

    resources: dict[str, Any] = synth(build)["resource"]
    return resources
