"""Every alarm that `Monitoring` makes, as calls of CloudWatch."""

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


def own_alarms(watched: Watched, props: MonitoringProps) -> dict[str, dict[str, Any]]:
    """Arguments of PutMetricAlarm by the alarms' ids."""

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

    alarms = synth(build)["resource"]["aws_cloudwatch_metric_alarm"].values()
    return {
        alarm["alarm_name"].removeprefix("app-monitoring-"): {
            **{call: alarm[key] for key, call in _ARGUMENTS.items() if key in alarm},
            "Dimensions": [
                {"Name": key, "Value": value} for key, value in alarm["dimensions"].items()
            ],
        }
        for alarm in alarms
    }
