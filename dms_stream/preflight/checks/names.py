"""Names that exist already: what Terraform would make, and the account has.

Services refuse a second resource of a name; alarms and dashboards they overwrite without a word.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from dms_stream.preflight.account import Account, error_code
from dms_stream.preflight.check import Result, account_check


@dataclass(frozen=True)
class _Named:
    """How a type's name is looked for.

    Attributes:
        attribute: The attribute of the resource that holds its name.
        service: boto3's name of the service.
        find: Asks for the name: the answer is what there is, empty where there is nothing.
        not_found: Codes of the error by which the service says that there is none.
        overwrites: Whether the service would overwrite it instead of refusing.
    """

    attribute: str
    service: str
    find: Callable[[Any, str], Any]
    not_found: tuple[str, ...] = ()
    overwrites: bool = False


def _dms_filter(key: str, name: str) -> list[dict[str, Any]]:
    return [{"Name": key, "Values": [name]}]


_NAMED = {
    "aws_kinesis_stream": _Named(
        "name",
        "kinesis",
        lambda c, n: c.describe_stream_summary(StreamName=n),
        ("ResourceNotFoundException",),
    ),
    "aws_kinesis_firehose_delivery_stream": _Named(
        "name",
        "firehose",
        lambda c, n: c.describe_delivery_stream(DeliveryStreamName=n),
        ("ResourceNotFoundException",),
    ),
    "aws_rds_cluster": _Named(
        "cluster_identifier",
        "rds",
        lambda c, n: c.describe_db_clusters(DBClusterIdentifier=n)["DBClusters"],
        ("DBClusterNotFoundFault",),
    ),
    "aws_rds_cluster_instance": _Named(
        "identifier",
        "rds",
        lambda c, n: c.describe_db_instances(DBInstanceIdentifier=n)["DBInstances"],
        ("DBInstanceNotFound", "DBInstanceNotFoundFault"),
    ),
    "aws_rds_cluster_parameter_group": _Named(
        "name",
        "rds",
        lambda c, n: c.describe_db_cluster_parameter_groups(DBClusterParameterGroupName=n)[
            "DBClusterParameterGroups"
        ],
        ("DBParameterGroupNotFound", "DBParameterGroupNotFoundFault"),
    ),
    "aws_db_subnet_group": _Named(
        "name",
        "rds",
        lambda c, n: c.describe_db_subnet_groups(DBSubnetGroupName=n)["DBSubnetGroups"],
        ("DBSubnetGroupNotFoundFault",),
    ),
    "aws_dms_replication_instance": _Named(
        "replication_instance_id",
        "dms",
        lambda c, n: c.describe_replication_instances(
            Filters=_dms_filter("replication-instance-id", n)
        )["ReplicationInstances"],
        ("ResourceNotFoundFault",),
    ),
    "aws_dms_replication_subnet_group": _Named(
        "replication_subnet_group_id",
        "dms",
        lambda c, n: c.describe_replication_subnet_groups(
            Filters=_dms_filter("replication-subnet-group-id", n)
        )["ReplicationSubnetGroups"],
        ("ResourceNotFoundFault",),
    ),
    "aws_dms_replication_task": _Named(
        "replication_task_id",
        "dms",
        lambda c, n: c.describe_replication_tasks(Filters=_dms_filter("replication-task-id", n))[
            "ReplicationTasks"
        ],
        ("ResourceNotFoundFault",),
    ),
    "aws_dms_replication_config": _Named(
        "replication_config_identifier",
        "dms",
        lambda c, n: c.describe_replication_configs(
            Filters=_dms_filter("replication-config-id", n)
        )["ReplicationConfigs"],
        ("ResourceNotFoundFault",),
    ),
    "aws_dms_endpoint": _Named(
        "endpoint_id",
        "dms",
        lambda c, n: c.describe_endpoints(Filters=_dms_filter("endpoint-id", n))["Endpoints"],
        ("ResourceNotFoundFault",),
    ),
    "aws_dms_certificate": _Named(
        "certificate_id",
        "dms",
        lambda c, n: c.describe_certificates(Filters=_dms_filter("certificate-id", n))[
            "Certificates"
        ],
        ("ResourceNotFoundFault",),
    ),
    "aws_iam_role": _Named("name", "iam", lambda c, n: c.get_role(RoleName=n), ("NoSuchEntity",)),
    "aws_cloudwatch_log_group": _Named(
        "name",
        "logs",
        lambda c, n: [
            group
            for group in c.describe_log_groups(logGroupNamePrefix=n)["logGroups"]
            if group["logGroupName"] == n
        ],
    ),
    "aws_glue_catalog_database": _Named(
        "name", "glue", lambda c, n: c.get_database(Name=n), ("EntityNotFoundException",)
    ),
    "aws_athena_workgroup": _Named(
        "name",
        "athena",
        lambda c, n: c.get_work_group(WorkGroup=n).get("WorkGroup"),
        # Athena's answer for a workgroup that is not there
        ("InvalidRequestException",),
    ),
    "aws_s3_bucket": _Named(
        "bucket", "s3", lambda c, n: c.head_bucket(Bucket=n), ("404", "NoSuchBucket")
    ),
    "aws_kms_alias": _Named(
        "name", "kms", lambda c, n: c.describe_key(KeyId=n), ("NotFoundException",)
    ),
    "aws_cloudwatch_metric_alarm": _Named(
        "alarm_name",
        "cloudwatch",
        lambda c, n: c.describe_alarms(AlarmNames=[n])["MetricAlarms"],
        overwrites=True,
    ),
    "aws_cloudwatch_dashboard": _Named(
        "dashboard_name",
        "cloudwatch",
        lambda c, n: c.get_dashboard(DashboardName=n),
        ("ResourceNotFound", "DashboardNotFoundError", "404"),
        overwrites=True,
    ),
}
# checked by name, with the advice that is theirs
_CHECKED_ELSEWHERE = ("dms-vpc-role", "dms-cloudwatch-logs-role")


@account_check("names that exist already", "pipelines")
def names(account: Account) -> Iterator[Result]:
    """Nothing that a stack would make, and no state knows, exists in the account already."""
    free = 0
    for stack, type_, address, name in _new_names(account):
        named = _NAMED[type_]
        if not _found(account, named, name):
            free += 1
            continue
        where = f"{stack}: {type_}.{address}"
        if named.overwrites:
            yield Result(
                where,
                "warn",
                f"{name} exists already, and would be overwritten",
                "Rename the pipeline or the other one, if that one is not yours.",
            )
        else:
            yield Result(
                where,
                "fail",
                f"{name} exists already, and Terraform's state does not know it",
                "Give it another name in the settings, delete it, or `terraform import` it.",
            )
    if free:
        yield Result("pipelines", "pass", f"{free} names are free")


def _new_names(account: Account) -> Iterator[tuple[str, str, str, str]]:
    state_bucket = account.settings.state.bucket_name
    for stack, document in account.stacks.items():
        for type_, resources in document.get("resource", {}).items():
            if type_ not in _NAMED:
                continue
            for address, resource in resources.items():
                name = resource.get(_NAMED[type_].attribute)
                is_literal = isinstance(name, str) and "${" not in name
                if (
                    is_literal
                    and name not in (*_CHECKED_ELSEWHERE, state_bucket)
                    and not account.is_in_state(stack, f"{type_}.{address}")
                ):
                    yield stack, type_, address, name


def _found(account: Account, named: _Named, name: str) -> bool:
    try:
        return bool(named.find(account.client(named.service), name))
    except ClientError as error:
        status = str(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", ""))
        if error_code(error) in named.not_found:
            return False
        # S3 answers for a bucket of somebody else that it may not be looked at
        if named.service == "s3" and status in ("301", "403"):
            return True
        raise
