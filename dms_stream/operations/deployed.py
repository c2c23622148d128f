"""What a pipeline's deployment has made, by the state that Terraform keeps in the state bucket.

One object tells it all, so no Terraform has to start for a look.
https://developer.hashicorp.com/terraform/internals/json-format describes what `terraform show`
makes of it; the object itself has its outputs and resources at the top.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from constructs_lib.state_backend import state_key
from dms_stream.operations.errors import OperationError
from dms_stream.operations.replicator import Replicator


@dataclass(frozen=True)
class DeployedPipeline:
    """A pipeline as it was deployed.

    Attributes:
        name: Name of the pipeline.
        outputs: The outputs of its stack, by name.
        resources: The attributes of its resources and data sources, by type; the latter's begin
            with `data.`.
    """

    name: str
    outputs: Mapping[str, Any] = field(repr=False)
    resources: Mapping[str, list[Mapping[str, Any]]] = field(repr=False)

    def output(self, name: str) -> str:
        """An output.

        Raises:
            OperationError: the pipeline was deployed without it.
        """
        try:
            return str(self.outputs[name])
        except KeyError:
            raise OperationError(
                f"{self.name}: its deployment has no output {name}: it was made by another version "
                "or by another stack; deploy it again"
            ) from None

    def _attributes(self, *types: str) -> Iterator[Mapping[str, Any]]:
        for type_ in types:
            yield from self.resources.get(type_, [])

    def _first(self, attribute: str, *types: str) -> str | None:
        found = (values.get(attribute) for values in self._attributes(*types))
        return next((str(value) for value in found if value), None)

    @property
    def replicator(self) -> Replicator:
        """Its task or serverless replication."""
        return Replicator(self.name, self.output("replication_arn"))

    @property
    def instance_arn(self) -> str | None:
        """ARN of its replication instance; None: serverless."""
        return self._if_any("replication_instance_arn")

    @property
    def instance_id(self) -> str | None:
        """Id of its replication instance; None: serverless."""
        return self._first(
            "replication_instance_id",
            "aws_dms_replication_instance",
            "data.aws_dms_replication_instance",
        )

    @property
    def endpoint_arns(self) -> dict[str, str]:
        """ARNs of its endpoints: `source` and `target`."""
        return {side: self.output(f"{side}_endpoint_arn") for side in ("source", "target")}

    @property
    def stream_name(self) -> str:
        """Name of its Kinesis stream."""
        return self.output("stream_name")

    @property
    def delivery_stream_name(self) -> str | None:
        """Name of its Firehose delivery stream; None: the stream has other readers."""
        return self._if_any("delivery_stream_name")

    @property
    def bucket_name(self) -> str | None:
        """Name of the bucket its objects land in; None: its delivery stream is not its own."""
        return self._if_any("landing_bucket_name")

    @property
    def assessment_role_arn(self) -> str | None:
        """ARN of the role with which DMS writes assessments; None: it was deployed without."""
        return self._if_any("assessment_role_arn")

    @property
    def prefix(self) -> str | None:
        """Folder of its objects, ending in `/`; None: its delivery stream is not its own."""
        return self._if_any("landing_prefix")

    def _if_any(self, output: str) -> str | None:
        found = self.outputs.get(output)
        return None if found is None else str(found)

    @cached_property
    def _destination(self) -> Mapping[str, Any]:
        streams = list(self._attributes("aws_kinesis_firehose_delivery_stream"))
        blocks = streams[0].get("extended_s3_configuration") if streams else None
        return blocks[0] if blocks else {}

    @property
    def error_prefix(self) -> str:
        """Folder of the records that could not be delivered, up to its first expression."""
        return str(self._destination.get("error_output_prefix") or "").partition("!{")[0]

    @property
    def buffer_interval_seconds(self) -> int:
        """How long Firehose collects records for an object."""
        return int(self._destination.get("buffering_interval") or 300)

    @property
    def delivers_json(self) -> bool:
        """Whether objects hold JSON, and not Parquet or ORC."""
        return not self._destination.get("data_format_conversion_configuration")

    @property
    def alarm_names(self) -> list[str]:
        """Names of its alarms."""
        found = self._attributes("aws_cloudwatch_metric_alarm")
        return sorted(str(values["alarm_name"]) for values in found)

    @property
    def delivery_log_group(self) -> str | None:
        """Log group of the delivery's errors; None: it has none."""
        options = self._destination.get("cloudwatch_logging_options") or [{}]
        return str(options[0]["log_group_name"]) if options[0].get("enabled") else None

    @property
    def task_log_group(self) -> str:
        """Log group that DMS makes for its task, where logging is on.

        Of an instance AWS writes its name down, of a serverless replication only its beginning.
        https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Monitoring.html
        """
        if self.replicator.is_serverless:
            return f"{self.serverless_log_group_prefix}{self.serverless_names[0]}"
        return f"dms-tasks-{self.instance_id}"

    @property
    def task_log_stream_prefix(self) -> str:
        """What the names of its task's log streams begin with: tasks share an instance's group."""
        return f"dms-task-{self.replicator.resource_id}"

    @property
    def serverless_log_group_prefix(self) -> str:
        """What the log groups of serverless replications begin with.

        https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonDMSCloudWatchLogsRole.html
        """
        return "dms-serverless-replication-"

    @property
    def serverless_names(self) -> tuple[str, str]:
        """Names by which a serverless replication is known, in lower case."""
        found = self._first("replication_config_identifier", "aws_dms_replication_config")
        own = self.replicator.resource_id.lower()
        return (found or own).lower(), own

    @property
    def replication_dimensions(self) -> dict[str, str]:
        """Dimensions of the replication's metrics in the namespace `AWS/DMS`."""
        arn = self.replicator.arn
        if self.instance_id is None:
            return {"ReplicationConfigId": f"{arn.split(':')[4]}:{self.replicator.resource_id}"}
        return {
            "ReplicationInstanceIdentifier": self.instance_id,
            "ReplicationTaskIdentifier": self.replicator.resource_id,
        }

    @property
    def cluster_arn(self) -> str | None:
        """ARN of the Aurora cluster that it made; None: its source existed before."""
        return self._first("arn", "aws_rds_cluster")

    @property
    def has_data_api(self) -> bool:
        """Whether the RDS Data API reaches the cluster that it made."""
        return bool(self._first("enable_http_endpoint", "aws_rds_cluster"))

    @property
    def cluster_key_arn(self) -> str | None:
        """Customer key of the master user's secret; None: AWS's own."""
        return self._first("kms_key_id", "aws_secretsmanager_secret")

    @property
    def master_secret_arn(self) -> str | None:
        """ARN of the secret of its cluster's master user; None: it made no cluster."""
        if self.cluster_arn is None:
            return None
        return self._first("arn", "aws_secretsmanager_secret")

    @property
    def source_engine(self) -> str:
        """DMS's name of the source's engine."""
        for values in self._attributes("aws_dms_endpoint"):
            if values.get("endpoint_type") == "source":
                return str(values["engine_name"])
        return "mysql"

    @property
    def source_role_arn(self) -> str | None:
        """Role with which DMS reads the source's secret."""
        for values in self._attributes("aws_dms_endpoint"):
            if values.get("endpoint_type") == "source":
                return str(values["secrets_manager_access_role_arn"])
        return None

    @property
    def before_image_field(self) -> str:
        """Key of the row before the change in its records."""
        settings = self._first(
            "replication_task_settings", "aws_dms_replication_task"
        ) or self._first("replication_settings", "aws_dms_replication_config")
        try:
            images = json.loads(settings or "{}").get("BeforeImageSettings") or {}
        except ValueError:
            images = {}
        return str(images.get("FieldName") or "before-image")

    @property
    def workgroup(self) -> str | None:
        """Athena workgroup that it made; None: it made none."""
        return self._first("name", "aws_athena_workgroup")

    @property
    def database(self) -> tuple[str, str] | None:
        """Names of its Glue database and table; None: it has none."""
        names = (self.outputs.get("database_name"), self.outputs.get("table_name"))
        return None if None in names else (str(names[0]), str(names[1]))


