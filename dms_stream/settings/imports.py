"""What an environment's settings name without making it: it exists in the account already."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from constructs_lib.aurora_source import ImportedSourceProps, SnapshotSourceProps
from constructs_lib.aurora_source.props import DmsCredentials
from constructs_lib.cdc_pipeline import CdcPipelineProps
from constructs_lib.change_stream.props import ImportedStreamProps
from constructs_lib.customer_key.props import CustomerKeyEncryption
from constructs_lib.data_catalog.props import ImportedTableProps
from constructs_lib.dms_account_roles.props import (
    CLOUDWATCH_LOGS_ROLE_NAME,
    SERVERLESS_ROLE_NAME,
    VPC_ROLE_NAME,
    DmsAccountRolesProps,
)
from constructs_lib.dms_replication.compute_props import ExistingCompute
from constructs_lib.dms_replication.endpoint_props import Certificate
from constructs_lib.dms_replication.props import EventSubscriptionProps
from constructs_lib.landing_bucket.props import AccessLog, ImportedBucketProps
from constructs_lib.monitoring.props import ExistingTopics
from constructs_lib.network import ImportedNetworkProps
from constructs_lib.props import Props
from constructs_lib.role_settings import RoleSettings
from dms_stream.settings.environment import Environment

ImportKind = Literal[
    "VPC",
    "subnet",
    "security group",
    "route table",
    "IAM role",
    "IAM policy",
    "KMS key",
    "secret",
    "SNS topic",
    "S3 bucket",
    "Kinesis stream",
    "cluster snapshot",
    "replication instance",
    "certificate",
    "Glue table",
]

_MYSQL_PORT = 3306
_ROLES = {
    "vpc_role": VPC_ROLE_NAME,
    "cloudwatch_logs_role": CLOUDWATCH_LOGS_ROLE_NAME,
    "serverless_role": SERVERLESS_ROLE_NAME,
}


@dataclass(frozen=True)
class Import:
    """Something that the settings name and do not make.

    Attributes:
        where: Key of the settings that names it.
        kind: What it is.
        name: Its id, ARN or name, as the settings give it.
        details: What else the settings say of it, such as the VPC of a subnet.
    """

    where: str
    kind: ImportKind
    name: str
    details: Mapping[str, Any] = field(default_factory=dict)


def imports(environment: Environment) -> list[Import]:
    """What the settings import, each once, at the first key that names it.

    Args:
        environment: The settings.
    """
    found: dict[tuple[str, str], Import] = {}
    for each in _imports_of_all(environment):
        first = found.setdefault((each.kind, each.name), each)
        merged = replace(first, details={**each.details, **first.details})
        found[each.kind, each.name] = merged
    return list(found.values())


def _imports_of_all(environment: Environment) -> Iterator[Import]:
    # networks first: what stands in a VPC needs it
    for name, pipeline in environment.pipelines.items():
        if isinstance(pipeline.network, ImportedNetworkProps):
            yield from _of_network(pipeline.network, f"pipelines.{name}.network")
    for key in ("account_roles", "roles", "state"):
        yield from _below(getattr(environment, key), key, None)
    for name, pipeline in environment.pipelines.items():
        yield from _below(pipeline, f"pipelines.{name}", pipeline)


def _below(value: object, where: str, pipeline: CdcPipelineProps | None) -> Iterator[Import]:
    if isinstance(value, Props):
        yield from _of(value, where, pipeline)
        for name in type(value).model_fields:
            yield from _below(getattr(value, name), f"{where}.{name}", pipeline)


def _of(props: Props, where: str, pipeline: CdcPipelineProps | None) -> Iterator[Import]:
    network = pipeline.network if pipeline else None
    vpc = network.vpc_id if isinstance(network, ImportedNetworkProps) else None
    match props:
        case DmsAccountRolesProps():
            for key, role in _ROLES.items():
                handling = getattr(props, key)
                # an account without DMS Serverless has no third role, and skips it by default
                if handling == "adopt" or (handling == "skip" and key != "serverless_role"):
                    yield Import(f"{where}.{key}", "IAM role", role)
        case RoleSettings(permissions_boundary=str(policy)):
            yield Import(f"{where}.permissions_boundary", "IAM policy", policy)
        case ImportedSourceProps():
            login = {"host": props.host, "port": props.port}
            yield Import(f"{where}.secret_arn", "secret", props.secret_arn, login)
            yield from _key(props.key_arn, where)
            if props.security_group_id is not None:
                yield _group(props.security_group_id, f"{where}.security_group_id", vpc)
        case DmsCredentials():
            login = {"host": "stand-in.invalid", "port": _MYSQL_PORT}
            yield Import(f"{where}.secret_arn", "secret", props.secret_arn, login)
            yield from _key(props.key_arn, where)
        case SnapshotSourceProps():
            version = {"engine_version": props.engine_version}
            yield Import(
                f"{where}.snapshot_identifier",
                "cluster snapshot",
                props.snapshot_identifier,
                version,
            )
        case Certificate(arn=str(arn)):
            yield Import(f"{where}.arn", "certificate", arn)
        case ExistingCompute():
            group = (
                network.replication_security_group_id
                if isinstance(network, ImportedNetworkProps)
                else None
            )
            yield Import(
                f"{where}.replication_instance_id",
                "replication instance",
                props.replication_instance_id,
                {"security_group": group, "vpc": vpc},
            )
        case ImportedStreamProps():
            yield Import(
                f"{where}.stream_arn", "Kinesis stream", props.stream_arn, {"key": props.key_arn}
            )
            yield from _key(props.key_arn, where)
        case AccessLog():
            logs = {"takes_access_logs": True}
            yield Import(f"{where}.bucket_name", "S3 bucket", props.bucket_name, logs)
        case ImportedBucketProps():
            yield Import(f"{where}.bucket_name", "S3 bucket", props.bucket_name)
            yield from _key(props.key_arn, where)
        case ImportedTableProps():
            yield Import(
                f"{where}.table_name", "Glue table", f"{props.database_name}.{props.table_name}"
            )
        case ExistingTopics():
            for number, topic in enumerate(props.topic_arns):
                yield Import(f"{where}.topic_arns.{number}", "SNS topic", topic)
            for number, topic in enumerate(props.warning_topic_arns or ()):
                yield Import(f"{where}.warning_topic_arns.{number}", "SNS topic", topic)
        case EventSubscriptionProps(sns_topic_arn=str(topic)):
            yield Import(f"{where}.sns_topic_arn", "SNS topic", topic)
        case CustomerKeyEncryption():
            yield from _key(props.key_arn, where)
        case _:
            # tests/dms_stream/settings/test_imports.py walks over all models and looks for others
            pass


def _of_network(network: ImportedNetworkProps, where: str) -> Iterator[Import]:
    vpc = network.vpc_id
    yield Import(f"{where}.vpc_id", "VPC", vpc)
    for number, subnet in enumerate(network.subnet_ids):
        yield Import(f"{where}.subnet_ids.{number}", "subnet", subnet, {"vpc": vpc})
    for number, table in enumerate(network.route_table_ids):
        yield Import(f"{where}.route_table_ids.{number}", "route table", table, {"vpc": vpc})
    for number, group in enumerate(network.endpoints_admit_security_group_ids):
        yield _group(group, f"{where}.endpoints_admit_security_group_ids.{number}", vpc)
    for key in (
        "endpoints_security_group_id",
        "replication_security_group_id",
        "database_security_group_id",
    ):
        if (one := getattr(network, key)) is not None:
            yield _group(one, f"{where}.{key}", vpc)


def _group(group: str, where: str, vpc: str | None) -> Import:
    return Import(where, "security group", group, {"vpc": vpc})


def _key(arn: str | None, where: str) -> Iterator[Import]:
    if arn is not None:
        yield Import(f"{where}.key_arn", "KMS key", arn)
