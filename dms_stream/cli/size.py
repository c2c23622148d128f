"""`dms-stream size`: what a workload needs and costs, beside what the settings give it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, assert_never

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from constructs_lib.cdc_pipeline import CdcPipelineProps
from constructs_lib.change_stream import (
    ChangeStreamProps,
    ImportedStreamProps,
    ProvisionedCapacity,
)
from constructs_lib.customer_key import CustomerKeyEncryption
from constructs_lib.delivery_stream import DeliveryStreamProps, PartitioningByTable
from constructs_lib.dms_replication import ExistingCompute, InstanceCompute, ServerlessCompute
from constructs_lib.network import NetworkProps, dms_endpoints
from constructs_lib.workload import WorkloadProps, needs
from constructs_lib.workload.estimate import (
    Estimate,
    Shape,
    alternatives,
    cheapest,
    estimate,
)
from constructs_lib.workload.prices import Prices, load_prices
from dms_stream.cli.errors import CommandError
from dms_stream.cli.json_output import print_json
from dms_stream.cli.workspace import open_workspace
from dms_stream.hanging_text import print_hanging

_PARTS = {
    "replication": "DMS",
    "stream": "Kinesis",
    "delivery": "Firehose",
    "bucket": "S3",
    "beside": "beside",
}
_FREE_ENDPOINTS = ("s3",)
# the longest name of a way is `provisioned + serverless`
_NAMES_WIDTH = 26
_WITHOUT_CENTS = 10_000


@dataclass(frozen=True)
class SizeOptions:
    """What the command line says.

    Attributes:
        prices: File of prices; None: the packaged one.
        given: The workload's keys that are given in place of the settings'.
        as_json: Whether to print it as JSON.
    """

    prices: Path | None = None
    given: Mapping[str, float | int] | None = None
    as_json: bool = False


@dataclass(frozen=True)
class Sizing:
    """What was found out about one pipeline.

    Attributes:
        pipeline: Its name.
        workload: What it has to carry.
        configured: What the settings make of it.
        ways: Each way to pay for it, as large as needed.
    """

    pipeline: str
    workload: WorkloadProps
    configured: Estimate
    ways: tuple[Estimate, ...]

    @property
    def cheapest(self) -> Estimate | None:
        """The cheapest way that carries the workload."""
        return cheapest(self.ways)


def run_size(
    console: Console, env: str | None, pipelines: list[str] | None, options: SizeOptions
) -> None:
    """Show what the workloads of an environment's pipelines need and cost.

    Raises:
        DmsStreamError: no workload is known, or a file is not valid.
    """
    workspace = open_workspace(env, needs_aws=False)
    workspace.pipeline_stacks(pipelines)
    prices = load_prices(options.prices)
    found = []
    for name in pipelines or workspace.settings.pipelines:
        props = workspace.settings.pipelines[name]
        workload = _workload(props.workload, options.given or {})
        if workload is None:
            if not pipelines and len(workspace.settings.pipelines) > 1:
                continue
            raise _no_workload(workspace.file, name)
        shape = shape_of(props, workload)
        found.append(
            Sizing(
                name,
                workload,
                estimate(workload, shape, prices),
                tuple(alternatives(workload, shape, prices)),
            )
        )
    if not found:
        raise _no_workload(workspace.file, next(iter(workspace.settings.pipelines), "<pipeline>"))
    if options.as_json:
        document = _document(found, prices)
        print_json(document)
        return
    for sizing in found:
        _show(console, sizing, prices)
    _show_prices(console, prices, workspace.settings.region, options.prices)


def shape_of(props: CdcPipelineProps, workload: WorkloadProps) -> Shape:
    """What of a pipeline's settings decides its cost."""
    stream, delivery, compute = props.stream, props.delivery_stream, props.replication.compute
    fixed: dict[str, Any] = {
        "customer_keys": _customer_keys(props),
        "endpoint_hours": _endpoint_hours(props),
        "delivers": isinstance(delivery, DeliveryStreamProps),
    }
    if isinstance(delivery, DeliveryStreamProps):
        fixed |= {
            "converts": delivery.converts_format,
            "buffer_mib": delivery.effective_buffer_mib,
            "buffer_interval": delivery.buffer_interval,
        }
        if delivery.uses_dynamic_partitioning:
            by_table = isinstance(delivery.partitioning, PartitioningByTable)
            # of keys of one's own, nobody knows how many values they have
            fixed["partitions"] = workload.tables if by_table else 1
    match stream:
        case ChangeStreamProps():
            fixed["retention"] = stream.retention
            if isinstance(stream.capacity, ProvisionedCapacity):
                fixed |= {"stream": "provisioned", "shard_count": stream.capacity.shard_count}
        case ImportedStreamProps():
            pass
        case _:
            assert_never(stream)
    match compute:
        case InstanceCompute():
            fixed |= {
                "instance_class": compute.instance_class,
                "storage_gib": compute.allocated_storage_gib,
                "zones": 2 if compute.multi_az else 1,
            }
        case ServerlessCompute():
            rows = workload.mean_rows_per_second
            least = max(
                compute.min_capacity_units or 1, rows / workload.rows_per_second_per_capacity_unit
            )
            fixed |= {
                "compute": "serverless",
                "capacity_units": next(
                    (units for units in needs.CAPACITY_UNITS if units >= least),
                    compute.max_capacity_units,
                ),
                "zones": 2 if compute.multi_az else 1,
            }
        case ExistingCompute():
            pass
        case _:
            assert_never(compute)
    return Shape(**fixed)


