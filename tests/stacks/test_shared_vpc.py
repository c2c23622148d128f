"""The recipe of docs/several-pipelines.md for one VPC: deployed, and everybody keeps their ways."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.stacks.test_deployments import CERTIFICATE, Account, account
from tests.support.reachability import ANYWHERE, HTTPS, Reachability, of_vpc

EMPTY = "region: eu-west-1\nemulated: true\nstate: {bucket_name: shared-terraform-state}\n"


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Account]:
    yield from account(tmp_path, f"{EMPTY}pipelines: {{}}\n")


def make_vpc(ec2: Any) -> dict[str, Any]:
    """A VPC of somebody else's, with a workload that calls AWS's services."""
    vpc = ec2.create_vpc(CidrBlock="10.50.0.0/16")["Vpc"]["VpcId"]
    for attribute in ("EnableDnsSupport", "EnableDnsHostnames"):
        ec2.modify_vpc_attribute(VpcId=vpc, **{attribute: {"Value": True}})
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    subnets = []
    for number, zone in enumerate("ab"):
        made = ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.50.{number}.0/24", AvailabilityZone=f"eu-west-1{zone}"
        )
        subnets.append(made["Subnet"]["SubnetId"])
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnets[-1])
    workload = ec2.create_security_group(GroupName="app", Description="app", VpcId=vpc)["GroupId"]
    return {"vpc": vpc, "table": table, "subnets": subnets, "workload": workload}


def pipeline(network: dict[str, Any]) -> dict[str, Any]:
    tls = {"kind": "verify-full", "certificate": {"file": str(CERTIFICATE)}}
    return {
        "network": {"kind": "existing", **network},
        "source": {"kind": "new", "deletion_protection": False},
        "replication": {
            "table_mappings": {"tables": ["shop.orders"]},
            "source_endpoint": {"tls": tls},
            "deletion_protection": False,
        },
        "stream": {"deletion_protection": False},
        "landing_bucket": {"deletion_protection": False, "force_destroy": True},
        "data_catalog": None,
        "monitoring": None,
    }


def reaches_all(vpc: Reachability, dms: Any, name: str, subnets: list[str]) -> None:
    """A pipeline's DMS reaches the services, and nothing at any address."""
    (instance,) = (
        found
        for found in dms.describe_replication_instances()["ReplicationInstances"]
        if name in found["ReplicationInstanceIdentifier"]
    )
    (group,) = (found["VpcSecurityGroupId"] for found in instance["VpcSecurityGroups"])
    for service in ("kinesis-streams", "secretsmanager"):
        assert vpc.reaches_service(service, group, subnets), (name, service)
    out = [rule.peer for rule in vpc.rules if rule.group == group and rule.is_egress]
    assert ANYWHERE not in out


@pytest.mark.deploy
@pytest.mark.xdist_group("shared-vpc")
def test_two_pipelines_in_one_vpc_of_somebody_else(shared: Account) -> None:
    account = shared
    ec2, dms = account.client("ec2"), account.client("dms")
    made = make_vpc(ec2)
    where = {"vpc_id": made["vpc"], "subnet_ids": made["subnets"]}
    first = {
        **where,
        "endpoints": ["kinesis-streams", "secretsmanager", "s3"],
        "route_table_ids": [made["table"]],
    }
    pipelines = {"orders": pipeline(first)}
    account.settings.write_text(f"{EMPTY}pipelines: {json.dumps(pipelines)}\n")
    account.succeed("deploy", "--yes")
    state = json.loads(account.state("shared-terraform-state", "trial-orders"))
    group = state["outputs"]["endpoints_security_group_id"]["value"]

    pipelines["tickets"] = pipeline({**where, "endpoints_security_group_id": group})
    account.settings.write_text(f"{EMPTY}pipelines: {json.dumps(pipelines)}\n")
    account.succeed("deploy", "--yes", "--pipeline", "tickets")

    vpc = of_vpc(ec2, made["vpc"])
    for name in ("orders", "tickets"):
        reaches_all(vpc, dms, name, made["subnets"])
    # the workload of somebody else reaches the services through the same names as before
    assert vpc.cut_off([None, made["workload"]]) == []
    assert vpc.goes_out(made["workload"], [group], HTTPS)
    assert account.succeed("plan").count("No changes.") == 3
