"""Two pipelines deployed as a user does it: deployed, planned again, changed, destroyed."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.account import CERTIFICATE, REGION, Account, account

TWO_PIPELINES = f"""
region: {REGION}
emulated: true
state: {{bucket_name: trial-terraform-state}}
pipelines:
  tickets:
    source:
      kind: snapshot
      snapshot_identifier: tickets-mysql
      deletion_protection: false
    replication:
      table_mappings: {{tables: [dms_sample.ticket_purchase_hist]}}
      source_endpoint: &source_endpoint
        tls: {{kind: verify-full, certificate: {{file: {CERTIFICATE}}}}}
      target_endpoint: {{include_control_details: true}}
      deletion_protection: false
    stream: {{deletion_protection: false}}
    landing_bucket: {{deletion_protection: false, force_destroy: true}}
    data_catalog:
      tables:
        dms_sample.ticket_purchase_hist: &purchases
          columns: {{purchase_id: "decimal(20,0)", ticket_id: "decimal(20,0)",
            purchased_by_id: bigint, transferred_from_id: bigint,
            transaction_date_time: timestamp, purchase_price: "decimal(8,2)"}}
          primary_key: [purchase_id]
  orders:
    source:
      kind: new
      database_name: orders
      capacity: {{kind: provisioned, instance_class: db.r7g.large}}
      readers: 1
      encryption: {{kind: customer}}
      deletion_protection: false
    replication:
      compute: {{kind: serverless, max_capacity_units: 4}}
      # its schema is empty, with which DMS fails at once
      start_replication_task: false
      table_mappings: {{rules: [{{rule-type: selection, object-locator:
        {{schema-name: orders, table-name: "%"}}}}]}}
      source_endpoint: *source_endpoint
      encryption: {{kind: customer}}
      deletion_protection: false
    stream:
      capacity: {{kind: provisioned, shard_count: 2}}
      encryption: {{kind: customer}}
      deletion_protection: false
    delivery_stream: {{partitioning: {{kind: by-table}}, buffer_mib: 64}}
    data_catalog: {{tables: {{orders.ticket_purchase_hist: *purchases}}}}
    landing_bucket:
      encryption: {{kind: customer}}
      deletion_protection: false
      force_destroy: true
    monitoring: {{notify: {{kind: new, warnings: {{emails: [team@example.com]}}}}}}
