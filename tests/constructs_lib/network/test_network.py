"""Network: what reaches Terraform, who may talk to whom, and what is refused."""

from typing import Any

import pytest

from constructs_lib.addresses import ReadableAddressStack
from constructs_lib.bindings import aws
from constructs_lib.errors import ConstructError, InvalidPropsError
from constructs_lib.network import ImportedNetworkProps, INetwork, Network, NetworkProps
from tests.support.synth import Json, addresses, only, policy, resource, synth

VPC = "vpc-0a1b2c3d"
SUBNETS = ("subnet-0a1b2c3d", "subnet-0a1b2c3e")
GROUP = "sg-0a1b2c3d"
REPLICATION = "${aws_security_group.net_replication.id}"
RULE_TYPES = ("aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule")


def synth_new(props: NetworkProps | None = None) -> Json:
    return synth(lambda stack: Network(stack, "net", props=props))


def synth_existing(**props: Any) -> Json:
    given = ImportedNetworkProps(kind="existing", vpc_id=VPC, subnet_ids=SUBNETS, **props)
    return synth(lambda stack: Network.from_props(stack, "net", props=given))


def rules(document: Json) -> dict[str, Json]:
    return {
        address: resource(document, address)
        for address in addresses(document)
        if address.startswith(RULE_TYPES)
    }


def test_a_new_vpc_resolves_names_and_has_no_way_out() -> None:
    document = synth_new()
    vpc = resource(document, "aws_vpc.net")
    assert vpc["cidr_block"] == "10.20.0.0/16"
    assert vpc["enable_dns_support"] is True
    assert vpc["enable_dns_hostnames"] is True
    types = {address.split(".")[0] for address in addresses(document)}
    assert not types & {"aws_internet_gateway", "aws_nat_gateway", "aws_route", "aws_eip"}


def test_the_default_security_group_is_emptied() -> None:
    group = only(synth_new(), "aws_default_security_group")
    assert group["vpc_id"] == "${aws_vpc.net.id}"
    assert "ingress" not in group
    assert "egress" not in group


def test_one_private_subnet_a_zone_with_the_route_table() -> None:
    document = synth_new(NetworkProps(zones=3))
    subnets = document["resource"]["aws_subnet"]
    assert sorted(subnets) == ["net_subnet_1", "net_subnet_2", "net_subnet_3"]
    third = resource(document, "aws_subnet.net_subnet_3")
    assert third["cidr_block"] == "${cidrsubnet(aws_vpc.net.cidr_block, 4, 2)}"
    # of the zones that every endpoint's service has
    services = ", ".join(
        f"tolist(data.aws_vpc_endpoint_service.net_{service}_service.availability_zones)"
        for service in ("kinesis_streams", "secretsmanager")
    )
    assert third["availability_zone"] == (
        "${element(slice(sort(setintersection(data.aws_availability_zones.net_zones.names, "
        f"{services})), 0, 3), 2)}}"
    )
    without = resource(synth_new(NetworkProps(endpoints=())), "aws_subnet.net_subnet_1")
    assert without["availability_zone"] == (
        "${element(slice(data.aws_availability_zones.net_zones.names, 0, 2), 0)}"
    )
    assert third["lifecycle"] == {"ignore_changes": ["availability_zone"]}
    assert "map_public_ip_on_launch" not in third
    routes = resource(document, "aws_route_table_association.net_subnet_3_routes")
    assert routes == {
        "subnet_id": "${aws_subnet.net_subnet_3.id}",
        "route_table_id": "${aws_route_table.net_private.id}",
    }


def test_zones_are_those_open_to_every_account() -> None:
    zones = resource(synth_new(), "data.aws_availability_zones.net_zones")
    assert zones == {
        "state": "available",
        "filter": [{"name": "opt-in-status", "values": ["opt-in-not-required"]}],
    }


def test_zones_by_name_are_taken_as_they_are() -> None:
    document = synth_new(NetworkProps(zone_names=("eu-west-1c", "eu-west-1a")))
    first = resource(document, "aws_subnet.net_subnet_1")
    second = resource(document, "aws_subnet.net_subnet_2")
    assert first["availability_zone"] == "eu-west-1c"
    assert second["availability_zone"] == "eu-west-1a"
    assert "lifecycle" not in first
    assert "aws_availability_zones" not in document["data"]


