"""What CloudWatch is asked, metric by metric, and which of its values is the latest."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from dms_stream.operations.deployed import DeployedPipeline
from dms_stream.operations.metrics import Progress, Value, read_progress

NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
TASK = {"ReplicationInstanceIdentifier": "dms-1", "ReplicationTaskIdentifier": "ABC"}
STREAM, DELIVERY = {"StreamName": "changes"}, {"DeliveryStreamName": "delivery"}
OF_ALL = {
    "source_latency": ("AWS/DMS", "CDCLatencySource", TASK, "Maximum"),
    "target_latency": ("AWS/DMS", "CDCLatencyTarget", TASK, "Maximum"),
    "waiting": ("AWS/DMS", "CDCIncomingChanges", TASK, "Average"),
    "incoming": ("AWS/Kinesis", "IncomingRecords", STREAM, "Sum"),
    "unread_age": ("AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", STREAM, "Maximum"),
}
OF_A_DELIVERY = {
    "behind": ("AWS/Firehose", "KinesisMillisBehindLatest", DELIVERY, "Maximum"),
    "freshness": ("AWS/Firehose", "DeliveryToS3.DataFreshness", DELIVERY, "Maximum"),
    "delivered": ("AWS/Firehose", "DeliveryToS3.Records", DELIVERY, "Sum"),
}


class CloudWatch:
    """It has two values of each metric, the older one first, and none of one."""

    def __init__(self, without: str) -> None:
        self.asked: dict[str, Any] = {}
        self._without = without

    def get_metric_data(self, **asked: Any) -> dict[str, Any]:
        """The values."""
        self.asked = asked
        names = [query["Id"] for query in asked["MetricDataQueries"]]
        times = [NOW - timedelta(minutes=2), NOW - timedelta(minutes=1)]
        return {
            "MetricDataResults": [
                {"Id": name, "Timestamps": times, "Values": [100, place]}
                for place, name in enumerate(names)
                if name != self._without
            ]
        }


@pytest.mark.parametrize("delivery", ["delivery", None])
def test_each_metric_is_asked_for_and_its_latest_value_told(delivery: str | None) -> None:
    cloudwatch = CloudWatch(without="waiting")
    pipeline = SimpleNamespace(
        replication_dimensions=TASK, stream_name="changes", delivery_stream_name=delivery
    )
    told = read_progress(cloudwatch, cast("DeployedPipeline", pipeline), now=NOW)
    metrics = OF_ALL | (OF_A_DELIVERY if delivery else {})
    assert cloudwatch.asked == {
        "MetricDataQueries": [
            {
                "Id": name,
                "MetricStat": {
                    "Metric": {
                        "Namespace": namespace,
                        "MetricName": metric,
                        "Dimensions": [{"Name": k, "Value": v} for k, v in dimensions.items()],
                    },
                    "Period": 60,
                    "Stat": statistic,
                },
                "ReturnData": True,
            }
            for name, (namespace, metric, dimensions, statistic) in metrics.items()
        ],
        "StartTime": NOW - timedelta(minutes=15),
        "EndTime": NOW,
        "ScanBy": "TimestampDescending",
    }
    at = NOW - timedelta(minutes=1)
    values = {name: Value(float(place), at) for place, name in enumerate(metrics)}
    assert told == Progress(**values | {"waiting": None})
