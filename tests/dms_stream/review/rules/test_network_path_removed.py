"""Examples of the rule `network-path-removed`."""

from tests.dms_stream.review.rules.example import entries_of, example, examples_of
from tests.support.small_plans import change, update

EXAMPLES = (
    example(
        "the endpoint for Kinesis",
        change("aws_vpc_endpoint", {"service_name": "com.amazonaws.eu-west-1.kinesis-streams"}),
        finds="com.amazonaws.eu-west-1.kinesis-streams is destroyed: DMS 3.4.7 and later reach "
        "Kinesis, Secrets Manager and S3 only through such endpoints",
    ),
    example("a route that is made", change("aws_route", None, {"id": "r"})),
)

test_examples = examples_of("network-path-removed", EXAMPLES)

_TARGETS = (
    "gateway_id",
    "nat_gateway_id",
    "network_interface_id",
    "transit_gateway_id",
    "vpc_endpoint_id",
    "vpc_peering_connection_id",
    "egress_only_gateway_id",
    "carrier_gateway_id",
    "core_network_arn",
    "local_gateway_id",
)

test_entries = entries_of(
    "network-path-removed",
    [
        *(
            change(type_, {"id": "a"})
            for type_ in (
                "aws_vpc_endpoint",
                "aws_vpc_endpoint_route_table_association",
                "aws_vpc_endpoint_subnet_association",
                "aws_vpc_endpoint_security_group_association",
                "aws_vpc_security_group_ingress_rule",
                "aws_vpc_security_group_egress_rule",
                "aws_security_group_rule",
                "aws_security_group",
                "aws_route",
                "aws_route_table",
                "aws_route_table_association",
                "aws_main_route_table_association",
                "aws_subnet",
                "aws_vpc",
                "aws_db_subnet_group",
                "aws_dms_replication_subnet_group",
                "aws_nat_gateway",
                "aws_internet_gateway",
                "aws_egress_only_internet_gateway",
                "aws_vpc_peering_connection",
                "aws_ec2_transit_gateway_vpc_attachment",
                "aws_ec2_transit_gateway_route",
                "aws_vpn_connection",
                "aws_vpn_gateway",
                "aws_dx_gateway_association",
                "aws_route53_record",
                "aws_service_discovery_instance",
            )
        ),
        *(
            update(type_, path, ["a", "b"], ["a"])
            for type_, path in (
                ("aws_vpc_endpoint", "subnet_ids"),
                ("aws_vpc_endpoint", "security_group_ids"),
                ("aws_vpc_endpoint", "route_table_ids"),
                ("aws_db_subnet_group", "subnet_ids"),
                ("aws_dms_replication_subnet_group", "subnet_ids"),
                ("aws_route53_record", "records"),
            )
        ),
        update("aws_vpc_endpoint", "private_dns_enabled", True, False),
        update("aws_vpc", "enable_dns_support", True, False),
        update("aws_vpc", "enable_dns_hostnames", True, False),
        *(update("aws_route", path, "a", "b") for path in _TARGETS),
        *(
            update(
                table,
                "route",
                [{"cidr_block": "10.0.0.0/8", path: "a"}],
                [{"cidr_block": "10.0.0.0/8", path: "b"}],
            )
            for table in ("aws_route_table", "aws_default_route_table")
            for path in _TARGETS
        ),
        *(
            update("aws_route_table", "route", [{path: "x", "gateway_id": "a"}], [])
            for path in (
                "cidr_block",
                "ipv6_cidr_block",
                "destination_prefix_list_id",
            )
        ),
        update("aws_route_table_association", "route_table_id", "a", "b"),
        update("aws_main_route_table_association", "route_table_id", "a", "b"),
        *(
            update("aws_route53_record", path, "a", "b")
            for path in (
                "name",
                "type",
                "alias",
                "set_identifier",
            )
        ),
        *(
            update(group, direction, [{"cidr_blocks": ["10.0.0.0/8"], "protocol": "-1"}], [])
            for group in ("aws_security_group", "aws_default_security_group")
            for direction in ("ingress", "egress")
        ),
        update("aws_vpc_security_group_ingress_rule", "cidr_ipv4", "10.0.0.0/8", "10.1.0.0/16"),
        update("aws_vpc_security_group_egress_rule", "cidr_ipv4", "10.0.0.0/8", "10.1.0.0/16"),
        update("aws_security_group_rule", "cidr_blocks", ["10.0.0.0/8"], ["10.1.0.0/16"]),
    ],
)
