"""What of a pipeline does not carry the workload that its settings describe."""

from collections.abc import Iterator
from datetime import timedelta

from constructs_lib.aurora_source import ImportedSourceProps
from constructs_lib.cdc_pipeline.parts import PipelineParts
from constructs_lib.change_stream import ChangeStreamProps, ProvisionedCapacity
from constructs_lib.delivery_stream import DeliveryStreamProps, PartitioningByTable
from constructs_lib.dms.table_mappings import ObjectMappingRule
from constructs_lib.dms.vocabulary import captures_changes
from constructs_lib.dms_replication import InstanceCompute, ServerlessCompute
from constructs_lib.errors import Fault
from constructs_lib.workload import WorkloadProps, needs

_HOUR = timedelta(hours=1)


def workload_faults(props: PipelineParts) -> Iterator[Fault]:
    """All of them, each at its key, with the arithmetic."""
    workload = props.workload
    if workload is None:
        return
    yield from _stream(props, workload)
    yield from _compute(props, workload)
    yield from _threads(props, workload)
    yield from _partitions(props, workload)
    yield from _retentions(props, workload)


def _stream(props: PipelineParts, workload: WorkloadProps) -> Iterator[Fault]:
    need = needs.shards(workload)
    capacity = props.stream.capacity if isinstance(props.stream, ChangeStreamProps) else None
    if isinstance(capacity, ProvisionedCapacity) and capacity.shard_count < need.amount:
        yield Fault(
            "stream.capacity.shard_count",
            f"does not carry the workload: {need.arithmetic}. Set it to {need.amount}, or the "
            f"capacity to on-demand ({needs.STREAM_LIMITS})",
            str(capacity.shard_count),
        )
    peak_bytes = needs.peak_rows(workload) * workload.bytes_per_row
    is_on_demand = capacity is not None and capacity.kind == "on-demand"
    if is_on_demand and peak_bytes > needs.ON_DEMAND_BYTES_PER_SECOND:
        yield Fault(
            "stream.capacity.kind",
            f"does not carry the workload: {need.arithmetic}, and a stream on demand takes 200 "
            f"MB/s unless AWS raises it. Set it to provisioned with {need.amount} shards "
            f"({needs.STREAM_LIMITS})",
            "on-demand",
        )
    if need.amount > workload.tables and _keys_are_tables(props):
        yield Fault(
            "replication.task_settings.target_metadata.parallel_apply_threads",
            f"leaves all changes of a table in one shard, as their partition key is the table: "
            f"at most {workload.tables:,} of the shards carry the {workload.tables:,} of "
            f"workload.tables, and {need.amount:,} are needed ({need.arithmetic}). Set it to 1 or "
            "more, so that the key is the row's",
            "0",
        )


def _keys_are_tables(props: PipelineParts) -> bool:
    replication = props.replication
    metadata = replication.task_settings.target_metadata
    return (
        captures_changes(replication.migration_type)
        and not (metadata and metadata.parallel_apply_threads)
        and not any(
            isinstance(rule, ObjectMappingRule) for rule in replication.table_mappings.all_rules
        )
    )


def _compute(props: PipelineParts, workload: WorkloadProps) -> Iterator[Fault]:
    compute = props.replication.compute
    if isinstance(compute, ServerlessCompute):
        need = needs.capacity_units(workload)
        if compute.max_capacity_units < need.amount:
            yield Fault(
                "replication.compute.max_capacity_units",
                f"does not carry the workload: {need.arithmetic}. Set it to {need.amount}, or "
                "workload.rows_per_second_per_capacity_unit to what you have measured",
                str(compute.max_capacity_units),
            )
    elif isinstance(compute, InstanceCompute):
        need, size = needs.vcpus(workload), needs.instance_size(compute.instance_class)
        if size is not None and size.vcpus < need.amount:
            yield Fault(
                "replication.compute.instance_class",
                f"does not carry the workload: it has {size.vcpus} vCPUs, and {need.arithmetic}. "
                f"Choose a class with {need.amount} vCPUs or more ({needs.INSTANCE_SOURCE}), or "
                "set workload.rows_per_second_per_vcpu to what you have measured",
                compute.instance_class,
            )
        yield from _memory(props, compute.instance_class, size)


