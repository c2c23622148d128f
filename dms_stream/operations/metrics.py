"""The latest values of CloudWatch metrics, several in one call."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from constructs_lib.monitoring.metrics import (
    DeliveryMetrics,
    Metric,
    ReplicationMetrics,
    StreamMetrics,
)
from dms_stream.operations.deployed import DeployedPipeline

PERIOD = timedelta(minutes=1)
"""DMS, Kinesis and Firehose publish each minute."""
# CloudWatch has a metric a few minutes after the fact
WINDOW = timedelta(minutes=15)


@dataclass(frozen=True)
class Value:
    """A metric's value in a period.

    Attributes:
        value: In the metric's unit.
        at: When the period began.
    """

    value: float
    at: datetime


@dataclass(frozen=True)
class Progress:
    """The metrics that tell how far records have come; None: CloudWatch has none of late.

    Attributes:
        source_latency: How far DMS reads behind the source, in seconds.
        target_latency: How far what DMS wrote is behind the source, in seconds.
        waiting: Changes that DMS has read and not written.
        incoming: Records that the stream took in a minute.
        unread_age: Age of the oldest record that nobody has read from the stream, in milliseconds.
        behind: How far Firehose reads behind the end of the stream, in milliseconds.
        freshness: Age of the oldest record that Firehose has not delivered, in seconds.
        delivered: Records that Firehose delivered in a minute.
    """

    source_latency: Value | None = None
    target_latency: Value | None = None
    waiting: Value | None = None
    incoming: Value | None = None
    unread_age: Value | None = None
    behind: Value | None = None
    freshness: Value | None = None
    delivered: Value | None = None


def behind_metric(delivery_stream_name: str) -> Metric:
    """How far Firehose reads behind the end of its Kinesis stream.

    https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html
    """
    return Metric(
        "AWS/Firehose",
        "KinesisMillisBehindLatest",
        {"DeliveryStreamName": delivery_stream_name},
        "Maximum",
        "behind the end of the stream (ms)",
    )


def read_progress(
    cloudwatch: Any, pipeline: DeployedPipeline, *, now: datetime | None = None
) -> Progress:
    """How far a pipeline's records have come, by CloudWatch.

    Args:
        cloudwatch: boto3's client.
        pipeline: Which.
        now: End of the window that is looked at; default: now.
    """
    replication = ReplicationMetrics(pipeline.replication_dimensions)
    stream = StreamMetrics(pipeline.stream_name)
    metrics = {
        "source_latency": replication.latency_source,
        "target_latency": replication.latency_target,
        "waiting": replication.incoming_changes,
        "incoming": stream.incoming_records,
        "unread_age": stream.iterator_age,
    }
    if (name := pipeline.delivery_stream_name) is not None:
        delivery = DeliveryMetrics(name)
        metrics |= {
            "behind": behind_metric(name),
            "freshness": delivery.freshness,
            "delivered": delivery.records,
        }
    return Progress(**latest(cloudwatch, metrics, now=now))


def latest(
    cloudwatch: Any, metrics: dict[str, Metric], *, now: datetime | None = None
) -> dict[str, Value | None]:
    """The latest value of each metric; None: there is none in the last 15 minutes.

    Args:
        cloudwatch: boto3's client.
        metrics: By the caller's own names: lower-case letters, digits and `_`.
        now: End of the window; default: now.
    """
    end = now or datetime.now(UTC)
    answer = cloudwatch.get_metric_data(
        MetricDataQueries=[_query(name, metric) for name, metric in metrics.items()],
        StartTime=end - WINDOW,
        EndTime=end,
        ScanBy="TimestampDescending",
    )
    results = {result["Id"]: result for result in answer["MetricDataResults"]}
    return {name: _newest(results.get(name, {})) for name in metrics}


def _query(name: str, metric: Metric) -> dict[str, Any]:
    return {
        "Id": name,
        "MetricStat": {
            "Metric": {
                "Namespace": metric.namespace,
                "MetricName": metric.name,
                "Dimensions": [
                    {"Name": key, "Value": value} for key, value in metric.dimensions.items()
                ],
            },
            "Period": int(PERIOD.total_seconds()),
            "Stat": metric.statistic,
        },
        "ReturnData": True,
    }


def _newest(result: dict[str, Any]) -> Value | None:
    points: Iterable[tuple[datetime, float]] = zip(
        result.get("Timestamps", []), result.get("Values", []), strict=True
    )
    newest = max(points, default=None)
    return None if newest is None else Value(float(newest[1]), newest[0])
