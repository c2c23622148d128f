"""The account's quotas: room for what the deployment makes."""

from collections.abc import Iterator

from constructs_lib.cdc_pipeline import CdcPipelineProps
from constructs_lib.change_stream.props import ChangeStreamProps, ProvisionedCapacity
from constructs_lib.network.props import ImportedNetworkProps, NetworkProps
from dms_stream.preflight.account import Account
from dms_stream.preflight.check import Result, account_check, pipeline_check

# "VPCs per Region": https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
_VPCS = ("vpc", "L-F678F1CE")
# "Interface VPC endpoints per VPC"
_INTERFACE_ENDPOINTS = ("vpc", "L-29B6F2EB")


@account_check("room for shards", "pipelines.*.stream.capacity")
def shards(account: Account) -> Iterator[Result]:
    """The new provisioned streams fit below the account's quota of shards."""
    wanted = sum(
        _shards(account, name)
        for name in account.settings.pipelines
        if not account.knows(name, "aws_kinesis_stream")
    )
    if not wanted:
        return
    limits = account.client("kinesis").describe_limits()
    yield _room(
        "pipelines.*.stream.capacity",
        "shards",
        limits["OpenShardCount"],
        wanted,
        limits["ShardLimit"],
    )


@account_check("room for DMS", "pipelines.*.replication")
def dms(account: Account) -> Iterator[Result]:
    """The new instances, tasks and endpoints fit below DMS's quotas."""
    new = {
        "ReplicationInstances": _count(account, "aws_dms_replication_instance"),
        "ReplicationTasks": _count(account, "aws_dms_replication_task"),
        "Endpoints": _count(account, "aws_dms_endpoint"),
        "Certificates": _count(account, "aws_dms_certificate"),
    }
    for quota in account.client("dms").describe_account_attributes()["AccountQuotas"]:
        name = quota["AccountQuotaName"]
        if new.get(name):
            yield _room("pipelines.*.replication", name, quota["Used"], new[name], quota["Max"])


@account_check("room for databases", "pipelines.*.source")
def rds(account: Account) -> Iterator[Result]:
    """The new clusters and instances fit below RDS's quotas."""
    new = {
        "DBClusters": _count(account, "aws_rds_cluster"),
        "DBInstances": _count(account, "aws_rds_cluster_instance"),
    }
    if not any(new.values()):
        return
    for quota in account.client("rds").describe_account_attributes()["AccountQuotas"]:
        name = quota["AccountQuotaName"]
        if new.get(name):
            yield _room("pipelines.*.source", name, quota["Used"], new[name], quota["Max"])


@account_check("room for VPCs", "pipelines.*.network")
def vpcs(account: Account) -> Iterator[Result]:
    """The new VPCs fit below the account's quota."""
    wanted = sum(
        isinstance(props.network, NetworkProps) and not account.knows(name, "aws_vpc")
        for name, props in account.settings.pipelines.items()
    )
    if not wanted:
        return
    pages = account.client("ec2").get_paginator("describe_vpcs")
    used = sum(len(page["Vpcs"]) for page in pages.paginate())
    service, code = _VPCS
    quota = account.client("service-quotas").get_service_quota(ServiceCode=service, QuotaCode=code)
    yield _room("pipelines.*.network", "VPCs", used, wanted, int(quota["Quota"]["Value"]))


@pipeline_check("room for VPC endpoints", "network.endpoints")
def endpoints(account: Account, name: str, props: CdcPipelineProps) -> Iterator[Result]:
    """The new interface endpoints fit into the existing VPC."""
    network = props.network
    # a new VPC takes all that there can be
    if not isinstance(network, ImportedNetworkProps):
        return
    wanted = len([endpoint for endpoint in network.endpoints if endpoint != "s3"])
    if not wanted or account.knows(name, "aws_vpc_endpoint"):
        return
    there = account.client("ec2").describe_vpc_endpoints(
        Filters=[
            {"Name": "vpc-id", "Values": [network.vpc_id]},
            {"Name": "vpc-endpoint-type", "Values": ["Interface"]},
        ]
    )["VpcEndpoints"]
    service, code = _INTERFACE_ENDPOINTS
    quota = account.client("service-quotas").get_service_quota(ServiceCode=service, QuotaCode=code)
    most = int(quota["Quota"]["Value"])
    where = f"pipelines.{name}.network.endpoints"
    yield _room(where, "interface endpoints", len(there), wanted, most)


def _room(where: str, what: str, used: int, wanted: int, most: int) -> Result:
    found = f"{what}: {used} of {most} are used, {wanted} more are wanted"
    if used + wanted <= most:
        return Result(where, "pass", found)
    return Result(where, "fail", found, "Ask for more in Service Quotas, or delete some.")


def _shards(account: Account, pipeline: str) -> int:
    stream = account.settings.pipelines[pipeline].stream
    if isinstance(stream, ChangeStreamProps) and isinstance(stream.capacity, ProvisionedCapacity):
        return stream.capacity.shard_count
    return 0


def _count(account: Account, type_: str) -> int:
    """How many resources of a type the stacks have that no state knows."""
    return sum(
        not account.is_in_state(stack, f"{type_}.{address}")
        for stack, document in account.stacks.items()
        for address in document.get("resource", {}).get(type_, {})
    )
