"""Which types of resources hold data, and what is gone with them.

A type is stateful if what it holds cannot be made again from the configuration. The tables below
weigh types one by one, with a reason. Tests hold them against the provider's schema (every type
with an attribute that guards data has to be weighed) and against the synthesized stacks (every type
that they use has to be). A type in none of the tables counts as stateful if it has such an
attribute; else `unknown-type-destroyed` names it.
"""

from collections.abc import Mapping
from typing import Any

_DATABASE = "the database, with its automated backups"
_SNAPSHOT = "the snapshot, which may be the only copy"
_FILES = "its files"
_IMAGE = "the image: nothing can be started from it again"
_KEY = (
    "everything it encrypts, in every service: without the key nobody can read it, and after "
    "its waiting period (7 to 30 days) AWS cannot bring it back"
)
_RECORDS = "its records"
_IDENTITIES = "its users with their passwords, which cannot be exported"
_CACHE = "what it holds in memory"
_TIE = "the tie between its clusters, which no longer replicate"

STATEFUL: Mapping[str, str] = {
    # what the constructs make
    "aws_athena_workgroup": "its saved queries and the history of what was run",
    "aws_cloudwatch_log_group": "the log events in it",
    "aws_kinesis_stream": (
        "every record in it that no consumer has read yet, and the possibility to read it again"
    ),
    "aws_kms_key": _KEY,
    "aws_rds_cluster": _DATABASE,
    "aws_s3_bucket": "its objects and all their versions",
    "aws_secretsmanager_secret": "the secret's value, so its users can no longer log in",
    # databases
    "aws_db_instance": _DATABASE,
    "aws_docdb_cluster": _DATABASE,
    "aws_docdb_global_cluster": _TIE,
    "aws_docdbelastic_cluster": _DATABASE,
    "aws_dsql_cluster": _DATABASE,
    "aws_dynamodb_global_table": "its items in the regions that are no longer replicated",
    "aws_dynamodb_table": "its items",
    "aws_dynamodb_table_replica": "the items of that region",
    "aws_keyspaces_keyspace": "its tables with their rows",
    "aws_keyspaces_table": "its rows",
    "aws_lightsail_database": _DATABASE,
    "aws_neptune_cluster": _DATABASE,
    "aws_neptune_global_cluster": _TIE,
    "aws_neptunegraph_graph": "the graph",
    "aws_qldb_ledger": "the ledger with its whole history",
    "aws_rds_global_cluster": _TIE,
    "aws_redshift_cluster": "the warehouse",
    "aws_redshiftserverless_namespace": "the warehouse: its databases, schemas and tables",
    "aws_simpledb_domain": "its items",
    "aws_timestreaminfluxdb_db_instance": "the database",
    "aws_timestreamwrite_database": "its tables with their records",
    "aws_timestreamwrite_table": _RECORDS,
    "aws_finspace_kx_database": "its data",
    "aws_finspace_kx_volume": _FILES,
    # snapshots, backups and images
    "aws_ami": _IMAGE,
    "aws_ami_copy": _IMAGE,
    "aws_ami_from_instance": _IMAGE,
    "aws_backup_logically_air_gapped_vault": "its recovery points",
    "aws_backup_plan": "no recovery point yet, but from now on no backups are taken by it",
    "aws_backup_selection": "no recovery point yet, but what it selects is no longer backed up",
    "aws_backup_vault": "its recovery points",
    "aws_db_cluster_snapshot": _SNAPSHOT,
    "aws_db_instance_automated_backups_replication": "the backups in the other region",
    "aws_db_snapshot": _SNAPSHOT,
    "aws_db_snapshot_copy": _SNAPSHOT,
    "aws_dlm_lifecycle_policy": "no snapshot yet, but from now on none are taken by it",
    "aws_docdb_cluster_snapshot": _SNAPSHOT,
    "aws_ebs_snapshot": _SNAPSHOT,
    "aws_ebs_snapshot_copy": _SNAPSHOT,
    "aws_ebs_snapshot_import": _SNAPSHOT,
    "aws_fsx_backup": "the backup",
    "aws_fsx_openzfs_snapshot": _SNAPSHOT,
    "aws_imagebuilder_image": _IMAGE,
    "aws_kinesisanalyticsv2_application_snapshot": "the application's saved state",
    "aws_memorydb_snapshot": _SNAPSHOT,
    "aws_neptune_cluster_snapshot": _SNAPSHOT,
    "aws_rds_cluster_snapshot_copy": _SNAPSHOT,
    "aws_redshift_cluster_snapshot": _SNAPSHOT,
    "aws_redshift_snapshot_copy": "the snapshots that would be copied to the other region",
    "aws_redshiftserverless_snapshot": _SNAPSHOT,
    # files, disks and objects
    "aws_ebs_volume": "the volume's contents",
    "aws_efs_file_system": _FILES,
    "aws_fsx_file_cache": "what was written to it and not yet exported",
    "aws_fsx_lustre_file_system": _FILES,
    "aws_fsx_ontap_file_system": _FILES,
    "aws_fsx_ontap_storage_virtual_machine": "the volumes in it",
    "aws_fsx_ontap_volume": _FILES,
    "aws_fsx_openzfs_file_system": _FILES,
    "aws_fsx_openzfs_volume": _FILES,
    "aws_fsx_windows_file_system": _FILES,
    "aws_glacier_vault": "its archives",
    "aws_instance": "its disks: those with delete_on_termination, and any instance store",
    "aws_lightsail_bucket": "its objects",
    "aws_lightsail_disk": "the disk's contents",
    "aws_lightsail_instance": "its disk",
    "aws_media_store_container": "its objects",
    "aws_s3_bucket_object": "the object",
    "aws_s3_directory_bucket": "its objects",
    "aws_s3_object": "the object",
    "aws_s3control_bucket": "its objects",
    "aws_s3tables_namespace": "its tables with their data",
    "aws_s3tables_table": "the table's data",
    "aws_s3tables_table_bucket": "its tables with their data",
    "aws_storagegateway_cached_iscsi_volume": "the volume's contents",
    "aws_storagegateway_gateway": "what was written to it and not yet uploaded",
    "aws_storagegateway_stored_iscsi_volume": "the volume's contents",
    "aws_workspaces_workspace": "the disks of a person's desktop",
    # code, packages and schemas
    "aws_amplify_app": "its backend environments",
    "aws_cloudformation_stack": "everything that the stack made",
    "aws_cloudformation_stack_set_instance": "everything that its stacks made",
    "aws_codeartifact_domain": "its repositories with their packages",
    "aws_codeartifact_repository": "its packages",
    "aws_codecatalyst_source_repository": "the repository with its history",
    "aws_codecommit_repository": "the repository with its history",
    "aws_ecr_repository": "its images",
    "aws_ecrpublic_repository": "its images",
    "aws_glue_registry": "its schemas with all their versions",
    "aws_glue_schema": "the schema with all its versions, which consumers look up by id",
    "aws_schemas_registry": "its schemas with all their versions",
    "aws_schemas_schema": "the schema with all its versions",
    "aws_serverlessapplicationrepository_cloudformation_stack": "everything that the stack made",
    "aws_servicecatalog_provisioned_product": "everything that the product made",
    # messages, events, logs and metrics
    "aws_cloudtrail_event_data_store": "its events",
    "aws_cloudwatch_event_archive": "its events, which can no longer be replayed",
    "aws_kinesis_video_stream": "its recordings",
    "aws_mq_broker": "the messages in it",
    "aws_msk_cluster": "its topics with their records",
    "aws_msk_serverless_cluster": "its topics with their records",
    "aws_prometheus_workspace": "its metrics",
    "aws_sqs_queue": "the messages in it",
    "aws_securitylake_data_lake": "the events that it holds",
    # search, caches and models
    "aws_bedrock_custom_model": "the model",
    "aws_bedrockagent_knowledge_base": "what it has indexed",
    "aws_cloudsearch_domain": "its documents",
    "aws_detective_graph": "what it has collected",
    "aws_elasticache_cluster": _CACHE,
    "aws_elasticache_global_replication_group": _TIE,
    "aws_elasticache_replication_group": _CACHE,
    "aws_elasticache_serverless_cache": _CACHE,
    "aws_elasticsearch_domain": "its indices",
    "aws_kendra_index": "its index",
    "aws_memorydb_cluster": "its data, which it holds in memory and in a log of its own",
    "aws_memorydb_multi_region_cluster": _TIE,
    "aws_opensearch_domain": "its indices",
    "aws_opensearchserverless_collection": "its indices",
    "aws_rekognition_collection": "its faces",
    "aws_sagemaker_domain": "the files of its users",
    "aws_sagemaker_feature_group": "its features",
    "aws_sagemaker_notebook_instance": "the files on its disk",
    "aws_emr_cluster": "what lies in its HDFS",
    # identities, keys and secrets
    "aws_acmpca_certificate_authority": "the authority's key: what it signed cannot be renewed",
    "aws_cloudhsm_v2_cluster": "its keys",
    "aws_cognito_identity_pool": "the ids of its identities",
    "aws_cognito_user": "the user's password and attributes",
    "aws_cognito_user_pool": _IDENTITIES,
    "aws_directory_service_directory": _IDENTITIES,
    "aws_kms_external_key": _KEY,
    "aws_kms_replica_external_key": "the key in that region: what it encrypts there is unreadable",
    "aws_kms_replica_key": "the key in that region: what it encrypts there is unreadable",
    "aws_paymentcryptography_key": _KEY,
    "aws_ssm_parameter": "the parameter's value and its history",
    # what somebody else filled, or nobody can have again
    "aws_cloudfront_key_value_store": "its keys and values",
    "aws_connect_instance": "its contact flows, users and history",
    "aws_customerprofiles_domain": "its profiles",
    "aws_grafana_workspace": "its dashboards and users",
    "aws_location_geofence_collection": "its geofences",
    "aws_m2_environment": "the data of its applications",
    "aws_organizations_account": "the account, with all that is in it, if it is closed",
    "aws_pinpoint_app": "its endpoints and campaigns",
    "aws_pinpointsmsvoicev2_phone_number": "the number, which AWS gives to somebody else",
    "aws_quicksight_analysis": "the analysis",
    "aws_quicksight_data_set": "its imported rows (SPICE)",
    "aws_route53_zone": "its records, and the name servers that the domain's registrar names",
    "aws_route53domains_domain": "the domain, which anybody can register then",
}
"""Type, and what is gone with a resource of it."""

