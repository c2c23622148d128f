"""The replication instance: its class, its version, or the one that exists."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from constructs_lib.cdc_pipeline import CdcPipelineProps
from constructs_lib.dms_replication.compute_props import ExistingCompute, InstanceCompute
from dms_stream.preflight.account import Account, error_code
from dms_stream.preflight.check import Result, pipeline_check
from dms_stream.preflight.zones import zones_of_network


@pipeline_check("the replication instance's class and version", "replication.compute")
def offered(account: Account, name: str, props: CdcPipelineProps) -> Iterator[Result]:
    """DMS offers the class with this version and storage in the pipeline's zones."""
    compute = props.replication.compute
    if not isinstance(compute, InstanceCompute):
        return
    where = f"pipelines.{name}.replication.compute"
    region = account.settings.region
    pages = account.client("dms").get_paginator("describe_orderable_replication_instances")
    options: list[dict[str, Any]] = [
        option for page in pages.paginate() for option in page["OrderableReplicationInstances"]
    ]
    of_class = [o for o in options if o["ReplicationInstanceClass"] == compute.instance_class]
    if not of_class:
        classes = sorted({str(option["ReplicationInstanceClass"]) for option in options})
        yield Result(
            f"{where}.instance_class",
            "fail",
            f"{compute.instance_class} is not offered in {region}",
            f"Choose one of {', '.join(classes)}.",
        )
        return
    version = compute.engine_version
    fitting = [o for o in of_class if version is None or o["EngineVersion"] == version]
    if not fitting:
        versions = sorted({str(option["EngineVersion"]) for option in of_class})
        yield Result(
            f"{where}.engine_version",
            "fail",
            f"DMS {version} is not offered for {compute.instance_class} in {region}",
            f"Choose one of {', '.join(versions)}.",
        )
        return
    zones = zones_of_network(account, props.network)
    there = {zone for option in fitting for zone in option.get("AvailabilityZones", [])}
    wanted = {compute.availability_zone} if compute.availability_zone else zones
    if there and wanted and not there & wanted:
        yield Result(
            where,
            "fail",
            f"{compute.instance_class} is offered in {', '.join(sorted(there))} only",
            "Choose another class, or subnets in one of those zones.",
        )
        return
    yield Result(where, "pass", f"{compute.instance_class} with DMS {version or '(AWS chooses)'}")


@pipeline_check("the existing replication instance", "replication.compute.replication_instance_id")
def existing(account: Account, name: str, props: CdcPipelineProps) -> Iterator[Result]:
    """The named replication instance exists and takes tasks."""
    compute = props.replication.compute
    if not isinstance(compute, ExistingCompute):
        return
    where = f"pipelines.{name}.replication.compute.replication_instance_id"
    wanted = compute.replication_instance_id
    try:
        found = account.client("dms").describe_replication_instances(
            Filters=[{"Name": "replication-instance-id", "Values": [wanted]}]
        )["ReplicationInstances"]
    except ClientError as error:
        if error_code(error) != "ResourceNotFoundFault":
            raise
        found = []
    if not found:
        yield Result(
            where,
            "fail",
            f"no replication instance {wanted} in {account.settings.region}",
            "Name one that exists, or use `kind: instance`.",
        )
    elif found[0]["ReplicationInstanceStatus"] != "available":
        status = found[0]["ReplicationInstanceStatus"]
        yield Result(where, "warn", f"its status is {status}", "Wait until it is available.")
    else:
        yield Result(where, "pass", f"{wanted} runs DMS {found[0]['EngineVersion']}")
