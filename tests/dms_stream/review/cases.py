"""The changes of the corpus, each a plan of its own."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dms_stream.local_aws import client

Edit = Callable[[Any], None]


@dataclass(frozen=True)
class Case:
    """One change.

    Attributes:
        name: Name of its files.
        stack: The pipeline, or `bootstrap`.
        what: What is changed, in words.
        settings: Changes the pipeline's settings (for the bootstrap: the environment's).
        configuration: Changes the Terraform JSON, as somebody's own Terraform would have it.
        aws: Changes AWS behind Terraform's back: address, region, and whether to take it back.
        flags: Further flags of `terraform plan`.
        fresh: Whether nothing is deployed yet.
    """

    name: str
    stack: str
    what: str
    settings: Edit | None = None
    configuration: Edit | None = None
    aws: Callable[[str, str, bool], None] | None = None
    flags: tuple[str, ...] = ()
    fresh: bool = False


def put(path: str, value: Any) -> Edit:
    """An edit that puts a value at a path of keys and positions."""

    def edit(document: Any) -> None:
        *parents, last = [int(key) if key.isdigit() else key for key in path.split(".")]
        for key in parents:
            missing = isinstance(document, dict) and key not in document
            document = document.setdefault(key, {}) if missing else document[key]
        document[last] = value

    return edit


def drop(path: str) -> Edit:
    """An edit that takes out what is at a path."""

    def edit(document: Any) -> None:
        *parents, last = [int(key) if key.isdigit() else key for key in path.split(".")]
        for key in parents:
            document = document[key]
        del document[last]

    return edit


def both(*edits: Edit) -> Edit:
    """Several edits, one after another."""

    def edit(document: Any) -> None:
        for each in edits:
            each(document)

    return edit


def in_json(path: str, change: Edit, *, indent: int | None = None) -> Edit:
    """An edit inside a document that is kept as text."""

    def edit(document: Any) -> None:
        *parents, last = path.split(".")
        for key in parents:
            document = document[key]
        inner = json.loads(document[last])
        change(inner)
        document[last] = json.dumps(inner, indent=indent)

    return edit


def resource(address: str, change: Edit) -> Edit:
    """An edit of a resource's configuration."""
    type_, name = address.split(".")

    def edit(document: Any) -> None:
        change(document["resource"][type_][name])

    return edit


def without(address: str) -> Edit:
    """An edit that takes out a resource that others only wait for."""
    type_, name = address.split(".")

    def edit(document: Any) -> None:
        del document["resource"][type_][name]
        for resources in document["resource"].values():
            for each in resources.values():
                if address in each.get("depends_on", ()):
                    each["depends_on"].remove(address)

    return edit


def _protect_cluster(url: str, region: str, back: bool) -> None:
    client("rds", url, region=region).modify_db_cluster(
        DBClusterIdentifier="corpus-orders-source", DeletionProtection=not back
    )


def _shorten_retention(url: str, region: str, back: bool) -> None:
    kinesis = client("kinesis", url, region=region)
    change = (
        kinesis.increase_stream_retention_period
        if back
        else kinesis.decrease_stream_retention_period
    )
    change(StreamName="corpus-orders-stream", RetentionPeriodHours=168 if back else 48)


def _rename_rule(document: Any) -> None:
    for number, rule in enumerate(reversed(document["rules"])):
        rule["rule-id"], rule["rule-name"] = str(700 + number), f"renamed-{number}"
    document["rules"].reverse()


def _reverse_policy(document: Any) -> None:
    document["Statement"].reverse()
    for statement in document["Statement"]:
        if isinstance(statement["Action"], list):
            statement["Action"].reverse()


def _drop_tls(document: Any) -> None:
    del document["Statement"][0]


def _deny_writes(document: Any) -> None:
    document["Statement"].append(
        {
            "Effect": "Deny",
            "Action": "s3:PutObject",
            "Principal": "*",
            "Resource": "arn:aws:s3:::*/*",
        }
    )