def test_a_new_network_has_the_endpoints_dms_needs() -> None:
    document = synth_new()
    endpoints = document["resource"]["aws_vpc_endpoint"]
    assert sorted(endpoints) == [
        "net_kinesis_streams",
        "net_s3",
        "net_secretsmanager",
    ]
    kinesis = resource(document, "aws_vpc_endpoint.net_kinesis_streams")
    assert kinesis["service_name"] == (
        "com.amazonaws.${data.aws_region.current_region.name}.kinesis-streams"
    )
    assert kinesis["vpc_endpoint_type"] == "Interface"
    assert kinesis["private_dns_enabled"] is True
    assert kinesis["security_group_ids"] == ["${aws_security_group.net_endpoints.id}"]
    assert kinesis["subnet_ids"] == [
        "${aws_subnet.net_subnet_1.id}",
        "${aws_subnet.net_subnet_2.id}",
    ]
    s3 = resource(document, "aws_vpc_endpoint.net_s3")
    assert s3["vpc_endpoint_type"] == "Gateway"
    assert s3["route_table_ids"] == ["${aws_route_table.net_private.id}"]
    assert "private_dns_enabled" not in s3


def test_the_paid_endpoint_of_the_logs_is_made_where_dms_logs() -> None:
    document = synth(lambda stack: Network(stack, "net", task_logs=True))
    assert "net_logs" in document["resource"]["aws_vpc_endpoint"]
    chosen = NetworkProps(endpoints=("kinesis-streams", "secretsmanager"))
    document = synth(lambda stack: Network(stack, "net", props=chosen, task_logs=True))
    assert sorted(document["resource"]["aws_vpc_endpoint"]) == [
        "net_kinesis_streams",
        "net_secretsmanager",
    ]


def test_the_rules_of_a_new_network_open_the_endpoints_to_dms_and_nothing_else() -> None:
    https = {"ip_protocol": "tcp", "from_port": 443, "to_port": 443}
    endpoints = "${aws_security_group.net_endpoints.id}"
    assert rules(synth_new()) == {
        "aws_vpc_security_group_egress_rule.net_replication_to_endpoints": {
            **https,
            "security_group_id": REPLICATION,
            "referenced_security_group_id": endpoints,
            "description": "DMS to the VPC endpoints",
        },
        "aws_vpc_security_group_egress_rule.net_replication_to_s3": {
            **https,
            "security_group_id": REPLICATION,
            "prefix_list_id": "${aws_vpc_endpoint.net_s3.prefix_list_id}",
            "description": "DMS to S3",
        },
        "aws_vpc_security_group_ingress_rule.net_endpoints_from_replication": {
            **https,
            "security_group_id": endpoints,
            "referenced_security_group_id": REPLICATION,
            "description": "DMS to the VPC endpoints",
        },
    }


def test_security_groups_hold_no_rules_of_their_own() -> None:
    groups = synth_new()["resource"]["aws_security_group"]
    assert groups
    for group in groups.values():
        assert "ingress" not in group
        assert "egress" not in group
        assert group["description"]


def test_a_new_network_without_endpoints_opens_nothing() -> None:
    document = synth_new(NetworkProps(endpoints=()))
    assert rules(document) == {}
    assert "aws_vpc_endpoint" not in document["resource"]


def test_an_existing_network_makes_a_group_for_dms_that_reaches_public_services() -> None:
    document = synth_existing()
    assert [a for a in addresses(document) if not a.startswith("data.")] == [
        "aws_security_group.net_replication",
        "aws_vpc_security_group_egress_rule.net_replication_to_services",
    ]
    assert resource(document, "aws_security_group.net_replication")["vpc_id"] == VPC
    out = only(document, "aws_vpc_security_group_egress_rule")
    assert (out["cidr_ipv4"], out["from_port"], out["to_port"]) == ("0.0.0.0/0", 443, 443)


@pytest.mark.parametrize(("task_logs", "public"), [(False, False), (True, True)])
def test_an_existing_network_without_the_endpoint_of_the_logs_is_open_for_them_alone(
    task_logs: bool, public: bool
) -> None:
    def build(stack: ReadableAddressStack) -> None:
        given = ImportedNetworkProps(
            kind="existing",
            vpc_id=VPC,
            subnet_ids=SUBNETS,
            endpoints=("kinesis-streams", "secretsmanager", "s3"),
            route_table_ids=("rtb-0a1b2c3d",),
        )
        Network.from_props(stack, "net", props=given, task_logs=task_logs)

    found = rules(synth(build))
    services = "aws_vpc_security_group_egress_rule.net_replication_to_services"
    assert (services in found) is public


