"""What a workload costs in a month, part by part, and which way of carrying it is the cheapest.

A month has 730 hours, as in AWS's calculator. Not in it: the source database, what queries scan,
alarms and logs, transfer between zones and regions, taxes and discounts.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from constructs_lib.workload import needs
from constructs_lib.workload.prices import Prices
from constructs_lib.workload.props import WorkloadProps

HOURS = 730
_SECONDS = HOURS * 3600
_GB = 1_000_000_000
_KB = 1024
# what GZIP leaves of DMS's JSON, and Parquet's own compression of its columns; the rehearsal's own
# objects are between a tenth and a sixth of their records
_COMPRESSED = 0.15
# DMS's sorter takes 1 GiB by default; beside it are stream buffers, the task and the system
_LEAST_GIB = 4
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)

Stream = Literal["on-demand", "provisioned"]
Compute = Literal["instance", "serverless"]


@dataclass(frozen=True)
class Cost:
    """What one thing costs in a month.

    Attributes:
        part: Part of the pipeline: `replication`, `stream`, `delivery`, `bucket`, `beside`.
        what: The thing.
        monthly: Its price in a month.
        arithmetic: How that follows.
    """

    part: str
    what: str
    monthly: float
    arithmetic: str


@dataclass(frozen=True)
class Shape:
    """What of a pipeline decides its cost.

    Attributes:
        stream: How the stream's capacity is paid.
        shard_count: Shards, of a provisioned stream.
        retention: How long the stream keeps records.
        compute: What DMS runs on.
        instance_class: Of an instance; empty otherwise, or where it is somebody else's.
        storage_gib: Storage of an instance.
        capacity_units: Capacity units that are used on average, of serverless.
        zones: Zones that DMS runs in: 2 with a standby.
        delivers: Whether the pipeline has a delivery stream and a bucket of its own.
        converts: Whether Firehose converts to Parquet or ORC.
        partitions: Folders that are filled at once; 0 without dynamic partitioning.
        buffer_mib: What Firehose collects for an object.
        buffer_interval: How long it does.
        customer_keys: KMS keys of the pipeline's own.
        endpoint_hours: Interface endpoints times their zones.
    """

    stream: Stream = "on-demand"
    shard_count: int = 0
    retention: timedelta = _DAY
    compute: Compute = "instance"
    instance_class: str = ""
    storage_gib: int = 50
    capacity_units: int = 1
    zones: int = 1
    delivers: bool = True
    converts: bool = False
    partitions: int = 0
    buffer_mib: int = 5
    buffer_interval: timedelta = timedelta(seconds=300)
    customer_keys: int = 0
    endpoint_hours: int = 0

    @property
    def name(self) -> str:
        """How a reader calls it."""
        shards = "shard" if self.shard_count == 1 else "shards"
        stream = f"{self.shard_count} {shards}" if self.stream == "provisioned" else "on demand"
        units = "unit" if self.capacity_units == 1 else "units"
        compute = self.instance_class or "an existing instance"
        if self.compute == "serverless":
            compute = f"serverless, {self.capacity_units} {units} on average"
        return f"stream {stream}, DMS {compute}"


@dataclass(frozen=True)
class Estimate:
    """What a shape costs.

    Attributes:
        shape: The shape.
        costs: Part by part.
        too_small: Why it does not carry the workload; empty where it does.
    """

    shape: Shape
    costs: tuple[Cost, ...]
    too_small: str = ""

    @property
    def monthly(self) -> float:
        """All of it."""
        return sum(cost.monthly for cost in self.costs)

    def of_part(self, part: str) -> float:
        """A part of it."""
        return sum(cost.monthly for cost in self.costs if cost.part == part)


def estimate(workload: WorkloadProps, shape: Shape, prices: Prices) -> Estimate:
    """What a shape costs with a workload.

    Raises:
        PricesError: a price is missing.
    """
    costs = [
        *_replication(shape, prices),
        *_stream(workload, shape, prices),
        *(_delivery(workload, shape, prices) if shape.delivers else []),
        *(_bucket(workload, shape, prices) if shape.delivers else []),
        *_beside(shape, prices),
    ]
    return Estimate(shape, tuple(costs), _too_small(workload, shape))


def alternatives(workload: WorkloadProps, shape: Shape, prices: Prices) -> list[Estimate]:
    """Each way to pay for the stream with each for DMS, as large as the workload needs.

    Args:
        workload: What must be carried.
        shape: The pipeline as it is: what is not stream or DMS stays so.
        prices: The prices.
    """
    units = _mean_units(workload)
    found = []
    for stream in ("on-demand", "provisioned"):
        shards = needs.shards(workload).amount if stream == "provisioned" else 0
        of_stream = replace(shape, stream=stream, shard_count=shards)
        instance = _cheapest_class(workload, prices)
        if instance is not None:
            found.append(replace(of_stream, compute="instance", instance_class=instance))
        found.append(
            replace(of_stream, compute="serverless", instance_class="", capacity_units=units)
        )
    return [estimate(workload, each, prices) for each in found]


def cheapest(estimates: Sequence[Estimate]) -> Estimate | None:
    """The cheapest that carries the workload; None: none does."""
    carrying = [each for each in estimates if not each.too_small]
    return min(carrying, key=lambda each: each.monthly, default=None)


def fixed_monthly(shape: Shape, prices: Prices) -> float:
    """What DMS and the shards cost whatever is moved, for a comparison without a workload."""
    shards = prices.of("kinesis.shard", "hour") * HOURS * shape.shard_count
    return sum(cost.monthly for cost in _replication(shape, prices)) + shards


def _mean_units(workload: WorkloadProps) -> int:
    """Serverless follows the load: the units that carry its mean."""
    rows = workload.mean_rows_per_second
    least = math.ceil(rows / workload.rows_per_second_per_capacity_unit)
    return next((units for units in needs.CAPACITY_UNITS if units >= least), least)


def _cheapest_class(workload: WorkloadProps, prices: Prices) -> str | None:
    needed = needs.vcpus(workload).amount
    found = []
    for name, price in prices.prices.items():
        if price.unit != "hour" or name.count(".") != 2:
            continue
        size = needs.instance_size(name)
        # a burstable class is not for a load that stays
        if size is not None and size.vcpus >= needed and size.memory_gib >= _LEAST_GIB:
            found.append((price.amount, name))
    return min(found)[1] if found else None


def _too_small(workload: WorkloadProps, shape: Shape) -> str:
    needed = needs.shards(workload)
    if shape.stream == "provisioned" and shape.shard_count < needed.amount:
        return f"{shape.shard_count} shards: {needed.arithmetic}"
    peak = needs.peak_rows(workload) * workload.bytes_per_row
    if shape.stream == "on-demand" and peak > needs.ON_DEMAND_BYTES_PER_SECOND:
        return f"a stream on demand takes 200 MB/s: {needed.arithmetic}"
    if shape.compute == "serverless":
        units = needs.capacity_units(workload)
        if units.amount > needs.CAPACITY_UNITS[-1]:
            return f"DMS Serverless has {needs.CAPACITY_UNITS[-1]} units: {units.arithmetic}"
        return ""
    vcpus, size = needs.vcpus(workload), needs.instance_size(shape.instance_class or "dms.?.?")
    if size is not None and size.vcpus < vcpus.amount:
        return f"{shape.instance_class} has {size.vcpus} vCPUs: {vcpus.arithmetic}"
    return ""


def _replication(shape: Shape, prices: Prices) -> list[Cost]:
    if shape.compute == "serverless":
        amount = prices.of("dms.capacity-unit", "hour")
        monthly = amount * HOURS * shape.capacity_units * shape.zones
        text = f"{shape.capacity_units} x {HOURS} h x {amount:g}{_zones(shape)}"
        return [Cost("replication", "DMS capacity units, on average", monthly, text)]
    if not shape.instance_class:
        return []
    hour, storage = prices.of(shape.instance_class, "hour"), prices.of("dms.storage", "GB-month")
    return [
        Cost(
            "replication",
            shape.instance_class,
            hour * HOURS * shape.zones,
            f"{HOURS} h x {hour:g}{_zones(shape)}",
        ),
        Cost(
            "replication",
            "storage of the instance",
            storage * shape.storage_gib * shape.zones,
            f"{shape.storage_gib} GB x {storage:g}{_zones(shape)}",
        ),
    ]


def _zones(shape: Shape) -> str:
    return f" x {shape.zones} zones" if shape.zones > 1 else ""


def _rows(workload: WorkloadProps) -> float:
    return workload.mean_rows_per_second * _SECONDS


def _counted_gb(workload: WorkloadProps, step_bytes: int) -> float:
    """What is paid for where each record is rounded up to a step."""
    counted = math.ceil(workload.bytes_per_row / step_bytes) * step_bytes
    return _rows(workload) * counted / _GB


def _stream(workload: WorkloadProps, shape: Shape, prices: Prices) -> list[Cost]:
    raw_gb = _rows(workload) * workload.bytes_per_row / _GB
    kept_gb_a_day = raw_gb / (HOURS / 24)
    weekly_days = max(0.0, (min(shape.retention, _WEEK) - _DAY) / _DAY)
    longer_days = max(0.0, (shape.retention - _WEEK) / _DAY)
    costs = []
    if shape.stream == "provisioned":
        hour = prices.of("kinesis.shard", "hour")
        costs.append(
            Cost(
                "stream",
                "shards",
                hour * HOURS * shape.shard_count,
                f"{shape.shard_count} x {HOURS} h x {hour:g}",
            )
        )
        put = prices.of("kinesis.put-units", "million")
        units = _rows(workload) * math.ceil(workload.bytes_per_row / (25 * _KB)) / 1_000_000
        costs.append(Cost("stream", "records put", put * units, f"{units:,.1f} million x {put:g}"))
        if weekly_days:
            hour = prices.of("kinesis.extended-shard", "hour")
            costs.append(
                Cost(
                    "stream",
                    "retention beyond a day",
                    hour * HOURS * shape.shard_count,
                    f"{shape.shard_count} x {HOURS} h x {hour:g}",
                )
            )
    else:
        hour = prices.of("kinesis.on-demand-stream", "hour")
        costs.append(Cost("stream", "stream", hour * HOURS, f"{HOURS} h x {hour:g}"))
        for name, what, gb in (
            ("kinesis.on-demand-in", "records in", _counted_gb(workload, _KB)),
            ("kinesis.on-demand-out", "records out, to Firehose", raw_gb),
        ):
            amount = prices.of(name, "GB")
            costs.append(Cost("stream", what, amount * gb, f"{gb:,.1f} GB x {amount:g}"))
        if weekly_days:
            amount = prices.of("kinesis.on-demand-extended", "GB-month")
            gb = kept_gb_a_day * weekly_days
            costs.append(
                Cost("stream", "retention beyond a day", amount * gb, f"{gb:,.1f} GB x {amount:g}")
            )
    if longer_days:
        amount = prices.of("kinesis.long-term", "GB-month")
        gb = kept_gb_a_day * longer_days
        costs.append(
            Cost("stream", "retention beyond a week", amount * gb, f"{gb:,.1f} GB x {amount:g}")
        )
    return costs


def _delivery(workload: WorkloadProps, shape: Shape, prices: Prices) -> list[Cost]:
    counted = _counted_gb(workload, 5 * _KB)
    names = [("firehose.in", "records in, each in steps of 5 KB")]
    if shape.converts:
        names.append(("firehose.conversion", "conversion"))
    costs = []
    for name, what in names:
        amount = prices.of(name, "GB")
        costs.append(Cost("delivery", what, amount * counted, f"{counted:,.1f} GB x {amount:g}"))
    if shape.partitions:
        raw = _rows(workload) * workload.bytes_per_row / _GB
        amount = prices.of("firehose.partitioning", "GB")
        costs.append(Cost("delivery", "partitioning", amount * raw, f"{raw:,.1f} GB x {amount:g}"))
        amount = prices.of("firehose.partitioning-objects", "thousand")
        thousands = _objects(workload, shape) / 1000
        costs.append(
            Cost(
                "delivery",
                "objects of partitions",
                amount * thousands,
                f"{thousands:,.1f} thousand x {amount:g}",
            )
        )
    return costs


def _objects(workload: WorkloadProps, shape: Shape) -> float:
    """Objects in a month: a buffer ends by its size or its time, whichever is first."""
    folders = max(1, shape.partitions)
    size = _rows(workload) * workload.bytes_per_row
    by_time = folders * _SECONDS / max(1.0, shape.buffer_interval.total_seconds())
    return max(min(by_time, _rows(workload)), size / (shape.buffer_mib * 1024**2))


def _bucket(workload: WorkloadProps, shape: Shape, prices: Prices) -> list[Cost]:
    gb = _rows(workload) * workload.bytes_per_row * _COMPRESSED / _GB
    storage, put = prices.of("s3.storage", "GB-month"), prices.of("s3.puts", "thousand")
    thousands = _objects(workload, shape) / 1000
    return [
        Cost(
            "bucket",
            "what lands in a month, for each month it is kept",
            storage * gb,
            f"{gb:,.1f} GB ({_COMPRESSED:.0%} of the records) x {storage:g}",
        ),
        Cost("bucket", "objects put", put * thousands, f"{thousands:,.1f} thousand x {put:g}"),
    ]


def _beside(shape: Shape, prices: Prices) -> list[Cost]:
    costs = []
    if shape.endpoint_hours:
        hour = prices.of("network.endpoint", "hour")
        costs.append(
            Cost(
                "beside",
                "interface endpoints, in each zone",
                hour * HOURS * shape.endpoint_hours,
                f"{shape.endpoint_hours} x {HOURS} h x {hour:g}",
            )
        )
    if shape.customer_keys:
        amount = prices.of("kms.key", "month")
        text = f"{shape.customer_keys} x {amount:g}"
        costs.append(Cost("beside", "customer keys", amount * shape.customer_keys, text))
    return costs
