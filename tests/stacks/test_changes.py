"""Changes that DMS makes hard for the provider: what is left stopped is found and started.

The apply of a serverless change fails, as it does on AWS; the change is made all the same.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.dms_stream.local_aws.terraform.test_pipeline import certificate
from tests.stacks.test_deployments import Account, account
from tests.support.waiting import until

STACKS = ["trial-tickets", "trial-orders", "trial-archive"]
# every pipeline in one VPC's worth of settings: small, and quick to make
SETTINGS = """
region: eu-west-1
emulated: true
state: {bucket_name: changing-terraform-state}
pipelines:
  tickets: &pipeline
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
  orders:
    <<: *pipeline
    replication:
      <<: *replication
      compute: {kind: serverless, max_capacity_units: 4}
  archive:
    <<: *pipeline
    replication:
      <<: *replication
      migration_type: full-load
"""


@pytest.fixture
def changing(tmp_path: Path) -> Iterator[Account]:
    (tmp_path / "bundle.pem").write_text(certificate())
    yield from account(tmp_path, SETTINGS)


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
@pytest.mark.xdist_group("changes")
def test_a_certificate_is_rotated_and_what_was_stopped_goes_on(
    changing: Account, tmp_path: Path
) -> None:
    account = changing
    lines = account.succeed("deploy", "--yes").splitlines()
    dms = account.client("dms")
    # Terraform starts no load alone, as it may be over before the provider looks; deploy does
    assert lines[-3:] == ["tickets runs", "orders runs", "archive: started"]
    running = {"tickets": "running", "orders": "running"}
    until(lambda: states(dms) == {**running, "archive": "stopped"})

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
    # the change was made, so nothing is left to deploy
    assert account.succeed("plan", *only).count("No changes.") == 1