def test_an_existing_network_with_all_endpoints_lets_dms_out_to_them_only() -> None:
    document = synth_existing(
        endpoints=("kinesis-streams", "secretsmanager", "logs", "s3"),
        route_table_ids=("rtb-0a1b2c3d",),
    )
    out = {a: r for a, r in rules(document).items() if "egress" in a}
    assert not [rule for rule in out.values() if "cidr_ipv4" in rule]
    s3 = resource(document, "aws_vpc_endpoint.net_s3")
    assert s3["route_table_ids"] == ["rtb-0a1b2c3d"]
    assert s3["vpc_id"] == VPC
    kinesis = resource(document, "aws_vpc_endpoint.net_kinesis_streams")
    assert kinesis["subnet_ids"] == list(SUBNETS)


FROM_VPC = "aws_vpc_security_group_ingress_rule.net_endpoints_from_vpc"


def test_endpoints_in_an_existing_network_let_the_whole_vpc_in_as_its_names_lead_there() -> None:
    document = synth_existing(endpoints=("kinesis-streams",))
    rule = resource(document, FROM_VPC)
    assert rule["for_each"] == (
        "${toset(data.aws_vpc.net_vpc.cidr_block_associations[*].cidr_block)}"
    )
    assert (rule["cidr_ipv4"], rule["from_port"]) == ("${each.value}", 443)
    assert resource(document, "data.aws_vpc.net_vpc") == {"id": VPC}
    # a VPC of our own has no other workloads
    assert FROM_VPC not in rules(synth_new())


def test_endpoints_may_let_named_groups_in_instead() -> None:
    document = synth_existing(
        endpoints=("kinesis-streams",), endpoints_admit_security_group_ids=(GROUP,)
    )
    assert FROM_VPC not in rules(document)
    rule = resource(document, FROM_VPC.replace("from_vpc", "from_group_1"))
    assert rule["referenced_security_group_id"] == GROUP
    assert rule["security_group_id"] == "${aws_security_group.net_endpoints.id}"


def test_endpoints_of_somebody_else_are_reached_and_nothing_beside() -> None:
    document = synth_existing(endpoints_security_group_id=GROUP)
    https = {"ip_protocol": "tcp", "from_port": 443, "to_port": 443}
    assert rules(document) == {
        "aws_vpc_security_group_egress_rule.net_replication_to_endpoints": {
            **https,
            "security_group_id": REPLICATION,
            "referenced_security_group_id": GROUP,
            "description": "DMS to the VPC endpoints",
        },
        "aws_vpc_security_group_ingress_rule.net_endpoints_from_replication": {
            **https,
            "security_group_id": GROUP,
            "referenced_security_group_id": REPLICATION,
            "description": "DMS to the VPC endpoints",
        },
    }


def test_rules_of_groups_of_somebody_else_can_be_left_to_them() -> None:
    def build(stack: ReadableAddressStack) -> None:
        network = Network.from_existing(
            stack,
            "net",
            vpc_id=VPC,
            subnet_ids=SUBNETS,
            endpoints_security_group_id=GROUP,
            rules_in_given_groups=False,
        )
        network.allow_replication_to_database(port=3306, security_group_id="sg-0a1b2c3f")

    # DMS's own group is ours: what goes out of it is said here
    assert sorted(rules(synth(build))) == [
        "aws_vpc_security_group_egress_rule.net_replication_to_endpoints",
        "aws_vpc_security_group_egress_rule.net_replication_to_sg_0a1b2c3f_3306",
    ]
    nothing = synth_existing(replication_security_group_id=GROUP, rules_in_given_groups=False)
    assert rules(nothing) == {}


def test_the_endpoints_of_a_new_network_serve_roles_of_the_account_only() -> None:
    (statement,) = policy(synth_new(), "aws_vpc_endpoint.net_s3")
    assert statement["Condition"] == {
        "StringEquals": {
            "aws:PrincipalAccount": "${data.aws_caller_identity.current_identity.account_id}"
        }
    }
    # other workloads may use other accounts' roles
    shared = synth_existing(endpoints=("kinesis-streams",))
    assert "policy" not in resource(shared, "aws_vpc_endpoint.net_kinesis_streams")


def test_an_existing_network_with_some_endpoints_lets_dms_out_for_the_rest() -> None:
    document = synth_existing(endpoints=("kinesis-streams", "kms"))
    assert sorted(document["resource"]["aws_vpc_endpoint"]) == ["net_kinesis_streams", "net_kms"]
    out = resource(document, "aws_vpc_security_group_egress_rule.net_replication_to_services")
    assert out["cidr_ipv4"] == "0.0.0.0/0"


