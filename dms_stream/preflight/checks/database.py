"""The database that is made: its snapshot, its engine's version, its instances' class."""

import re
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from constructs_lib.aurora_source.props import (
    ClusterProps,
    InstanceCapacity,
    SnapshotSourceProps,
)
from constructs_lib.cdc_pipeline import CdcPipelineProps
from dms_stream.preflight.account import Account, error_code
from dms_stream.preflight.check import Result, pipeline_check
from dms_stream.preflight.zones import zones_of_network

_ENGINE = "aurora-mysql"
_SERVERLESS_CLASS = "db.serverless"


@pipeline_check("the cluster snapshot", "source.snapshot_identifier")
def snapshot(account: Account, name: str, props: CdcPipelineProps) -> Iterator[Result]:
    """The snapshot is there, whole, of an engine that can be restored, under a key that works."""
    source = props.source
    where = f"pipelines.{name}.source.snapshot_identifier"
    # the snapshot counts when the cluster is made, and may be gone afterwards
    if not isinstance(source, SnapshotSourceProps) or account.knows(name, "aws_rds_cluster"):
        return
    found = _find_snapshot(account, source.snapshot_identifier)
    if found is None:
        yield Result(
            where,
            "fail",
            f"no cluster snapshot {source.snapshot_identifier} in {account.settings.region}",
            "Name a snapshot of an Aurora MySQL cluster in this region, or copy it here.",
        )
        return
    if found["Status"] != "available":
        yield Result(
            where, "fail", f"its status is {found['Status']}", "Wait until it is available."
        )
    if found["Engine"] != _ENGINE:
        yield Result(
            where,
            "fail",
            f"it is of the engine {found['Engine']}",
            "Name a snapshot of an Aurora MySQL cluster.",
        )
        return
    version = str(found.get("EngineVersion", ""))
    if _release(version) > _release(source.engine_version):
        yield Result(
            f"pipelines.{name}.source.engine_version",
            "fail",
            f"the snapshot is of {version}, newer than {source.engine_version}",
            f"Set `engine_version` to {version} or newer: no snapshot is restored to an older one.",
        )
    elif _release(version)[:1] < _release(source.engine_version)[:1]:
        yield Result(
            f"pipelines.{name}.source.engine_version",
            "warn",
            f"the snapshot is of {version}: restoring it to {source.engine_version} upgrades the "
            "database to another major version",
            "Check the upgrade on a copy first.",
        )
    # the default key of the embedded AWS is a name without a key behind it
    if (key := found.get("KmsKeyId")) and not account.settings.emulated:
        yield from _key_of_snapshot(account, where, key)
    yield Result(where, "pass", f"{source.snapshot_identifier} is a snapshot of {version}")


@pipeline_check("the version of Aurora MySQL", "source.engine_version")
def engine_version(account: Account, name: str, props: CdcPipelineProps) -> Iterator[Result]:
    """AWS offers the version in this region."""
    if not isinstance(props.source, ClusterProps):
        return
    where = f"pipelines.{name}.source.engine_version"
    wanted = props.source.engine_version
    pages = account.client("rds").get_paginator("describe_db_engine_versions")
    offered = [
        version
        for page in pages.paginate(Engine=_ENGINE, IncludeAll=True)
        for version in page["DBEngineVersions"]
    ]
    found = next((version for version in offered if version["EngineVersion"] == wanted), None)
    available = sorted(
        (v["EngineVersion"] for v in offered if v.get("Status", "available") == "available"),
        key=_release,
    )
    newest = f"The newest here is {available[-1]}." if available else ""
    if found is None:
        yield Result(where, "fail", f"{wanted} is not offered in {account.settings.region}", newest)
    elif found.get("Status", "available") != "available":
        yield Result(where, "fail", f"{wanted} is {found['Status']}", newest)
    else:
        yield Result(where, "pass", f"{wanted} is offered")


@pipeline_check("the class of the database's instances", "source.capacity")
def instance_class(account: Account, name: str, props: CdcPipelineProps) -> Iterator[Result]:
    """AWS offers the class for this version in two of the pipeline's zones."""
    source = props.source
    # the embedded AWS knows of few classes, and runs none
    if not isinstance(source, ClusterProps) or account.settings.emulated:
        return
    where = f"pipelines.{name}.source.capacity"
    wanted = (
        source.capacity.instance_class
        if isinstance(source.capacity, InstanceCapacity)
        else _SERVERLESS_CLASS
    )
    pages = account.client("rds").get_paginator("describe_orderable_db_instance_options")
    options = [
        option
        for page in pages.paginate(
            Engine=_ENGINE, EngineVersion=source.engine_version, DBInstanceClass=wanted
        )
        for option in page["OrderableDBInstanceOptions"]
    ]
    offered = {zone["Name"] for option in options for zone in option.get("AvailabilityZones", [])}
    zones = zones_of_network(account, props.network)
    if not options:
        yield Result(
            where,
            "fail",
            f"{wanted} is not offered for {source.engine_version} in {account.settings.region}",
            "Choose another instance class or another version.",
        )
    elif zones and not offered & zones:
        yield Result(
            where,
            "fail",
            f"{wanted} is offered in {', '.join(sorted(offered))} and in none of the pipeline's "
            f"zones, {', '.join(sorted(zones))}",
            "Choose another class, or subnets in those zones.",
        )
    else:
        yield Result(where, "pass", f"{wanted} is offered")


def _find_snapshot(account: Account, identifier: str) -> dict[str, Any] | None:
    try:
        found: list[dict[str, Any]] = account.client("rds").describe_db_cluster_snapshots(
            DBClusterSnapshotIdentifier=identifier, IncludeShared=True
        )["DBClusterSnapshots"]
    except ClientError as error:
        if error_code(error) == "DBClusterSnapshotNotFoundFault":
            return None
        raise
    return found[0] if found else None


def _key_of_snapshot(account: Account, where: str, key: str) -> Iterator[Result]:
    metadata = account.client("kms").describe_key(KeyId=key)["KeyMetadata"]
    if metadata["KeyState"] != "Enabled":
        yield Result(
            where,
            "fail",
            f"it is encrypted with {key}, whose state is {metadata['KeyState']}",
            "Enable the key: without it the snapshot cannot be restored.",
        )


def _release(version: str) -> tuple[int, ...]:
    """`8.0.mysql_aurora.3.10.4` → (3, 10, 4)."""
    return tuple(int(part) for part in re.findall(r"\d+", version.rpartition("aurora.")[2]))
