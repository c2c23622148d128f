"""The network: what the endpoints need, and whether a VPC that exists lets DMS through."""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network
from typing import Any

from botocore.exceptions import ClientError

from constructs_lib.aurora_source.props import ImportedSourceProps
from constructs_lib.cdc_pipeline import CdcPipelineProps
from constructs_lib.dms_replication.compute_props import ExistingCompute
from constructs_lib.network.props import ImportedNetworkProps
from dms_stream.preflight.account import Account, error_code
from dms_stream.preflight.check import Result, pipeline_check
from dms_stream.preflight.zones import zones_of_network

_HTTPS = 443
# what DMS needs to reach: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_VPC_Endpoints.html
_NEEDED = ("kinesis-streams", "secretsmanager")


@pipeline_check("the zones of the endpoint services", "network.endpoints")
def endpoint_services(account: Account, name: str, props: CdcPipelineProps) -> Iterator[Result]:
    """Each interface endpoint's service is offered in each of the network's zones."""
    wanted = _endpoints(account, name)
    if not wanted:
        return
    where = f"pipelines.{name}.network.endpoints"
    zones = zones_of_network(account, props.network)
    answer = account.client("ec2").describe_vpc_endpoint_services(ServiceNames=wanted)
    details = {detail["ServiceName"]: detail for detail in answer["ServiceDetails"]}
    missing = {
        service: sorted(zones - set(details.get(service, {}).get("AvailabilityZones", [])))
        for service in wanted
    }
    lacking = {service: gone for service, gone in missing.items() if gone}
    for service, gone in lacking.items():
        yield Result(
            where,
            "fail",
            f"{service} is not offered in {', '.join(gone)}",
            "Choose other zones with `network.zone_names`, or subnets in other zones.",
        )
    if not lacking:
        yield Result(where, "pass", f"{len(wanted)} endpoint services are in all zones")


@pipeline_check("the existing VPC", "network.vpc_id")
def vpc(account: Account, name: str, props: CdcPipelineProps) -> Iterator[Result]:
    """The VPC exists and resolves names, and its subnets are in two zones."""
    network = props.network
    if not isinstance(network, ImportedNetworkProps):
        return
    where = f"pipelines.{name}.network"
    ec2 = account.client("ec2")
    if not _one(lambda: ec2.describe_vpcs(VpcIds=[network.vpc_id])["Vpcs"]):
        yield Result(
            f"{where}.vpc_id",
            "fail",
            f"no VPC {network.vpc_id} in {account.settings.region}",
            "Name a VPC of this account and region.",
        )
        return
    for attribute, answer in (
        ("enableDnsSupport", "EnableDnsSupport"),
        ("enableDnsHostnames", "EnableDnsHostnames"),
    ):
        value = ec2.describe_vpc_attribute(VpcId=network.vpc_id, Attribute=attribute)[answer]
        if not value["Value"]:
            yield Result(
                f"{where}.vpc_id",
                "fail",
                f"{attribute} is off: the endpoints' private names do not resolve",
                f"Switch {attribute} on.",
            )
    yield from _subnets(account, where, network)


def _subnets(account: Account, where: str, network: ImportedNetworkProps) -> Iterator[Result]:
    found = _subnets_of(account.client("ec2"), network)
    by_id = {subnet["SubnetId"]: subnet for subnet in found}
    for number, subnet_id in enumerate(network.subnet_ids):
        subnet = by_id.get(subnet_id)
        if subnet is None or subnet["VpcId"] != network.vpc_id:
            yield Result(
                f"{where}.subnet_ids.{number}",
                "fail",
                f"{subnet_id} is no subnet of {network.vpc_id}",
                "Name subnets of that VPC.",
            )
    zones = {str(subnet["AvailabilityZone"]) for subnet in found}
    if found and len(zones) < 2:
        yield Result(
            f"{where}.subnet_ids",
            "fail",
            f"all are in {', '.join(zones)}",
            "Name subnets in two zones at least.",
        )
    elif found:
        yield Result(f"{where}.subnet_ids", "pass", f"subnets in {', '.join(sorted(zones))}")


@pipeline_check("the security groups", "network")
def security_groups(account: Account, name: str, props: CdcPipelineProps) -> Iterator[Result]:
    """The security groups that the settings name belong to the network's VPC."""
    named: list[tuple[str, str]] = []
    network = props.network
    if isinstance(network, ImportedNetworkProps):
        for key in ("replication_security_group_id", "database_security_group_id"):
            if group := getattr(network, key):
                named.append((f"pipelines.{name}.network.{key}", group))
    if isinstance(props.source, ImportedSourceProps) and props.source.security_group_id:
        named.append((f"pipelines.{name}.source.security_group_id", props.source.security_group_id))
    ec2 = account.client("ec2")
    for where, group_id in named:
        group = _one(
            lambda g=group_id: ec2.describe_security_groups(GroupIds=[g])["SecurityGroups"]
        )
        if group is None:
            yield Result(
                where, "fail", f"there is no security group {group_id}", "Name one that exists."
            )
        elif isinstance(network, ImportedNetworkProps) and group["VpcId"] != network.vpc_id:
            yield Result(
                where,
                "warn",
                f"{group_id} belongs to {group['VpcId']}, and DMS runs in {network.vpc_id}",
                "A rule between two VPCs works only over a peering connection; else use `cidr`.",
            )
        else:
            yield Result(where, "pass", f"{group_id} exists")


