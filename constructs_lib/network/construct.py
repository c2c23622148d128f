"""The network that DMS and the database stand in, and who may talk to whom in it."""

import re
from collections.abc import Sequence
from typing import Any, Protocol

from constructs_lib.aws_account import AwsAccount
from constructs_lib.bindings import aws, cdktf
from constructs_lib.construct import Construct, path_of
from constructs_lib.errors import ConstructError
from constructs_lib.iam import policy_json
from constructs_lib.naming import physical_name
from constructs_lib.network.props import (
    Endpoint,
    ImportedNetworkProps,
    NetworkProps,
    dms_endpoints,
)

# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
_NAME_MAX_LENGTH = 255
# a fixed cut, so that another zone moves none of the subnets there are
_SUBNET_BITS = 4
_HTTPS = 443


class INetwork(Protocol):
    """A network: `Network`, one imported by `Network.from_existing`, or anything alike."""

    @property
    def vpc_id(self) -> str:
        """Id of the VPC."""

    @property
    def subnet_ids(self) -> list[str]:
        """Ids of the subnets for DMS and the database, in two zones at least."""

    @property
    def replication_security_group_id(self) -> str:
        """Id of the security group DMS runs with."""

    @property
    def database_security_group_id(self) -> str:
        """Id of the security group for a new database."""

    @property
    def dependencies(self) -> list[Any]:
        """What must be up before DMS starts: its endpoints and the rules that lead to them."""

    @property
    def secrets_manager_endpoint(self) -> str | None:
        """DNS name of the endpoint of Secrets Manager that it makes; None: it makes none."""

    @property
    def endpoints_security_group_id(self) -> str | None:
        """Group of the interface endpoints that it makes or is given; None: none is known."""

    def allow_replication_to_database(
        self, *, port: int, security_group_id: str | None = None, cidr: str | None = None
    ) -> list[Any]:
        """Let DMS reach a database; the rules that do, to depend on."""