def _rename_stream(document: Any) -> None:
    streams = document["resource"]["aws_kinesis_stream"]
    text = json.dumps(document).replace(
        "aws_kinesis_stream.tickets_stream", "aws_kinesis_stream.tickets_changes"
    )
    renamed = json.loads(text)
    renamed["resource"]["aws_kinesis_stream"] = {"tickets_changes": streams["tickets_stream"]}
    for stream in renamed["resource"]["aws_kinesis_stream"].values():
        stream.pop("lifecycle", None)
    document.clear()
    document.update(renamed)


def _leave_alone(url: str, region: str, back: bool) -> None:
    """The case is planned with a refresh, and nothing else."""


def _open_database(url: str, region: str, back: bool) -> None:
    ec2 = client("ec2", url, region=region)
    named = [{"Name": "group-name", "Values": ["corpus-events-network-database"]}]
    (group,) = ec2.describe_security_groups(Filters=named)["SecurityGroups"]
    change = ec2.revoke_security_group_ingress if back else ec2.authorize_security_group_ingress
    change(
        GroupId=group["GroupId"],
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 3306,
                "ToPort": 3306,
                "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
            }
        ],
    )


def _move_stream(document: Any) -> None:
    streams = document["resource"]["aws_kinesis_stream"]
    streams["changes"] = streams.pop("tickets_stream")
    old, new = "aws_kinesis_stream.tickets_stream", "aws_kinesis_stream.changes"
    document.update(json.loads(json.dumps(document).replace(old, new)))
    document["moved"] = [{"from": old, "to": new}]


def _shrink_row_image(group: Any) -> None:
    for parameter in group["parameter"]:
        if parameter["name"] == "binlog_row_image":
            parameter["value"] = "MINIMAL"


_ROLE_POLICY = "aws_iam_role_policy.orders_delivery_role_write_orders_landing"
_MAPPINGS = "resource.aws_dms_replication_task.orders_replication_task.table_mappings"
_S3 = "extended_s3_configuration"
_RULES = "replication.table_mappings.rules"

