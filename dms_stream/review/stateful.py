"""Which types of resources hold data, and what is gone with them.

A type is stateful if what it holds cannot be made again from the configuration. Every type that the
synthesized stacks use stands in one of the two tables below: a test takes the types from the stacks
and from the provider's schema, so a new construct cannot be forgotten. A type that stands in
neither is taken for stateful when it has one of the attributes that only such types have.
"""

from collections.abc import Mapping
from typing import Any

STATEFUL: Mapping[str, str] = {
    # what the constructs make
    "aws_athena_workgroup": "its saved queries and the history of what was run",
    "aws_cloudwatch_log_group": "the log events in it",
    "aws_kinesis_stream": (
        "every record in it that no consumer has read yet, and the possibility to read it again"
    ),
    "aws_kms_key": (
        "everything it encrypts, in every service: without the key nobody can read it, and after "
        "its waiting period (7 to 30 days) AWS cannot bring it back"
    ),
    "aws_rds_cluster": "the database, with its automated backups",
    "aws_s3_bucket": "its objects and all their versions",
    "aws_secretsmanager_secret": "the secret's value, and with it whoever logs in with it",
    # what people have beside them
    "aws_db_cluster_snapshot": "the snapshot",
    "aws_db_instance": "the database, with its automated backups",
    "aws_db_snapshot": "the snapshot",
    "aws_docdb_cluster": "the database, with its automated backups",
    "aws_dynamodb_table": "its items",
    "aws_ebs_volume": "the volume's contents",
    "aws_ecr_repository": "its images",
    "aws_efs_file_system": "its files",
    "aws_elasticache_replication_group": "what it holds in memory",
    "aws_elasticsearch_domain": "its indices",
    "aws_fsx_lustre_file_system": "its files",
    "aws_msk_cluster": "its topics with their records",
    "aws_neptune_cluster": "the database, with its automated backups",
    "aws_opensearch_domain": "its indices",
    "aws_rds_global_cluster": "the tie between its clusters",
    "aws_redshift_cluster": "the warehouse",
    "aws_s3_bucket_object": "the object",
    "aws_s3_object": "the object",
    "aws_sqs_queue": "the messages in it",
    "aws_ssm_parameter": "the parameter's value",
    "aws_timestreamwrite_table": "its records",
}
"""Type, and what is gone with a resource of it."""

_CONFIGURATION = "is all configuration: Terraform makes the same again"
_ACCESS = "gives or takes access and holds nothing (rule `access-removed`)"
_NETWORK = "is a part of the network and holds nothing (rule `network-path-removed`)"

STATELESS: Mapping[str, str] = {
    "aws_cloudwatch_dashboard": _CONFIGURATION,
    "aws_cloudwatch_event_rule": _CONFIGURATION,
    "aws_cloudwatch_event_target": _CONFIGURATION,
    "aws_cloudwatch_log_stream": "Firehose's log: what counts is its log group",
    "aws_cloudwatch_metric_alarm": "is all configuration (rule `alarm-silenced`)",
    "aws_db_parameter_group": "is all configuration (rule `parameter-changed`)",
    "aws_db_subnet_group": _NETWORK,
    "aws_default_security_group": _ACCESS,
    "aws_dms_certificate": "is a copy of certificates that are published",
    "aws_dms_endpoint": "is an address and a login (rule `endpoint-changed`)",
    "aws_dms_event_subscription": _CONFIGURATION,
    "aws_dms_replication_config": (
        "holds a position in the source's log, no data (rule `serverless-replaced`)"
    ),
    "aws_dms_replication_instance": (
        "holds changes on their way, which the task reads again (rule `replication-instance-"
        "changed`)"
    ),
    "aws_dms_replication_subnet_group": _NETWORK,
    "aws_dms_replication_task": (
        "holds a position in the source's log, no data (rule `task-replaced`)"
    ),
    "aws_glue_catalog_database": "describes data that lies in S3",
    "aws_glue_catalog_table": "describes data that lies in S3 (rule `catalog-table-changed`)",
    "aws_iam_policy": _ACCESS,
    "aws_iam_role": _ACCESS,
    "aws_iam_role_policy": _ACCESS,
    "aws_iam_role_policy_attachment": _ACCESS,
    "aws_internet_gateway": _NETWORK,
    "aws_kinesis_firehose_delivery_stream": (
        "holds a buffer, which it reads again from Kinesis (rule `delivery-stream-replaced`)"
    ),
    "aws_kms_alias": "is a name of a key",
    "aws_kms_key_policy": _ACCESS,
    "aws_rds_cluster_instance": (
        "computes; the data is the cluster's (rule `database-instance-changed`)"
    ),
    "aws_rds_cluster_parameter_group": "is all configuration (rule `parameter-changed`)",
    "aws_route": _NETWORK,
    "aws_route_table": _NETWORK,
    "aws_route_table_association": _NETWORK,
    "aws_s3_bucket_lifecycle_configuration": "says what expires (rule `expiry-shortened`)",
    "aws_s3_bucket_logging": _CONFIGURATION,
    "aws_s3_bucket_notification": _CONFIGURATION,
    "aws_s3_bucket_ownership_controls": "says who owns objects (rule `public-access-allowed`)",
    "aws_s3_bucket_policy": _ACCESS,
    "aws_s3_bucket_public_access_block": "closes the bucket (rule `public-access-allowed`)",
    "aws_s3_bucket_server_side_encryption_configuration": (
        "says how new objects are encrypted (rule `encryption-weakened`)"
    ),
    "aws_s3_bucket_versioning": "keeps old versions (rule `versioning-suspended`)",
    "aws_secretsmanager_secret_policy": _ACCESS,
    "aws_secretsmanager_secret_version": (
        "is one value of a secret: Secrets Manager keeps the one before (rule `credentials-"
        "changed`)"
    ),
    "aws_security_group": _ACCESS,
    "aws_security_group_rule": _ACCESS,
    "aws_sns_topic": "passes messages on and keeps none",
    "aws_sns_topic_policy": _ACCESS,
    "aws_sns_topic_subscription": _CONFIGURATION,
    "aws_subnet": _NETWORK,
    "aws_vpc": _NETWORK,
    "aws_vpc_endpoint": _NETWORK,
    "aws_vpc_security_group_egress_rule": _ACCESS,
    "aws_vpc_security_group_ingress_rule": _ACCESS,
}
"""Type, and why nothing is lost with it."""

TELLTALE_ATTRIBUTES = frozenset(
    {
        "backup_retention_period",
        "deletion_protection",
        "deletion_protection_enabled",
        "deletion_window_in_days",
        "final_snapshot_identifier",
        "force_delete",
        "force_destroy",
        "recovery_window_in_days",
        "retention_in_days",
        "retention_period",
        "skip_final_snapshot",
        "snapshot_identifier",
    }
)
"""Attributes that the provider gives to types which hold something worth keeping."""


def what_is_lost(type_: str, values: Mapping[str, Any]) -> str | None:
    """What is gone with a resource; None where nothing is.

    Args:
        type_: Its type.
        values: Its attributes.
    """
    if type_ in STATELESS:
        return None
    if type_ in STATEFUL:
        return STATEFUL[type_]
    telltale = sorted(TELLTALE_ATTRIBUTES.intersection(values))
    if telltale:
        return (
            f"whatever it holds: this review does not know the type, but it has `{telltale[0]}`, "
            f"as "
            "types have that hold data"
        )
    return None


def is_known(type_: str) -> bool:
    """Whether this review knows if the type holds data."""
    return type_ in STATEFUL or type_ in STATELESS