def _customer_keys(props: CdcPipelineProps) -> int:
    parts = (props.source, props.replication, props.stream, props.landing_bucket)
    return sum(
        isinstance(getattr(part, "encryption", None), CustomerKeyEncryption) for part in parts
    )


def _endpoint_hours(props: CdcPipelineProps) -> int:
    network = props.network
    if isinstance(network, NetworkProps):
        made = network.endpoints
        if made is None:
            made = dms_endpoints(task_logs=props.replication.task_settings.logs)
        zones = len(network.zone_names) if network.zone_names else network.zones
    else:
        made, zones = network.endpoints, len(network.subnet_ids)
    return zones * sum(endpoint not in _FREE_ENDPOINTS for endpoint in made)


def _workload(
    settings: WorkloadProps | None, given: Mapping[str, float | int]
) -> WorkloadProps | None:
    known = settings.model_dump(exclude_unset=True) if settings is not None else {}
    together = known | dict(given)
    if not together:
        return None
    return WorkloadProps(**together)


def _no_workload(file: Path, name: str) -> CommandError:
    return CommandError(
        f"{file}: no pipeline says what it has to carry: add pipelines.{name}.workload with "
        "mean_rows_per_second, peak_rows_per_second, bytes_per_row and tables, or give them as "
        "options (--mean, --peak, --bytes, --tables)"
    )


def _show(console: Console, sizing: Sizing, prices: Prices) -> None:
    console.rule(f"{sizing.pipeline}: what it needs")
    workload = sizing.workload
    table = Table()
    for column in ("", "Needed", "Because"):
        table.add_column(column, overflow="fold")
    for what, need in _needs(workload).items():
        table.add_row(what, f"{need.amount:,}", need.arithmetic)
    console.print(table)
    console.rule(f"{sizing.pipeline}: what it costs in a month, {prices.currency}")
    ways = [("as configured", sizing.configured), *((_way(e), e) for e in sizing.ways)]
    for name, each in ways:
        shape = Text(each.shape.name)
        if each is sizing.cheapest:
            shape.append(", the cheapest", style="bold")
        if each.too_small:
            shape.append(f", does not carry it: {each.too_small}", style="red")
        print_hanging(console, Text(name, "bold"), shape, indent=_NAMES_WIDTH)
    console.print(_costs(ways, sizing.cheapest))
    console.rule(f"{sizing.pipeline}: as configured, part by part")
    table = Table()
    for column in ("Part", "What", prices.currency, "Because"):
        table.add_column(column, overflow="fold", justify="right" if column.isupper() else "left")
    for cost in sizing.configured.costs:
        table.add_row(_PARTS[cost.part], cost.what, f"{cost.monthly:,.2f}", cost.arithmetic)
    console.print(table)


def _costs(ways: Sequence[tuple[str, Estimate]], cheapest: Estimate | None) -> Table:
    table = Table("", box=SIMPLE_HEAD, collapse_padding=True, pad_edge=False)
    for name, each in ways:
        style = "bold" if each is cheapest else ""
        table.add_column(name, justify="right", style=style)
    for part, title in _PARTS.items():
        table.add_row(title, *(_amount(each.of_part(part)) for _, each in ways))
    table.add_section()
    table.add_row("together", *(_amount(each.monthly) for _, each in ways))
    table.add_row("carries it", *("no" if each.too_small else "yes" for _, each in ways))
    return table


def _amount(monthly: float) -> str:
    return f"{monthly:,.0f}" if monthly >= _WITHOUT_CENTS else f"{monthly:,.2f}"


def _show_prices(console: Console, prices: Prices, region: str, file: Path | None) -> None:
    unchecked = prices.unchecked()
    where = str(file) if file else "the packaged file"
    other = "" if prices.region == region else f", not of {region}"
    text = (
        f"Prices: {where}, of {prices.region}{other}, read on {prices.read}; {len(unchecked)} of "
        f"{len(prices.prices)} were not compared with their source. --prices FILE takes yours. Not "
        "in it: the source database, queries, transfer between zones and regions, taxes, "
        "discounts."
    )
    print_hanging(console, Text(), Text(text), indent=0)


def _needs(workload: WorkloadProps) -> dict[str, needs.Need]:
    return {
        "shards": needs.shards(workload),
        "vCPUs of an instance": needs.vcpus(workload),
        "or DMS capacity units": needs.capacity_units(workload),
        "parallel_apply_threads": needs.threads(workload),
        "partitions by table": needs.partitions(workload),
    }


def _way(found: Estimate) -> str:
    return f"{found.shape.stream} + {found.shape.compute}"


def _document(found: list[Sizing], prices: Prices) -> dict[str, Any]:
    return {
        "currency": prices.currency,
        "region": prices.region,
        "read": prices.read.isoformat(),
        "unchecked_prices": prices.unchecked(),
        "pipelines": {
            sizing.pipeline: {
                "workload": sizing.workload.model_dump(mode="json"),
                "needs": {what: asdict(need) for what, need in _needs(sizing.workload).items()},
                "configured": _as_json(sizing.configured),
                "ways": {_way(each): _as_json(each) for each in sizing.ways},
                "cheapest": None if sizing.cheapest is None else _way(sizing.cheapest),
            }
            for sizing in found
        },
    }


def _as_json(found: Estimate) -> dict[str, Any]:
    return {
        "shape": found.shape.name,
        "monthly": round(found.monthly, 2),
        "carries": not found.too_small,
        "too_small": found.too_small or None,
        "costs": [{**asdict(cost), "monthly": round(cost.monthly, 2)} for cost in found.costs],
    }