def test_imported_security_groups_are_used_and_get_the_rules() -> None:
    def build(stack: ReadableAddressStack) -> None:
        network = Network.from_existing(
            stack,
            "net",
            vpc_id=VPC,
            subnet_ids=SUBNETS,
            replication_security_group_id=GROUP,
            database_security_group_id="sg-0a1b2c3e",
        )
        assert network.replication_security_group_id == GROUP
        assert network.database_security_group_id == "sg-0a1b2c3e"
        network.allow_replication_to_database(port=3306)

    document = synth(build)
    assert "aws_security_group" not in document["resource"]
    ingress = only(document, "aws_vpc_security_group_ingress_rule")
    assert ingress["security_group_id"] == "sg-0a1b2c3e"
    assert ingress["referenced_security_group_id"] == GROUP


def allow(times: int = 1, **target: Any) -> Json:
    def build(stack: ReadableAddressStack) -> None:
        network = Network(stack, "net", props=NetworkProps(endpoints=()))
        given = [network.allow_replication_to_database(**target) for _ in range(times)]
        assert all(given), "a consumer has nothing to depend on"

    return synth(build)


def test_dms_reaches_a_new_database_on_its_port_only() -> None:
    document = allow(port=3307)
    database = "${aws_security_group.net_database.id}"
    port = {"ip_protocol": "tcp", "from_port": 3307, "to_port": 3307}
    assert rules(document) == {
        "aws_vpc_security_group_egress_rule.net_replication_to_database_3307": {
            **port,
            "security_group_id": REPLICATION,
            "referenced_security_group_id": database,
            "description": "DMS to the database",
        },
        "aws_vpc_security_group_ingress_rule.net_database_3307_from_replication": {
            **port,
            "security_group_id": database,
            "referenced_security_group_id": REPLICATION,
            "description": "DMS to the database",
        },
    }


def test_dms_is_let_into_the_group_of_an_existing_database() -> None:
    document = allow(port=3306, security_group_id=GROUP)
    assert "net_database" not in document["resource"]["aws_security_group"]
    ingress = only(document, "aws_vpc_security_group_ingress_rule")
    assert ingress["security_group_id"] == GROUP
    egress = only(document, "aws_vpc_security_group_egress_rule")
    assert egress["referenced_security_group_id"] == GROUP


def test_dms_is_let_out_to_addresses() -> None:
    document = allow(port=3306, cidr="10.1.2.3/32")
    assert sorted(rules(document)) == [
        "aws_vpc_security_group_egress_rule.net_replication_to_10_1_2_3_32_3306"
    ]
    egress = only(document, "aws_vpc_security_group_egress_rule")
    assert (egress["cidr_ipv4"], egress["from_port"]) == ("10.1.2.3/32", 3306)


def test_two_sources_of_one_network_share_a_rule_that_aws_takes_once_only() -> None:
    assert len(rules(allow(times=2, port=3306))) == 2


def test_a_group_that_terraform_makes_can_be_opened() -> None:
    def build(stack: ReadableAddressStack) -> None:
        network = Network(stack, "net", props=NetworkProps(endpoints=()))
        for id_ in ("a", "b"):
            group = aws.security_group.SecurityGroup(stack, id_)
            network.allow_replication_to_database(port=3306, security_group_id=group.id)

    opened = [rule["security_group_id"] for rule in rules(synth(build)).values()]
    assert "${aws_security_group.a.id}" in opened
    assert "${aws_security_group.b.id}" in opened


def test_a_group_and_addresses_at_once_are_refused() -> None:
    with pytest.raises(ConstructError) as caught:
        allow(port=3306, security_group_id=GROUP, cidr="10.0.0.0/8")
    assert str(caught.value) == (
        "app/net: a database is reached by security_group_id or by cidr, not by both: give one"
    )


@pytest.mark.parametrize("props", [NetworkProps(), ImportedNetworkProps])
def test_new_and_existing_interchange(props: Any) -> None:
    if props is ImportedNetworkProps:
        props = ImportedNetworkProps(
            kind="existing",
            vpc_id=VPC,
            subnet_ids=SUBNETS,
            endpoints=("kinesis-streams", "secretsmanager", "logs", "s3"),
            route_table_ids=("rtb-0a1b2c3d",),
        )

    def build(stack: ReadableAddressStack) -> None:
        network: INetwork = Network.from_props(stack, "net", props=props, task_logs=True)
        aws.dms_replication_subnet_group.DmsReplicationSubnetGroup(
            stack,
            "consumer",
            replication_subnet_group_id=network.vpc_id,
            replication_subnet_group_description=network.replication_security_group_id,
            subnet_ids=network.subnet_ids,
            depends_on=network.dependencies,
        )

    document = synth(build)
    needed = resource(document, "aws_dms_replication_subnet_group.consumer")["depends_on"]
    assert {
        "aws_vpc_endpoint.net_kinesis_streams",
        "aws_vpc_endpoint.net_secretsmanager",
        "aws_vpc_endpoint.net_logs",
        "aws_vpc_endpoint.net_s3",
        *rules(document),
    } <= set(needed)


