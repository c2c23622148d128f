"""Examples of the rule `traffic-redirected`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.support.small_plans import change, update

ROUTE, TABLE, ENDPOINT = "aws_route", "aws_route_table", "aws_vpc_endpoint"
ACL, ACL_ASSOCIATION = "aws_network_acl", "aws_network_acl_association"
ASSOCIATION, MAIN = "aws_route_table_association", "aws_main_route_table_association"
RECORD = "aws_route53_record"
EVERYWHERE = "0.0.0.0/0"
KINESIS = {"vpc_id": "vpc-1", "service_name": "com.amazonaws.eu-west-1.kinesis-streams"}
S3 = {"vpc_id": "vpc-1", "service_name": "com.amazonaws.eu-west-1.s3"}
VPC = change("aws_vpc", None, {"id": "vpc-1"})
PUBLIC = "the subnets of rtb-1 are public: 0.0.0.0/0 leads to the internet"


def _route(target: str, to: str = EVERYWHERE, **others: str) -> dict[str, str]:
    attribute = "gateway_id" if target.startswith("igw-") else "nat_gateway_id"
    return {"route_table_id": "rtb-1", "destination_cidr_block": to, attribute: target, **others}


def _inline(*routes: tuple[str, str]) -> dict[str, object]:
    return {
        "id": "rtb-1",
        "route": [{"cidr_block": to, "gateway_id": target} for to, target in routes],
    }


EXAMPLES = (
    example(
        "a route to the internet",
        change(ROUTE, None, _route("igw-1")),
        finds=PUBLIC,
        severity=Severity.EXPOSURE,
    ),
    example(
        "a route to a gateway that is new as well",
        change(
            ROUTE,
            None,
            {"route_table_id": "rtb-1", "destination_cidr_block": EVERYWHERE},
            unknown={"gateway_id": True},
        ),
        finds="the subnets of rtb-1 may be public: where 0.0.0.0/0 leads is known only after the "
        "apply (gateway_id)",
        severity=Severity.EXPOSURE,
    ),
    *(
        example(
            f"a route to {part} of the internet",
            change(ROUTE, None, _route("igw-1") | {"destination_cidr_block": part}),
            finds=f"the subnets of rtb-1 are public: {part} leads to the internet",
            severity=Severity.EXPOSURE,
        )
        for part in ("0.0.0.0/1", "128.0.0.0/1", "::/1", "8000::/15", "32.0.0.0/7")
    ),
    example(
        "a route to some addresses",
        change(ROUTE, None, _route("igw-1") | {"destination_cidr_block": "52.0.0.0/8"}),
        finds="traffic from rtb-1 to 52.0.0.0/8 takes another way: igw-1",
        severity=Severity.NOTICE,
    ),
    example(
        "a route that led through a NAT gateway",
        change(ROUTE, _route("nat-1"), _route("igw-1")),
        finds=PUBLIC,
        severity=Severity.EXPOSURE,
    ),
    example(
        "a route to the internet in the table itself",
        change(TABLE, _inline(), _inline((EVERYWHERE, "igw-1"))),
        finds=PUBLIC,
        severity=Severity.EXPOSURE,
    ),
    example(
        "a route elsewhere",
        change(ROUTE, None, _route("nat-1", "10.9.0.0/16")),
        finds="traffic from rtb-1 to 10.9.0.0/16 takes another way: nat-1",
        severity=Severity.NOTICE,
    ),
    example(
        "a route that only becomes a resource of its own",
        change(TABLE, _inline((EVERYWHERE, "igw-1")), _inline()),
        change(ROUTE, None, _route("igw-1")),
    ),
    example("a route that stays as it was", change(ROUTE, _route("igw-1"), _route("igw-1"))),
    example(
        "a route of a table that is new",
        change(TABLE, None, {"id": "rtb-1"}),
        change(ROUTE, None, _route("igw-1")),
    ),
    example("a table that is new", change(TABLE, None, _inline((EVERYWHERE, "igw-1")))),
    example("a route that goes", change(ROUTE, _route("igw-1"))),
    example(
        "a table whose routes are not known",
        change(TABLE, _inline(), {"id": "rtb-1"}, unknown={"route": True}),
    ),
    example(
        "an endpoint that takes over a name",
        change(ENDPOINT, None, KINESIS | {"private_dns_enabled": True}),
        finds="the name of com.amazonaws.eu-west-1.kinesis-streams leads to a new endpoint for the "
        "whole VPC: its security groups and its policy decide who still reaches the service",
        severity=Severity.INTERRUPTION,
    ),
    example(
        "an endpoint that takes over a name later",
        change(
            ENDPOINT,
            KINESIS | {"id": "vpce-1", "private_dns_enabled": False},
            KINESIS | {"id": "vpce-1", "private_dns_enabled": True},
        ),
        finds="the name of com.amazonaws.eu-west-1.kinesis-streams leads to vpce-1 for the whole "
        "VPC",
        severity=Severity.INTERRUPTION,
    ),
    example("an endpoint with a name of its own", change(ENDPOINT, None, KINESIS)),
    example(
        "an endpoint of a network that is new",
        VPC,
        change(ENDPOINT, None, KINESIS | {"private_dns_enabled": True}),
    ),
    example(
        "an endpoint that route tables lead to",
        change(ENDPOINT, None, S3 | {"route_table_ids": ["rtb-1"]}),
        finds="traffic to com.amazonaws.eu-west-1.s3 takes a new endpoint: its policy decides what "
        "still passes",
        severity=Severity.INTERRUPTION,
    ),
    example(
        "an endpoint that a new route table leads to",
        change(TABLE, None, {"id": "rtb-1"}),
        change(ENDPOINT, None, S3 | {"route_table_ids": ["rtb-1"]}),
    ),
    example(
        "an endpoint that gives up a name",
        change(
            ENDPOINT,
            KINESIS | {"private_dns_enabled": True},
            KINESIS | {"private_dns_enabled": False},
        ),
    ),
    example(
        "another route table for a subnet",
        change(ASSOCIATION, None, {"subnet_id": "subnet-1", "route_table_id": "rtb-1"}),
        finds="the subnet subnet-1 follows another route table from now on",
        severity=Severity.INTERRUPTION,
    ),
    example(
        "a route table for a subnet that is new",
        change("aws_subnet", None, {"id": "subnet-1"}),
        change(ASSOCIATION, None, {"subnet_id": "subnet-1", "route_table_id": "rtb-1"}),
    ),
    example(
        "another main route table",
        change(MAIN, None, {"vpc_id": "vpc-1", "route_table_id": "rtb-1"}),
        finds="every subnet without a table of its own follows another route table from now on",
        severity=Severity.INTERRUPTION,
    ),
    example(
        "another network ACL for a subnet",
        change(ACL_ASSOCIATION, None, {"subnet_id": "subnet-1", "network_acl_id": "acl-1"}),
        finds="the subnet subnet-1 follows another network ACL from now on",
        severity=Severity.INTERRUPTION,
    ),
    example(
        "one more subnet behind a network ACL",
        change(
            ACL, {"id": "acl-1", "subnet_ids": ["a"]}, {"id": "acl-1", "subnet_ids": ["a", "b"]}
        ),
        finds="b follows acl-1: what it does not allow stops",
        severity=Severity.INTERRUPTION,
    ),
    example(
        "a subnet leaves a network ACL",
        change(
            ACL, {"id": "acl-1", "subnet_ids": ["a", "b"]}, {"id": "acl-1", "subnet_ids": ["a"]}
        ),
    ),
    example(
        "a record that is overwritten",
        change(RECORD, None, {"name": "db.example.com", "allow_overwrite": True}),
        finds="db.example.com: a record that is there already is overwritten (allow_overwrite)",
        severity=Severity.INTERRUPTION,
    ),
    example("a record that is new", change(RECORD, None, {"name": "db.example.com"})),
    example(
        "a record that may be overwritten later", update(RECORD, "allow_overwrite", None, True)
    ),
)

test_examples = examples_of("traffic-redirected", EXAMPLES)
