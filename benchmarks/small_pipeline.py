"""A task, a stream and a delivery on an embedded AWS of the benchmark's own, without Terraform."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from dms_stream import local_aws
from dms_stream.rehearsal.delivery.clients import quick_session
from dms_stream.rehearsal.run import Rehearsal

_NAME = "bench"
_NEWLINE = {
    "Type": "AppendDelimiterToRecord",
    "Parameters": [{"ParameterName": "Delimiter", "ParameterValue": r"\n"}],
}


@dataclass(frozen=True)
class SmallPipeline:
    """What is deployed.

    Attributes:
        task_arn: ARN of the replication task.
        delivery_stream: Name of the delivery stream.
    """

    task_arn: str
    delivery_stream: str

    def rehearsal(self, url: str, folder: Path, *, purchases: int, changes: int) -> Rehearsal:
        """A rehearsal of it.

        Args:
            url: Address of the embedded AWS.
            folder: Of the rehearsal's own.
            purchases: Rows that are loaded.
            changes: Changes that follow.
        """
        return Rehearsal(
            environment="benchmark",
            pipeline="benchmark",
            task_arn=self.task_arn,
            delivery_stream=self.delivery_stream,
            process_environment=local_aws.process_environment(url),
            folder=folder,
            purchases=purchases,
            changes=changes,
        )


def session() -> boto3.Session:
    """Credentials that open nothing."""
    return quick_session(
        aws_access_key_id="local-aws",
        aws_secret_access_key="local-aws",
        region_name=local_aws.REGION,
    )


def deploy(url: str, *, schema: str, table: str) -> SmallPipeline:
    """Deploy a task that captures one table, on an empty embedded AWS.

    Args:
        url: Address of the embedded AWS.
        schema: Schema of the table.
        table: Name of the table.
    """
    iam, s3, kinesis, firehose, dms, ec2 = (
        client(service, url) for service in ("iam", "s3", "kinesis", "firehose", "dms", "ec2")
    )
    role = iam.create_role(RoleName=_NAME, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    kinesis.create_stream(StreamName=_NAME, ShardCount=1)
    summary = kinesis.describe_stream_summary(StreamName=_NAME)["StreamDescriptionSummary"]
    s3.create_bucket(
        Bucket=_NAME, CreateBucketConfiguration={"LocationConstraint": local_aws.REGION}
    )
    firehose.create_delivery_stream(
        DeliveryStreamName=_NAME,
        DeliveryStreamType="KinesisStreamAsSource",
        KinesisStreamSourceConfiguration={
            "KinesisStreamARN": summary["StreamARN"],
            "RoleARN": role,
        },
        ExtendedS3DestinationConfiguration={
            "RoleARN": role,
            "BucketARN": f"arn:aws:s3:::{_NAME}",
            "BufferingHints": {"SizeInMBs": 5, "IntervalInSeconds": 60},
            "CompressionFormat": "GZIP",
            "ProcessingConfiguration": {"Enabled": True, "Processors": [_NEWLINE]},
        },
    )
    source = dms.create_endpoint(
        EndpointIdentifier="source", EndpointType="source", EngineName="aurora"
    )
    target = dms.create_endpoint(
        EndpointIdentifier="target",
        EndpointType="target",
        EngineName="kinesis",
        KinesisSettings={
            "StreamArn": summary["StreamARN"],
            "MessageFormat": "json-unformatted",
            "ServiceAccessRoleArn": role,
            "UseLargeIntegerValue": True,
        },
    )
    task = dms.create_replication_task(
        ReplicationTaskIdentifier=_NAME,
        ReplicationInstanceArn=_replication_instance(iam, ec2, dms),
        MigrationType="full-load-and-cdc",
        ReplicationTaskSettings="{}",
        SourceEndpointArn=source["Endpoint"]["EndpointArn"],
        TargetEndpointArn=target["Endpoint"]["EndpointArn"],
        TableMappings=json.dumps({"rules": [_selection(schema, table)]}),
    )
    return SmallPipeline(task["ReplicationTask"]["ReplicationTaskArn"], _NAME)


def _replication_instance(iam: Any, ec2: Any, dms: Any) -> str:
    iam.create_role(RoleName="dms-vpc-role", AssumeRolePolicyDocument="{}")
    iam.attach_role_policy(
        RoleName="dms-vpc-role",
        PolicyArn="arn:aws:iam::aws:policy/service-role/AmazonDMSVPCManagementRole",
    )
    dms.create_replication_subnet_group(
        ReplicationSubnetGroupIdentifier=_NAME,
        ReplicationSubnetGroupDescription=_NAME,
        SubnetIds=[subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]],
    )
    made = dms.create_replication_instance(
        ReplicationInstanceIdentifier=_NAME,
        ReplicationInstanceClass="dms.t3.medium",
        ReplicationSubnetGroupIdentifier=_NAME,
    )
    return str(made["ReplicationInstance"]["ReplicationInstanceArn"])


def _selection(schema: str, table: str) -> dict[str, Any]:
    return {
        "rule-type": "selection",
        "rule-id": "1",
        "rule-name": "1",
        "rule-action": "include",
        "object-locator": {"schema-name": schema, "table-name": table},
    }


def client(service: Any, url: str) -> Any:
    """A client on an embedded AWS."""
    return session().client(service, endpoint_url=url)
