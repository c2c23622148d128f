"""Which metrics alarm, where, and what missing data means: the policy apart from the metrics."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from constructs_lib.monitoring.metrics import (
    DeliveryMetrics,
    Metric,
    ReplicationInstanceMetrics,
    ReplicationMetrics,
    SourceMetrics,
    StreamMetrics,
)
from constructs_lib.monitoring.props import Thresholds

Missing = Literal["breaching", "notBreaching", "ignore"]
Comparison = Literal["GreaterThanThreshold", "LessThanThreshold"]

_MIB = 1024**2
_GIB = 1024**3


@dataclass(frozen=True)
class Alarm:
    """An alarm on one metric.

    Attributes:
        id: Id of the construct and ending of the alarm's name.
        metric: What is watched.
        threshold: Where it begins, in the metric's unit.
        missing: What a period without data means.
        description: What has happened and what to do.
        comparison: On which side of the threshold it goes off.
        at_once: Whether one period is enough, as what was lost does not come back.
    """

    id: str
    metric: Metric
    threshold: float
    missing: Missing
    description: str
    comparison: Comparison = "GreaterThanThreshold"
    at_once: bool = False


def replication_alarms(metrics: ReplicationMetrics, thresholds: Thresholds) -> Iterator[Alarm]:
    """Alarms of a DMS task."""
    if limit := thresholds.source_latency:
        yield Alarm(
            "source-latency",
            metrics.latency_source,
            limit.total_seconds(),
            "breaching",
            "DMS reads behind the source, or its task does not run: look at the task's status "
            "and log, and at the source's load.",
        )
    if limit := thresholds.target_latency:
        yield Alarm(
            "target-latency",
            metrics.latency_target,
            limit.total_seconds(),
            "breaching",
            "DMS writes behind the source, or its task does not run: look at the task's status "
            "and log, and at throttled writes to the stream.",
        )


def instance_alarms(metrics: ReplicationInstanceMetrics, thresholds: Thresholds) -> Iterator[Alarm]:
    """Alarms of a DMS replication instance."""
    if thresholds.instance_free_memory_mib is not None:
        yield Alarm(
            "instance-memory",
            metrics.freeable_memory,
            thresholds.instance_free_memory_mib * _MIB,
            "ignore",
            "The replication instance runs out of memory and will swap: take a larger class.",
            "LessThanThreshold",
        )
    if thresholds.instance_free_storage_gib is not None:
        yield Alarm(
            "instance-storage",
            metrics.free_storage,
            thresholds.instance_free_storage_gib * _GIB,
            "ignore",
            "The replication instance runs out of disk, on which its tasks fail: look for a long "
            "transaction or debug logging, or give it more storage.",
            "LessThanThreshold",
        )
    if thresholds.instance_cpu_percent is not None:
        yield Alarm(
            "instance-cpu",
            metrics.cpu,
            thresholds.instance_cpu_percent,
            "ignore",
            "The replication instance has no CPU left: take a larger class.",
        )


def stream_alarms(metrics: StreamMetrics, thresholds: Thresholds) -> Iterator[Alarm]:
    """Alarms of the Kinesis stream."""
    if limit := thresholds.unread_age:
        yield Alarm(
            "unread-age",
            metrics.iterator_age,
            limit.total_seconds() * 1000,
            "breaching",
            "Records wait in the stream, or nobody reads it: look at Firehose's error log and "
            "its role. Beyond the stream's retention they are lost.",
        )
    if thresholds.refused_writes is not None:
        yield Alarm(
            "refused-writes",
            metrics.write_throttled,
            thresholds.refused_writes,
            "notBreaching",
            "The stream refuses records for want of shards: give it more, or on-demand capacity; "
            "look for a partition key that sends all to one shard.",
        )


def delivery_alarms(
    metrics: DeliveryMetrics, thresholds: Thresholds, *, converts: bool, partitions: bool
) -> Iterator[Alarm]:
    """Alarms of the Firehose delivery stream."""
    if limit := thresholds.undelivered_age:
        yield Alarm(
            "undelivered-age",
            metrics.freshness,
            limit.total_seconds(),
            "notBreaching",
            "Firehose cannot deliver: look at its error log, its role and the bucket's key.",
        )
    if thresholds.delivery_success_percent is not None:
        yield Alarm(
            "delivery-success",
            metrics.success,
            thresholds.delivery_success_percent / 100,
            "notBreaching",
            "S3 refuses what Firehose puts: look at its error log, its role, the bucket's policy "
            "and key.",
            "LessThanThreshold",
        )
    if converts and thresholds.failed_conversions is not None:
        yield Alarm(
            "failed-conversions",
            metrics.failed_conversions,
            thresholds.failed_conversions,
            "notBreaching",
            "Records do not fit the table's columns and went to the error prefix: compare the "
            "columns of the data catalog with the source.",
            at_once=True,
        )
    if partitions and thresholds.too_many_partitions:
        yield Alarm(
            "too-many-partitions",
            metrics.partitions_exceeded,
            0,
            "notBreaching",
            "More partitions are being filled than the quota allows, and records went to the "
            "error prefix: ask AWS for a higher quota, or partition less finely.",
            at_once=True,
        )


def source_alarms(metrics: SourceMetrics, thresholds: Thresholds) -> Iterator[Alarm]:
    """Alarms of the source's writer."""
    if thresholds.source_cpu_percent is not None:
        yield Alarm(
            "source-cpu",
            metrics.cpu,
            thresholds.source_cpu_percent,
            "ignore",
            "The Aurora writer has no CPU left, and DMS reads from it: look for the load, or for "
            "a full load with too many tables at a time.",
        )