def test_dependencies_hold_the_routes_to_s3() -> None:
    def build(stack: ReadableAddressStack) -> None:
        network = Network(stack, "net")
        aws.vpc.Vpc(stack, "consumer", depends_on=network.dependencies)

    needed = resource(synth(build), "aws_vpc.consumer")["depends_on"]
    assert "aws_route_table_association.net_subnet_1_routes" in needed
    assert "aws_route_table_association.net_subnet_2_routes" in needed


@pytest.mark.parametrize(
    ("given", "where", "message"),
    [
        ({"cidr": "10.20.0.1/16"}, "cidr", "is no IPv4 block"),
        ({"cidr": "lan"}, "cidr", "write one such as 10.20.0.0/16, its host bits zero"),
        ({"cidr": "10.0.0.0/8"}, "cidr", "must be a block from /16 to /24: a VPC is /16 at most"),
        ({"cidr": "10.0.0.0/25"}, "cidr", "must be a block from /16 to /24"),
        ({"zones": 1}, "zones", "must be 2 or more"),
        ({"zones": 7}, "zones", "must be 6 or less"),
        ({"zone_names": ("eu-west-1a",)}, "zone_names", "must hold 2 or more"),
        (
            {"zone_names": ("eu-west-1a", "eu-west-1a")},
            "zone_names",
            "names something twice: leave the repeated one out",
        ),
        ({"zone_names": ("one", "two")}, "zone_names.0", "must match"),
        (
            {"zones": 2, "zone_names": ("eu-west-1a", "eu-west-1b")},
            "(top level)",
            "give zones or zone_names, not both: the names say how many there are",
        ),
        ({"endpoints": ("s3", "s3")}, "endpoints", "names something twice"),
        ({"endpoints": ("sns",)}, "endpoints.0", "must be 'kinesis-streams'"),
    ],
)
def test_refusals_of_a_new_network(given: dict[str, object], where: str, message: str) -> None:
    with pytest.raises(InvalidPropsError) as caught:
        NetworkProps(**given)
    assert f"- {where}: " in str(caught.value)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("given", "where", "message"),
    [
        ({"vpc_id": "vpc"}, "vpc_id", "must match"),
        ({"subnet_ids": SUBNETS[:1]}, "subnet_ids", "must hold 2 or more"),
        ({"subnet_ids": SUBNETS[:1] * 2}, "subnet_ids", "names something twice"),
        (
            {"endpoints": ("s3",)},
            "(top level)",
            "endpoints with s3 and route_table_ids go together",
        ),
        (
            {"route_table_ids": ("rtb-0a1b2c3d",)},
            "(top level)",
            "endpoints with s3 and route_table_ids go together",
        ),
        (
            {"endpoints": ("kms",), "endpoints_security_group_id": GROUP},
            "(top level)",
            "give endpoints, which are made, or endpoints_security_group_id of those that are "
            "there, not both",
        ),
        (
            {"endpoints_admit_security_group_ids": (GROUP,)},
            "(top level)",
            "endpoints_admit_security_group_ids is about interface endpoints made here",
        ),
        (
            {"replication_security_group_id": "default"},
            "replication_security_group_id",
            "must match",
        ),
    ],
)
def test_refusals_of_an_existing_network(
    given: dict[str, object], where: str, message: str
) -> None:
    with pytest.raises(InvalidPropsError) as caught:
        ImportedNetworkProps(**{"kind": "existing", "vpc_id": VPC, "subnet_ids": SUBNETS, **given})
    assert f"- {where}: " in str(caught.value)
    assert message in str(caught.value)


def test_two_in_one_stack_do_not_collide() -> None:
    def build(stack: ReadableAddressStack) -> None:
        for id_ in ("orders", "tickets"):
            network = Network(stack, id_)
            network.allow_replication_to_database(port=3306)

    document = synth(build)
    names = [group["name"] for group in document["resource"]["aws_security_group"].values()]
    assert sorted(names) == [
        "app-orders-database",
        "app-orders-endpoints",
        "app-orders-replication",
        "app-tickets-database",
        "app-tickets-endpoints",
        "app-tickets-replication",
    ]
