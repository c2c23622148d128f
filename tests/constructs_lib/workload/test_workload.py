"""What a workload needs, what of a pipeline does not carry it, and what it costs."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.cdc_pipeline import CdcPipelineProps
from constructs_lib.errors import InvalidPropsError
from constructs_lib.workload import WorkloadProps, needs
from constructs_lib.workload.estimate import Shape, alternatives, cheapest, estimate, fixed_monthly
from constructs_lib.workload.prices import PricesError, load_prices
from tests.support.variants import settings

PRICES = load_prices()
THREADS = {"target_metadata": {"parallel_apply_threads": 8}}


def workload(**changes: Any) -> WorkloadProps:
    given = {
        "mean_rows_per_second": 100,
        "peak_rows_per_second": 1000,
        "bytes_per_row": 600,
        "tables": 10,
    }
    return WorkloadProps(**(given | changes))


def refusals(**changes: Any) -> list[str]:
    """What a pipeline is refused for: key, and the problem."""
    load = changes.pop("workload")
    given = settings(**changes)
    given["workload"] = load.model_dump()
    try:
        CdcPipelineProps(**given)
    except InvalidPropsError as error:
        return [f"{fault.where}: {fault.problem}" for fault in error.faults]
    return []


def provisioned(shards: int, **more: Any) -> dict[str, Any]:
    return {"capacity": {"kind": "provisioned", "shard_count": shards}, **more}


def test_a_workload_that_is_carried_is_not_refused() -> None:
    assert refusals(workload=workload()) == []


def test_shards_carry_the_rows_and_the_bytes_of_the_peak() -> None:
    by_rows = workload(peak_rows_per_second=1001, bytes_per_row=100)
    assert needs.shards(by_rows).amount == 2
    by_bytes = workload(peak_rows_per_second=1000, bytes_per_row=2001)
    assert needs.shards(by_bytes).amount == 3
    assert needs.shards(workload(bytes_per_row=1000)).amount == 1

    threads = {"replication": {"task_settings": THREADS}}
    load = workload(peak_rows_per_second=2000, bytes_per_row=1500)
    assert refusals(workload=load, stream=provisioned(3), **threads) == []
    (refusal,) = refusals(workload=load, stream=provisioned(2), **threads)
    assert refusal == (
        "stream.capacity.shard_count: does not carry the workload: the peak is 2,000 rows/s; "
        "2,000 / 1,000 rows/s a shard = 2, and 2,000 x 1,500 bytes = 3.00 MB/s / 1 MB/s a shard = "
        f"3. Set it to 3, or the capacity to on-demand ({needs.STREAM_LIMITS})"
    )


def test_the_load_in_a_year_counts() -> None:
    grown = workload(peak_rows_per_second=900, yearly_growth_percent=50)
    assert needs.shards(grown).amount == 2
    assert (
        "the peak of 900 rows/s grows by 50 % to 1,350 in a year" in needs.shards(grown).arithmetic
    )


def test_on_demand_takes_200_megabytes_a_second() -> None:
    most = workload(peak_rows_per_second=200_000, bytes_per_row=1000, tables=60_000)
    more = most.model_copy(update={"bytes_per_row": 1001})
    assert not any("stream.capacity.kind" in each for each in refusals(workload=most))
    assert any("stream.capacity.kind" in each for each in refusals(workload=more))


def test_changes_of_one_table_stay_in_one_shard_unless_dms_writes_in_parallel() -> None:
    load = workload(
        peak_rows_per_second=1500,
        tables=1,
        rows_per_second_per_thread=1500,
        rows_per_second_per_vcpu=1500,
    )
    (refusal,) = refusals(workload=load)
    where, _, problem = refusal.partition(": ")
    assert where == "replication.task_settings.target_metadata.parallel_apply_threads"
    assert "1 of the shards carry the 1 of workload.tables, and 2 are needed" in problem
    assert refusals(workload=load, replication={"task_settings": THREADS}) == []
    two = load.model_copy(update={"tables": 2})
    assert refusals(workload=two) == []


def test_dms_has_the_vcpus_or_units() -> None:
    load = workload(peak_rows_per_second=2001)
    replication = {"task_settings": THREADS, "compute": {"kind": "instance"}}
    (refusal,) = refusals(workload=load, replication=replication)
    assert refusal.startswith(
        "replication.compute.instance_class: does not carry the workload: it has 2 vCPUs, and the "
        "peak is 2,001 rows/s; 2,001 / 1,000 rows/s a vCPU = 3. Choose a class with 3 vCPUs"
    )
    replication["compute"] = {"kind": "instance", "instance_class": "dms.c6i.xlarge"}
    assert refusals(workload=load, replication=replication) == []
    measured = load.model_copy(update={"rows_per_second_per_vcpu": 1001})
    replication["compute"] = {"kind": "instance"}
    assert refusals(workload=measured, replication=replication) == []

    replication["compute"] = {"kind": "serverless", "max_capacity_units": 4}
    (refusal,) = refusals(workload=load, replication=replication)
    assert refusal.startswith(
        "replication.compute.max_capacity_units: does not carry the workload: the peak is 2,001 "
        "rows/s; 2,001 / 500 rows/s a unit = 5. Set it to 8"
    )
    replication["compute"] = {"kind": "serverless", "max_capacity_units": 8}
    assert refusals(workload=load, replication=replication) == []


@pytest.mark.parametrize(
    ("name", "vcpus", "memory_gib"),
    [
        ("dms.t3.medium", 2, 4),
        ("dms.c5.large", 2, 4),
        ("dms.c6i.xlarge", 4, 8),
        ("dms.r6i.2xlarge", 8, 64),
        ("dms.r5.24xlarge", 96, 768),
    ],
)
def test_sizes_of_classes(name: str, vcpus: int, memory_gib: int) -> None:
    assert needs.instance_size(name) == needs.InstanceSize(vcpus, memory_gib)


def test_a_class_of_another_family_is_not_judged() -> None:
    assert needs.instance_size("dms.z9.large") is None
    replication = {
        "task_settings": THREADS,
        "compute": {"kind": "instance", "instance_class": "dms.z9.large"},
    }
    assert refusals(workload=workload(peak_rows_per_second=5000), replication=replication) == []


def test_the_sorter_leaves_half_of_the_memory() -> None:
    def tuned(limit: int) -> dict[str, Any]:
        return {"task_settings": {"change_processing_tuning": {"memory_limit_total_mb": limit}}}

    assert refusals(workload=workload(), replication=tuned(2048)) == []
    (refusal,) = refusals(workload=workload(), replication=tuned(2049))
    assert "is more than half of the memory of dms.t3.medium, 4 GiB x 1024 / 2 = 2048 MB" in refusal


def test_threads_carry_the_peak() -> None:
    load = workload(peak_rows_per_second=2000)
    (refusal,) = refusals(workload=load)
    assert refusal.startswith(
        "replication.task_settings.target_metadata.parallel_apply_threads: does not carry the "
        "workload: the peak is 2,000 rows/s; 2,000 / 1,000 rows/s a thread = 2, and without it "
        "there is one. Set it to 2"
    )
    two = {"task_settings": {"target_metadata": {"parallel_apply_threads": 2}}}
    assert refusals(workload=load, replication=two) == []
    most = load.model_copy(update={"peak_rows_per_second": 33_000, "rows_per_second_per_vcpu": 1e6})
    assert any(
        "DMS has 32 at most: split the tables over several pipelines" in each
        for each in refusals(workload=most)
    )
    # a full load has threads of its own
    full = {"migration_type": "full-load"}
    assert refusals(workload=load, replication=full) == []


def test_partitions_by_table_stay_below_firehoses_quota() -> None:
    by_table = {"partitioning": {"kind": "by-table"}}
    assert refusals(workload=workload(tables=250), delivery_stream=by_table) == []
    (refusal,) = refusals(workload=workload(tables=251), delivery_stream=by_table)
    assert refusal.startswith(
        "delivery_stream.partitioning.kind: does not carry the workload: 251 tables x 2 dates, the "
        "old one and the new one, when the date changes, are 502 active partitions"
    )
    assert refusals(workload=workload(tables=251)) == []


def test_retentions_outlast_the_longest_outage() -> None:
    day = workload(longest_outage=timedelta(hours=24))
    (stream,) = refusals(workload=day)
    assert stream.startswith(
        "stream.retention: loses records in the longest outage: 24 hours of it and 0.181 hours to "
        "read what gathered (4 shards x 2 MB/s, less the 100 rows/s x 600 bytes that still come) "
        "are more than 24 hours"
    )
    assert refusals(workload=day, stream={"retention": timedelta(hours=48)}) == []
    (log,) = refusals(
        workload=day,
        stream={"retention": timedelta(hours=48)},
        source={"kind": "new", "binlog_retention": timedelta(hours=23)},
    )
    assert log.startswith("source.binlog_retention: loses changes in the longest outage, 24 hours")


def test_the_peak_is_not_below_the_mean() -> None:
    with pytest.raises(InvalidPropsError, match="must be mean_rows_per_second, 100, or more"):
        workload(peak_rows_per_second=99)


# Costs


def cost(shape: Shape, what: str, **load: Any) -> float:
    (found,) = (
        each.monthly
        for each in estimate(workload(**load), shape, PRICES).costs
        if each.what == what
    )
    return round(found, 2)


INSTANCE = Shape(instance_class="dms.t3.medium")


def test_the_parts_of_an_estimate() -> None:
    """By hand: 100 rows/s are 262.8 million in a month of 730 hours."""
    assert cost(INSTANCE, "dms.t3.medium") == 53.29
    assert cost(INSTANCE, "storage of the instance") == 5.75
    assert cost(INSTANCE, "stream") == 29.20
    # each record of 600 bytes counts as 1 KiB: 269.1 GB
    assert cost(INSTANCE, "records in") == 21.53
    assert cost(INSTANCE, "records out, to Firehose") == 6.31
    # and as 5 KiB with Firehose: 1,345.5 GB
    assert cost(INSTANCE, "records in, each in steps of 5 KB") == 39.02
    assert cost(INSTANCE, "what lands in a month, for each month it is kept") == 0.54
    two_zones = Shape(instance_class="dms.t3.medium", zones=2)
    assert cost(two_zones, "dms.t3.medium") == 106.58
    shards = Shape(stream="provisioned", shard_count=2)
    assert cost(shards, "shards") == 21.90
    assert cost(shards, "records put") == 3.68
    assert cost(shards, "records put", bytes_per_row=25_601) == 7.36
    week = Shape(stream="provisioned", shard_count=2, retention=timedelta(days=7))
    assert cost(week, "retention beyond a day") == 29.20
    year = Shape(stream="provisioned", shard_count=2, retention=timedelta(days=365))
    # 5.184 GB a day for 358 days
    assert cost(year, "retention beyond a week") == 42.69
    assert cost(
        Shape(compute="serverless", capacity_units=2), "DMS capacity units, on average"
    ) == (127.02)
    assert cost(Shape(converts=True), "conversion") == 24.22
    by_table = Shape(partitions=10)
    assert cost(by_table, "partitioning") == 3.15
    # ten folders, an object each in 300 seconds or of 5 MiB: 157.68 GB / 5 MiB are fewer
    assert cost(by_table, "objects of partitions") == 0.44
    assert cost(Shape(endpoint_hours=6), "interface endpoints, in each zone") == 43.80
    nothing_lands = estimate(workload(), Shape(delivers=False), PRICES)
    assert not nothing_lands.of_part("delivery") + nothing_lands.of_part("bucket")
    assert cost(Shape(customer_keys=3), "customer keys") == 3


def test_an_estimate_is_the_sum_of_its_parts() -> None:
    found = estimate(workload(), INSTANCE, PRICES)
    parts = ("replication", "stream", "delivery", "bucket", "beside")
    assert found.monthly == pytest.approx(sum(map(found.of_part, parts)))
    assert {each.part for each in found.costs} <= set(parts)


def test_the_cheapest_way_is_one_that_carries_the_load() -> None:
    ways = alternatives(workload(), INSTANCE, PRICES)
    assert [(way.shape.stream, way.shape.compute) for way in ways] == [
        ("on-demand", "instance"),
        ("on-demand", "serverless"),
        ("provisioned", "instance"),
        ("provisioned", "serverless"),
    ]
    best = cheapest(ways)
    assert best is not None
    assert best.monthly == min(way.monthly for way in ways)
    assert all(way.too_small == "" for way in ways)
    # what is cheap and too small is none
    small = estimate(workload(peak_rows_per_second=5000), INSTANCE, PRICES)
    assert small.too_small.startswith("dms.t3.medium has 2 vCPUs: the peak is 5,000 rows/s")
    assert cheapest([small]) is None


def test_a_steady_load_is_cheaper_on_an_instance_and_a_rare_one_on_serverless() -> None:
    steady = cheapest(
        alternatives(
            workload(mean_rows_per_second=3900, peak_rows_per_second=4000), INSTANCE, PRICES
        )
    )
    rare = cheapest(
        alternatives(workload(mean_rows_per_second=1, peak_rows_per_second=4000), INSTANCE, PRICES)
    )
    assert steady is not None
    assert rare is not None
    assert steady.shape.compute == "instance"
    assert rare.shape.compute == "serverless"


def test_what_no_part_can_carry_has_no_way() -> None:
    ways = alternatives(workload(peak_rows_per_second=900_000), INSTANCE, PRICES)
    assert all(way.too_small for way in ways)
    assert cheapest(ways) is None


def test_what_is_paid_whatever_is_moved() -> None:
    assert fixed_monthly(INSTANCE, PRICES) == pytest.approx(53.29 + 5.75)


# Prices


def test_the_packaged_prices_are_dated_and_sourced() -> None:
    assert PRICES.read.year >= 2026
    for name, price in PRICES.prices.items():
        assert price.source.startswith("https://aws.amazon.com/"), name
    assert set(PRICES.unchecked()) < set(PRICES.prices)


def test_every_price_is_for_something() -> None:
    """A price that no estimate asks for would never be missed."""
    asked = set()

    class Asked(type(PRICES)):  # type: ignore[misc]
        def of(self, name: str, unit: Any) -> float:
            asked.add(name)
            return float(super().of(name, unit))

    prices = Asked(**PRICES.model_dump())
    every = Shape(
        converts=True, partitions=3, customer_keys=1, endpoint_hours=1, retention=timedelta(days=9)
    )
    for way in alternatives(workload(), every, prices):
        estimate(workload(), way.shape, prices)
    classes = {name for name in PRICES.prices if needs_class(name)}
    # tests/dms_stream/operations/test_athena.py: a query is charged by what it scans
    assert asked | classes | {"athena.scanned"} == set(PRICES.prices)
    assert all(needs.instance_size(name) for name in classes)


def needs_class(name: str) -> bool:
    return name.startswith("dms.") and name.count(".") == 2


def test_prices_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "prices.yaml"
    file.write_text(
        "currency: EUR\nregion: eu-west-1\nread: 2026-12-01\nprices:\n"
        "  kinesis.shard: {amount: 1, unit: hour, source: contract}\n"
    )
    prices = load_prices(file)
    assert prices.of("kinesis.shard", "hour") == 1
    with pytest.raises(PricesError) as missing:
        prices.of("dms.storage", "GB-month")
    assert str(missing.value) == (
        "the prices of eu-west-1: 1 mistake\n  - prices.dms.storage: must hold the price for one "
        "GB-month, in the form of prices.yaml"
    )
    with pytest.raises(PricesError, match="given: a price for one hour"):
        prices.of("kinesis.shard", "month")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("currency: USD\n", "region"),
        ("prices: {a: {amount: -1, unit: hour, source: x}}\n", "prices.a.amount"),
        ("prices: {a: {amount: 1, unit: year, source: x}}\n", "prices.a.unit"),
        ("- a\n", "(top level)"),
    ],
)
def test_a_wrong_file_of_prices_is_one_clear_error(text: str, where: str, tmp_path: Path) -> None:
    file = tmp_path / "prices.yaml"
    file.write_text(text)
    with pytest.raises(PricesError) as refusal:
        load_prices(file)
    assert where in {fault.where for fault in refusal.value.faults}
    with pytest.raises(PricesError, match="cannot be read"):
        load_prices(tmp_path / "none.yaml")
