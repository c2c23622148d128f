"""The task as deployed: read back from DMS's API, never from what the program remembers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from botocore.exceptions import ClientError

from constructs_lib.dms.table_mappings import TableMappings
from constructs_lib.dms.task_settings import TaskSettings
from constructs_lib.dms.vocabulary import (
    MessageFormat,
    MigrationType,
    SourceEngine,
    captures_changes,
    is_on_one_line,
    loads_rows,
)
from constructs_lib.errors import InvalidPropsError
from dms_stream.rehearsal.errors import RefusedError, RehearsalError

_SOURCES = get_args(SourceEngine)
# where the source is, and as whom DMS logs in: no record differs
_CONNECTION = frozenset(
    {
        *("DatabaseName", "Password", "Port", "ServerName", "Username"),
        *("SecretsManagerAccessRoleArn", "SecretsManagerSecretId"),
    }
)
_KINESIS_KEYS = frozenset(
    {
        "StreamArn",
        "MessageFormat",
        "ServiceAccessRoleArn",
        "IncludeTransactionDetails",
        "IncludePartitionValue",
        "PartitionIncludeSchemaTable",
        "IncludeTableAlterOperations",
        "IncludeControlDetails",
        "IncludeNullAndEmpty",
        "NoHexPrefix",
        "UseLargeIntegerValue",
    }
)


@dataclass(frozen=True)
class KinesisTarget:
    """The target endpoint's Kinesis settings; what DMS leaves out is false.

    https://docs.aws.amazon.com/dms/latest/APIReference/API_KinesisSettings.html
    """

    stream_arn: str
    message_format: MessageFormat = "json"
    include_transaction_details: bool = False
    include_partition_value: bool = False
    partition_include_schema_table: bool = False
    include_table_alter_operations: bool = False
    include_control_details: bool = False
    include_null_and_empty: bool = False
    no_hex_prefix: bool = False
    use_large_integer_value: bool = False

    @property
    def stream_name(self) -> str:
        """Name of the stream."""
        return self.stream_arn.rpartition("/")[2]

    @property
    def is_on_one_line(self) -> bool:
        """Whether a message is one line, or spread over several."""
        return is_on_one_line(self.message_format)


@dataclass(frozen=True)
class DeployedTask:
    """A replication task, or a serverless replication, with its endpoints.

    Attributes:
        arn: ARN of the task or of the replication config.
        identifier: Its name.
        migration_type: What it moves.
        mappings: Its table mappings.
        settings: Its settings, DMS's defaults included.
        target: Its target.
        source_settings: The source endpoint's extra attributes and MySQL settings that are set.
        cdc_start_position: Where a `cdc` task begins; None: where the log is when it starts.
        is_serverless: Whether it is DMS Serverless.
    """

    arn: str
    identifier: str
    migration_type: MigrationType
    mappings: TableMappings
    settings: TaskSettings
    target: KinesisTarget
    source_settings: Mapping[str, str]
    cdc_start_position: str | None
    is_serverless: bool

    @property
    def loads(self) -> bool:
        """Whether it loads the rows as they are."""
        return loads_rows(self.migration_type)

    @property
    def captures(self) -> bool:
        """Whether it captures changes."""
        return captures_changes(self.migration_type)

    @property
    def account_specific_id(self) -> str:
        """The part of its ARN that DMS generates."""
        return self.arn.rpartition(":")[2]


def read_task(dms: Any, arn: str) -> DeployedTask:
    """Read back a task or a serverless replication.

    Args:
        dms: boto3's client.
        arn: ARN of the task or of the replication config.

    Raises:
        RehearsalError: there is no such task.
        RefusedError: it has a source, target, mappings or settings that are not reproduced.
    """
    is_serverless = ":replication-config:" in arn
    try:
        found = _serverless(dms, arn) if is_serverless else _task(dms, arn)
        source = _endpoint(dms, found["SourceEndpointArn"])
        target = _endpoint(dms, found["TargetEndpointArn"])
    except ClientError as error:
        raise RehearsalError(f"DMS cannot describe {arn}: {error}") from None
    return DeployedTask(
        arn=arn,
        identifier=found["identifier"],
        migration_type=_migration_type(found["type"]),
        mappings=_mappings(found["TableMappings"]),
        settings=_settings(found["settings"]),
        target=_target(target),
        source_settings=_source(source),
        cdc_start_position=found.get("CdcStartPosition"),
        is_serverless=is_serverless,
    )


def task_arns(dms: Any) -> list[str]:
    """ARNs of all tasks and serverless replications of the account and region."""
    tasks = dms.describe_replication_tasks()["ReplicationTasks"]
    configs = dms.describe_replication_configs()["ReplicationConfigs"]
    return [task["ReplicationTaskArn"] for task in tasks] + [
        config["ReplicationConfigArn"] for config in configs
    ]


def _task(dms: Any, arn: str) -> dict[str, Any]:
    filters = [{"Name": "replication-task-arn", "Values": [arn]}]
    (found,) = _one(dms.describe_replication_tasks(Filters=filters)["ReplicationTasks"], arn)
    return found | {
        "identifier": found["ReplicationTaskIdentifier"],
        "type": found["MigrationType"],
        "settings": found["ReplicationTaskSettings"],
    }


def _serverless(dms: Any, arn: str) -> dict[str, Any]:
    filters = [{"Name": "replication-config-arn", "Values": [arn]}]
    (config,) = _one(dms.describe_replication_configs(Filters=filters)["ReplicationConfigs"], arn)
    (replication,) = _one(dms.describe_replications(Filters=filters)["Replications"], arn)
    return config | {
        "identifier": config["ReplicationConfigIdentifier"],
        "type": replication["ReplicationType"],
        "settings": config["ReplicationSettings"],
        "CdcStartPosition": replication.get("CdcStartPosition"),
    }


def _one(found: list[dict[str, Any]], arn: str) -> list[dict[str, Any]]:
    if len(found) != 1:
        raise RehearsalError(f"DMS does not know {arn}: deploy the pipeline first")
    return found


def _endpoint(dms: Any, arn: str) -> dict[str, Any]:
    filters = [{"Name": "endpoint-arn", "Values": [arn]}]
    (found,) = _one(dms.describe_endpoints(Filters=filters)["Endpoints"], arn)
    return found


def _mappings(document: str) -> TableMappings:
    try:
        mappings = TableMappings.from_json(document, lint=False)
    except InvalidPropsError as error:
        raise RefusedError("the deployed table mappings", [str(f) for f in error.faults]) from None
    faults = mappings.faults()
    if faults:
        raise RefusedError(
            "the deployed table mappings have mistakes that DMS refuses or silently accepts",
            [f"{fault.where}: {fault.problem}" for fault in faults],
        )
    return mappings


def _settings(document: str) -> TaskSettings:
    # DMS writes null for what is not used
    given = {k: v for k, v in json.loads(document).items() if v is not None}
    try:
        return TaskSettings.model_validate(given)
    except InvalidPropsError as error:
        raise RefusedError("the deployed task settings", [str(f) for f in error.faults]) from None
    except ValueError as error:
        raise RefusedError("the deployed task settings", [str(error)]) from None


def _target(endpoint: Mapping[str, Any]) -> KinesisTarget:
    settings = endpoint.get("KinesisSettings")
    if endpoint["EngineName"] != "kinesis" or not settings:
        raise RefusedError(
            "the target endpoint",
            [f"its engine is {endpoint['EngineName']}; only kinesis can be rehearsed"],
        )
    unknown = sorted(set(settings) - _KINESIS_KEYS)
    if unknown:
        raise RefusedError(
            "the target endpoint", [f"unknown setting KinesisSettings.{key}" for key in unknown]
        )
    return KinesisTarget(
        stream_arn=settings["StreamArn"],
        message_format=_message_format(settings.get("MessageFormat", "json")),
        include_transaction_details=settings.get("IncludeTransactionDetails", False),
        include_partition_value=settings.get("IncludePartitionValue", False),
        partition_include_schema_table=settings.get("PartitionIncludeSchemaTable", False),
        include_table_alter_operations=settings.get("IncludeTableAlterOperations", False),
        include_control_details=settings.get("IncludeControlDetails", False),
        include_null_and_empty=settings.get("IncludeNullAndEmpty", False),
        no_hex_prefix=settings.get("NoHexPrefix", False),
        use_large_integer_value=settings.get("UseLargeIntegerValue", False),
    )


def _migration_type(given: str) -> MigrationType:
    match given:
        case "full-load" | "cdc" | "full-load-and-cdc":
            return given
    raise RefusedError("the task", [f"its migration type {given} is not known"])


def _message_format(given: str) -> MessageFormat:
    match given:
        case "json" | "json-unformatted":
            return given
    raise RefusedError("the target endpoint", [f"its message format {given} is not known"])


def _source(endpoint: Mapping[str, Any]) -> dict[str, str]:
    if endpoint["EngineName"] not in _SOURCES:
        raise RefusedError(
            "the source endpoint",
            [
                f"its engine is {endpoint['EngineName']}; only {', '.join(_SOURCES)} can be "
                "rehearsed"
            ],
        )
    attributes = endpoint.get("ExtraConnectionAttributes") or ""
    given = dict(part.split("=", 1) for part in attributes.split(";") if "=" in part)
    settings = endpoint.get("MySQLSettings") or {}
    return given | {key: str(value) for key, value in settings.items() if key not in _CONNECTION}