_CONFIGURATION = "is all configuration: Terraform can create the same again"
_ACCESS = "gives or takes access and holds nothing (rules `access-removed`, `rights-attached`)"
_NETWORK = "is a part of the network and holds nothing (rule `network-path-removed`)"

LABELS = (
    "aws_autoscaling_group_tag",
    "aws_dynamodb_tag",
    "aws_ec2_tag",
    "aws_ecs_tag",
    "aws_transfer_tag",
)
"""The types that are a label of something else."""

STATELESS: Mapping[str, str] = {
    **dict.fromkeys(LABELS, "is a label of something else"),
    "aws_chatbot_slack_channel_configuration": _CONFIGURATION,
    "aws_cloudwatch_dashboard": _CONFIGURATION,
    "aws_cloudwatch_log_stream": "Firehose's log: what counts is its log group",
    "aws_cloudwatch_metric_alarm": "is all configuration (rule `alarm-silenced`)",
    "aws_db_parameter_group": "is all configuration (rule `parameter-changed`)",
    "aws_db_subnet_group": _NETWORK,
    "aws_default_security_group": _ACCESS,
    "aws_dms_certificate": "is a copy of certificates that are published",
    "aws_dms_endpoint": "is an address and a login (rule `endpoint-changed`)",
    "aws_dms_s3_endpoint": "is an address and a login (rule `endpoint-changed`)",
    "aws_dms_event_subscription": "is all configuration (rule `alarm-silenced`)",
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
    "aws_athena_named_query": "is a saved query, which the settings write anew",
    "aws_iam_role_policy_attachment": _ACCESS,
    "aws_iam_user_policy": _ACCESS,
    "aws_iam_user_policy_attachment": _ACCESS,
    "aws_iam_group_policy": _ACCESS,
    "aws_iam_group_policy_attachment": _ACCESS,
    "aws_iam_policy_attachment": _ACCESS,
    "aws_internet_gateway": _NETWORK,
    "aws_kinesis_firehose_delivery_stream": (
        "holds a buffer, which it reads again from Kinesis (rule `delivery-stream-replaced`)"
    ),
    "aws_kinesis_resource_policy": _ACCESS,
    "aws_kms_alias": "is a name of a key (rule `encryption-key-changed`)",
    "aws_kms_key_policy": _ACCESS,
    "aws_lambda_event_source_mapping": (
        "holds a position in a stream, no data (rule `event-source-mapping-changed`)"
    ),
    "aws_rds_cluster_instance": (
        "computes; the data is the cluster's (rule `database-instance-changed`)"
    ),
    "aws_rds_cluster_parameter_group": "is all configuration (rule `parameter-changed`)",
    "aws_route": _NETWORK,
    "aws_route_table": _NETWORK,
    "aws_route_table_association": _NETWORK,
    "aws_s3_bucket_lifecycle_configuration": (
        "says what expires (rule `expiry-shortened`); without it more is kept"
    ),
    "aws_ecr_lifecycle_policy": (
        "says which images expire (rule `image-expiry-changed`); without it more are kept"
    ),
    "aws_s3_bucket_notification": (
        "says who is told of objects (rule `event-source-mapping-changed`)"
    ),
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
    "aws_vpc_endpoint_route_table_association": _NETWORK,
    "aws_vpc_endpoint_security_group_association": _NETWORK,
    "aws_vpc_endpoint_subnet_association": _NETWORK,
    "aws_vpc_security_group_egress_rule": _ACCESS,
    "aws_vpc_security_group_ingress_rule": _ACCESS,
}
"""Type, and why nothing is lost with it and no finding is needed but its own rules'."""