def read_pipeline(s3: Any, bucket: str, environment: str, name: str) -> DeployedPipeline | None:
    """A pipeline of an environment; None: it is not deployed.

    Args:
        s3: boto3's client.
        bucket: The state bucket.
        environment: Name of the environment.
        name: Name of the pipeline.

    Raises:
        OperationError: its state is not one of Terraform's.
    """
    key = state_key(environment, f"{environment}-{name}")
    try:
        content = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except (s3.exceptions.NoSuchKey, s3.exceptions.NoSuchBucket):
        return None
    return parse_state(content, name, where=f"s3://{bucket}/{key}")


def parse_state(content: bytes, name: str, *, where: str) -> DeployedPipeline | None:
    """A pipeline by its state; None: the state holds no replication.

    Args:
        content: The state, as Terraform writes it.
        name: Name of the pipeline.
        where: What an error calls the state.

    Raises:
        OperationError: it is not a state.
    """
    try:
        state = json.loads(content)
        outputs = {key: found["value"] for key, found in state["outputs"].items()}
        resources: dict[str, list[Mapping[str, Any]]] = {}
        for found in state["resources"]:
            kind = found["type"] if found["mode"] == "managed" else f"data.{found['type']}"
            resources.setdefault(kind, []).extend(
                instance.get("attributes") or {} for instance in found["instances"]
            )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise OperationError(
            f"{where} is not a Terraform state: restore it from an older version"
        ) from None
    if "replication_arn" not in outputs:
        return None
    return DeployedPipeline(name, outputs, resources)
