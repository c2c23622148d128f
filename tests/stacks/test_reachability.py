"""DMS reaches its database and every service it needs, and nobody else of the VPC loses a way."""

from dataclasses import replace

import pytest

from tests.support import variants
from tests.support.reachability import ANYWHERE, HTTPS, Reachability, of_stack
from tests.support.synth import Json, addresses, resource


def dms_of(document: Json) -> tuple[str, list[str]]:
    """Security group and subnets of what runs the replication."""
    found = [a for a in addresses(document) if a.startswith("aws_dms_replication_config.")]
    if found:
        group = resource(document, found[0])["compute_config"]["vpc_security_group_ids"][0]
    else:
        instances = document["resource"].get("aws_dms_replication_instance")
        if instances is None:
            (instance,) = document["data"]["aws_dms_replication_instance"].values()
            (told,) = instance["lifecycle"]["postcondition"]
            return told["condition"].split('"')[1], []
        (instance,) = instances.values()
        (group,) = instance["vpc_security_group_ids"]
    (subnets,) = document["resource"]["aws_dms_replication_subnet_group"].values()
    return group, subnets["subnet_ids"]


def lost_ways(document: Json, vpc: Reachability) -> list[str]:
    """What DMS needs and does not reach."""
    group, subnets = dms_of(document)
    lost = []
    logs = ["logs"] if '"EnableLogging":true' in str(document["resource"]) else []
    for service in ("kinesis-streams", "secretsmanager", *logs):
        by_endpoint = vpc.reaches_service(service, group, subnets)
        # an existing VPC's own endpoints or NAT gateway, which no stack of ours knows
        is_existing = "aws_vpc" not in document["resource"]
        if not by_endpoint and not (is_existing and vpc.goes_out(group, [ANYWHERE], HTTPS)):
            lost.append(service)
    if "aws_vpc" in document["resource"] and not vpc.reaches_service("s3", group, subnets):
        lost.append("s3")
    if not reaches_database(document, vpc, group):
        lost.append("database")
    return lost


def reaches_database(document: Json, vpc: Reachability, group: str) -> bool:
    clusters = document["resource"].get("aws_rds_cluster", {})
    for cluster in clusters.values():
        (database,) = cluster["vpc_security_group_ids"]
        port = cluster["port"]
        return vpc.goes_out(group, [database], port) and vpc.comes_in(database, group, port)
    return any(
        rule.is_egress
        and rule.group == group
        and (rule.peer.startswith("10.") or vpc.comes_in(rule.peer, group, rule.ports[0]))
        for rule in vpc.rules
        if rule.ports[0] != HTTPS
    )


@pytest.mark.parametrize("name", variants.NAMES)
def test_dms_reaches_all_it_needs(name: str) -> None:
    document = variants.pipeline(name)
    assert lost_ways(document, of_stack(document)) == []


@pytest.mark.parametrize("name", variants.NAMES)
def test_nobody_else_of_an_existing_vpc_loses_a_way(name: str) -> None:
    document = variants.pipeline(name)
    if "aws_vpc" not in document["resource"]:
        assert of_stack(document).cut_off() == []


@pytest.mark.parametrize("name", variants.NAMES)
def test_endpoints_stand_where_dms_does_and_where_their_services_are(name: str) -> None:
    document = variants.pipeline(name)
    vpc = of_stack(document)
    _, subnets = dms_of(document)
    for endpoint in vpc.endpoints:
        if endpoint.is_interface:
            assert endpoint.subnets == set(subnets)
            # every zone is one of those of the endpoint's service
            wanted = f"_{endpoint.service.replace('-', '_')}_service.availability_zones"
            assert all(wanted in vpc.zones[subnet] for subnet in subnets if subnet in vpc.zones)


@pytest.mark.parametrize("name", ["defaults", "logging", "serverless", "existing-network"])
def test_without_any_rule_endpoint_or_route_a_way_is_lost(name: str) -> None:
    document = variants.pipeline(name)
    vpc = of_stack(document)
    group, _ = dms_of(document)
    of_dms = [rule for rule in vpc.rules if rule.group == group or rule.peer == group]
    assert len(of_dms) > 3
    for rule in of_dms:
        if rule.peer.startswith("${aws_vpc_endpoint"):
            continue  # the way to S3, which DMS needs for nothing here
        if not rule.is_egress and any(
            other.peer == "${each.value}" and other.group == rule.group for other in vpc.rules
        ):
            continue  # the endpoints admit the whole VPC anyway
        left = tuple(other for other in vpc.rules if other != rule)
        assert lost_ways(document, replace(vpc, rules=left)), rule
    for endpoint in vpc.endpoints:
        if not endpoint.is_interface and name == "existing-network":
            continue
        kept = tuple(other for other in vpc.endpoints if other != endpoint)
        assert lost_ways(document, replace(vpc, endpoints=kept)), endpoint.service


def test_closed_endpoints_of_a_shared_vpc_are_noticed() -> None:
    vpc = of_stack(variants.pipeline("existing-network"))
    closed = tuple(rule for rule in vpc.rules if rule.peer != "${each.value}")
    assert replace(vpc, rules=closed).cut_off() == ["kinesis-streams", "logs", "secretsmanager"]
