"""The CloudWatch metrics of a pipeline's parts: what can be watched, without any opinion.

Sources:
https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Monitoring.html
https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html
https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html
https://docs.aws.amazon.com/firehose/latest/dev/encryption.html
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Statistic = Literal["Average", "Maximum", "Minimum", "Sum"]


@dataclass(frozen=True)
class Metric:
    """A metric of one resource.

    Attributes:
        namespace: CloudWatch namespace, such as `AWS/DMS`.
        name: Name of the metric.
        dimensions: Which resource: names and values of the dimensions; values may be tokens.
        statistic: How the samples of a period become one.
        label: What a reader calls it, with its unit.
    """

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    statistic: Statistic
    label: str


class ReplicationMetrics:
    """Metrics of a DMS task or a serverless replication.

    Args:
        dimensions: The task's: `ReplicationInstanceIdentifier` and `ReplicationTaskIdentifier`.
    """

    def __init__(self, dimensions: Mapping[str, str]) -> None:
        def metric(name: str, statistic: Statistic, label: str) -> Metric:
            return Metric("AWS/DMS", name, dimensions, statistic, label)

        self.latency_source = metric("CDCLatencySource", "Maximum", "behind the source (s)")
        self.latency_target = metric("CDCLatencyTarget", "Maximum", "behind, at the stream (s)")
        self.incoming_changes = metric("CDCIncomingChanges", "Average", "changes waiting")
        self.source_changes_on_disk = metric(
            "CDCChangesDiskSource", "Average", "on disk, not committed at the source (rows)"
        )
        self.target_changes_on_disk = metric(
            "CDCChangesDiskTarget", "Average", "on disk, for the stream (rows)"
        )
        self.rows_source = metric(
            "CDCThroughputRowsSource", "Average", "changes read (rows per second)"
        )
        self.rows_target = metric(
            "CDCThroughputRowsTarget", "Average", "changes written (rows per second)"
        )
        self.full_load_rows = metric(
            "FullLoadThroughputRowsTarget", "Average", "full load (rows per second)"
        )


class ReplicationInstanceMetrics:
    """Metrics of a DMS replication instance.

    Args:
        dimensions: The instance's: `ReplicationInstanceIdentifier`.
    """

    def __init__(self, dimensions: Mapping[str, str]) -> None:
        def metric(name: str, statistic: Statistic, label: str) -> Metric:
            return Metric("AWS/DMS", name, dimensions, statistic, label)

        self.cpu = metric("CPUUtilization", "Average", "CPU (%)")
        self.freeable_memory = metric("FreeableMemory", "Minimum", "freeable memory (bytes)")
        self.free_storage = metric("FreeStorageSpace", "Minimum", "free storage (bytes)")
        self.swap = metric("SwapUsage", "Maximum", "swap (bytes)")


class StreamMetrics:
    """Metrics of a Kinesis data stream."""

    def __init__(self, stream_name: str) -> None:
        def metric(name: str, statistic: Statistic, label: str) -> Metric:
            return Metric("AWS/Kinesis", name, {"StreamName": stream_name}, statistic, label)

        self.iterator_age = metric(
            "GetRecords.IteratorAgeMilliseconds", "Maximum", "oldest unread record (ms)"
        )
        self.write_throttled = metric(
            "WriteProvisionedThroughputExceeded", "Sum", "records refused on writing"
        )
        self.read_throttled = metric("ReadProvisionedThroughputExceeded", "Sum", "reads refused")
        self.incoming_records = metric("IncomingRecords", "Sum", "records in")
        self.incoming_bytes = metric("IncomingBytes", "Sum", "bytes in")


class DeliveryMetrics:
    """Metrics of a Firehose delivery stream from Kinesis to S3."""

    def __init__(self, delivery_stream_name: str) -> None:
        dimensions = {"DeliveryStreamName": delivery_stream_name}

        def metric(name: str, statistic: Statistic, label: str) -> Metric:
            return Metric("AWS/Firehose", name, dimensions, statistic, label)

        self.freshness = metric(
            "DeliveryToS3.DataFreshness", "Maximum", "oldest undelivered record (s)"
        )
        self.success = metric("DeliveryToS3.Success", "Average", "puts that succeeded (ratio)")
        self.records = metric("DeliveryToS3.Records", "Sum", "records delivered")
        self.records_read = metric("DataReadFromKinesisStream.Records", "Sum", "records read")
        self.throttled = metric("ThrottledGetRecords", "Sum", "throttled reads")
        self.failed_conversions = metric("FailedConversion.Records", "Sum", "records not converted")
        self.partitions_exceeded = metric(
            "PartitionCountExceeded", "Maximum", "too many partitions (0 or 1)"
        )
        self.key_access_denied = metric("KMSKeyAccessDenied", "Sum", "key: access denied")
        self.key_disabled = metric("KMSKeyDisabled", "Sum", "key: disabled")
        self.key_invalid_state = metric("KMSKeyInvalidState", "Sum", "key: invalid state")
        self.key_not_found = metric("KMSKeyNotFound", "Sum", "key: not found")


class SourceMetrics:
    """Metrics of the writer of an Aurora cluster."""

    def __init__(self, cluster_identifier: str) -> None:
        dimensions = {"DBClusterIdentifier": cluster_identifier, "Role": "WRITER"}

        def metric(name: str, statistic: Statistic, label: str) -> Metric:
            return Metric("AWS/RDS", name, dimensions, statistic, label)

        self.cpu = metric("CPUUtilization", "Average", "CPU (%)")
        self.connections = metric("DatabaseConnections", "Maximum", "connections")
        self.binlog_bytes = metric("SumBinaryLogSize", "Maximum", "binary logs (bytes)")
        self.free_local_storage = metric(
            "FreeLocalStorage", "Minimum", "free local storage (bytes)"
        )
