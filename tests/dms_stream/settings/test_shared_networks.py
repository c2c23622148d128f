"""What two pipelines of one VPC would both make is refused where it is asked for a second time."""

from typing import Any

import pytest

from constructs_lib.cdc_pipeline import CdcPipelineProps
from dms_stream.settings.shared_networks import shared_network_faults
from tests.support.variants import NETWORK, SOURCE, settings

GROUPS = {"replication_security_group_id": "sg-0a1b2c3d4e5f60720"}
GATEWAY = {"endpoints": ["s3"], "route_table_ids": ["rtb-0a1b2c3d4e5f60718"]}


def faults(first: dict[str, Any], second: dict[str, Any]) -> list[str]:
    pipelines = {
        name: CdcPipelineProps(**settings(network={**NETWORK, **network}, source=SOURCE))
        for name, network in (("orders", first), ("tickets", second))
    }
    return [f"{fault.where}: {fault.problem}" for fault in shared_network_faults(pipelines)]


def test_an_endpoint_of_a_service_is_made_once() -> None:
    both = {"endpoints": ["kinesis-streams"]}
    (fault,) = faults(both, both)
    assert fault.startswith(
        "pipelines.tickets.network.endpoints: holds kinesis-streams, which pipelines.orders makes "
        "in vpc-0a1b2c3d4e5f60718 already, and AWS refuses a second one there"
    )


def test_a_gateway_stands_once_in_a_route_table() -> None:
    (fault,) = faults(GATEWAY, GATEWAY)
    assert "holds s3, which pipelines.orders makes in rtb-0a1b2c3d4e5f60718 already" in fault


def test_a_rule_between_given_groups_is_made_once() -> None:
    found = faults(GROUPS, GROUPS)
    assert len(found) == 2
    assert found[1].startswith(
        "pipelines.tickets.network.rules_in_given_groups: adds a rule that pipelines.orders adds "
        "already, from sg-0a1b2c3d4e5f60720 to sg-0a1b2c3d4e5f60719 on port 3306, and AWS refuses "
        "a second one"
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {}),
        ({"endpoints": ["kinesis-streams"]}, {"endpoints": ["secretsmanager"]}),
        (
            {"endpoints": ["kinesis-streams"]},
            {"vpc_id": "vpc-0a1b2c3d4e5f60799", "endpoints": ["kinesis-streams"]},
        ),
        (
            {"endpoints": ["kinesis-streams"]},
            {"endpoints_security_group_id": "sg-0a1b2c3d4e5f60730"},
        ),
        (GROUPS, {**GROUPS, "rules_in_given_groups": False}),
        (GROUPS, {"replication_security_group_id": "sg-0a1b2c3d4e5f60721"}),
    ],
)
def test_what_does_not_collide_is_taken(first: dict[str, Any], second: dict[str, Any]) -> None:
    assert faults(first, second) == []
