"""What a workload needs of each part, with the arithmetic that says so."""

import math
from dataclasses import dataclass
from datetime import timedelta

from constructs_lib.dms.guide import INSTANCE_TYPES
from constructs_lib.workload.props import WorkloadProps

# https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
SHARD_ROWS_PER_SECOND = 1_000
SHARD_BYTES_PER_SECOND = 1_000_000
SHARD_BYTES_READ_PER_SECOND = 2_000_000
ON_DEMAND_BYTES_PER_SECOND = 200_000_000
# https://docs.aws.amazon.com/firehose/latest/dev/limits.html
ACTIVE_PARTITIONS = 500
STREAM_LIMITS = "https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html"
CAPACITY_UNITS = (1, 2, 4, 8, 16, 32, 64, 128, 192, 256, 384)
"""https://docs.aws.amazon.com/dms/latest/APIReference/API_ComputeConfig.html"""
MOST_THREADS = 32

_SIZES = {"large": 2, "xlarge": 4}
_T3_MEMORY_GIB = {"micro": 1, "small": 2, "medium": 4, "large": 8}
_GIB_PER_VCPU = {"c5": 2, "c6i": 2, "c7i": 2, "r5": 8, "r6i": 8, "r7i": 8}
INSTANCE_SOURCE = INSTANCE_TYPES.url


@dataclass(frozen=True)
class Need:
    """How much of something a workload needs.

    Attributes:
        amount: How much.
        arithmetic: How that follows.
    """

    amount: int
    arithmetic: str


@dataclass(frozen=True)
class InstanceSize:
    """What an instance class offers.

    Attributes:
        vcpus: Its vCPUs.
        memory_gib: Its memory.
    """

    vcpus: int
    memory_gib: int


def instance_size(instance_class: str) -> InstanceSize | None:
    """What a class such as `dms.r6i.large` offers; None: not known here.

    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_ReplicationInstance.Types.html
    """
    _, family, size = instance_class.split(".")
    if family == "t3":
        memory = _T3_MEMORY_GIB.get(size)
        return InstanceSize(2, memory) if memory else None
    times = size.removesuffix("xlarge")
    vcpus = _SIZES.get(size) or (int(times) * 4 if times.isdigit() else None)
    per_vcpu = _GIB_PER_VCPU.get(family)
    return InstanceSize(vcpus, vcpus * per_vcpu) if vcpus and per_vcpu else None


def peak_rows(workload: WorkloadProps) -> float:
    """Changes a second at the peak, in a year."""
    return workload.peak_rows_per_second * workload.growth


def shards(workload: WorkloadProps) -> Need:
    """Shards of a stream."""
    rows, size = peak_rows(workload), workload.bytes_per_row
    by_rows = math.ceil(rows / SHARD_ROWS_PER_SECOND)
    by_bytes = math.ceil(rows * size / SHARD_BYTES_PER_SECOND)
    return Need(
        max(by_rows, by_bytes),
        f"{_peak(workload)}; {rows:,.0f} / {SHARD_ROWS_PER_SECOND:,} rows/s a shard = {by_rows:,}, "
        f"and {rows:,.0f} x {size:,} bytes = {_megabytes(rows * size)} MB/s / 1 MB/s a shard = "
        f"{by_bytes:,}",
    )


def vcpus(workload: WorkloadProps) -> Need:
    """vCPUs of a replication instance."""
    rate = workload.rows_per_second_per_vcpu
    return _divided(workload, rate, "a vCPU")


def capacity_units(workload: WorkloadProps) -> Need:
    """DMS capacity units: the least of those that DMS offers which carries the peak."""
    need = _divided(workload, workload.rows_per_second_per_capacity_unit, "a unit")
    offered = [units for units in CAPACITY_UNITS if units >= need.amount]
    return Need(offered[0] if offered else need.amount, need.arithmetic)


def threads(workload: WorkloadProps) -> Need:
    """Threads of DMS that write to the stream."""
    return _divided(workload, workload.rows_per_second_per_thread, "a thread")


def partitions(workload: WorkloadProps) -> Need:
    """Active partitions of a delivery stream that partitions by table."""
    return Need(
        2 * workload.tables,
        f"{workload.tables:,} {'table' if workload.tables == 1 else 'tables'} x 2 dates, the old "
        "one and the new one, when the date changes",
    )


def drain(workload: WorkloadProps, shard_count: int) -> timedelta | None:
    """How long Firehose reads what gathered in the longest outage; None: it never catches up."""
    mean = workload.mean_rows_per_second * workload.growth * workload.bytes_per_row
    left = shard_count * SHARD_BYTES_READ_PER_SECOND - mean
    if left <= 0:
        return None
    return workload.longest_outage * (mean / left)


def _divided(workload: WorkloadProps, rate: float, unit: str) -> Need:
    rows = peak_rows(workload)
    amount = math.ceil(rows / rate)
    return Need(amount, f"{_peak(workload)}; {rows:,.0f} / {rate:,.0f} rows/s {unit} = {amount:,}")


def _peak(workload: WorkloadProps) -> str:
    peak, rows = workload.peak_rows_per_second, peak_rows(workload)
    if workload.growth == 1:
        return f"the peak is {peak:,.0f} rows/s"
    return (
        f"the peak of {peak:,.0f} rows/s grows by {workload.yearly_growth_percent:g} % to "
        f"{rows:,.0f} in a year"
    )


def _megabytes(number: float) -> str:
    return f"{number / 1_000_000:,.2f}"