def _memory(
    props: PipelineParts, instance_class: str, size: needs.InstanceSize | None
) -> Iterator[Fault]:
    tuning = props.replication.task_settings.change_processing_tuning
    limit_mb = tuning.memory_limit_total_mb if tuning else None
    if size is not None and limit_mb is not None and limit_mb > size.memory_gib * 1024 / 2:
        yield Fault(
            "replication.task_settings.change_processing_tuning.memory_limit_total_mb",
            f"is more than half of the memory of {instance_class}, {size.memory_gib} GiB x 1024 / "
            f"2 = {size.memory_gib * 512} MB, and the rest is for DMS itself: lower it, or "
            "choose a larger class",
            str(limit_mb),
        )


def _threads(props: PipelineParts, workload: WorkloadProps) -> Iterator[Fault]:
    if not captures_changes(props.replication.migration_type):
        return
    need = needs.threads(workload)
    metadata = props.replication.task_settings.target_metadata
    given = (metadata and metadata.parallel_apply_threads) or 0
    if max(1, given) >= need.amount:
        return
    what = f"Set it to {need.amount}"
    if need.amount > needs.MOST_THREADS:
        what = f"DMS has {needs.MOST_THREADS} at most: split the tables over several pipelines"
    yield Fault(
        "replication.task_settings.target_metadata.parallel_apply_threads",
        f"does not carry the workload: {need.arithmetic}, and without it there is one. {what}, or "
        "set workload.rows_per_second_per_thread to what you have measured",
        str(given),
    )


def _partitions(props: PipelineParts, workload: WorkloadProps) -> Iterator[Fault]:
    need = needs.partitions(workload)
    delivery = props.delivery_stream
    by_table = isinstance(delivery, DeliveryStreamProps) and isinstance(
        delivery.partitioning, PartitioningByTable
    )
    if by_table and need.amount > needs.ACTIVE_PARTITIONS:
        yield Fault(
            "delivery_stream.partitioning.kind",
            f"does not carry the workload: {need.arithmetic}, are {need.amount:,} active "
            f"partitions, and a delivery stream has {needs.ACTIVE_PARTITIONS} unless AWS raises "
            "it; beyond them records go to the error prefix. Set it to none, or split the "
            "tables over several pipelines (https://docs.aws.amazon.com/firehose/latest/dev/limits.html)",
            "by-table",
        )


def _retentions(props: PipelineParts, workload: WorkloadProps) -> Iterator[Fault]:
    outage = workload.longest_outage
    if isinstance(props.stream, ChangeStreamProps):
        capacity = props.stream.capacity
        count = (
            capacity.shard_count
            if isinstance(capacity, ProvisionedCapacity)
            else max(4, needs.shards(workload).amount)
        )
        drain = needs.drain(workload, count)
        if drain is not None and props.stream.retention < outage + drain:
            yield Fault(
                "stream.retention",
                f"loses records in the longest outage: {_hours(outage)} of it and {_hours(drain)} "
                f"to read what gathered ({count} shards x 2 MB/s, less the "
                f"{workload.mean_rows_per_second * workload.growth:,.0f} rows/s x "
                f"{workload.bytes_per_row:,} bytes that still come) are more than "
                f"{_hours(props.stream.retention)}. Raise it, or shorten workload.longest_outage",
                _hours(props.stream.retention),
            )
    source = props.source
    retention = None if isinstance(source, ImportedSourceProps) else source.binlog_retention
    if retention is not None and retention < outage:
        yield Fault(
            "source.binlog_retention",
            f"loses changes in the longest outage, {_hours(outage)}, after which DMS finds no log "
            "to go on from. Raise it, or shorten workload.longest_outage",
            _hours(retention),
        )


def _hours(duration: timedelta) -> str:
    return f"{duration / _HOUR:.3g} hours"
