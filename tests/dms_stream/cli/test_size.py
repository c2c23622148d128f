"""`dms-stream size`: what a workload needs and costs."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from constructs_lib.cdc_pipeline import CdcPipelineProps
from constructs_lib.errors import DmsStreamError
from constructs_lib.workload import WorkloadProps
from dms_stream.cli.app import app
from dms_stream.cli.rehearse import _fill_workload, _require_workloads
from dms_stream.cli.size import shape_of
from dms_stream.cli.workspace import open_workspace
from dms_stream.rehearsal.result import RehearsalResult
from dms_stream.settings.environment import load_environment
from tests.support.variants import CUSTOMER, LOGGING, TLS, settings

LOAD = ("--mean", "50", "--peak", "400", "--bytes", "700", "--tables", "1")
WORKLOAD = WorkloadProps(
    mean_rows_per_second=600, peak_rows_per_second=600, bytes_per_row=700, tables=7
)


def size(*options: str) -> Result:
    return CliRunner().invoke(app, ["size", *options], env={"COLUMNS": "200"})


def environment(folder: Path, workload: str = "") -> Path:
    file = folder / "shop.yaml"
    file.write_text(
        f"region: eu-west-1\nstate: {{bucket_name: example-state}}\npipelines:\n  shop:\n"
        f"    source: {{kind: new}}\n    replication:\n      table_mappings: {{tables: [a.b]}}\n"
        f"      source_endpoint: {{tls: {json.dumps(TLS)}}}\n{workload}"
    )
    return file


IN_SETTINGS = """\
    # what marketing says
    workload:
      mean_rows_per_second: 10
      peak_rows_per_second: 100
      bytes_per_row: 500  # a guess
      tables: 2
"""


def test_every_way_is_beside_the_settings_and_the_cheapest_is_marked() -> None:
    done = size("--env", "seed", *LOAD)
    assert done.exit_code == 0, done.output
    for said in (
        "as configured             stream on demand, DMS dms.t3.medium",
        "on-demand + instance",
        "provisioned + instance    stream 1 shard, DMS dms.t3.medium, the cheapest",
        "on-demand + serverless",
        "provisioned + serverless",
        "400 / 1,000 rows/s a shard = 1",
        "730 h x 0.073",
        "of us-east-1, not of eu-west-1, read on 2026-11-26",
    ):
        assert said in done.stdout


def test_as_json_it_says_the_same() -> None:
    document = json.loads(size("--env", "seed", *LOAD, "--json").stdout)
    found = document["pipelines"]["tickets"]
    assert found["workload"]["bytes_per_row"] == 700
    assert found["needs"]["shards"]["amount"] == 1
    assert found["configured"]["carries"] is True
    assert found["cheapest"] == "provisioned + instance"
    ways = found["ways"]
    assert min(ways, key=lambda way: ways[way]["monthly"]) == found["cheapest"]
    for way in ways.values():
        assert way["monthly"] == pytest.approx(sum(c["monthly"] for c in way["costs"]), abs=0.05)
    assert "dms.t3.medium" in document["unchecked_prices"]


def test_the_settings_workload_counts_and_options_take_the_place_of_its_keys(
    tmp_path: Path,
) -> None:
    file = environment(tmp_path, IN_SETTINGS)
    found = json.loads(size("--env", str(file), "--json").stdout)["pipelines"]["shop"]
    assert found["workload"]["peak_rows_per_second"] == 100
    other = json.loads(size("--env", str(file), "--peak", "900", "--json").stdout)
    assert other["pipelines"]["shop"]["workload"]["peak_rows_per_second"] == 900


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    none = size("--env", "seed")
    assert isinstance(none.exception, DmsStreamError)
    assert "add pipelines.tickets.workload with mean_rows_per_second" in str(none.exception)
    some = size("--env", "seed", "--mean", "5")
    assert isinstance(some.exception, DmsStreamError)
    assert "peak_rows_per_second: is required and has no default" in str(some.exception)
    prices = tmp_path / "prices.yaml"
    prices.write_text("currency: EUR\nregion: eu-west-1\nread: 2026-12-01\nprices: {}\n")
    lacking = size("--env", "seed", *LOAD, "--prices", str(prices))
    assert isinstance(lacking.exception, DmsStreamError)
    assert "prices.dms.t3.medium: must hold the price for one hour" in str(lacking.exception)


def shape(**changes: Any) -> Any:
    return shape_of(CdcPipelineProps(**settings(**changes)), WORKLOAD)


def test_the_settings_decide_the_shape() -> None:
    plain = shape()
    assert (plain.stream, plain.compute, plain.instance_class, plain.storage_gib) == (
        "on-demand",
        "instance",
        "dms.t3.medium",
        50,
    )
    # Kinesis and Secrets Manager in two zones
    assert (plain.endpoint_hours, plain.customer_keys, plain.partitions) == (4, 0, 0)
    assert shape(replication={"task_settings": LOGGING}).endpoint_hours == 6
    keys = shape(
        source={"kind": "new", "encryption": CUSTOMER},
        stream={"encryption": CUSTOMER},
        landing_bucket={"encryption": CUSTOMER},
    )
    assert keys.customer_keys == 3
    assert shape(delivery_stream={"partitioning": {"kind": "by-table"}}).partitions == 7
    parquet = shape(
        delivery_stream={"format": {"kind": "parquet"}},
        data_catalog={"data_columns": {"id": "bigint"}},
    )
    assert parquet.converts
    assert not shape(delivery_stream=None).delivers
    shards = shape(stream={"capacity": {"kind": "provisioned", "shard_count": 3}})
    assert (shards.stream, shards.shard_count) == ("provisioned", 3)
    standby = shape(replication={"compute": {"kind": "instance", "multi_az": True}})
    assert standby.zones == 2
    serverless = shape(replication={"compute": {"kind": "serverless", "max_capacity_units": 8}})
    assert (serverless.compute, serverless.capacity_units) == ("serverless", 2)
    kept = shape(
        replication={
            "compute": {"kind": "serverless", "max_capacity_units": 8, "min_capacity_units": 4}
        }
    )
    assert kept.capacity_units == 4


def test_the_rehearsals_record_fills_the_workload(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from datetime import UTC, datetime, timedelta

    from dms_stream.cli.console import open_console

    file = environment(tmp_path, IN_SETTINGS)
    workspace = open_workspace(str(file), needs_aws=False)
    _require_workloads(workspace, ["shop-shop"])
    result = RehearsalResult(
        "shop", "shop", datetime.now(UTC), timedelta(), "db", "s", "d", "b", bytes_per_record=612
    )
    _fill_workload(open_console(), workspace, result)
    assert "workload.bytes_per_row of shop is 612" in capsys.readouterr().out.replace("\n", "")
    assert "# what marketing says" in file.read_text()
    filled = load_environment(file).pipelines["shop"].workload
    assert filled is not None
    assert (filled.bytes_per_row, filled.tables) == (612, 2)

    bare = open_workspace(str(environment(tmp_path)), needs_aws=False)
    with pytest.raises(DmsStreamError, match="and there is no workload: add it"):
        _require_workloads(bare, ["shop-shop"])