"""

# A change of these is a change for everybody with a deployed pipeline: it replaces what holds data.
STATEFUL_ADDRESSES = {
    "aws_rds_cluster.tickets_source",
    "aws_kinesis_stream.tickets_stream",
    "aws_s3_bucket.tickets_landing",
    "aws_dms_replication_task.tickets_replication_task",
    "aws_dms_replication_instance.tickets_replication_instance",
    "aws_secretsmanager_secret.tickets_source_secret",
    "aws_kinesis_firehose_delivery_stream.tickets_delivery",
    "aws_glue_catalog_table.tickets_catalog",
}


@pytest.fixture
def two_pipelines(tmp_path: Path) -> Iterator[Account]:
    yield from account(tmp_path, TWO_PIPELINES)


@pytest.mark.deploy
def test_two_pipelines_in_one_account(two_pipelines: Account, tmp_path: Path) -> None:
    account = two_pipelines
    first = account.succeed("deploy", "--yes")
    assert "moving the state of trial-bootstrap into the state bucket" in first

    dms = account.client("dms")
    (task,) = dms.describe_replication_tasks()["ReplicationTasks"]
    assert task["Status"] == "running"

    # real rows go through what was deployed, and Terraform finds nothing changed by that
    report = tmp_path / "rehearsal.html"
    rows = account.succeed("rehearse", "--pipeline", "tickets", "--report", str(report))
    assert "PASS What landed, replayed, equals the source: 1 table" in rows
    # and so does the view that Terraform made
    assert "rows are equal in 6" in rows
    assert "dms_sample.ticket_purchase_hist" in report.read_text()
    told = dms.describe_table_statistics(ReplicationTaskArn=task["ReplicationTaskArn"])
    assert [table["FullLoadRows"] for table in told["TableStatistics"]] == [10_000]
    # DMS's control records tell the columns that stand in the settings
    described = json.loads(account.succeed("catalog", "--pipeline", "tickets", "--json"))
    (table,) = described["tickets"].values()
    assert table["primary_key"] == ["purchase_id"]
    assert table["columns"]["purchase_price"] == "decimal(8,2)"
    # the sample has no schema of that name, and stands in for it
    rows = account.succeed("rehearse", "--pipeline", "orders")
    assert "sample: ticket_purchase_hist stands in for orders.ticket_purchase_hist" in rows
    assert "PASS What landed, replayed, equals the source: 5 tables" in rows
    assert "rows are equal in 6" in rows
    state = json.loads(account.state("trial-terraform-state", "trial-tickets"))
    addresses = {f"{found['type']}.{found['name']}" for found in state["resources"]}
    assert addresses >= STATEFUL_ADDRESSES
    search_for_secrets(account)

    change_while_rows_move(account, tmp_path)

    account.succeed("destroy", "--yes")
    assert dms.describe_replication_tasks()["ReplicationTasks"] == []
    assert account.client("kinesis").list_streams()["StreamNames"] == []
    assert account.client("rds").describe_db_clusters()["DBClusters"] == []
    buckets = [bucket["Name"] for bucket in account.client("s3").list_buckets()["Buckets"]]
    assert buckets == ["trial-terraform-state"]
    # what was in the clusters outlives them
    snapshots = account.client("rds").describe_db_cluster_snapshots(SnapshotType="manual")
    names = [found["DBClusterSnapshotIdentifier"] for found in snapshots["DBClusterSnapshots"]]
    assert sum("final" in name for name in names) == 2


def change_while_rows_move(account: Account, folder: Path) -> None:
    """What the review says of changes to a running pipeline is what happens.

    An endpoint and its certificate are changed in `test_changes.py`.
    """
    tickets, _, orders = account.settings.read_text().partition("  orders:")
    for old, new in {
        "hist]": "hist, dms_sample.tickets]",
        "    replication:\n": "    replication:\n"
        "      compute: {kind: instance, instance_class: dms.t3.large}\n",
    }.items():
        assert old in tickets
        tickets = tickets.replace(old, new, 1)
    buffered = tickets.replace(
        "    stream:", "    delivery_stream: {buffer_interval: PT120S}\n    stream:", 1
    )
    options = ["--pipeline", "tickets", "--json"]
    for name, version in {"next.yaml": tickets, "last.yaml": buffered}.items():
        (folder / name).write_text(f"{version}  orders:{orders}")
        options += ["--then", str(folder / name)]
    said = account.succeed("rehearse", *options)
    (told,) = json.loads(said[said.rindex("\n[\n") :])
    first, second = told["then"]

    assert told["passed"], told
    announced = {each["rule"]: (each["agrees"], each["observed"]) for each in first["announced"]}
    for rule in ("task-stopped", "replication-instance-changed"):
        agrees, observed = announced[rule]
        assert agrees
        assert "went on from its checkpoint at" in observed
        assert observed.endswith(
            "no table was loaded again; no record lost, none twice, no row different"
        )
    assert announced["tables-added"][1].startswith("loaded: dms_sample.tickets: ")
    assert {table["table"] for table in first["tables"]} == {
        "dms_sample.ticket_purchase_hist",
        "dms_sample.tickets",
    }
    # Firehose takes other buffers without a stop
    assert (second["announced"], second["unannounced"]) == ([], [])
    assert second["happened"]["the task stood still"] == "never"
    assert second["happened"]["the delivery began again"] == "1 time"


def search_for_secrets(account: Account) -> None:
    """No password is in any state, plan or synthesized file; each is in its secret.

    The plans find nothing changed.
    """
    secrets = account.client("secretsmanager")
    passwords = []
    for found in secrets.list_secrets()["SecretList"]:
        value = json.loads(secrets.get_secret_value(SecretId=found["ARN"])["SecretString"])
        assert set(value) == {"username", "password", "host", "port"}
        passwords.append(value["password"].encode())
    assert len(passwords) == 2
    assert all(len(password) == 40 for password in passwords)

    stacks = ["trial-bootstrap", "trial-tickets", "trial-orders"]
    texts = [account.state("trial-terraform-state", stack) for stack in stacks]
    with ThreadPoolExecutor() as threads:
        plans = [*threads.map(account.unchanged_plan, stacks)]
    assert sum(b"master_password_wo_version" in plan["tfplan"] for plan in plans) == 2
    texts += [file for plan in plans for file in plan.values()]
    work = account.dms_stream.folder / "work"
    files = [path for path in work.rglob("*") if path.is_file() and ".terraform" not in path.parts]
    texts += [path.read_bytes() for path in files]
    assert any(b"aws_rds_cluster" in text for text in texts)
    for text in texts:
        assert not any(password in text for password in passwords)
