"""Environments deployed as a user does it: deployed, planned again, deployed again, destroyed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dms_stream import local_aws
from dms_stream.cli import toolchain
from tests.support.command import DmsStream
from tests.support.imported_environment import SHARED, imported_environment
from tests.support.variants import ACCOUNT

REGION = "eu-west-1"
CERTIFICATE = Path(__file__).parents[2] / "environments" / "certificates" / "eu-west-1-bundle.pem"

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

BOOTSTRAP_ONLY = f"""
region: {REGION}
emulated: true
state: {{bucket_name: adopting-terraform-state}}
account_roles: {{vpc_role: adopt, cloudwatch_logs_role: skip}}
pipelines: {{}}
"""

VPC_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonDMSVPCManagementRole"

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


class Account:
    """An embedded AWS and an environment for it."""

    def __init__(self, folder: Path, settings: str) -> None:
        self.settings = folder / "trial.yaml"
        self.settings.write_text(settings)
        self.dms_stream = DmsStream(folder / "aws")
        told = self.dms_stream.succeed("local-aws", "start", "--env", str(self.settings))
        self.url, *self.stand_ins = told.splitlines()

    def client(self, service: str) -> Any:
        """A boto3 client on it."""
        return local_aws.client(service, self.url, region=REGION)

    def succeed(self, command: str, *arguments: str) -> str:
        """A command on the environment."""
        return self.dms_stream.succeed(command, "--env", str(self.settings), *arguments)

    def state(self, bucket: str, stack: str) -> bytes:
        """A state as it lies in the bucket."""
        found = self.client("s3").get_object(Bucket=bucket, Key=f"trial/{stack}.tfstate")
        body: bytes = found["Body"].read()
        return body

    def plan(self, stack: str) -> bytes:
        """A saved plan, as Terraform shows it: with the state and the configuration it is from."""
        folder = self.dms_stream.folder / "work" / "cdktf.out" / "stacks" / stack
        variables = toolchain.terraform_variables(
            local_aws.process_environment(self.url, region=REGION)
        )
        for arguments in (["plan", "-input=false", "-out=p"], ["show", "-json", "p"]):
            command = [toolchain.terraform(), *arguments]
            shown = toolchain.output_of(command, process_environment=variables, folder=folder)
        return shown.encode()


def account(folder: Path, settings: str) -> Iterator[Account]:
    made = Account(folder, settings)
    try:
        yield made
    finally:
        made.dms_stream.succeed("local-aws", "stop")


@pytest.fixture
def two_pipelines(tmp_path: Path) -> Iterator[Account]:
    yield from account(tmp_path, TWO_PIPELINES)


@pytest.fixture
def bootstrap_only(tmp_path: Path) -> Iterator[Account]:
    yield from account(tmp_path, BOOTSTRAP_ONLY)


@pytest.mark.deploy
@pytest.mark.xdist_group("two-pipelines")
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
    plan = account.succeed("plan")
    assert plan.count("No changes.") == 3, plan

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


@pytest.mark.deploy
@pytest.mark.xdist_group("imported")
def test_settings_that_import_everything_are_rehearsed(tmp_path: Path) -> None:
    """Stand-ins are made under the names that the settings give, in the account that they name."""
    settings = tmp_path / "imported.yaml"
    document = imported_environment(shared=SHARED)
    settings.write_text(json.dumps(document).replace(ACCOUNT, "321098765432"))
    dms_stream = DmsStream(tmp_path / "aws")

    rows = dms_stream.succeed(
        "rehearse", "--env", str(settings), "--purchases", "200", "--changes", "50"
    )

    assert "  VPC                   vpc-0a1b2c3d4e5f60718\n" in rows
    stream = "arn:aws:kinesis:eu-west-1:321098765432:stream/shared"
    assert f"  Kinesis stream        {stream}\n" in rows
    assert "sample: ticket_purchase_hist stands in for shop.orders" in rows
    assert "PASS What landed, replayed, equals the source: 1 table" in rows
    assert "the embedded AWS is stopped; nothing is left running" in rows


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
    """No password is in any state, plan or synthesized file; each is in its secret."""
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
    plans = [account.plan(stack) for stack in stacks]
    assert sum(b"master_password_wo_version" in plan for plan in plans) == 2
    texts += plans
    work = account.dms_stream.folder / "work"
    files = [path for path in work.rglob("*") if path.is_file() and ".terraform" not in path.parts]
    texts += [path.read_bytes() for path in files]
    assert any(b"aws_rds_cluster" in text for text in texts)
    for text in texts:
        assert not any(password in text for password in passwords)


@pytest.mark.deploy
@pytest.mark.xdist_group("bootstrap-only")
def test_a_role_is_adopted_and_a_cut_off_bootstrap_goes_on(bootstrap_only: Account) -> None:
    account = bootstrap_only
    by_hand = {"Version": "2012-10-17", "Statement": []}
    iam = account.client("iam")
    # the stand-in is a role as the console makes it; here it is one as the blog post made it
    assert account.stand_ins[0] == "stand-ins there, for what the settings import:"
    iam.detach_role_policy(RoleName="dms-vpc-role", PolicyArn=VPC_POLICY)
    iam.delete_role(RoleName="dms-vpc-role")
    iam.create_role(
        RoleName="dms-vpc-role",
        AssumeRolePolicyDocument=json.dumps(by_hand),
        Description="made by hand, as the blog post did",
    )

    # a deployment that ended before the state was moved leaves it in a file
    stack = "trial-bootstrap"
    work = account.dms_stream.folder / "work"
    account.succeed("deploy", "--yes")
    local = work / f"terraform.{stack}.tfstate"
    assert not local.exists()
    local.write_bytes(account.state("adopting-terraform-state", stack))
    account.client("s3").delete_object(
        Bucket="adopting-terraform-state", Key=f"trial/{stack}.tfstate"
    )
    resumed = account.succeed("deploy", "--yes")
    assert "moving the state" in resumed
    assert resumed.count("No changes.") == 1, resumed
    assert not local.exists()
    addresses = [
        f"{found['type']}.{found['name']}"
        for found in json.loads(account.state("adopting-terraform-state", stack))["resources"]
    ]
    assert "aws_s3_bucket.state_bucket" in addresses
    assert "aws_iam_role.dms_cloudwatch_logs_role" not in addresses

    role = iam.get_role(RoleName="dms-vpc-role")["Role"]
    assert role["Description"] == "made by hand, as the blog post did"
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "dms.amazonaws.com"}
    assert statement["Condition"]["StringEqualsIfExists"] == {"aws:SourceAccount": "123456789012"}
    attached = iam.list_attached_role_policies(RoleName="dms-vpc-role")["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in attached] == ["AmazonDMSVPCManagementRole"]

    bucket = account.client("s3")
    assert bucket.get_bucket_versioning(Bucket="adopting-terraform-state")["Status"] == "Enabled"
    # protected: refused, and nothing is lost
    settings = str(account.settings)
    message = account.dms_stream.refuse("destroy", "--bootstrap", "--env", settings, "--yes")
    assert (
        "trial-bootstrap is protected: set state.deletion_protection and "
        "account_roles.deletion_protection to false, deploy, and destroy then"
    ) in message

    account.settings.write_text(
        BOOTSTRAP_ONLY.replace("-state}", "-state, deletion_protection: false}").replace(
            "skip}", "skip, deletion_protection: false}"
        )
    )
    account.succeed("deploy", "--yes")
    other = "trial/trial-orders.tfstate"
    bucket.put_object(
        Bucket="adopting-terraform-state", Key=other, Body=b'{"resources": [{"type": "x"}]}'
    )
    message = account.dms_stream.refuse("destroy", "--bootstrap", "--env", settings, "--yes")
    assert f"keeps the state of resources that exist: {other}: destroy those first" in message
    bucket.delete_object(Bucket="adopting-terraform-state", Key=other)
    account.succeed("destroy", "--bootstrap", "--yes")
    assert bucket.list_buckets()["Buckets"] == []
    left = [role["RoleName"] for role in iam.list_roles()["Roles"]]
    assert left == ["dms-cloudwatch-logs-role"], "the settings skip it: it is somebody else's"
    message = account.dms_stream.refuse("destroy", "--bootstrap", "--env", settings, "--yes")
    assert "trial-bootstrap is not deployed: there is nothing to destroy" in message