DEPENDED_ON: Mapping[str, str] = {
    "aws_athena_database": "describes data that lies in S3; queries name it",
    "aws_autoscaling_group": "runs instances, which go with it; what they hold was never to last",
    "aws_cloudwatch_event_rule": "starts something at a time or an event, which it no longer does",
    "aws_cloudwatch_event_target": "is started by a rule, and is no longer",
    "aws_cognito_user_pool_client": "is how an application signs its users in",
    "aws_dataexchange_revision_assets": "publishes copies of data that lies elsewhere",
    "aws_default_subnet": "is left as it is unless force_destroy is true",
    "aws_default_vpc": "is left as it is unless force_destroy is true",
    "aws_dx_lag": "is a bundle of network connections",
    "aws_ecs_service": "runs tasks, which stop",
    "aws_ecs_task_set": "runs tasks, which stop",
    "aws_eip": "is an address, which AWS gives to somebody else and others may have in their lists",
    "aws_elastic_beanstalk_application_version": "names a bundle that lies in S3",
    "aws_iam_user": "is an identity: everyone who uses its keys or password is locked out",
    "aws_kms_custom_key_store": "connects KMS to keys that are kept elsewhere",
    "aws_lambda_function": "runs code that lies elsewhere; its callers fail",
    "aws_neptune_cluster_instance": "computes; the data is the cluster's",
    "aws_docdb_cluster_instance": "computes; the data is the cluster's",
    "aws_redshift_endpoint_authorization": "lets another account reach the warehouse",
    "aws_redshift_snapshot_schedule": "says when snapshots are taken; those that exist stay",
    "aws_s3_bucket_logging": "says where requests are logged, which they no longer are",
    "aws_s3_object_copy": "is a copy of an object that lies elsewhere",
    "aws_service_discovery_service": "gives names to instances, which are no longer found",
    "aws_transfer_server": "is a way to files that lie in S3 or EFS",
}
"""Type, and what it is: no data of its own is lost with it, but somebody may depend on it."""

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
"""Attributes that guard something worth keeping. Every type of the provider that has one is
weighed above; in a type that nobody weighed they make it count as stateful.
"""