@pipeline_check("the way from DMS to AWS's services", "network.endpoints")
def way_to_services(account: Account, name: str, props: CdcPipelineProps) -> Iterator[Result]:
    """From the existing VPC each service is reached by an endpoint or a NAT gateway."""
    network = props.network
    if not isinstance(network, ImportedNetworkProps) or isinstance(
        props.replication.compute, ExistingCompute
    ):
        return
    where = f"pipelines.{name}.network.endpoints"
    ec2 = account.client("ec2")
    if not _one(lambda: ec2.describe_vpcs(VpcIds=[network.vpc_id])["Vpcs"]):
        return  # told by the check of the VPC
    there = ec2.describe_vpc_endpoints(Filters=[{"Name": "vpc-id", "Values": [network.vpc_id]}])[
        "VpcEndpoints"
    ]
    by_service = {
        str(e["ServiceName"]).rpartition(f"{account.settings.region}.")[2]: e for e in there
    }
    has_route = all(_leaves(ec2, subnet, network.vpc_id) for subnet in network.subnet_ids)
    addresses = [IPv4Network(each["CidrBlock"]) for each in _subnets_of(ec2, network)]
    for service in _NEEDED:
        endpoint = by_service.get(service)
        if service in network.endpoints:
            if (
                endpoint is not None
                and endpoint.get("PrivateDnsEnabled")
                and not account.knows(name, "aws_vpc_endpoint")
            ):
                yield Result(
                    where,
                    "fail",
                    f"{network.vpc_id} has an endpoint for {service} with private DNS already",
                    f"Leave {service} out of `endpoints`: AWS refuses a second one.",
                )
        elif endpoint is None and not has_route:
            yield Result(
                where,
                "fail",
                f"DMS does not reach {service}: no endpoint, and no route out of every subnet",
                f"Add {service} to `endpoints`, or give the subnets a NAT gateway.",
            )
        elif endpoint is not None and not _admits(
            ec2, endpoint, addresses, network.replication_security_group_id
        ):
            yield Result(
                where,
                "fail",
                f"the endpoint for {service} admits neither the subnets' addresses nor DMS's group",
                "Let port 443 into the endpoint's security group from DMS's group or the subnets.",
            )
        else:
            way = "its endpoint" if endpoint is not None else "a route out of the VPC"
            yield Result(where, "pass", f"DMS reaches {service} through {way}")


def _endpoints(account: Account, pipeline: str) -> list[str]:
    """Names of the interface endpoints' services that the pipeline's stack makes."""
    found = []
    for stack, document in account.stacks.items():
        if stack.endswith(f"-{pipeline}"):
            for endpoint in document.get("resource", {}).get("aws_vpc_endpoint", {}).values():
                if endpoint.get("vpc_endpoint_type") == "Interface":
                    service = str(endpoint["service_name"]).rpartition(".")[2]
                    found.append(f"com.amazonaws.{account.settings.region}.{service}")
    return sorted(found)


def _leaves(ec2: Any, subnet_id: str, vpc_id: str) -> bool:
    """Whether a subnet has a default route that leads out of the VPC."""
    tables = ec2.describe_route_tables(
        Filters=[{"Name": "association.subnet-id", "Values": [subnet_id]}]
    )["RouteTables"]
    if not tables:
        # a subnet without a table of its own uses the VPC's main one
        tables = ec2.describe_route_tables(
            Filters=[
                {"Name": "vpc-id", "Values": [vpc_id]},
                {"Name": "association.main", "Values": ["true"]},
            ]
        )["RouteTables"]
    return any(
        route.get("DestinationCidrBlock") == "0.0.0.0/0"
        and (route.get("NatGatewayId") or route.get("TransitGatewayId"))
        for table in tables
        for route in table["Routes"]
    )


def _subnets_of(ec2: Any, network: ImportedNetworkProps) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ec2.describe_subnets(
        Filters=[{"Name": "subnet-id", "Values": list(network.subnet_ids)}]
    )["Subnets"]
    return found


def _admits(
    ec2: Any, endpoint: dict[str, Any], addresses: Sequence[IPv4Network], group_id: str | None
) -> bool:
    groups = [group["GroupId"] for group in endpoint.get("Groups", [])]
    if not groups:
        return bool(endpoint.get("VpcEndpointType") != "Interface")
    found = ec2.describe_security_groups(GroupIds=groups)["SecurityGroups"]
    rules = [rule for group in found for rule in group["IpPermissions"] if _is_open(rule)]
    if group_id in {pair["GroupId"] for rule in rules for pair in rule.get("UserIdGroupPairs", [])}:
        return True
    let_in = [IPv4Network(each["CidrIp"]) for rule in rules for each in rule.get("IpRanges", [])]
    return all(any(each.subnet_of(wider) for wider in let_in) for each in addresses)


def _is_open(permission: Any) -> bool:
    if permission["IpProtocol"] == "-1":
        return True
    first, last = int(permission.get("FromPort", 0)), int(permission.get("ToPort", 65535))
    return permission["IpProtocol"] == "tcp" and first <= _HTTPS <= last


def _one(ask: Any) -> Any | None:
    """The one thing that is asked for; None where AWS says that there is none."""
    try:
        found: Sequence[Any] = ask()
    except ClientError as error:
        if error_code(error).endswith(".NotFound") or "NotFound" in error_code(error):
            return None
        raise
    return found[0] if found else None
