"""Props of the network that DMS and the database stand in."""

from ipaddress import IPv4Network
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from constructs_lib.props import Props, default_kind, different

VpcId = Annotated[str, Field(pattern=r"^vpc-[0-9a-f]{8,17}$")]
"""Id of a VPC, such as vpc-0a1b2c3d4e5f60718."""

SubnetId = Annotated[str, Field(pattern=r"^subnet-[0-9a-f]{8,17}$")]
"""Id of a subnet, such as subnet-0a1b2c3d4e5f60718."""

SecurityGroupId = Annotated[str, Field(pattern=r"^sg-[0-9a-f]{8,17}$")]
"""Id of a security group, such as sg-0a1b2c3d4e5f60718."""

RouteTableId = Annotated[str, Field(pattern=r"^rtb-[0-9a-f]{8,17}$")]
"""Id of a route table, such as rtb-0a1b2c3d4e5f60718."""

AvailabilityZoneName = Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9][a-z]$")]
"""Name of an availability zone, such as eu-west-1a."""


_NO_HOSTS = tuple(map(IPv4Network, ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3")))


def _ipv4_block(value: str) -> str:
    try:
        block = IPv4Network(value)
    except ValueError:
        block = None
    # the class takes other forms, too: one address without a length, a mask, a length with zeros
    if block is None or str(block) != value:
        raise ValueError(
            "is no IPv4 block: write one such as 10.20.0.0/16, its host bits zero; one address is "
            "a /32"
        )
    return value


def _vpc_block(value: str) -> str:
    block = IPv4Network(value)
    if any(block.overlaps(other) for other in _NO_HOSTS):
        raise ValueError(
            f"overlaps {', '.join(map(str, _NO_HOSTS))}, in which no host has an address: choose "
            "a private block such as 10.20.0.0/16. "
            "Source: https://www.iana.org/assignments/iana-ipv4-special-registry"
        )
    if not 16 <= block.prefixlen <= 24:
        raise ValueError(
            "must be a block from /16 to /24: a VPC is /16 at most, and it is cut into 16 "
            "subnets, each /28 at least. "
            "Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html"
        )
    return value


Ipv4Cidr = Annotated[str, AfterValidator(_ipv4_block)]
"""An IPv4 block, such as 10.0.0.0/8; one address is a /32."""

VpcCidr = Annotated[str, AfterValidator(_ipv4_block), AfterValidator(_vpc_block)]
"""An IPv4 block for a VPC, from /16 to /24."""

Endpoint = Literal["kinesis-streams", "secretsmanager", "logs", "s3", "kms"]
"""A service that a VPC endpoint leads to: `s3` by a gateway, free of charge, the others by an
interface with private DNS, paid by the hour and zone."""

Endpoints = Annotated[tuple[Endpoint, ...], AfterValidator(different)]
"""VPC endpoints to make."""

NEEDED_ENDPOINTS: tuple[Endpoint, ...] = ("kinesis-streams", "secretsmanager")
"""What DMS cannot do without here. DMS from 3.4.7 reaches the services only through VPC endpoints
or public routes, and serverless DMS only through VPC endpoints:
https://docs.aws.amazon.com/dms/latest/userguide/CHAP_VPC_Endpoints.html
https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Serverless.Limitations.html
"""


def dms_endpoints(*, task_logs: bool) -> tuple[Endpoint, ...]:
    """What DMS talks to in this pipeline.

    Args:
        task_logs: Whether the task writes to CloudWatch Logs, whose endpoint is paid for.
    """
    return (*NEEDED_ENDPOINTS, *(("logs",) if task_logs else ()), "s3")


class NetworkProps(Props):
    """Props of `Network`: a private VPC of the pipeline's own, without any way to the internet."""

    kind: Literal["new"] = "new"
    """A private VPC of the pipeline's own."""

    cidr: VpcCidr = "10.20.0.0/16"
    """Addresses of the VPC, from /16 to /24. It is cut into 16 subnets, of which the first are
    used, one a zone: a zone added later moves none of the others. Changing it replaces the VPC
    and all that stands in it."""

    zones: Annotated[int, Field(ge=2, le=6)] = 2
    """Availability zones to spread over, 2 to 6: DMS and Aurora both want two at least. Default:
    the first two of the region that have all endpoint services. Sources:
    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_ReplicationInstance.VPC.html
    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html
    """

    zone_names: (
        Annotated[
            tuple[AvailabilityZoneName, ...],
            Field(min_length=2, max_length=6),
            AfterValidator(different),
        ]
        | None
    ) = None
    """The zones by name, 2 to 6, in place of `zones`. Default: `zones` of those that are open to
    every account; the choice is kept when the region gets more."""

    endpoints: Endpoints | None = None
    """VPC endpoints to make. Default: what DMS needs here, which is `kinesis-streams`,
    `secretsmanager`, `s3`, and `logs` where the task logs (`task_settings.logging`). This VPC has
    no other way to a service. `kms` is not needed: Kinesis, Secrets Manager and S3 call KMS
    themselves, not DMS."""

    @model_validator(mode="after")
    def _count_or_names(self) -> Self:
        if self.zone_names is not None and "zones" in self.model_fields_set:
            raise ValueError("give zones or zone_names, not both: the names say how many there are")
        return self


class ImportedNetworkProps(Props):
    """Props of a VPC that exists already."""

    kind: Literal["existing"]
    """A VPC that exists already."""

    vpc_id: VpcId
    """Id of the VPC."""

    subnet_ids: Annotated[tuple[SubnetId, ...], Field(min_length=2), AfterValidator(different)]
    """Its subnets for DMS and a new database, two at least, in different zones."""

    endpoints: Endpoints = ()
    """VPC endpoints to make in it, out of `kinesis-streams`, `secretsmanager`, `s3`, `logs` (where
    the task logs) and `kms`. Default: none, because a VPC may have them, or a NAT gateway, already,
    and AWS refuses a second one with private DNS. Unless all that a new network has by default are
    listed, DMS is let out to any address on port 443. Serverless DMS needs the endpoints. Their
    private DNS needs the VPC's DNS support and DNS hostnames switched on, and leads every workload
    of the VPC to them: see `endpoints_admit_security_group_ids`."""

    endpoints_admit_security_group_ids: Annotated[
        tuple[SecurityGroupId, ...], AfterValidator(different)
    ] = ()
    """Security groups that the endpoints made here let in on port 443, beside DMS. Default: all
    addresses of the VPC: with private DNS its other workloads reach Kinesis, Secrets Manager and
    CloudWatch Logs through these endpoints too, and would be cut off. Source:
    https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html"""

    endpoints_security_group_id: SecurityGroupId | None = None
    """Security group of interface endpoints that the VPC has already, such as another pipeline's:
    DMS is let out to it and into it, and to no address beside. It stands for all that DMS needs, so
    not together with `endpoints`. Default: none is known, and DMS is let out to any address on
    port 443."""

    rules_in_given_groups: bool = True
    """Whether rules are added to the security groups that are given by their ids: those here, and
    `source.security_group_id`. Default: they are. False: their owner adds them: port 443 from
    DMS's group to the endpoints' group, the database's port from DMS's group to the database's. AWS
    refuses a rule that is there already, so of several pipelines that share all these groups only
    one may add them."""

    route_table_ids: Annotated[tuple[RouteTableId, ...], AfterValidator(different)] = ()
    """Route tables of the subnets, which the `s3` endpoint is written into. Default: none."""

    replication_security_group_id: SecurityGroupId | None = None
    """Security group for DMS. The rules DMS needs are added to it, so it must not be one whose
    rules are written inline elsewhere. Default: a new one."""

    database_security_group_id: SecurityGroupId | None = None
    """Security group for a new database; the rule that lets DMS in is added to it. Default: a new
    one, when there is a new database."""

    @model_validator(mode="after")
    def _endpoints_are_made_or_there(self) -> Self:
        if self.endpoints and self.endpoints_security_group_id is not None:
            raise ValueError(
                "give endpoints, which are made, or endpoints_security_group_id of those that are "
                "there, not both: AWS refuses a second endpoint of a service with private DNS. "
                "Source: https://docs.aws.amazon.com/vpc/latest/privatelink/"
                "create-interface-endpoint.html"
            )
        if self.endpoints_admit_security_group_ids and set(self.endpoints) <= {"s3"}:
            raise ValueError(
                "endpoints_admit_security_group_ids is about interface endpoints made here, and "
                "endpoints lists none: list some, or leave it out"
            )
        return self

    @model_validator(mode="after")
    def _gateway_has_route_tables(self) -> Self:
        if ("s3" in self.endpoints) != bool(self.route_table_ids):
            raise ValueError(
                "endpoints with s3 and route_table_ids go together: the s3 endpoint is a gateway, "
                "which works through route tables; give both or neither. Source: "
                "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html"
            )
        return self


AnyNetworkProps = Annotated[
    NetworkProps | ImportedNetworkProps, Field(discriminator="kind"), default_kind("new")
]
"""`kind: new` (the default where `kind` is left out) or `kind: existing`."""
