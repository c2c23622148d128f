"""Every type of resource the pipelines use: created, changed in place, destroyed, and no drift."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from dms_stream.local_aws import client
from tests.support.terraform import CHANGES, Terraform

# the provider waits in fixed steps: what can wait side by side should
SIDE_BY_SIDE = "-parallelism=40"
CHANGED = ("-var", "stage=2")


def certificate() -> str:
    """A self-signed certificate, PEM-encoded."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "local-aws")])
    start = datetime(2024, 1, 1, tzinfo=UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=36500))
        .sign(key, hashes.SHA256())
        .public_bytes(Encoding.PEM)
        .decode()
    )


@pytest.mark.deploy
def test_every_resource_is_created_changed_and_destroyed(url: str, tmp_path: Path) -> None:
    terraform = Terraform(
        Path(__file__).parent / "pipeline",
        tmp_path / "work",
        url,
        {"certificate_pem": certificate()},
    )
    terraform.succeed("init", "-input=false")

    terraform.succeed("apply", "-auto-approve", "-input=false", SIDE_BY_SIDE)
    terraform.plans_nothing(SIDE_BY_SIDE)
    (running,) = _tasks(url, "local-aws-running")
    assert running["Status"] == "running"
    state = client("s3", url).get_object(Bucket="local-aws-state", Key="pipeline/terraform.tfstate")
    assert b"local-aws/source" in (body := state["Body"].read())
    assert _password(url).encode() not in body

    changes = terraform.run("plan", "-input=false", "-detailed-exitcode", SIDE_BY_SIDE, *CHANGED)
    assert changes.returncode == CHANGES
    assert "Plan: 0 to add" in changes.stdout, changes.stdout
    assert "0 to destroy." in changes.stdout, changes.stdout
    # the provider starts a changed serverless replication too early, on AWS as here
    failed = terraform.run("apply", "-auto-approve", "-input=false", SIDE_BY_SIDE, *CHANGED)
    assert failed.returncode == 1
    output = " ".join((failed.stdout + (failed.stderr or "")).replace("│", " ").split())
    assert "is in MODIFYING state and cannot start" in output, output
    terraform.succeed("apply", "-auto-approve", "-input=false", SIDE_BY_SIDE, *CHANGED)
    terraform.plans_nothing(SIDE_BY_SIDE, *CHANGED)
    (running,) = _tasks(url, "local-aws-running")
    assert running["Status"] == "running"
    assert '"person"' in running["TableMappings"]

    s3 = client("s3", url)
    s3.delete_object(Bucket="local-aws-landing", Key="queries/recent.sql")  # a delete marker
    terraform.succeed("destroy", "-auto-approve", "-input=false", SIDE_BY_SIDE, *CHANGED)
    assert _left(url) == {
        "buckets": ["local-aws-state"],
        "clusters": [],
        "snapshots": ["local-aws-source-final", "tickets-mysql"],
        "tasks": [],
        "endpoints": [],
        "instances": [],
        "streams": [],
        "delivery streams": [],
        "roles": [],
    }


def _tasks(url: str, name: str) -> list[dict[str, str]]:
    wanted = [{"Name": "replication-task-id", "Values": [name]}]
    found: list[dict[str, str]] = client("dms", url).describe_replication_tasks(Filters=wanted)[
        "ReplicationTasks"
    ]
    return found


def _password(url: str) -> str:
    secret = client("secretsmanager", url).get_secret_value(SecretId="local-aws/source")
    password: str = json.loads(secret["SecretString"])["password"]
    assert len(password) == 32
    return password


def _left(url: str) -> dict[str, list[str]]:
    s3, rds, dms = client("s3", url), client("rds", url), client("dms", url)
    snapshots = rds.describe_db_cluster_snapshots(SnapshotType="manual")["DBClusterSnapshots"]
    return {
        "buckets": [b["Name"] for b in s3.list_buckets()["Buckets"]],
        "clusters": [c["DBClusterIdentifier"] for c in rds.describe_db_clusters()["DBClusters"]],
        "snapshots": sorted(s["DBClusterSnapshotIdentifier"] for s in snapshots),
        "tasks": dms.describe_replication_tasks()["ReplicationTasks"],
        "endpoints": dms.describe_endpoints()["Endpoints"],
        "instances": dms.describe_replication_instances()["ReplicationInstances"],
        "streams": client("kinesis", url).list_streams()["StreamNames"],
        "delivery streams": client("firehose", url).list_delivery_streams()["DeliveryStreamNames"],
        "roles": [role["RoleName"] for role in client("iam", url).list_roles()["Roles"]],
    }
