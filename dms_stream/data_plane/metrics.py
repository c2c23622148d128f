"""What DMS, Kinesis and Firehose report to CloudWatch, from what children do and streams count.

Names, dimensions and units are those that AWS publishes; what is not measured is not reported.
https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Monitoring.html
https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html
https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.dms.models import dms_backends
from moto.kinesis.models import kinesis_backends

from dms_stream.data_plane.delivery_state import DeliveryState
from dms_stream.data_plane.task_state import TaskState
from dms_stream.local_aws.dms import DmsBackend
from dms_stream.local_aws.metric_samples import Reported
from dms_stream.local_aws.shard_records import ShardRecords, Traffic

_KIB = 1024

Place = tuple[str, str]
"""Account and region."""


@dataclass
class _TaskTotals:
    """What a task's last reported pulse said."""

    state: TaskState
    pulses: int
    at: float
    pulse: Mapping[str, Any]


@dataclass
class _DeliveryTotals:
    """What a delivery had done when it was last reported."""

    read: int = 0
    read_bytes: int = 0
    records: int = 0
    bytes: int = 0
    objects: int = 0
    refused_puts: int = 0
    failures: Mapping[str, int] = field(default_factory=dict)
    refused_reads: Mapping[str, int] = field(default_factory=dict)


_REFUSED_READS = {
    "ProvisionedThroughputExceededException": "ThrottledGetRecords",
    "KMSAccessDeniedException": "KMSKeyAccessDenied",
    "KMSDisabledException": "KMSKeyDisabled",
    "KMSInvalidStateException": "KMSKeyInvalidState",
    "KMSNotFoundException": "KMSKeyNotFound",
}


class Metrics:
    """Makes metrics of counters; each call tells of the time since the one before."""

    def __init__(self) -> None:
        self._tasks: dict[str, _TaskTotals] = {}
        self._deliveries: dict[str, _DeliveryTotals] = {}

    def of_task(self, state: TaskState, *, at: float) -> Iterator[Reported]:
        """Of a task; nothing while its process says nothing, as of a task that does not run."""
        before = self._tasks.get(state.arn)
        if state.status != "running" or not state.pulses:
            self._tasks.pop(state.arn, None)
            return
        if before is not None and before.state is state and before.pulses == state.pulses:
            return
        now = _TaskTotals(state, state.pulses, at, state.pulse)
        self._tasks[state.arn] = now
        dimensions = task_dimensions(state.arn)
        if dimensions is None:
            return

        def value(name: str, unit: str, number: float) -> Reported:
            return Reported("AWS/DMS", name, dimensions, unit, number)

        pulse = state.pulse
        if state.captures:
            source = _age(pulse["behind_since"], at)
            # https://repost.aws/knowledge-center/dms-high-target-latency: it includes the source's
            target = max(source, _age(pulse["waiting_since"], at))
            yield value("CDCLatencySource", "Seconds", source)
            yield value("CDCLatencyTarget", "Seconds", target)
            yield value("CDCIncomingChanges", "Count", pulse["unaccepted"])
            yield value("CDCChangesMemorySource", "Count", pulse["source_memory"])
            yield value("CDCChangesDiskSource", "Count", pulse["source_disk"])
            yield value("CDCChangesMemoryTarget", "Count", pulse["target_memory"])
            yield value("CDCChangesDiskTarget", "Count", pulse["target_disk"])
        if before is None or before.state is not state:
            return
        seconds = max(at - before.at, 0.001)
        rows = (pulse["sent"] - before.pulse["sent"]) / seconds
        kilobytes = (pulse["bytes"] - before.pulse["bytes"]) / _KIB / seconds
        kind = "FullLoad" if pulse["is_loading"] else "CDC"
        yield value(f"{kind}ThroughputRowsTarget", "Count/Second", rows)
        yield value(f"{kind}ThroughputBandwidthTarget", "Kilobytes/Second", kilobytes)
        if kind == "CDC":
            captured = (pulse["captured"] - before.pulse["captured"]) / seconds
            yield value("CDCThroughputRowsSource", "Count/Second", max(captured, 0))

    def of_delivery(self, state: DeliveryState, *, at: float) -> Iterator[Reported]:
        """Of a delivery stream."""
        before = self._deliveries.get(state.arn, _DeliveryTotals())
        now = _DeliveryTotals(
            state.read,
            state.read_bytes,
            state.records - state.failed_records,
            state.bytes,
            state.objects,
            state.refused_puts,
            dict(state.failures),
            dict(state.refused_reads),
        )
        self._deliveries[state.arn] = now
        if now.objects < before.objects:  # another delivery stream of the same name
            before = _DeliveryTotals()

        def value(name: str, unit: str, number: float) -> Reported:
            dimensions = {"DeliveryStreamName": state.name}
            return Reported("AWS/Firehose", name, dimensions, unit, number)

        yield value("DataReadFromKinesisStream.Records", "Count", now.read - before.read)
        yield value("DataReadFromKinesisStream.Bytes", "Bytes", now.read_bytes - before.read_bytes)
        if state.status == "running":
            yield value("KinesisMillisBehindLatest", "Milliseconds", state.millis_behind)
        if state.waiting_since is not None:
            freshness = _age(state.waiting_since, at)
            yield value("DeliveryToS3.DataFreshness", "Seconds", freshness)
        puts, refused = now.objects - before.objects, now.refused_puts - before.refused_puts
        if puts or refused:
            yield value("DeliveryToS3.Success", "Count", puts / (puts + refused))
        if puts:
            yield value("DeliveryToS3.Records", "Count", now.records - before.records)
            yield value("DeliveryToS3.Bytes", "Bytes", now.bytes - before.bytes)
        failed = {
            kind: count - before.failures.get(kind, 0) for kind, count in now.failures.items()
        }
        if conversions := failed.get("format-conversion-failed"):
            yield value("FailedConversion.Records", "Count", conversions)
        if failed.get("too-many-partitions"):
            yield value("PartitionCountExceeded", "Count", 1)
        for code, count in now.refused_reads.items():
            refused_reads = count - before.refused_reads.get(code, 0)
            # AWS publishes no metric of the others
            if refused_reads and code in _REFUSED_READS:
                yield value(_REFUSED_READS[code], "Count", refused_reads)

    def of_streams(self) -> Iterator[tuple[Place, Reported]]:
        """Of all Kinesis streams, those included that no task writes to."""
        for account, regions in kinesis_backends.items():
            for region, backend in regions.items():
                for name, stream in backend.streams.items():
                    shards: list[Any] = [shard.records for shard in stream.shards.values()]
                    for value in _of_stream(name, _taken(shards)):
                        yield (account, region), value

    def forget_others(self, tasks: Mapping[str, object], deliveries: Mapping[str, object]) -> None:
        """Forget what was deleted."""
        self._tasks = {arn: kept for arn, kept in self._tasks.items() if arn in tasks}
        self._deliveries = {
            arn: kept for arn, kept in self._deliveries.items() if arn in deliveries
        }


