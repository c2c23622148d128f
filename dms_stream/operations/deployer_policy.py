"""What whoever deploys an environment must be allowed to do, as an IAM policy document.

By types of Terraform resources, so that it is known when a new one needs more. Resources are bound
to the names that an environment's stacks give, wherever AWS's ARNs hold names.

Actions: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dms_stream.settings.environment import Environment

# of all inline policies of a role together, without white space; a managed policy takes 6,144:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
INLINE_POLICY_MAX_LENGTH = 10_240

_TAGS_OF_EC2 = ("ec2:CreateTags", "ec2:DeleteTags")

ACTIONS: Mapping[str, tuple[str, ...]] = {
    "aws_athena_named_query": (
        *("athena:CreateNamedQuery", "athena:GetNamedQuery", "athena:DeleteNamedQuery"),
    ),
    "aws_athena_workgroup": (
        *("athena:CreateWorkGroup", "athena:UpdateWorkGroup", "athena:DeleteWorkGroup"),
        *("athena:GetWorkGroup", "athena:TagResource", "athena:UntagResource"),
        "athena:ListTagsForResource",
    ),
    "aws_chatbot_slack_channel_configuration": (
        *("chatbot:CreateSlackChannelConfiguration", "chatbot:UpdateSlackChannelConfiguration"),
        *("chatbot:DeleteSlackChannelConfiguration", "chatbot:TagResource"),
        *("chatbot:DescribeSlackChannelConfigurations", "chatbot:UntagResource"),
        "chatbot:ListTagsForResource",
    ),
    "aws_cloudwatch_dashboard": (
        *("cloudwatch:PutDashboard", "cloudwatch:GetDashboard", "cloudwatch:DeleteDashboards"),
    ),
    "aws_cloudwatch_event_rule": (
        *("events:PutRule", "events:DescribeRule", "events:DeleteRule"),
        *("events:TagResource", "events:UntagResource", "events:ListTagsForResource"),
    ),
    "aws_cloudwatch_event_target": (
        *("events:PutTargets", "events:RemoveTargets", "events:ListTargetsByRule"),
    ),
    "aws_cloudwatch_log_group": (
        *("logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:DescribeLogGroups"),
        *("logs:PutRetentionPolicy", "logs:DeleteRetentionPolicy", "logs:TagResource"),
        *("logs:UntagResource", "logs:ListTagsForResource"),
    ),
    "aws_cloudwatch_log_stream": (
        *("logs:CreateLogStream", "logs:DeleteLogStream", "logs:DescribeLogStreams"),
    ),
    "aws_cloudwatch_metric_alarm": (
        *("cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms"),
        *("cloudwatch:ListTagsForResource", "cloudwatch:TagResource", "cloudwatch:UntagResource"),
    ),
    "aws_db_subnet_group": (
        *("rds:CreateDBSubnetGroup", "rds:ModifyDBSubnetGroup", "rds:DeleteDBSubnetGroup"),
        *("rds:DescribeDBSubnetGroups", "rds:AddTagsToResource", "rds:RemoveTagsFromResource"),
        "rds:ListTagsForResource",
    ),
    "aws_default_security_group": (
        *("ec2:DescribeSecurityGroups", "ec2:RevokeSecurityGroupIngress"),
        *("ec2:RevokeSecurityGroupEgress", *_TAGS_OF_EC2),
    ),
    "aws_dms_certificate": (
        *("dms:ImportCertificate", "dms:DeleteCertificate", "dms:DescribeCertificates"),
    ),
    "aws_dms_endpoint": (
        *("dms:CreateEndpoint", "dms:ModifyEndpoint", "dms:DeleteEndpoint"),
        # a changed endpoint's tasks are stopped, its connection is tested, and they are started
        *("dms:DescribeEndpoints", "dms:DescribeConnections", "dms:TestConnection"),
    ),
    "aws_dms_event_subscription": (
        *("dms:CreateEventSubscription", "dms:ModifyEventSubscription"),
        *("dms:DeleteEventSubscription", "dms:DescribeEventSubscriptions"),
    ),
    "aws_dms_replication_config": (
        *("dms:CreateReplicationConfig", "dms:ModifyReplicationConfig"),
        *("dms:DeleteReplicationConfig", "dms:DescribeReplicationConfigs"),
        *("dms:DescribeReplications", "dms:StartReplication", "dms:StopReplication"),
    ),
    "aws_dms_replication_instance": (
        *("dms:CreateReplicationInstance", "dms:ModifyReplicationInstance"),
        *("dms:DeleteReplicationInstance", "dms:DescribeReplicationInstances"),
    ),
    "aws_dms_replication_subnet_group": (
        *("dms:CreateReplicationSubnetGroup", "dms:ModifyReplicationSubnetGroup"),
        *("dms:DeleteReplicationSubnetGroup", "dms:DescribeReplicationSubnetGroups"),
    ),
    "aws_dms_replication_task": (
        *("dms:CreateReplicationTask", "dms:ModifyReplicationTask", "dms:DeleteReplicationTask"),
        *("dms:DescribeReplicationTasks", "dms:StartReplicationTask", "dms:StopReplicationTask"),
        *("dms:AddTagsToResource", "dms:RemoveTagsFromResource", "dms:ListTagsForResource"),
    ),
    "aws_glue_catalog_database": (
        *("glue:CreateDatabase", "glue:UpdateDatabase", "glue:DeleteDatabase"),
        *("glue:GetDatabase", "glue:GetTags", "glue:TagResource", "glue:UntagResource"),
    ),
    "aws_glue_catalog_table": (
        *("glue:CreateTable", "glue:UpdateTable", "glue:DeleteTable", "glue:GetTable"),
        "glue:GetPartitionIndexes",
    ),
    "aws_iam_role": (
        *("iam:CreateRole", "iam:DeleteRole", "iam:GetRole", "iam:UpdateRole", "iam:TagRole"),
        *("iam:UpdateRoleDescription", "iam:UpdateAssumeRolePolicy", "iam:UntagRole"),
        *("iam:ListRolePolicies", "iam:ListAttachedRolePolicies"),
        "iam:ListInstanceProfilesForRole",
    ),
    "aws_iam_role_policy": (*("iam:PutRolePolicy", "iam:GetRolePolicy", "iam:DeleteRolePolicy"),),
    "aws_iam_role_policy_attachment": ("iam:AttachRolePolicy", "iam:DetachRolePolicy"),
    "aws_iam_service_linked_role": (
        *("iam:DeleteServiceLinkedRole", "iam:GetServiceLinkedRoleDeletionStatus"),
    ),
    "aws_kinesis_firehose_delivery_stream": (
        *("firehose:CreateDeliveryStream", "firehose:DeleteDeliveryStream"),
        *("firehose:DescribeDeliveryStream", "firehose:UpdateDestination"),
        *("firehose:ListTagsForDeliveryStream", "firehose:TagDeliveryStream"),
        "firehose:UntagDeliveryStream",
    ),
    "aws_kinesis_stream": (
        *("kinesis:CreateStream", "kinesis:DeleteStream", "kinesis:DescribeStreamSummary"),
        *("kinesis:UpdateShardCount", "kinesis:UpdateStreamMode"),
        *("kinesis:IncreaseStreamRetentionPeriod", "kinesis:DecreaseStreamRetentionPeriod"),
        *("kinesis:StartStreamEncryption", "kinesis:StopStreamEncryption"),
        *("kinesis:EnableEnhancedMonitoring", "kinesis:DisableEnhancedMonitoring"),
        *("kinesis:AddTagsToStream", "kinesis:RemoveTagsFromStream", "kinesis:ListTagsForStream"),
    ),
    "aws_kms_alias": ("kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias", "kms:ListAliases"),
    "aws_kms_key": (
        *("kms:CreateKey", "kms:DescribeKey", "kms:ScheduleKeyDeletion", "kms:EnableKeyRotation"),
        *("kms:GetKeyPolicy", "kms:PutKeyPolicy", "kms:GetKeyRotationStatus"),
        *("kms:UpdateKeyDescription", "kms:ListResourceTags", "kms:TagResource"),
        # services encrypt with it on the deployer's behalf while they make what it encrypts
        *("kms:UntagResource", "kms:CreateGrant", "kms:Decrypt", "kms:GenerateDataKey"),
    ),
    "aws_rds_cluster": (
        *("rds:CreateDBCluster", "rds:ModifyDBCluster", "rds:DeleteDBCluster"),
        *("rds:DescribeDBClusters", "rds:RestoreDBClusterFromSnapshot"),
        *("rds:CreateDBClusterSnapshot", "rds:EnableHttpEndpoint", "rds:DisableHttpEndpoint"),
        "rds:DescribeGlobalClusters",
    ),
    "aws_rds_cluster_instance": (
        *("rds:CreateDBInstance", "rds:ModifyDBInstance", "rds:DeleteDBInstance"),
        *("rds:DescribeDBInstances", "rds:RebootDBInstance"),
    ),
    "aws_rds_cluster_parameter_group": (
        *("rds:CreateDBClusterParameterGroup", "rds:ModifyDBClusterParameterGroup"),
        *("rds:ResetDBClusterParameterGroup", "rds:DeleteDBClusterParameterGroup"),
        *("rds:DescribeDBClusterParameterGroups", "rds:DescribeDBClusterParameters"),
    ),
    "aws_route_table": (
        *("ec2:CreateRouteTable", "ec2:DeleteRouteTable", "ec2:DescribeRouteTables"),
        *_TAGS_OF_EC2,
    ),
    "aws_route_table_association": ("ec2:AssociateRouteTable", "ec2:DisassociateRouteTable"),
    "aws_s3_bucket": (
        # the provider reads every part of a bucket
        *("s3:CreateBucket", "s3:DeleteBucket", "s3:ListBucket", "s3:ListBucketVersions"),
        *("s3:Get*", "s3:PutBucketTagging", "s3:DeleteObject", "s3:DeleteObjectVersion"),
    ),
    "aws_s3_bucket_lifecycle_configuration": ("s3:PutLifecycleConfiguration",),
    "aws_s3_bucket_logging": ("s3:PutBucketLogging",),
    "aws_s3_bucket_notification": ("s3:PutBucketNotification",),
    "aws_s3_bucket_ownership_controls": ("s3:PutBucketOwnershipControls",),
    "aws_s3_bucket_policy": ("s3:PutBucketPolicy", "s3:DeleteBucketPolicy"),
    "aws_s3_bucket_public_access_block": ("s3:PutBucketPublicAccessBlock",),
    "aws_s3_bucket_server_side_encryption_configuration": ("s3:PutEncryptionConfiguration",),
    "aws_s3_bucket_versioning": ("s3:PutBucketVersioning",),
    "aws_secretsmanager_secret": (
        *("secretsmanager:CreateSecret", "secretsmanager:DeleteSecret"),
        *("secretsmanager:DescribeSecret", "secretsmanager:UpdateSecret"),
        *("secretsmanager:GetResourcePolicy", "secretsmanager:TagResource"),
        "secretsmanager:UntagResource",
    ),
    "aws_secretsmanager_secret_version": (
        *("secretsmanager:PutSecretValue", "secretsmanager:GetSecretValue"),
        "secretsmanager:UpdateSecretVersionStage",
    ),
    "aws_security_group": (
        *("ec2:CreateSecurityGroup", "ec2:DeleteSecurityGroup", "ec2:DescribeSecurityGroups"),
        *("ec2:RevokeSecurityGroupEgress", "ec2:DescribeNetworkInterfaces", *_TAGS_OF_EC2),
    ),
    "aws_sns_topic": (
        *("sns:CreateTopic", "sns:DeleteTopic", "sns:GetTopicAttributes"),
        *("sns:SetTopicAttributes", "sns:ListTagsForResource", "sns:TagResource"),
        "sns:UntagResource",
    ),
    "aws_sns_topic_policy": ("sns:SetTopicAttributes",),
    "aws_sns_topic_subscription": (
        *("sns:Subscribe", "sns:Unsubscribe", "sns:GetSubscriptionAttributes"),
        "sns:SetSubscriptionAttributes",
    ),
    "aws_subnet": (
        *("ec2:CreateSubnet", "ec2:DeleteSubnet", "ec2:DescribeSubnets"),
        *("ec2:ModifySubnetAttribute", *_TAGS_OF_EC2),
    ),
    "aws_vpc": (
        *("ec2:CreateVpc", "ec2:DeleteVpc", "ec2:DescribeVpcs", "ec2:DescribeVpcAttribute"),
        *("ec2:ModifyVpcAttribute", "ec2:DescribeNetworkAcls", *_TAGS_OF_EC2),
    ),
    "aws_vpc_endpoint": (
        *("ec2:CreateVpcEndpoint", "ec2:ModifyVpcEndpoint", "ec2:DeleteVpcEndpoints"),
        *("ec2:DescribeVpcEndpoints", "ec2:DescribePrefixLists", *_TAGS_OF_EC2),
    ),
    "aws_vpc_security_group_egress_rule": (
        *("ec2:AuthorizeSecurityGroupEgress", "ec2:RevokeSecurityGroupEgress"),
        *("ec2:DescribeSecurityGroupRules", "ec2:ModifySecurityGroupRules"),
    ),
    "aws_vpc_security_group_ingress_rule": (
        *("ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"),
        *("ec2:DescribeSecurityGroupRules", "ec2:ModifySecurityGroupRules"),
    ),
    "data.aws_availability_zones": ("ec2:DescribeAvailabilityZones",),
    "data.aws_caller_identity": ("sts:GetCallerIdentity",),
    "data.aws_dms_replication_instance": ("dms:DescribeReplicationInstances",),
    "data.aws_kms_key": ("kms:DescribeKey",),
    "data.aws_partition": (),
    "data.aws_region": (),
    "data.aws_vpc": ("ec2:DescribeVpcs", "ec2:DescribeVpcAttribute", "ec2:DescribeRouteTables"),
    "data.aws_vpc_endpoint_service": ("ec2:DescribeVpcEndpointServices",),
    "ephemeral.aws_secretsmanager_random_password": ("secretsmanager:GetRandomPassword",),
}
"""Actions by type of resource; data sources begin with `data.`."""

# of these services, no ARN that is known beforehand holds a name of ours
_WITHOUT_NAMES = {"sts": "*", "ec2": "*", "kms": "*", "dms": "*", "chatbot": "*"}
# these calls are about no resource, or about all
_OF_ALL = frozenset(
    {
        *("cloudwatch:DescribeAlarms", "logs:DescribeLogGroups", "rds:DescribeGlobalClusters"),
        "secretsmanager:GetRandomPassword",
    }
)


@dataclass(frozen=True)
class Deployment:
    """What is deployed, and where.

    Attributes:
        environment: Name of the environment, with which its names begin.
        account_id: Number of the account; `*`: whichever it is.
        region: Region.
        state_bucket: Name of the bucket with Terraform's states.
        partition: Partition of AWS.
        role_path: Path of the roles.
        permissions_boundary: ARN of the policy that every role must be bounded by.
    """

    environment: str
    account_id: str
    region: str
    state_bucket: str
    partition: str = "aws"
    role_path: str = "/"
    permissions_boundary: str | None = None


def deployer_policy(deployment: Deployment, types: Iterable[str] = ACTIONS) -> dict[str, Any]:
    """The policy document.

    Args:
        deployment: What is deployed, and where.
        types: Types of resources that are; default: all that our constructs make.
    """
    by_service: dict[str, set[str]] = {}
    of_all: set[str] = set()
    for type_ in types:
        for action in ACTIONS[type_]:
            if action in _OF_ALL:
                of_all.add(action)
            else:
                by_service.setdefault(action.partition(":")[0], set()).add(action)
    statements = [
        _statement(service.capitalize(), actions, _resources(service, deployment))
        for service, actions in sorted(by_service.items())
        if service != "iam"
    ]
    statements.append(_statement("Lists", of_all, ["*"]))
    statements += _roles(by_service.get("iam", set()), deployment)
    statements.append(_state(deployment))
    return {"Version": "2012-10-17", "Statement": statements}


def _statement(
    sid: str, actions: Iterable[str], resources: list[str], condition: Any = None
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": sorted(actions),
        "Resource": resources,
    }
    return found | ({"Condition": condition} if condition else {})


def _resources(service: str, deployment: Deployment) -> list[str]:
    if service in _WITHOUT_NAMES:
        return [_WITHOUT_NAMES[service]]
    where = f"arn:{deployment.partition}:{service}:{deployment.region}:{deployment.account_id}"
    name = f"{deployment.environment}-*"
    match service:
        case "s3":
            bucket = f"arn:{deployment.partition}:s3:::"
            return [f"{bucket}{name}", f"{bucket}{deployment.state_bucket}"]
        case "logs":
            return [f"{where}:log-group:/aws/kinesisfirehose/{name}"]
        case "glue":
            glue = f"{deployment.environment}_*"
            return [f"{where}:catalog", f"{where}:database/{glue}", f"{where}:table/{glue}/*"]
        case "rds":
            # a snapshot to restore from has any name; the default option group takes part
            return [f"{where}:*"]
        case "cloudwatch":
            dashboards = f"arn:{deployment.partition}:cloudwatch::{deployment.account_id}"
            return [f"{where}:alarm:{name}", f"{dashboards}:dashboard/{name}"]
        case "events":
            return [f"{where}:rule/{name}"]
        case "secretsmanager":
            return [f"{where}:secret:{name}"]
        case "sns":
            return [f"{where}:{name}"]
        case "kinesis":
            return [f"{where}:stream/{name}"]
        case "firehose":
            return [f"{where}:deliverystream/{name}"]
        case "athena":
            return [f"{where}:workgroup/{name}"]
        case _:
            raise KeyError(f"no resources are known for {service}: add a case")


def _roles(actions: set[str], deployment: Deployment) -> list[dict[str, Any]]:
    iam = f"arn:{deployment.partition}:iam::{deployment.account_id}:role"
    ours = [f"{iam}{deployment.role_path}{deployment.environment}-*", f"{iam}/dms-*-role"]
    linked = f"{iam}/aws-service-role"
    found = []
    bounded = {"iam:CreateRole"} & actions if deployment.permissions_boundary else set()
    if bounded:
        condition = {"StringEquals": {"iam:PermissionsBoundary": deployment.permissions_boundary}}
        bounded = {*bounded, "iam:PutRolePermissionsBoundary"}
        found.append(_statement("BoundedRoles", bounded, ours, condition))
    found.append(_statement("Roles", actions - bounded, [*ours, f"{linked}/dms.amazonaws.com/*"]))
    services = [
        "chatbot.amazonaws.com",
        "dms.amazonaws.com",
        "firehose.amazonaws.com",
        f"dms.{deployment.region}.amazonaws.com",
    ]
    found.append(
        _statement(
            "PassRoles", ["iam:PassRole"], ours, {"StringEquals": {"iam:PassedToService": services}}
        )
    )
    # services make their own roles on first use
    names = ["dms.amazonaws.com", "management.chatbot.amazonaws.com", "rds.amazonaws.com"]
    found.append(
        _statement(
            "ServiceLinkedRoles",
            ["iam:CreateServiceLinkedRole"],
            [f"{linked}/*"],
            {"StringLike": {"iam:AWSServiceName": names}},
        )
    )
    return found


def _state(deployment: Deployment) -> dict[str, Any]:
    # https://developer.hashicorp.com/terraform/language/backend/s3#permissions-required
    objects = (
        f"arn:{deployment.partition}:s3:::{deployment.state_bucket}/{deployment.environment}/*"
    )
    return _statement("States", ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], [objects])


def policy_of_environment(name: str, settings: Environment) -> dict[str, Any]:
    """The policy document for whoever deploys an environment.

    Args:
        name: Name of the environment.
        settings: Its settings.
    """
    return deployer_policy(deployment_of(name, settings))


def deployment_of(name: str, settings: Environment) -> Deployment:
    """What an environment deploys, and where.

    Args:
        name: Name of the environment.
        settings: Its settings.
    """
    account_ids = settings.account_ids
    return Deployment(
        environment=name,
        # of several accounts each may be deployed to
        account_id=account_ids[0] if len(account_ids) == 1 else "*",
        region=settings.region,
        state_bucket=settings.state.bucket_name,
        partition=_partition(settings.region),
        role_path=settings.roles.path,
        permissions_boundary=settings.roles.permissions_boundary,
    )


def _partition(region: str) -> str:
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"
