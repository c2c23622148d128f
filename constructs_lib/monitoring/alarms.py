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
from constructs_lib.monitoring.props import (
    PERIOD,
    AlarmName,
    AlarmSeverity,
    MonitoringProps,
    Thresholds,
)
from constructs_lib.workload.needs import SHARD_BYTES_PER_SECOND, SHARD_ROWS_PER_SECOND

Missing = Literal["breaching", "notBreaching", "ignore"]
Comparison = Literal["GreaterThanThreshold", "LessThanThreshold"]

_MIB = 1024**2
_GIB = 1024**3


@dataclass(frozen=True)
class Alarm:
    """An alarm on one metric.

    Attributes:
        id: Id of the construct, ending of the alarm's name, and name of its runbook.
        metric: What is watched.
        threshold: Where it begins, in the metric's unit.
        missing: What a period without data means.
        severity: How bad it is, unless the props say otherwise.
        description: What has happened and what to do.
        look: The command that shows more.
        comparison: On which side of the threshold it goes off.
        at_once: Whether one period is enough, as what was lost does not come back.
    """

    id: AlarmName
    metric: Metric
    threshold: float
    missing: Missing
    severity: AlarmSeverity
    description: str
    look: str
    comparison: Comparison = "GreaterThanThreshold"
    at_once: bool = False


def severity_of(alarm: AlarmName, own: AlarmSeverity, props: MonitoringProps) -> AlarmSeverity:
    """How bad an alarm is: what the props say, or its own."""
    return props.severities.get(alarm, own)


def told(
    alarm: AlarmName, severity: AlarmSeverity, description: str, look: str, props: MonitoringProps
) -> str:
    """What whoever is told reads: what has happened, the command to look with, and the runbook."""
    return (
        f"{severity.capitalize()}. {description} Look with `{look}`. "
        f"Runbook: {props.runbooks}{alarm}.md"
    )


def replication_alarms(metrics: ReplicationMetrics, thresholds: Thresholds) -> Iterator[Alarm]:
    """Alarms of a DMS task."""
    if limit := thresholds.source_latency:
        yield Alarm(
            "source-latency",
            metrics.latency_source,
            limit.total_seconds(),
            "breaching",
            "critical",
            "DMS reads behind the source, or its task does not run: look at the task's status "
            "and log, and at the source's load.",
            "dms-stream status",
        )
    if limit := thresholds.target_latency:
        yield Alarm(
            "target-latency",
            metrics.latency_target,
            limit.total_seconds(),
            "breaching",
            "critical",
            "DMS writes behind the source, or its task does not run: look at the task's status "
            "and log, and at throttled writes to the stream.",
            "dms-stream status",
        )
    if thresholds.changes_on_disk is not None:
        yield Alarm(
            "source-changes-on-disk",
            metrics.source_changes_on_disk,
            thresholds.changes_on_disk,
            "notBreaching",
            "warning",
            "DMS keeps changes of transactions that are not committed on its disk: look for a long "
            "transaction at the source, and give DMS more memory.",
            "dms-stream logs --only task",
        )
        yield Alarm(
            "target-changes-on-disk",
            metrics.target_changes_on_disk,
            thresholds.changes_on_disk,
            "notBreaching",
            "warning",
            "DMS reads faster than the stream takes it, or loads tables, and keeps changes on its "
            "disk: look for refused writes, and at the instance's CPU and memory.",
            "dms-stream status",
        )


def instance_alarms(metrics: ReplicationInstanceMetrics, thresholds: Thresholds) -> Iterator[Alarm]:
    """Alarms of a DMS replication instance."""
    if thresholds.instance_free_memory_mib is not None:
        yield Alarm(
            "instance-memory",
            metrics.freeable_memory,
            thresholds.instance_free_memory_mib * _MIB,
            "ignore",
            "warning",
            "The replication instance runs out of memory and will swap: take a larger class.",
            "dms-stream size",
            "LessThanThreshold",
        )
    if thresholds.instance_swap_mib is not None:
        yield Alarm(
            "instance-swap",
            metrics.swap,
            thresholds.instance_swap_mib * _MIB,
            "ignore",
            "warning",
            "The replication instance swaps, which slows all its tasks: take a larger class, or "
            "load fewer tables at a time.",
            "dms-stream size",
        )
    if thresholds.instance_free_storage_gib is not None:
        yield Alarm(
            "instance-storage",
            metrics.free_storage,
            thresholds.instance_free_storage_gib * _GIB,
            "ignore",
            "critical",
            "The replication instance runs out of disk, on which its tasks fail: look for a long "
            "transaction or debug logging, or give it more storage.",
            "dms-stream logs --only task",
            "LessThanThreshold",
        )
    if thresholds.instance_cpu_percent is not None:
        yield Alarm(
            "instance-cpu",
            metrics.cpu,
            thresholds.instance_cpu_percent,
            "ignore",
            "warning",
            "The replication instance has no CPU left: take a larger class.",
            "dms-stream size",
        )


