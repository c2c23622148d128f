"""Who can talk to whom in a VPC: by security group rules, endpoints, routes and zones.

The same questions are asked of a synthesized stack and of a VPC that is deployed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from typing import Any

from tests.support.synth import Json

HTTPS = 443
ANYWHERE = "0.0.0.0/0"
# what Terraform puts into `cidr_ipv4` for each range of the VPC
THE_VPC = "${each.value}"


@dataclass(frozen=True)
class Rule:
    """A security group rule.

    Attributes:
        group: The group it is in.
        is_egress: Whether it is about what goes out.
        ports: First and last port.
        peer: The other end: a group, a range of addresses or a prefix list.
    """

    group: str
    is_egress: bool
    ports: tuple[int, int]
    peer: str


@dataclass(frozen=True)
class Endpoint:
    """A VPC endpoint."""

    service: str
    is_interface: bool
    groups: frozenset[str]
    subnets: frozenset[str]
    route_tables: frozenset[str]
    has_private_dns: bool


@dataclass(frozen=True)
class Reachability:
    """A VPC, or what a stack makes in one.

    Attributes:
        rules: All rules.
        endpoints: All endpoints.
        routes: Route table of each subnet, where it is known.
        zones: Zone of each subnet, where it is known.
        ranges: The VPC's own addresses.
    """

    rules: tuple[Rule, ...]
    endpoints: tuple[Endpoint, ...]
    routes: dict[str, str] = field(default_factory=dict)
    zones: dict[str, str] = field(default_factory=dict)
    ranges: tuple[str, ...] = ()

    def goes_out(self, group: str, to: Iterable[str], port: int) -> bool:
        """Whether a member of the group may send to one of these groups or ranges."""
        return any(
            rule.is_egress
            and rule.group == group
            and rule.ports[0] <= port <= rule.ports[1]
            and (rule.peer in to or rule.peer == ANYWHERE)
            for rule in self.rules
        )

    def comes_in(self, into: str, group: str | None, port: int) -> bool:
        """Whether a member of a group, None: any address of the VPC, is let in."""
        return any(
            not rule.is_egress
            and rule.group == into
            and rule.ports[0] <= port <= rule.ports[1]
            and (rule.peer == group or self._is_whole_vpc(rule.peer))
            for rule in self.rules
        )

    def _is_whole_vpc(self, peer: str) -> bool:
        if peer in (ANYWHERE, THE_VPC):
            return True
        if "/" not in peer or not self.ranges:
            return False
        return all(IPv4Network(own).subnet_of(IPv4Network(peer)) for own in self.ranges)

    def reaches_service(self, service: str, group: str, subnets: Iterable[str]) -> bool:
        """Whether DMS with this group, in these subnets, reaches a service by an endpoint."""
        return any(
            endpoint.service == service
            and (
                self._by_interface(endpoint, group)
                if endpoint.is_interface
                else self._by_route(endpoint, subnets)
            )
            for endpoint in self.endpoints
        )

    def _by_interface(self, endpoint: Endpoint, group: str) -> bool:
        return endpoint.has_private_dns and any(
            self.goes_out(group, [into], HTTPS) and self.comes_in(into, group, HTTPS)
            for into in endpoint.groups
        )

    def _by_route(self, endpoint: Endpoint, subnets: Iterable[str]) -> bool:
        return all(self.routes.get(subnet) in endpoint.route_tables for subnet in subnets)

    def cut_off(self, neighbours: Iterable[str | None] = (None,)) -> list[str]:
        """Services that others of the VPC lose: private DNS leads them to closed endpoints.

        Args:
            neighbours: Groups of the others; None: any address of the VPC.
        """
        return sorted(
            {
                endpoint.service
                for endpoint in self.endpoints
                if endpoint.is_interface and endpoint.has_private_dns
                for neighbour in neighbours
                if not any(self.comes_in(into, neighbour, HTTPS) for into in endpoint.groups)
            }
        )


def of_stack(document: Json) -> Reachability:
    """What a stack makes, with Terraform's expressions for ids."""
    resources: Json = document.get("resource", {})

    def made(type_: str) -> Iterator[tuple[str, Json]]:
        for name, value in resources.get(type_, {}).items():
            yield f"${{{type_}.{name}.id}}", value

    rules = tuple(
        Rule(
            rule["security_group_id"],
            direction == "egress",
            (rule["from_port"], rule["to_port"]),
            str(
                rule.get("referenced_security_group_id")
                or rule.get("cidr_ipv4")
                or rule["prefix_list_id"]
            ),
        )
        for direction in ("egress", "ingress")
        for _, rule in made(f"aws_vpc_security_group_{direction}_rule")
    )
    endpoints = tuple(
        Endpoint(
            endpoint["service_name"].rpartition(".")[2],
            endpoint["vpc_endpoint_type"] == "Interface",
            frozenset(endpoint.get("security_group_ids", ())),
            frozenset(endpoint.get("subnet_ids", ())),
            frozenset(endpoint.get("route_table_ids", ())),
            endpoint.get("private_dns_enabled", False),
        )
        for _, endpoint in made("aws_vpc_endpoint")
    )
    routes = {
        association["subnet_id"]: association["route_table_id"]
        for _, association in made("aws_route_table_association")
    }
    zones = {subnet: value["availability_zone"] for subnet, value in made("aws_subnet")}
    return Reachability(rules, endpoints, routes, zones)


def of_vpc(ec2: Any, vpc_id: str) -> Reachability:
    """A VPC as EC2 describes it."""
    wanted = [{"Name": "vpc-id", "Values": [vpc_id]}]
    groups = [g["GroupId"] for g in ec2.describe_security_groups(Filters=wanted)["SecurityGroups"]]
    found = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": groups}])[
        "SecurityGroupRules"
    ]
    rules = tuple(
        Rule(
            rule["GroupId"],
            rule["IsEgress"],
            (0, 65535) if rule["IpProtocol"] == "-1" else (rule["FromPort"], rule["ToPort"]),
            (rule.get("ReferencedGroupInfo") or {}).get("GroupId")
            or rule.get("CidrIpv4")
            or rule.get("PrefixListId")
            or "",
        )
        for rule in found
    )
    endpoints = tuple(
        Endpoint(
            endpoint["ServiceName"].rpartition(".")[2],
            endpoint["VpcEndpointType"] == "Interface",
            frozenset(g["GroupId"] for g in endpoint.get("Groups", ())),
            frozenset(endpoint.get("SubnetIds", ())),
            frozenset(endpoint.get("RouteTableIds", ())),
            endpoint.get("PrivateDnsEnabled", False),
        )
        for endpoint in ec2.describe_vpc_endpoints(Filters=wanted)["VpcEndpoints"]
    )
    routes = {
        association["SubnetId"]: table["RouteTableId"]
        for table in ec2.describe_route_tables(Filters=wanted)["RouteTables"]
        for association in table["Associations"]
        if "SubnetId" in association
    }
    subnets = ec2.describe_subnets(Filters=wanted)["Subnets"]
    zones = {subnet["SubnetId"]: subnet["AvailabilityZone"] for subnet in subnets}
    (vpc,) = ec2.describe_vpcs(VpcIds=[vpc_id])["Vpcs"]
    ranges = tuple(found["CidrBlock"] for found in vpc["CidrBlockAssociationSet"])
    return Reachability(rules, endpoints, routes, zones, ranges)
