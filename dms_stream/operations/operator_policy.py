"""What whoever operates an environment must be allowed to do, as an IAM policy document.

Looking takes `OBSERVING`, acting `OPERATING` beside it. Resources are bound to the names that an
environment's stacks give, wherever AWS's ARNs hold names: those of DMS do not.

Actions: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dms_stream.operations.deployer_policy import Deployment, deployment_of
from dms_stream.settings.environment import Environment

OBSERVING: Mapping[str, tuple[str, ...]] = {
    "dms": (
        *("dms:DescribeReplicationTasks", "dms:DescribeTableStatistics"),
        *("dms:DescribeReplications", "dms:DescribeReplicationConfigs"),
        *("dms:DescribeReplicationTableStatistics", "dms:DescribeConnections"),
        *("dms:DescribeApplicableIndividualAssessments",),
        *("dms:DescribeReplicationTaskAssessmentRuns",),
        *("dms:DescribeReplicationTaskIndividualAssessments",),
    ),
    "cloudwatch": ("cloudwatch:GetMetricData", "cloudwatch:DescribeAlarms"),
    "log-groups": ("logs:DescribeLogGroups",),
    "logs": ("logs:FilterLogEvents",),
    "kinesis": (
        *("kinesis:DescribeStreamSummary", "kinesis:ListShards"),
        *("kinesis:GetShardIterator", "kinesis:GetRecords"),
    ),
    "firehose": ("firehose:DescribeDeliveryStream",),
    # without ListBucket S3 says of a state that is not there that it is forbidden
    "state": ("s3:GetObject", "s3:ListBucket"),
    "landing": ("s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation"),
    "athena": (
        *("athena:StartQueryExecution", "athena:GetQueryExecution"),
        *("athena:GetQueryResults", "athena:StopQueryExecution"),
    ),
    "athena-results": (
        *("s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"),
    ),
    "glue": ("glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:GetPartitions"),
    "kms": ("kms:Decrypt", "kms:GenerateDataKey"),
}
"""Actions of status, logs, peek, landed and query, by what they are about."""

OPERATING: Mapping[str, tuple[str, ...]] = {
    "dms": (
        *("dms:StartReplicationTask", "dms:StopReplicationTask", "dms:ReloadTables"),
        *("dms:StartReplication", "dms:StopReplication", "dms:ReloadReplicationTables"),
        *("dms:TestConnection", "dms:StartReplicationTaskAssessmentRun"),
    ),
    "passwords": ("secretsmanager:GetRandomPassword",),
    "secretsmanager": (
        *("secretsmanager:CreateSecret", "secretsmanager:TagResource"),
        *("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"),
        "secretsmanager:PutSecretValue",
    ),
    "rds-data": ("rds-data:ExecuteStatement",),
}
"""Actions of start, stop, reload, test-connections, prepare-source, activity and assess."""

_SERVICES_WITH_KEYS = ("s3", "kinesis", "secretsmanager")


def operator_policy(deployment: Deployment, *, acts: bool) -> dict[str, Any]:
    """The policy document.

    Args:
        deployment: What is operated, and where.
        acts: Whether whoever it is may act, and not only look.
    """
    wanted = {name: [*actions] for name, actions in OBSERVING.items()}
    for name, actions in OPERATING.items() if acts else ():
        wanted.setdefault(name, []).extend(actions)
    return {
        "Version": "2012-10-17",
        "Statement": [_statement(name, actions, deployment) for name, actions in wanted.items()],
    }


def _statement(name: str, actions: Sequence[str], deployment: Deployment) -> dict[str, Any]:
    statement: dict[str, Any] = {
        "Sid": "".join(part.capitalize() for part in name.split("-")),
        "Effect": "Allow",
        "Action": sorted(actions),
        "Resource": _resources(name, deployment),
    }
    if name == "kms":
        # keys have no names; a key of the user's own lets them in itself, too
        services = [f"{each}.{deployment.region}.amazonaws.com" for each in _SERVICES_WITH_KEYS]
        statement["Condition"] = {"StringEquals": {"kms:ViaService": services}}
    return statement


def _resources(name: str, deployment: Deployment) -> list[str]:
    partition, environment = deployment.partition, deployment.environment

    def arn(service: str, resource: str) -> str:
        where = f"{deployment.region}:{deployment.account_id}"
        return f"arn:{partition}:{service}:{where}:{resource}"

    match name:
        case "dms" | "cloudwatch" | "log-groups" | "passwords" | "kms":
            # these calls are about no resource, or about one without a name
            return ["*"]
        case "logs":
            return [
                arn("logs", f"log-group:/aws/kinesisfirehose/{environment}-*"),
                arn("logs", f"log-group:dms-tasks-{environment}-*"),
                arn("logs", "log-group:dms-serverless-replication-*"),
            ]
        case "kinesis":
            return [arn("kinesis", f"stream/{environment}-*")]
        case "firehose":
            return [arn("firehose", f"deliverystream/{environment}-*")]
        case "state":
            bucket = f"arn:{partition}:s3:::{deployment.state_bucket}"
            return [bucket, f"{bucket}/{environment}/*"]
        case "landing":
            return [f"arn:{partition}:s3:::{environment}-*"]
        case "athena-results":
            return [f"arn:{partition}:s3:::{environment}-*/athena-results/*"]
        case "athena":
            return [
                arn("athena", f"workgroup/{environment}-*"),
                arn("athena", "workgroup/primary"),
            ]
        case "glue":
            named = f"{environment}_*"
            return [
                arn("glue", "catalog"),
                arn("glue", f"database/{named}"),
                arn("glue", f"table/{named}/*"),
            ]
        case "secretsmanager":
            return [arn("secretsmanager", f"secret:{environment}-*")]
        case "rds-data":
            return [arn("rds", f"cluster:{environment}-*")]
        case _:
            raise KeyError(f"no resources are known for {name}: add a case")


def operator_policy_of_environment(
    name: str, settings: Environment, *, acts: bool
) -> dict[str, Any]:
    """The policy document for whoever operates an environment.

    Args:
        name: Name of the environment.
        settings: Its settings.
        acts: Whether whoever it is may act, and not only look.
    """
    return operator_policy(deployment_of(name, settings), acts=acts)