_COPIES_OF: Mapping[str, str] = {"aws_db_instance": "replicate_source_db"}
"""Type, and the attribute that names what a resource of it is a replica of."""


def is_replica(type_: str, values: Mapping[str, Any]) -> bool:
    """Whether a resource holds nothing but a copy of what another one holds and replicates to it.

    Args:
        type_: Its type.
        values: Its attributes.
    """
    return bool(values.get(_COPIES_OF.get(type_, "")))


def what_is_lost(type_: str, values: Mapping[str, Any]) -> str | None:
    """What is gone with a resource; None where nothing is.

    Args:
        type_: Its type.
        values: Its attributes.
    """
    if type_ in STATELESS or type_ in DEPENDED_ON:
        return None
    if is_replica(type_, values):
        return "the replica, with its automated backups; the data stays at its source"
    if type_ in STATEFUL:
        return STATEFUL[type_]
    telltale = sorted(TELLTALE_ATTRIBUTES.intersection(values))
    if telltale:
        return (
            f"whatever it holds (this review does not know the type, but it has `{telltale[0]}`, "
            "as types have that hold data)"
        )
    return None


def is_known(type_: str) -> bool:
    """Whether this review knows if the type holds data."""
    return type_ in STATEFUL or type_ in STATELESS or type_ in DEPENDED_ON