class _SecurityGroups(Construct):
    """What an owned and an imported network have in common."""

    def _prepare(
        self,
        *,
        vpc_id: str,
        subnet_ids: Sequence[str],
        endpoints: Sequence[Endpoint],
        route_table_ids: Sequence[str],
        open_for: Sequence[Endpoint],
        replication_security_group_id: str | None = None,
        database_security_group_id: str | None = None,
        endpoints_security_group_id: str | None = None,
        endpoints_admit: Sequence[str] | None = None,
        rules_in_given_groups: bool = True,
        endpoint_policy: str | None = None,
    ) -> None:
        self._vpc_id = vpc_id
        self._endpoint_policy = endpoint_policy
        self._endpoints_admit = endpoints_admit
        self._rules_in_given_groups = rules_in_given_groups
        self._given_groups = {
            replication_security_group_id,
            database_security_group_id,
            endpoints_security_group_id,
        }
        self._secrets_manager_endpoint: str | None = None
        self._endpoints_security_group_id = endpoints_security_group_id
        self._subnet_ids = list(subnet_ids)
        self._database_security_group_id = database_security_group_id
        self._database_rules: dict[str, list[Any]] = {}
        self._dependencies: list[Any] = []
        self._replication_security_group_id = replication_security_group_id or self._security_group(
            "replication", "DMS: reads the database, writes to Kinesis"
        )
        self._make_endpoints(endpoints, route_table_ids)
        if endpoints_security_group_id is not None:
            self._reach_endpoints(endpoints_security_group_id)
        elif not set(open_for) <= set(endpoints):
            # 0.0.0.0/0: without an endpoint a service answers at public addresses that change;
            # the way there is a NAT gateway or endpoints of the VPC's owner
            self._dependencies += self._egress(
                "replication-to-services", "DMS to AWS services", cidr="0.0.0.0/0"
            )

    @property
    def vpc_id(self) -> str:
        """Id of the VPC."""
        return self._vpc_id

    @property
    def subnet_ids(self) -> list[str]:
        """Ids of the subnets for DMS and the database, in two zones at least."""
        return list(self._subnet_ids)

    @property
    def replication_security_group_id(self) -> str:
        """Id of the security group DMS runs with."""
        return self._replication_security_group_id

    @property
    def database_security_group_id(self) -> str:
        """Id of the security group for a new database, made on first use.

        A pipeline whose database exists already has none.
        """
        if self._database_security_group_id is None:
            self._database_security_group_id = self._security_group(
                "database", "Database: lets DMS in"
            )
        return self._database_security_group_id

    @property
    def dependencies(self) -> list[Any]:
        """What must be up before DMS starts: its endpoints and the rules that lead to them."""
        return list(self._dependencies)

    @property
    def secrets_manager_endpoint(self) -> str | None:
        """DNS name of the endpoint of Secrets Manager that it makes; None: it makes none."""
        return self._secrets_manager_endpoint

    @property
    def endpoints_security_group_id(self) -> str | None:
        """Group of the interface endpoints that it makes or is given; None: none is known."""
        return self._endpoints_security_group_id

    def allow_replication_to_database(
        self, *, port: int, security_group_id: str | None = None, cidr: str | None = None
    ) -> list[Any]:
        """Let DMS reach a database on its port and nothing else.

        Args:
            port: Port of the database.
            security_group_id: Security group of an existing database; DMS is let into it.
            cidr: Addresses of an existing database whose own rules are somebody else's. Default
                of both: the network's own security group for a database.

        Returns:
            The rules, for the consumer to depend on; those of groups whose rules are left to their
            owner (`rules_in_given_groups`) are not among them.

        Raises:
            ConstructError: both a security group and addresses.
        """
        if security_group_id and cidr:
            raise ConstructError(
                path_of(self),
                "a database is reached by security_group_id or by cidr, not by both: give one",
            )
        target = security_group_id or cidr
        if cdktf.Token.is_unresolved(target):
            label = f"peer-{len(self._database_rules) + 1}"
        else:
            label = re.sub(r"[^a-z0-9]+", "-", f"{target or 'database'}-{port}")
        if label not in self._database_rules:
            group = None if cidr else security_group_id or self.database_security_group_id
            rules = self._egress(
                f"replication-to-{label}", "DMS to the database", port=port, group=group, cidr=cidr
            )
            if group is not None:
                if security_group_id is not None:
                    self._given_groups.add(security_group_id)
                rules += self._ingress(
                    f"{label}-from-replication", "DMS to the database", into=group, port=port
                )
            self._database_rules[label] = rules
        return list(self._database_rules[label])

    def _make_endpoints(
        self, endpoints: Sequence[Endpoint], route_table_ids: Sequence[str]
    ) -> None:
        interfaces = [service for service in endpoints if service != "s3"]
        if interfaces:
            group = self._security_group("endpoints", "VPC endpoints: let DMS in")
            self._endpoints_security_group_id = group
            self._reach_endpoints(group)
            self._admit_neighbours(group)
            made = {
                service: self._endpoint(
                    service,
                    vpc_endpoint_type="Interface",
                    subnet_ids=self._subnet_ids,
                    security_group_ids=[group],
                    private_dns_enabled=True,
                )
                for service in interfaces
            }
            self._dependencies += made.values()
            if "secretsmanager" in made:
                entry = made["secretsmanager"].dns_entry.get(0)
                self._secrets_manager_endpoint = str(entry.dns_name)
        if "s3" in endpoints:
            gateway = self._endpoint(
                "s3", vpc_endpoint_type="Gateway", route_table_ids=list(route_table_ids)
            )
            self._dependencies += [
                gateway,
                *self._egress(
                    "replication-to-s3", "DMS to S3", prefix_list_id=gateway.prefix_list_id
                ),
            ]

    def _reach_endpoints(self, group: str) -> None:
        self._dependencies += [
            *self._egress("replication-to-endpoints", "DMS to the VPC endpoints", group=group),
            *self._ingress("endpoints-from-replication", "DMS to the VPC endpoints", into=group),
        ]

    def _admit_neighbours(self, group: str) -> None:
        # private DNS leads every workload of the VPC to the endpoints, not DMS alone:
        # https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
        if self._endpoints_admit is None:
            return
        self._dependencies += [
            self._rule_into(group, f"endpoints-from-group-{number}", group=other)
            for number, other in enumerate(self._endpoints_admit, start=1)
        ]
        if not self._endpoints_admit:
            vpc = aws.data_aws_vpc.DataAwsVpc(self, "vpc", id=self._vpc_id)
            rule = self._rule_into(group, "endpoints-from-vpc", cidr="${each.value}")
            associations = f"data.aws_vpc.{vpc.friendly_unique_id}.cidr_block_associations"
            self._dependencies.append(rule)
            rule.add_override("for_each", f"${{toset({associations}[*].cidr_block)}}")

    def _rule_into(
        self, into: str, id_: str, *, group: str | None = None, cidr: str | None = None
    ) -> Any:
        return aws.vpc_security_group_ingress_rule.VpcSecurityGroupIngressRule(
            self,
            id_,
            security_group_id=into,
            description="The VPC's workloads to the VPC endpoints",
            ip_protocol="tcp",
            from_port=_HTTPS,
            to_port=_HTTPS,
            referenced_security_group_id=group,
            cidr_ipv4=cidr,
        )

    def _endpoint(self, service: Endpoint, **settings: Any) -> Any:
        region = AwsAccount.of(self).region
        return aws.vpc_endpoint.VpcEndpoint(
            self,
            service,
            vpc_id=self._vpc_id,
            service_name=f"com.amazonaws.{region}.{service}",
            policy=self._endpoint_policy,
            tags=self._name_tag(service),
            **settings,
        )

    def _security_group(self, id_: str, description: str) -> str:
        name = physical_name(self, max_length=_NAME_MAX_LENGTH, suffix=f"-{id_}")
        group = aws.security_group.SecurityGroup(
            self,
            id_,
            name=name,
            description=description,
            vpc_id=self._vpc_id,
            tags={"Name": name},
        )
        return str(group.id)

    def _egress(
        self,
        id_: str,
        description: str,
        *,
        port: int = _HTTPS,
        group: str | None = None,
        cidr: str | None = None,
        prefix_list_id: str | None = None,
    ) -> list[Any]:
        if self._is_left_alone(self._replication_security_group_id):
            return []
        return [
            aws.vpc_security_group_egress_rule.VpcSecurityGroupEgressRule(
                self,
                id_,
                security_group_id=self._replication_security_group_id,
                description=description,
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                referenced_security_group_id=group,
                cidr_ipv4=cidr,
                prefix_list_id=prefix_list_id,
            )
        ]

    def _ingress(self, id_: str, description: str, *, into: str, port: int = _HTTPS) -> list[Any]:
        if self._is_left_alone(into):
            return []
        return [
            aws.vpc_security_group_ingress_rule.VpcSecurityGroupIngressRule(
                self,
                id_,
                security_group_id=into,
                description=description,
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                referenced_security_group_id=self._replication_security_group_id,
            )
        ]

    def _is_left_alone(self, group: str) -> bool:
        return not self._rules_in_given_groups and group in self._given_groups

    def _name_tag(self, id_: str) -> dict[str, str]:
        return {"Name": physical_name(self, max_length=_NAME_MAX_LENGTH, suffix=f"-{id_}")}