CASES: tuple[Case, ...] = (
    # nothing to worry about
    Case("unchanged", "tickets", "Nothing is changed"),
    Case(
        "tags-added",
        "tickets",
        "A default tag is added",
        configuration=put("provider.aws.0.default_tags.0.tags.cost-centre", "data"),
    ),
    Case(
        "retention-raised",
        "orders",
        "The stream keeps records for 14 days instead of 7",
        settings=put("stream.retention", "P14D"),
    ),
    Case(
        "expiry-lengthened",
        "orders",
        "Objects expire later",
        settings=put("landing_bucket.expiration", "P7300D"),
    ),
    Case(
        "stream-moved",
        "tickets",
        "The stream has another address, with a moved block",
        configuration=_move_stream,
    ),
    Case("fresh", "tickets", "A pipeline is deployed for the first time", fresh=True),
    # data loss
    Case(
        "stream-renamed", "tickets", "The stream is renamed", settings=put("stream.name", "tickets")
    ),
    Case(
        "retention-lowered",
        "orders",
        "The stream keeps records for 1 day instead of 7",
        settings=put("stream.retention", "P1D"),
    ),
    Case(
        "bucket-renamed",
        "tickets",
        "The landing bucket gets a name of its own",
        settings=put("landing_bucket.name", "corpus-tickets-landing-zone"),
    ),
    Case(
        "expiry-shortened",
        "orders",
        "Objects expire after 1 year instead of 10",
        settings=put("landing_bucket.expiration", "P365D"),
    ),
    Case(
        "expiry-added",
        "tickets",
        "Objects expire after 30 days; they never did",
        settings=put("landing_bucket.expiration", "P30D"),
    ),
    Case(
        "old-versions-shortened",
        "tickets",
        "Old versions are kept for 1 day instead of 30",
        settings=put("landing_bucket.noncurrent_expiration", "P1D"),
    ),
    Case(
        "cluster-let-go",
        "orders",
        "The database is somebody else's from now on, so the cluster is destroyed",
        settings=both(
            put(
                "source",
                {
                    "kind": "existing",
                    "host": "orders.cluster-c0example000.eu-west-1.rds.amazonaws.com",
                    "secret_arn": (
                        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:orders/dms-Ab12Cd"
                    ),
                    "security_group_id": "sg-0a1b2c3d4e5f60719",
                    "tls_required": True,
                },
            ),
            # where that database is
            put(
                "network",
                {
                    "kind": "existing",
                    "vpc_id": "vpc-0a1b2c3d4e5f60718",
                    "subnet_ids": ["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"],
                },
            ),
        ),
    ),
    Case(
        "cluster-renamed",
        "tickets",
        "The cluster is renamed",
        settings=put("source.name", "tickets-database"),
    ),
    Case(
        "snapshot-changed",
        "tickets",
        "The cluster is restored from another snapshot, and the change not ignored",
        configuration=resource(
            "aws_rds_cluster.tickets_source",
            both(
                put("snapshot_identifier", "tickets-mysql-of-yesterday"),
                put("lifecycle.ignore_changes", ["final_snapshot_identifier"]),
            ),
        ),
    ),
    Case(
        "backups-shortened",
        "orders",
        "Backups are kept for 1 day instead of 14",
        settings=put("source.backup_retention", "P1D"),
    ),
    Case(
        "protection-taken-away",
        "orders",
        "Somebody protected the cluster by hand, and the plan takes the protection away",
        aws=_protect_cluster,
    ),
    Case(
        "final-snapshot-skipped",
        "orders",
        "The cluster leaves no final snapshot",
        configuration=resource(
            "aws_rds_cluster.orders_source",
            both(put("skip_final_snapshot", True), drop("final_snapshot_identifier")),
        ),
    ),
    Case(
        "force-destroy",
        "tickets",
        "The landing bucket is emptied when it is destroyed",
        settings=put("landing_bucket.force_destroy", True),
    ),
    Case(
        "versioning-suspended",
        "tickets",
        "The landing bucket keeps no old versions",
        configuration=resource(
            "aws_s3_bucket_versioning.tickets_landing_versioning",
            put("versioning_configuration.status", "Suspended"),
        ),
    ),
    Case(
        "key-let-go",
        "orders",
        "The stream goes from a customer key to AWS's, so the key is destroyed",
        settings=put("stream.encryption", {"kind": "aws"}),
    ),
    Case(
        "key-disabled",
        "orders",
        "The landing bucket's key is disabled, and rotated no more",
        configuration=resource(
            "aws_kms_key.orders_landing_key",
            both(put("is_enabled", False), put("enable_key_rotation", False)),
        ),
    ),
    Case(
        "state-bucket-renamed",
        "bootstrap",
        "The bucket of the states gets another name",
        settings=put("state.bucket_name", "dms-stream-corpus-states"),
    ),
    Case(
        "refused-by-terraform",
        "tickets",
        "The stream is protected and renamed: Terraform stops planning",
        settings=both(put("stream.name", "tickets"), put("stream.deletion_protection", True)),
    ),
    Case(
        "bucket-forgotten",
        "tickets",
        "Terraform lets go of the bucket's lifecycle rules without destroying them",
        configuration=both(
            drop("resource.aws_s3_bucket_lifecycle_configuration"),
            put(
                "removed",
                [
                    {
                        "from": "aws_s3_bucket_lifecycle_configuration.tickets_landing_lifecycle",
                        "lifecycle": {"destroy": False},
                    }
                ],
            ),
        ),
    ),
    Case(
        "secret-window-closed",
        "orders",
        "A deleted secret cannot be restored",
        configuration=resource(
            "aws_secretsmanager_secret.orders_source_secret", put("recovery_window_in_days", 0)
        ),
    ),
    Case(
        "log-retention-shortened",
        "tickets",
        "Firehose's log is kept for 3 days instead of 30",
        settings=put("delivery_stream.log_retention", "P3D"),
    ),
    Case("everything-destroyed", "events", "The whole stack is destroyed", flags=("-destroy",)),
    # interruption: the task
    Case(
        "table-added",
        "tickets",
        "One more table is captured",
        settings=put(
            "replication.table_mappings.tables",
            ["dms_sample.ticket_purchase_hist", "dms_sample.person"],
        ),
    ),
    Case(
        "table-dropped",
        "events",
        "One table fewer is captured, by a serverless replication",
        settings=put("replication.table_mappings.tables", ["events.page_view"]),
    ),
    Case(
        "table-excluded",
        "orders",
        "One more table is excluded",
        settings=lambda pipeline: pipeline["replication"]["table_mappings"]["rules"].append(
            {
                "rule-type": "selection",
                "rule-id": "9",
                "rule-name": "no-audit",
                "rule-action": "exclude",
                "object-locator": {"schema-name": "orders", "table-name": "audit"},
            }
        ),
    ),
    Case(
        "column-uncovered",
        "orders",
        "The rule that leaves out the card number is gone",
        settings=drop(f"{_RULES}.2"),
    ),
    Case(
        "column-left-out",
        "orders",
        "One more column is left out",
        settings=lambda pipeline: pipeline["replication"]["table_mappings"]["rules"].append(
            {
                "rule-type": "transformation",
                "rule-id": "9",
                "rule-name": "no-notes",
                "rule-target": "column",
                "rule-action": "remove-column",
                "object-locator": {
                    "schema-name": "orders",
                    "table-name": "customers",
                    "column-name": "notes",
                },
            }
        ),
    ),
    Case(
        "rows-filtered",
        "orders",
        "Only some rows are captured",
        settings=both(
            put(f"{_RULES}.0.object-locator.table-name", "payments"),
            put(
                f"{_RULES}.0.filters",
                [
                    {
                        "filter-type": "source",
                        "column-name": "amount",
                        "filter-conditions": [{"filter-operator": "gte", "value": "100"}],
                    }
                ],
            ),
        ),
    ),
    Case(
        "table-renamed-in-messages",
        "orders",
        "A transformation renames a table",
        settings=lambda pipeline: pipeline["replication"]["table_mappings"]["rules"].append(
            {
                "rule-type": "transformation",
                "rule-id": "9",
                "rule-name": "rename",
                "rule-target": "table",
                "rule-action": "rename",
                "value": "receipts",
                "object-locator": {"schema-name": "orders", "table-name": "payments"},
            }
        ),
    ),
    Case(
        "partition-key-changed",
        "orders",
        "Messages are spread by table instead of by row",
        settings=put(f"{_RULES}.3.mapping-parameters.partition-key-type", "schema-table"),
    ),
    Case(
        "mappings-respelled",
        "orders",
        "Rules have other ids, names and order, and mean the same",
        configuration=in_json(_MAPPINGS, _rename_rule, indent=2),
    ),
    Case(
        "settings-changed",
        "orders",
        "More threads apply changes, and records with errors are left out",
        settings=both(
            put("replication.task_settings.target_metadata.parallel_apply_threads", 16),
            put("replication.task_settings.error_behavior", {"data_error_policy": "IGNORE_RECORD"}),
        ),
    ),
    Case(
        "before-image-off",
        "orders",
        "Messages no longer carry the values before",
        configuration=in_json(
            "resource.aws_dms_replication_task.orders_replication_task.replication_task_settings",
            put("BeforeImageSettings.EnableBeforeImage", False),
        ),
    ),
    Case(
        "migration-type-changed",
        "orders",
        "The task loads everything, and then captures changes",
        settings=put("replication.migration_type", "full-load-and-cdc"),
    ),
    Case(
        "task-left-stopped",
        "orders",
        "The mappings change, and nobody starts the task again",
        settings=both(drop(f"{_RULES}.1"), put("replication.start_replication_task", False)),
    ),
    Case(
        "task-renamed",
        "orders",
        "The task that only captures changes is renamed",
        configuration=resource(
            "aws_dms_replication_task.orders_replication_task",
            put("replication_task_id", "orders-changes"),
        ),
    ),
    Case(
        "loading-task-renamed",
        "tickets",
        "The task that loads and captures is renamed",
        configuration=resource(
            "aws_dms_replication_task.tickets_replication_task",
            put("replication_task_id", "tickets-changes"),
        ),
    ),
    Case(
        "serverless-renamed",
        "events",
        "The serverless replication is renamed",
        configuration=resource(
            "aws_dms_replication_config.events_replication_serverless",
            put("replication_config_identifier", "events-changes"),
        ),
    ),
    Case(
        "serverless-grown",
        "events",
        "The serverless replication may grow",
        settings=put("replication.compute.max_capacity_units", 16),
    ),
    Case(
        "instance-resized",
        "orders",
        "The replication instance gets another class",
        settings=put("replication.compute.instance_class", "dms.r6i.xlarge"),
    ),
    Case(
        "instance-moved",
        "tickets",
        "The replication instance moves to another zone, which replaces it",
        settings=put(
            "replication.compute", {"kind": "instance", "availability_zone": "eu-west-1b"}
        ),
    ),
    Case(
        "instance-upgraded",
        "orders",
        "DMS gets another version",
        settings=put("replication.compute.engine_version", "3.6.1"),
    ),
    # interruption: endpoints and source
    Case(
        "endpoint-tuned",
        "tickets",
        "The source endpoint polls more often",
        settings=put("replication.source_endpoint.events_poll_interval", "PT1S"),
    ),
    Case(
        "endpoint-not-paused",
        "tickets",
        "The source endpoint changes under the running task",
        settings=both(
            put("replication.source_endpoint.events_poll_interval", "PT1S"),
            put("replication.source_endpoint.pause_replication_tasks", False),
        ),
    ),
    Case(
        "message-format-changed",
        "tickets",
        "Messages carry transaction details and null values",
        settings=both(
            put("replication.target_endpoint.include_transaction_details", True),
            put("replication.target_endpoint.include_null_and_empty", True),
        ),
    ),
    Case(
        "target-stream-changed",
        "events",
        "DMS writes to another stream",
        configuration=resource(
            "aws_dms_endpoint.events_replication_target_endpoint",
            put(
                "kinesis_settings.stream_arn",
                "arn:aws:kinesis:eu-west-1:123456789012:stream/somebody-elses",
            ),
        ),
    ),
    Case(
        "engine-upgraded",
        "orders",
        "Aurora gets another version, at once",
        settings=both(
            put("source.engine_version", "8.0.mysql_aurora.3.11.0"),
            put("source.apply_immediately", True),
        ),
    ),
    Case(
        "database-resized",
        "orders",
        "The cluster's instances get another class",
        settings=put("source.capacity.instance_class", "db.r7g.xlarge"),
    ),
    Case(
        "reader-removed",
        "orders",
        "The cluster loses its reader",
        settings=put("source.readers", 0),
    ),
    Case(
        "parameter-added",
        "orders",
        "A parameter that waits for a restart",
        settings=put("source.parameters", {"max_connections": "500"}),
    ),
    Case(
        "binlog-row-image-changed",
        "orders",
        "The binary log no longer holds whole rows",
        configuration=resource(
            "aws_rds_cluster_parameter_group.orders_source_parameters",
            _shrink_row_image,
        ),
    ),
    Case(
        "password-renewed",
        "tickets",
        "The master user gets a new password",
        settings=put("source.password_version", 2),
    ),
    Case(
        "endpoints-removed",
        "tickets",
        "The VPC has no endpoint for Kinesis any more",
        configuration=without("aws_vpc_endpoint.tickets_network_kinesis_streams"),
    ),
    # interruption: stream and delivery
    Case(
        "shards-lowered",
        "orders",
        "The stream has 2 shards instead of 4",
        settings=put("stream.capacity.shard_count", 2),
    ),
    Case(
        "capacity-on-demand",
        "orders",
        "The stream goes on demand",
        settings=put("stream.capacity", {"kind": "on-demand"}),
    ),
    Case(
        "delivery-renamed",
        "tickets",
        "The delivery stream is renamed",
        settings=put("delivery_stream.name", "tickets-to-s3"),
    ),
    Case(
        "partitioning-added",
        "tickets",
        "Objects are partitioned by table",
        settings=put("delivery_stream.partitioning", {"kind": "by-table"}),
    ),
    Case(
        "prefix-changed",
        "tickets",
        "Objects lie below another prefix, and the table follows",
        settings=put("delivery_stream.prefix", "purchases/"),
    ),
    Case(
        "compression-changed",
        "orders",
        "Objects are compressed otherwise, and nobody follows",
        configuration=resource(
            "aws_kinesis_firehose_delivery_stream.orders_delivery",
            put(f"{_S3}.compression_format", "Snappy"),
        ),
    ),
    Case(
        "parquet",
        "tickets",
        "Objects are Parquet instead of JSON",
        settings=both(
            put("delivery_stream.format", {"kind": "parquet"}),
            put("data_catalog.data_columns", {"id": "bigint"}),
        ),
    ),
    Case(
        "alarms-removed",
        "orders",
        "Nobody is told any more",
        settings=put("monitoring", {"alarms": False}),
    ),
    # exposure
    Case(
        "policy-widened",
        "orders",
        "Firehose may do everything in every bucket",
        configuration=resource(
            _ROLE_POLICY,
            put(
                "policy",
                json.dumps(
                    {
                        "Version": "2012-10-17",
                        "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
                    }
                ),
            ),
        ),
    ),
    Case(
        "policy-respelled",
        "tickets",
        "The bucket's policy is in another order, in which the provider sees no difference",
        configuration=in_json(
            "resource.aws_s3_bucket_policy.tickets_landing_policy.policy", _reverse_policy
        ),
    ),
    Case(
        "tls-no-longer-required",
        "tickets",
        "The bucket takes requests without TLS",
        configuration=in_json(
            "resource.aws_s3_bucket_policy.tickets_landing_policy.policy", _drop_tls
        ),
    ),
    Case(
        "rights-attached",
        "tickets",
        "Firehose's role gets every right by an attachment",
        configuration=put(
            "resource.aws_iam_role_policy_attachment.everything",
            {
                "role": "${aws_iam_role.tickets_delivery_role.name}",
                "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess",
            },
        ),
    ),
    Case(
        "denial-added",
        "tickets",
        "The bucket's policy denies writes to everybody",
        configuration=in_json(
            "resource.aws_s3_bucket_policy.tickets_landing_policy.policy", _deny_writes
        ),
    ),
    Case(
        "stream-policy-added",
        "tickets",
        "Another account may read the stream",
        configuration=put(
            "resource.aws_kinesis_resource_policy.readers",
            {
                "resource_arn": "${aws_kinesis_stream.tickets_stream.arn}",
                "policy": json.dumps(
                    {
                        "Version": "2012-10-17",
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Action": ["kinesis:GetRecords", "kinesis:GetShardIterator"],
                                "Principal": {"AWS": "arn:aws:iam::210987654321:root"},
                                "Resource": "*",
                            }
                        ],
                    }
                ),
            },
        ),
    ),
    Case(
        "records-transformed",
        "tickets",
        "A function transforms the records",
        configuration=resource(
            "aws_kinesis_firehose_delivery_stream.tickets_delivery",
            put(
                f"{_S3}.processing_configuration",
                {
                    "enabled": True,
                    "processors": [
                        {
                            "type": "Lambda",
                            "parameters": [
                                {
                                    "parameter_name": "LambdaArn",
                                    "parameter_value": "arn:aws:lambda:eu-west-1:123456789012:"
                                    "function:clean:1",
                                }
                            ],
                        }
                    ],
                },
            ),
        ),
    ),
    Case(
        "stream-readdressed",
        "tickets",
        "The stream has another address in the configuration, without a `moved` block",
        configuration=_rename_stream,
    ),
    Case(
        "function-added",
        "tickets",
        "A function reads the stream from its end",
        configuration=put(
            "resource.aws_lambda_event_source_mapping.reader",
            {
                "event_source_arn": "${aws_kinesis_stream.tickets_stream.arn}",
                "function_name": "reader",
                "starting_position": "LATEST",
            },
        ),
    ),
    Case(
        "endpoint-without-tls",
        "orders",
        "DMS connects to the source without TLS, which no longer requires it",
        settings=both(
            put("replication.source_endpoint.tls", {"kind": "none"}),
            put("source.tls_required", False),
        ),
    ),
    Case(
        "trust-opened",
        "tickets",
        "Firehose may assume its role for any account",
        configuration=in_json(
            "resource.aws_iam_role.tickets_delivery_role.assume_role_policy",
            drop("Statement.0.Condition"),
        ),
    ),
    Case(
        "database-opened",
        "tickets",
        "The database's security group lets everybody in",
        configuration=put(
            "resource.aws_vpc_security_group_ingress_rule.everybody",
            {
                "security_group_id": "sg-0a1b2c3d4e5f60719",
                "cidr_ipv4": "0.0.0.0/0",
                "ip_protocol": "tcp",
                "from_port": 3306,
                "to_port": 3306,
            },
        ),
    ),
    Case(
        "public-access-allowed",
        "tickets",
        "The bucket no longer blocks public policies",
        configuration=resource(
            "aws_s3_bucket_public_access_block.tickets_landing_public_access_block",
            both(put("block_public_policy", False), put("restrict_public_buckets", False)),
        ),
    ),
    Case(
        "instance-made-public",
        "tickets",
        "The replication instance gets a public address",
        configuration=resource(
            "aws_dms_replication_instance.tickets_replication_instance",
            put("publicly_accessible", True),
        ),
    ),
    Case(
        "stream-not-encrypted",
        "tickets",
        "The stream is no longer encrypted",
        configuration=resource(
            "aws_kinesis_stream.tickets_stream",
            both(put("encryption_type", "NONE"), drop("kms_key_id")),
        ),
    ),
    Case(
        "bucket-key-taken-away",
        "orders",
        "New objects are encrypted with S3's own keys",
        settings=put("landing_bucket.encryption", {"kind": "aws"}),
    ),
    Case(
        "password-in-state",
        "orders",
        "The master password stands in the configuration",
        configuration=resource(
            "aws_rds_cluster.orders_source",
            both(
                drop("master_password_wo"),
                drop("master_password_wo_version"),
                put("master_password", "canary-never-to-be-shown"),
            ),
        ),
    ),
    Case(
        "endpoint-with-password",
        "orders",
        "DMS logs in with a password of the configuration, in an output as well",
        configuration=both(
            resource(
                "aws_dms_endpoint.orders_replication_source_endpoint",
                both(
                    drop("secrets_manager_arn"),
                    drop("secrets_manager_access_role_arn"),
                    put("server_name", "orders.example.com"),
                    put("port", 3306),
                    put("username", "dms"),
                    put("password", "canary-never-to-be-shown"),
                ),
            ),
            put("output.source_password", {"value": "canary-never-to-be-shown"}),
        ),
    ),
    # what the plan cannot know
    Case(
        "retention-unknown",
        "orders",
        "The stream's retention is known only after the apply",
        configuration=both(
            put("resource.terraform_data.hours", {"input": "${timestamp()}"}),
            resource(
                "aws_kinesis_stream.orders_stream",
                put("retention_period", "${length(terraform_data.hours.output)}"),
            ),
        ),
    ),
    Case(
        "mappings-unknown",
        "orders",
        "The table mappings are known only after the apply",
        configuration=both(
            put("resource.terraform_data.table", {"input": "${timestamp()}"}),
            in_json(_MAPPINGS, put("rules.0.rule-name", "${terraform_data.table.output}")),
        ),
    ),
    Case(
        "policy-unknown",
        "orders",
        "What a policy allows is known only after the apply",
        configuration=both(
            put("resource.terraform_data.bucket", {"input": "${timestamp()}"}),
            resource(
                _ROLE_POLICY,
                put(
                    "policy",
                    json.dumps(
                        {
                            "Version": "2012-10-17",
                            "Statement": [
                                {
                                    "Effect": "Allow",
                                    "Action": "s3:PutObject",
                                    "Resource": "${terraform_data.bucket.output}",
                                }
                            ],
                        }
                    ),
                ),
            ),
        ),
    ),
    Case(
        "targeted",
        "orders",
        "Only the stream is planned, while more is changed",
        settings=both(put("stream.retention", "P14D"), put("landing_bucket.expiration", "P365D")),
        flags=("-target=aws_kinesis_stream.orders_stream",),
    ),
    # changed outside
    Case(
        "just-deployed",
        "events",
        "Nothing is changed, right after the first deployment: what the provider reads back",
        aws=_leave_alone,
    ),
    Case(
        "database-opened-outside",
        "events",
        "Somebody let the whole internet into the database's group by hand",
        aws=_open_database,
    ),
    Case(
        "retention-changed-outside",
        "orders",
        "Somebody lowered the stream's retention by hand; the plan raises it again",
        aws=_shorten_retention,
    ),
)
"""All changes."""