def stream_alarms(
    metrics: StreamMetrics, thresholds: Thresholds, *, shard_count: int | None
) -> Iterator[Alarm]:
    """Alarms of the Kinesis stream.

    Args:
        metrics: Its metrics.
        thresholds: Where they begin.
        shard_count: How many shards it has; None: that is not known.
    """
    if limit := thresholds.unread_age:
        yield Alarm(
            "unread-age",
            metrics.iterator_age,
            limit.total_seconds() * 1000,
            "breaching",
            "critical",
            "Records wait in the stream, or nobody reads it: look at Firehose's error log and "
            "its role. Beyond the stream's retention they are lost.",
            "dms-stream logs --only delivery",
        )
    if thresholds.refused_writes is not None:
        yield Alarm(
            "refused-writes",
            metrics.write_throttled,
            thresholds.refused_writes,
            "notBreaching",
            "warning",
            "The stream refuses records for want of shards: give it more, or on-demand capacity; "
            "look for a partition key that sends all to one shard.",
            "dms-stream status",
        )
    if thresholds.throttled_reads is not None:
        yield Alarm(
            "throttled-reads",
            metrics.read_throttled,
            thresholds.throttled_reads,
            "notBreaching",
            "warning",
            "The stream refuses reads, as too many consumers read it: give each of the others "
            "enhanced fan-out, or the stream more shards.",
            "dms-stream status",
        )
    if shard_count is not None and thresholds.shard_use_percent is not None:
        seconds = shard_count * PERIOD.total_seconds() * thresholds.shard_use_percent / 100
        yield Alarm(
            "shard-bytes",
            metrics.incoming_bytes,
            seconds * SHARD_BYTES_PER_SECOND,
            "notBreaching",
            "warning",
            f"The stream's {shard_count} shards are nearly full of bytes: give it more shards, or "
            "on-demand capacity, before it refuses records.",
            "dms-stream size",
        )
        yield Alarm(
            "shard-records",
            metrics.incoming_records,
            seconds * SHARD_ROWS_PER_SECOND,
            "notBreaching",
            "warning",
            f"The stream's {shard_count} shards take nearly all the records they can: give it more "
            "shards, or on-demand capacity, before it refuses records.",
            "dms-stream size",
        )


def delivery_alarms(
    metrics: DeliveryMetrics,
    thresholds: Thresholds,
    *,
    converts: bool,
    partitions: bool,
    has_customer_key: bool,
) -> Iterator[Alarm]:
    """Alarms of the Firehose delivery stream."""
    if limit := thresholds.undelivered_age:
        yield Alarm(
            "undelivered-age",
            metrics.freshness,
            limit.total_seconds(),
            "notBreaching",
            "critical",
            "Firehose cannot deliver: look at its error log, its role and the bucket's key.",
            "dms-stream logs --only delivery",
        )
    if thresholds.delivery_success_percent is not None:
        yield Alarm(
            "delivery-success",
            metrics.success,
            thresholds.delivery_success_percent / 100,
            "notBreaching",
            "critical",
            "S3 refuses what Firehose puts: look at its error log, its role, the bucket's policy "
            "and key.",
            "dms-stream logs --only delivery",
            "LessThanThreshold",
        )
    if converts and thresholds.failed_conversions is not None:
        yield Alarm(
            "failed-conversions",
            metrics.failed_conversions,
            thresholds.failed_conversions,
            "notBreaching",
            "critical",
            "Records do not fit the table's columns and went to the error prefix: compare the "
            "columns of the data catalog with the source.",
            "dms-stream landed --errors",
            at_once=True,
        )
    if partitions and thresholds.too_many_partitions:
        yield Alarm(
            "too-many-partitions",
            metrics.partitions_exceeded,
            0,
            "notBreaching",
            "critical",
            "More partitions are being filled than the quota allows, and records went to the "
            "error prefix: ask AWS for a higher quota, or partition less finely.",
            "dms-stream landed --errors",
            at_once=True,
        )
    if has_customer_key and thresholds.key_errors:
        yield from _key_alarms(metrics)


def _key_alarms(metrics: DeliveryMetrics) -> Iterator[Alarm]:
    # Firehose waits for a key, and drops what has waited longer than a day:
    # https://docs.aws.amazon.com/firehose/latest/dev/encryption.html
    reasons: tuple[tuple[AlarmName, Metric, str], ...] = (
        (
            "key-access-denied",
            metrics.key_access_denied,
            "does not let Firehose's role use it: look at the key's policy and the role's.",
        ),
        ("key-disabled", metrics.key_disabled, "is disabled: enable it."),
        (
            "key-invalid-state",
            metrics.key_invalid_state,
            "is in a state that forbids its use, such as waiting to be deleted: cancel the "
            "deletion and enable it.",
        ),
        (
            "key-not-found",
            metrics.key_not_found,
            "is not there: look at which key the stream and the bucket name.",
        ),
    )
    for id_, metric, what in reasons:
        yield Alarm(
            id_,
            metric,
            0,
            "notBreaching",
            "critical",
            f"KMS refuses Firehose a key: it {what} Records that wait too long are dropped.",
            "dms-stream logs --only delivery",
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
            "warning",
            "The Aurora writer has no CPU left, and DMS reads from it: look for the load, or for "
            "a full load with too many tables at a time.",
            "dms-stream status",
        )
    if thresholds.source_binlog_gib is not None:
        yield Alarm(
            "source-binlog",
            metrics.binlog_bytes,
            thresholds.source_binlog_gib * _GIB,
            "ignore",
            "warning",
            "The Aurora writer keeps many binary logs: look for a bulk change, and whether the "
            "retention is longer than needed. What is dropped before DMS has read it is lost.",
            "dms-stream status",
        )
    if thresholds.source_free_local_storage_gib is not None:
        yield Alarm(
            "source-local-storage",
            metrics.free_local_storage,
            thresholds.source_free_local_storage_gib * _GIB,
            "ignore",
            "warning",
            "The Aurora writer runs out of local storage, on which queries fail: look for large "
            "sorts and temporary tables, or take a larger class.",
            "dms-stream status",
            "LessThanThreshold",
        )