class ImportedNetwork(_SecurityGroups):
    """An existing VPC; made by `Network.from_existing`.

    Args:
        scope: Where it belongs.
        id_: Its id.
        vpc_id: Id of the VPC.
        subnet_ids: Two subnets or more, in different zones.
        endpoints: VPC endpoints to make; default: none.
        route_table_ids: Where the `s3` endpoint is written into.
        replication_security_group_id: Group for DMS; default: a new one.
        database_security_group_id: Group for a new database; default: a new one.
        endpoints_security_group_id: Group of endpoints that exist already; default: none is known.
        endpoints_admit_security_group_ids: Groups that the endpoints made here let in beside DMS;
            default: all addresses of the VPC.
        rules_in_given_groups: Whether rules are added to groups that are given by their ids, the
            database's included.
        task_logs: Whether DMS writes to CloudWatch Logs.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        vpc_id: str,
        subnet_ids: Sequence[str],
        endpoints: Sequence[Endpoint] = (),
        route_table_ids: Sequence[str] = (),
        replication_security_group_id: str | None = None,
        database_security_group_id: str | None = None,
        endpoints_security_group_id: str | None = None,
        endpoints_admit_security_group_ids: Sequence[str] = (),
        rules_in_given_groups: bool = True,
        task_logs: bool = False,
    ) -> None:
        super().__init__(scope, id_)
        self._prepare(
            vpc_id=vpc_id,
            subnet_ids=subnet_ids,
            endpoints=endpoints,
            route_table_ids=route_table_ids,
            open_for=dms_endpoints(task_logs=task_logs),
            replication_security_group_id=replication_security_group_id,
            database_security_group_id=database_security_group_id,
            endpoints_security_group_id=endpoints_security_group_id,
            endpoints_admit=endpoints_admit_security_group_ids,
            rules_in_given_groups=rules_in_given_groups,
        )


class Network(_SecurityGroups):
    """A private VPC over several zones, without internet gateway or NAT.

    DMS reaches AWS's services through VPC endpoints; security groups let DMS talk to the database
    and those endpoints, and nothing else. The VPC's default security group is emptied. The
    endpoints serve roles of this account only.

    The endpoints' names are those of AWS's commercial and GovCloud regions.

    Args:
        scope: Where it belongs.
        id_: Its id.
        props: See `NetworkProps`; default: 10.20.0.0/16 over two zones with the endpoints that DMS
            needs.
        task_logs: Whether DMS writes to CloudWatch Logs, for which there is one endpoint more.

    Attributes:
        resource: The `aws_vpc`, the escape hatch.
    """

    from_existing = ImportedNetwork
    """An existing one, see `ImportedNetwork`."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        props: NetworkProps | None = None,
        task_logs: bool = False,
    ) -> None:
        super().__init__(scope, id_)
        props = props or NetworkProps()
        self.resource = aws.vpc.Vpc(
            self,
            "Resource",
            cidr_block=props.cidr,
            # both: what private DNS of the interface endpoints needs
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags={"Name": physical_name(self, max_length=_NAME_MAX_LENGTH)},
        )
        # without rules: whoever lands in the default group by mistake reaches nothing
        aws.default_security_group.DefaultSecurityGroup(
            self, "default", vpc_id=self.resource.id, tags=self._name_tag("default-unused")
        )
        route_table = aws.route_table.RouteTable(
            self, "private", vpc_id=self.resource.id, tags=self._name_tag("private")
        )
        endpoints = (
            dms_endpoints(task_logs=task_logs) if props.endpoints is None else props.endpoints
        )
        subnets = self._make_subnets(props, endpoints)
        routes = [
            aws.route_table_association.RouteTableAssociation(
                self,
                f"subnet-{index}-routes",
                subnet_id=subnet.id,
                route_table_id=route_table.id,
            )
            for index, subnet in enumerate(subnets, start=1)
        ]
        self._prepare(
            vpc_id=str(self.resource.id),
            subnet_ids=[str(subnet.id) for subnet in subnets],
            endpoints=endpoints,
            route_table_ids=[route_table.id],
            # no public route leads out
            open_for=(),
            endpoint_policy=self._policy_of_endpoints(),
        )
        # the way to S3 is a route
        self._dependencies += routes

    def _policy_of_endpoints(self) -> str:
        # https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
        account = AwsAccount.of(self).account_id
        return policy_json(
            [
                {
                    "Sid": "RolesOfTheAccount",
                    "Effect": "Allow",
                    "Principal": "*",
                    # what the roles may do is in their own policies
                    "Action": "*",
                    "Resource": "*",
                    "Condition": {"StringEquals": {"aws:PrincipalAccount": account}},
                }
            ]
        )

    def _make_subnets(self, props: NetworkProps, endpoints: Sequence[Endpoint]) -> list[Any]:
        if props.zone_names is not None:
            zones, lifecycle = list(props.zone_names), None
        else:
            zones = self._zones_of_region(props.zones, endpoints)
            # a zone that the region gets later must not shift the subnets into others
            lifecycle = cdktf.TerraformResourceLifecycle(ignore_changes=["availability_zone"])
        return [
            aws.subnet.Subnet(
                self,
                f"subnet-{index + 1}",
                vpc_id=self.resource.id,
                availability_zone=zone,
                cidr_block=cdktf.Fn.cidrsubnet(self.resource.cidr_block, _SUBNET_BITS, index),
                tags=self._name_tag(f"subnet-{index + 1}"),
                lifecycle=lifecycle,
            )
            for index, zone in enumerate(zones)
        ]

    def _zones_of_region(self, count: int, endpoints: Sequence[Endpoint]) -> list[str]:
        available = aws.data_aws_availability_zones.DataAwsAvailabilityZones(
            self,
            "zones",
            state="available",
            # leaves out local and wavelength zones, where neither DMS nor Aurora runs
            filter=[
                aws.data_aws_availability_zones.DataAwsAvailabilityZonesFilter(
                    name="opt-in-status", values=["opt-in-not-required"]
                )
            ],
        )
        # an endpoint's service is not in every zone, and AWS makes no endpoint where it is not:
        # https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
        region = AwsAccount.of(self).region
        services = [
            aws.data_aws_vpc_endpoint_service.DataAwsVpcEndpointService(
                self,
                f"{service}-service",
                service_name=f"com.amazonaws.{region}.{service}",
                service_type="Interface",
            )
            for service in endpoints
            if service != "s3"
        ]
        both = [available.names, *(service.availability_zones for service in services)]
        shared = (
            cdktf.Fn.sort(cdktf.Fn.setintersection(both[0], both[1:]))
            if services
            else available.names
        )
        # slice fails where there are fewer zones; element alone would take one twice
        names = cdktf.Fn.slice(shared, 0, count)
        return [str(cdktf.Fn.element(names, index)) for index in range(count)]

    @classmethod
    def from_props(
        cls,
        scope: Construct,
        id_: str,
        *,
        props: NetworkProps | ImportedNetworkProps,
        task_logs: bool = False,
    ) -> "Network | ImportedNetwork":
        """The network that a settings file asks for: a new one or an existing one."""
        if isinstance(props, ImportedNetworkProps):
            return cls.from_existing(
                scope,
                id_,
                vpc_id=props.vpc_id,
                subnet_ids=props.subnet_ids,
                endpoints=props.endpoints,
                route_table_ids=props.route_table_ids,
                replication_security_group_id=props.replication_security_group_id,
                database_security_group_id=props.database_security_group_id,
                endpoints_security_group_id=props.endpoints_security_group_id,
                endpoints_admit_security_group_ids=props.endpoints_admit_security_group_ids,
                rules_in_given_groups=props.rules_in_given_groups,
                task_logs=task_logs,
            )
        return cls(scope, id_, props=props, task_logs=task_logs)
