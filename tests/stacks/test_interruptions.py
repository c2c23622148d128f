"""Deploying with Terraform itself, dismissed, interrupted, locked and cut off from its state.

Anybody can run it, without an account:

    .venv/bin/python -m pytest -m deploy tests/stacks/test_interruptions.py
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from dms_stream import local_aws
from dms_stream.cli import toolchain
from tests.support.checkout import ROOT
from tests.support.command import DmsStream
from tests.support.terminal import Terminal

REGION = "eu-west-1"
BUCKET = "trial-terraform-state"
PIPELINE = "trial-tickets"
LOCK = f"trial/{PIPELINE}.tfstate.tflock"


class Trial:
    """An embedded AWS and an environment for it, worked on in a terminal."""

    def __init__(self, folder: Path) -> None:
        self.aws = folder / "aws"
        self.dms_stream = DmsStream(self.aws)
        self.settings = folder / "trial.yaml"
        environments = ROOT / "environments"
        text = (environments / "local.yaml").read_text()
        text = text.replace("certificates/", f"{environments}/certificates/")
        self.settings.write_text(text.replace("dms-stream-local-terraform-state", BUCKET))
        self._url = url = local_aws.start(self.aws).url
        local_aws.seed_snapshot(url, region=REGION)
        # making one takes as long as many calls
        self.client: Callable[[str], Any] = cache(
            lambda service: local_aws.client(service, url, region=REGION)
        )

    def run(self, command: str, *arguments: str) -> Terminal:
        """A command on it, in a terminal."""
        return Terminal(
            [
                *(sys.executable, "-m", "dms_stream", command, "--env", str(self.settings)),
                *arguments,
            ],
            environment={
                **os.environ,
                "DMS_STREAM_LOCAL_AWS": str(self.aws),
                "COLUMNS": "200",
                "NO_COLOR": "1",
            },
            folder=ROOT,
        )

    def succeed(self, command: str, *arguments: str) -> str:
        """What a command prints that has to succeed, without a terminal."""
        return self.dms_stream.succeed(command, "--env", str(self.settings), *arguments)

    def cdktf(self, *arguments: str) -> str:
        """What cdktf's own command line prints, called as README says; not a byte of it noise."""
        programs = [ROOT / "node_modules" / ".bin", Path(sys.executable).parent]
        variables = {
            **toolchain.terraform_variables(
                local_aws.process_environment(self._url, region=REGION)
            ),
            "PATH": os.pathsep.join([*map(str, programs), os.environ["PATH"]]),
            "ENV": str(self.settings),
            "CI": "1",
        }
        output = self.aws / "work" / "cdktf.out"
        app = ["--app", f"{sys.executable} main.py", "--output", str(output)]
        done = subprocess.run(
            ["cdktf", *arguments, "--skip-provider-lock", *app],
            cwd=ROOT,
            env=variables,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, done.stdout
        assert "node:internal" not in done.stdout
        return done.stdout

    def exists(self) -> set[str]:
        """Names of what was made, of each kind that has one."""
        ec2, rds, dms = self.client("ec2"), self.client("rds"), self.client("dms")
        s3 = self.client("s3")
        vpcs = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])["Vpcs"]
        ids = [vpc["VpcId"] for vpc in vpcs]
        in_vpcs = [{"Name": "vpc-id", "Values": ids or ["none"]}]
        groups = ec2.describe_security_groups(Filters=in_vpcs)["SecurityGroups"]
        return {
            *ids,
            *(found["SubnetId"] for found in ec2.describe_subnets(Filters=in_vpcs)["Subnets"]),
            # a VPC comes with one that nobody made
            *(found["GroupId"] for found in groups if found["GroupName"] != "default"),
            *self.client("kinesis").list_streams()["StreamNames"],
            *(found["Name"] for found in s3.list_buckets()["Buckets"]),
            *(found["RoleName"] for found in self.client("iam").list_roles()["Roles"]),
            *(found["ARN"] for found in self.client("secretsmanager").list_secrets()["SecretList"]),
            *(found["DBClusterIdentifier"] for found in rds.describe_db_clusters()["DBClusters"]),
            *(
                found["ReplicationInstanceIdentifier"]
                for found in dms.describe_replication_instances()["ReplicationInstances"]
            ),
        }

    def states(self) -> str:
        """All states that the bucket holds, as one text."""
        s3 = self.client("s3")
        keys = [found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
        bodies = [s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys]
        return b"\n".join(bodies).decode()

    def unknown_to_the_states(self) -> set[str]:
        """What exists and no state knows."""
        states = self.states()
        return {name for name in self.exists() if f'"{name}"' not in states}

    def lose_the_bucket(self) -> dict[str, bytes]:
        """Let Terraform find no bucket any more; returns what it held."""
        s3 = self.client("s3")
        keys = [found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
        held = {key: s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys}
        versions = s3.list_object_versions(Bucket=BUCKET)
        for found in [*versions.get("Versions", []), *versions.get("DeleteMarkers", [])]:
            s3.delete_object(Bucket=BUCKET, Key=found["Key"], VersionId=found["VersionId"])
        s3.delete_bucket(Bucket=BUCKET)
        return held

    def find_the_bucket(self, held: dict[str, bytes]) -> None:
        """Let it be there again."""
        s3 = self.client("s3")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        for key, body in held.items():
            s3.put_object(Bucket=BUCKET, Key=key, Body=body)


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    made = Trial(tmp_path)
    try:
        yield made
    finally:
        local_aws.stop(made.aws)


@pytest.mark.deploy
def test_no_changes_nothing_and_every_interrupted_deployment_is_gone_on_with(trial: Trial) -> None:
    before = trial.exists()
    with trial.run("deploy") as terminal:
        terminal.await_text('Apply this plan to trial-bootstrap? Only "yes" agrees: ')
        terminal.type("no")
        code, said = terminal.outcome()
    assert code == 1, said
    assert said.rstrip().endswith("Nothing was changed.")
    assert trial.exists() == before

    with trial.run("deploy") as terminal:
        terminal.await_text('Apply this plan to trial-bootstrap? Only "yes" agrees: ')
        terminal.type("yes")
        terminal.await_text(f'Apply this plan to {PIPELINE}? Only "yes" agrees: ')
        bootstrapped = trial.exists()
        terminal.press_ctrl_c()
        code, said = terminal.outcome()
    assert code == 1, said
    assert said.rstrip().endswith(
        f"Applied: trial-bootstrap. The state of trial-bootstrap is in the state bucket. Not "
        f"applied: {PIPELINE}."
    )
    assert bootstrapped - before == {BUCKET, "dms-vpc-role", "dms-cloudwatch-logs-role"}
    assert trial.exists() == bootstrapped
    assert trial.unknown_to_the_states() == set()

    # two at once, and then a Ctrl-C
    with trial.run("deploy", "--yes") as terminal:
        terminal.await_text("aws_kinesis_stream.tickets_stream: Creating...")
        (lock,) = json.loads(trial.succeed("unlock", "--json"))
        assert lock["stack"] == PIPELINE
        assert lock["operation"] == "OperationTypeApply"
        second = trial.dms_stream.refuse(
            "deploy", "--yes", "--env", str(trial.settings), "--pipeline", "tickets"
        )
        assert f"the state of {PIPELINE} is locked: {lock['who']} holds it since" in second
        assert "remove it with `dms-stream unlock --env" in second
        terminal.press_ctrl_c()
        terminal.await_text("Stopping: Terraform is asked to stop in an orderly way")
        code, said = terminal.outcome()
    assert code == 130, said
    assert "Two interrupts received" not in said
    assert f"{PIPELINE} was changed in part" in said
    assert "Run the same command again to go on." in said
    assert "no state of trial is locked" in trial.succeed("unlock")
    assert len(trial.exists()) > len(bootstrapped)
    assert trial.unknown_to_the_states() == set()

    # a state that cannot be written: Terraform leaves it in a file, and the next one takes it
    with trial.run("deploy", "--yes") as terminal:
        terminal.await_text(": Creating...")
        held = trial.lose_the_bucket()
        terminal.press_ctrl_c()
        code, said = terminal.outcome()
    assert code == 130, said
    (unsaved,) = trial.aws.rglob("errored.tfstate")
    assert f"its state could not be written and is in {unsaved}" in " ".join(said.split())
    held.pop(LOCK, None)
    trial.find_the_bucket(held)
    assert "trial-bootstrap.tfstate" in "".join(held)

    last = trial.succeed("deploy", "--yes")
    assert not unsaved.exists()
    assert "Apply complete!" in last
    assert trial.unknown_to_the_states() == set()
    assert trial.client("kinesis").list_streams()["StreamNames"] == ["trial-tickets-stream"]
    assert trial.succeed("plan").count("No changes.") == 2
    assert "No changes." in trial.cdktf("diff", PIPELINE)


@pytest.mark.deploy
def test_a_role_that_exists_is_found_before_anything_is_made(trial: Trial) -> None:
    trial.client("iam").create_role(RoleName="dms-vpc-role", AssumeRolePolicyDocument="{}")
    before = trial.exists()
    message = trial.dms_stream.refuse("deploy", "--yes", "--env", str(trial.settings))
    assert "account_roles: the account has dms-vpc-role already" in message
    assert "`account_roles: {vpc_role: adopt}`" in message
    assert "`skip`, where other code manages it" in message
    assert "docs/existing-role.md" in message
    assert "Nothing was changed." in message
    assert trial.exists() == before
