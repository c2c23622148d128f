"""Changes that DMS makes hard for the provider: what is left stopped is found and started.

The apply of a serverless change fails, as it does on AWS; the change is made all the same. The
pipelines are in one VPC of somebody else's, by the recipe of docs/several-pipelines.md.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.dms_stream.local_aws.terraform.test_pipeline import certificate
from tests.support.account import Account, account
from tests.support.reachability import ANYWHERE, HTTPS, Reachability, of_vpc
from tests.support.waiting import until

STACKS = ["trial-tickets", "trial-orders", "trial-archive"]
EMPTY = """
region: eu-west-1
emulated: true
state: {bucket_name: changing-terraform-state}
"""
FIRST = """
pipelines:
  tickets: &pipeline
    network: NETWORK
    source: &source {kind: new, deletion_protection: false}
    replication: &replication
      table_mappings: {tables: [dms_sample.ticket_purchase_hist]}
      source_endpoint: &source_endpoint
        tls: {kind: verify-full, certificate: {file: bundle.pem}}
      deletion_protection: false
    stream: {deletion_protection: false}
    landing_bucket: {deletion_protection: false, force_destroy: true}
    monitoring: null
    data_catalog: null
"""
OTHERS = """
  orders:
    <<: *pipeline
    network: &joined JOINED
    replication:
      <<: *replication
      compute: {kind: serverless, max_capacity_units: 4}
  archive:
    <<: *pipeline
    network: *joined
    replication:
      <<: *replication
      migration_type: full-load
"""


@pytest.fixture
def changing(tmp_path: Path) -> Iterator[Account]:
    (tmp_path / "bundle.pem").write_text(certificate())
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


def states(dms: Any) -> dict[str, str]:
    """Status of each task and serverless replication, by its pipeline."""
    found = {
        task["ReplicationTaskIdentifier"]: task["Status"]
        for task in dms.describe_replication_tasks()["ReplicationTasks"]
    }
    found |= {
        replication["ReplicationConfigIdentifier"]: replication["Status"]
        for replication in dms.describe_replications()["Replications"]
    }
    return {name.split("-")[1]: status for name, status in found.items()}


@pytest.mark.deploy
def test_what_is_left_stopped_goes_on_in_a_vpc_of_somebody_else(
    changing: Account, tmp_path: Path
) -> None:
    account = changing
    ec2, dms = account.client("ec2"), account.client("dms")
    made = make_vpc(ec2)
    where = {"kind": "existing", "vpc_id": made["vpc"], "subnet_ids": made["subnets"]}
    endpoints = ["kinesis-streams", "secretsmanager", "s3"]
    network = {**where, "endpoints": endpoints, "route_table_ids": [made["table"]]}
    first = EMPTY + FIRST.replace("NETWORK", json.dumps(network))
    account.settings.write_text(first)
    account.succeed("deploy", "--yes")
    state = json.loads(account.state("changing-terraform-state", "trial-tickets"))
    group = state["outputs"]["endpoints_security_group_id"]["value"]
    joined = {**where, "endpoints_security_group_id": group}
    account.settings.write_text(first + OTHERS.replace("JOINED", json.dumps(joined)))
    lines = account.succeed("deploy", "--yes").splitlines()
    # Terraform starts no load alone, as it may be over before the provider looks; deploy does
    assert lines[-3:] == ["tickets runs", "orders runs", "archive: started"]
    running = {"tickets": "running", "orders": "running"}
    until(lambda: states(dms) == {**running, "archive": "stopped"})
    vpc = of_vpc(ec2, made["vpc"])
    for name in ("tickets", "archive"):
        reaches_all(vpc, dms, name, made["subnets"])
    # the workload of somebody else reaches the services through the same names as before
    assert vpc.cut_off([None, made["workload"]]) == []
    assert vpc.goes_out(made["workload"], [group], HTTPS)

    before = {
        found["CertificateIdentifier"] for found in dms.describe_certificates()["Certificates"]
    }
    (tmp_path / "bundle.pem").write_text(certificate())
    told_again = account.succeed("deploy", "--yes")
    after = dms.describe_certificates()["Certificates"]
    used = {
        endpoint["CertificateArn"]
        for endpoint in dms.describe_endpoints()["Endpoints"]
        if "CertificateArn" in endpoint
    }
    # each endpoint has the new one, and the old ones are gone
    assert {found["CertificateArn"] for found in after} == used
    assert not before & {found["CertificateIdentifier"] for found in after}
    # the provider stopped the task for it, and started none whose connection was being tested
    assert "tickets: started again" in told_again
    assert "archive: the load is complete" in told_again
    until(lambda: states(dms)["tickets"] == "running")

    text = account.settings.read_text()
    account.settings.write_text(text.replace("max_capacity_units: 4", "max_capacity_units: 8"))
    only = ["--pipeline", "orders"]
    failed = account.dms_stream.run("deploy", "--env", str(account.settings), "--yes", *only)
    assert failed.returncode == 2
    told = " ".join(failed.stdout.replace("│", " ").split())
    assert "is in MODIFYING state and" in told, told
    assert "orders: started again" in failed.stdout
    until(lambda: states(dms)["orders"] == "running")
    (config,) = dms.describe_replication_configs()["ReplicationConfigs"]
    assert config["ComputeConfig"]["MaxCapacityUnits"] == 8
    # the change was made, and nobody takes another one's rules away: nothing is left to deploy
    assert account.succeed("plan").count("No changes.") == 4