def task_dimensions(arn: str) -> dict[str, str] | None:
    """Dimensions of a task's metrics; None: it was deleted.

    AWS does not document those of DMS Serverless: they are what users found.
    """
    _, _, _, region, account, kind, resource_id = arn.split(":", 6)
    if kind == "replication-config":
        return {"ReplicationConfigId": f"{account}:{resource_id}"}
    instance = task_instance(arn, account, region)
    if instance is None:
        return None
    return {"ReplicationInstanceIdentifier": instance, "ReplicationTaskIdentifier": resource_id}


def task_instance(arn: str, account: str, region: str) -> str | None:
    """Identifier of the instance that a task runs on; None: it was deleted."""
    dms = dms_backends[account][region]
    assert isinstance(dms, DmsBackend)
    task = dms.tasks.get(arn)
    instance = dms.instances.get(task["ReplicationInstanceArn"]) if task else None
    return str(instance["ReplicationInstanceIdentifier"]) if instance else None


def _taken(shards: list[ShardRecords]) -> Traffic:
    total = Traffic()
    for shard in shards:
        taken = shard.take_traffic()
        for name, number in vars(taken).items():
            before = getattr(total, name)
            is_age = name == "iterator_age_millis"
            setattr(total, name, max(before, number) if is_age else before + number)
    return total


def _of_stream(name: str, traffic: Traffic) -> Iterator[Reported]:
    def value(metric: str, unit: str, number: float) -> Reported:
        return Reported("AWS/Kinesis", metric, {"StreamName": name}, unit, number)

    if traffic.records_in:
        yield value("IncomingRecords", "Count", traffic.records_in)
        yield value("IncomingBytes", "Bytes", traffic.bytes_in)
    if traffic.records_in or traffic.refused_records:
        refused = traffic.refused_records
        yield value("WriteProvisionedThroughputExceeded", "Count", refused)
    if traffic.reads or traffic.refused_reads:
        yield value("ReadProvisionedThroughputExceeded", "Count", traffic.refused_reads)
    if traffic.reads:
        yield value("GetRecords.Records", "Count", traffic.records_out)
        yield value("GetRecords.Bytes", "Bytes", traffic.bytes_out)
        age = traffic.iterator_age_millis
        yield value("GetRecords.IteratorAgeMilliseconds", "Milliseconds", age)


def _age(since: float | None, at: float) -> float:
    return 0.0 if since is None else max(at - since, 0.0)
