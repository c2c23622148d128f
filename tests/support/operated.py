"""A pipeline on the embedded AWS as the operations see it: its parts, and its Terraform state."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import pytest
from typer.testing import CliRunner, Result

from constructs_lib.state_backend import state_key
from dms_stream import local_aws
from dms_stream.cli import operable
from dms_stream.cli.app import app
from dms_stream.cli.workspace import Workspace
from dms_stream.local_aws import REGION
from dms_stream.operations.deployed import DeployedPipeline, parse_state
from dms_stream.settings.environment import environment_file, load_environment
from tests.support.checkout import ROOT
from tests.support.dms_account import DmsAccount

BUCKET, ERRORS = "landing", "errors/"
NAME = "tickets"


class Operated:
    """The pipeline `tickets` of the environment `local`.

    Args:
        account: Where it is.
        url: Address of the embedded AWS.
        folder: For whatever is written.
        serverless: Whether it runs on DMS Serverless.
        replication: Arguments for the task or replication config.
    """

    def __init__(
        self,
        account: DmsAccount,
        url: str,
        folder: Path,
        *,
        serverless: bool = False,
        **replication: Any,
    ) -> None:
        self.account, self.client = account, account.client
        self.arn = account.config(**replication) if serverless else account.task(**replication)
        file = environment_file("local")
        settings = load_environment(file).model_copy(update={"region": REGION})
        self.workspace = Workspace(
            "local",
            file,
            settings,
            ROOT,
            folder,
            local_aws.process_environment(url, region=REGION),
        )
        self.role = self._make_parts()
        self.state = self._state(serverless)
        self.save()

    def _make_parts(self) -> str:
        role = self.client("iam").create_role(RoleName="anybody", AssumeRolePolicyDocument="{}")
        arn = str(role["Role"]["Arn"])
        self.client("kinesis").create_stream(StreamName="changes", ShardCount=1)
        for bucket in (BUCKET, self.workspace.settings.state.bucket_name):
            self.client("s3").create_bucket(
                Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
            )
        stream = f"arn:aws:kinesis:{REGION}:123456789012:stream/changes"
        self.client("firehose").create_delivery_stream(
            DeliveryStreamName="delivery",
            DeliveryStreamType="KinesisStreamAsSource",
            KinesisStreamSourceConfiguration={"KinesisStreamARN": stream, "RoleARN": arn},
            ExtendedS3DestinationConfiguration={
                "RoleARN": arn,
                "BucketARN": f"arn:aws:s3:::{BUCKET}",
                "Prefix": "changes/",
                "ErrorOutputPrefix": ERRORS,
            },
        )
        self.client("logs").create_log_group(logGroupName="/aws/kinesisfirehose/delivery")
        return arn

    def _state(self, serverless: bool) -> dict[str, Any]:
        (source, target) = self.account.dms.describe_endpoints()["Endpoints"]
        outputs = {
            "replication_arn": self.arn,
            "source_endpoint_arn": source["EndpointArn"],
            "target_endpoint_arn": target["EndpointArn"],
            "stream_name": "changes",
            "delivery_stream_name": "delivery",
            "landing_bucket_name": BUCKET,
            "landing_prefix": "changes/",
            "database_name": "local_tickets",
            "table_name": "changes",
        }
        resources = {
            "aws_kinesis_firehose_delivery_stream": {
                "extended_s3_configuration": [
                    {
                        "error_output_prefix": ERRORS + "!{firehose:error-output-type}/",
                        "buffering_interval": 60,
                        "cloudwatch_logging_options": [
                            {"enabled": True, "log_group_name": "/aws/kinesisfirehose/delivery"}
                        ],
                    }
                ]
            },
            "aws_cloudwatch_metric_alarm": {"alarm_name": "local-tickets-source-latency"},
        }
        if not serverless:
            (instance,) = self.account.dms.describe_replication_instances()["ReplicationInstances"]
            outputs["replication_instance_arn"] = instance["ReplicationInstanceArn"]
            resources["aws_dms_replication_instance"] = {"replication_instance_id": "instance"}
        return state_of(outputs, resources)

    def save(self, name: str = NAME) -> None:
        """Put the state where Terraform keeps it."""
        self.client("s3").put_object(
            Bucket=self.workspace.settings.state.bucket_name,
            Key=state_key("local", f"local-{name}"),
            Body=json.dumps(self.state).encode(),
        )

    @property
    def pipeline(self) -> DeployedPipeline:
        """What the operations read from it."""
        found = parse_state(json.dumps(self.state).encode(), NAME, where="the state")
        assert found is not None
        return found

    def start(self) -> None:
        """Start its task or replication."""
        if ":replication-config:" in self.arn:
            self.account.dms.start_replication(
                ReplicationConfigArn=self.arn, StartReplicationType="start-replication"
            )
        else:
            self.account.start(self.arn)

    def settings(self, **changes: Any) -> None:
        """Change the environment's settings."""
        self.workspace = replace(
            self.workspace, settings=self.workspace.settings.model_copy(update=changes)
        )


def state_of(outputs: dict[str, Any], resources: dict[str, Any]) -> dict[str, Any]:
    """A Terraform state with one resource of each type."""
    return {
        "version": 4,
        "outputs": {key: {"value": value, "type": "string"} for key, value in outputs.items()},
        "resources": [
            {
                "mode": "managed",
                "type": kind,
                "name": "one",
                "instances": [{"attributes": attributes}],
            }
            for kind, attributes in resources.items()
        ],
    }


class HasWorkspace(Protocol):
    """What a command works on."""

    workspace: Workspace


class OperatingCommand:
    """`dms-stream` in this process, on an operated pipeline.

    Args:
        monkeypatch: Of the test.
        operated: Gives the pipeline, as it is when the command runs.
    """

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, operated: Callable[[], "HasWorkspace"]
    ) -> None:
        def opened(environment: str | None, *, emulated: bool = False) -> Workspace:
            assert environment == "local"
            assert not emulated
            return operated().workspace

        monkeypatch.setattr(operable, "open_workspace", opened)

    def run(self, *arguments: str) -> Result:
        """What a command does."""
        return CliRunner().invoke(
            app, [*arguments, "--env", "local"], env={"COLUMNS": "200", "NO_COLOR": "1"}
        )

    def succeed(self, *arguments: str, code: int = 0) -> str:
        """What a command prints."""
        done = self.run(*arguments)
        assert done.exit_code == code, (done.exit_code, done.output, done.exception)
        return str(done.stdout)

    def refuse(self, *arguments: str) -> str:
        """What a command says that cannot be carried out."""
        done = self.run(*arguments)
        assert done.exception is not None, done.output
        return str(done.exception)
