"""Examples of the rules about interruptions and gaps."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import Example, example
from tests.support.small_plans import change, update

TASK, CONFIG = "aws_dms_replication_task", "aws_dms_replication_config"
ENDPOINT, INSTANCE = "aws_dms_endpoint", "aws_dms_replication_instance"
FIREHOSE, STREAM = "aws_kinesis_firehose_delivery_stream", "aws_kinesis_stream"
CLUSTER, GROUP = "aws_rds_cluster", "aws_rds_cluster_parameter_group"
S3 = "extended_s3_configuration.0"


def _task(**attributes: object) -> dict[str, object]:
    return {"replication_task_id": "t", "start_replication_task": True, **attributes}


def _parameter(name: str, value: str, method: str = "immediate") -> dict[str, str]:
    return {"name": name, "value": value, "apply_method": method}


EXAMPLES: dict[str, tuple[Example, ...]] = {
    "task-replaced": (
        example(
            "one that only captures",
            change(
                TASK,
                _task(migration_type="cdc"),
                _task(migration_type="cdc", replication_task_id="u"),
                replace=("replication_task_id",),
            ),
            finds="the task t is destroyed and made anew, because of replication_task_id: t → u. "
            "The new one loads nothing and captures from the moment it is started: changes before "
            "that are missing.",
            severity=Severity.INTERRUPTION,
        ),
        example(
            "one that captures from a position",
            change(
                TASK,
                _task(migration_type="cdc"),
                _task(migration_type="cdc", cdc_start_position="mysql-bin.000024:373"),
                replace=("replication_instance_arn",),
            ),
            finds="the task t is destroyed and made anew, because of replication_instance_arn: "
            "nothing → nothing. The new one loads nothing and captures from mysql-bin.000024:373 "
            "on.",
        ),
        example(
            "one that loads, and is not started",
            change(
                TASK,
                _task(migration_type="full-load"),
                {"migration_type": "full-load", "replication_task_id": "u"},
                replace=("replication_task_id",),
            ),
            finds="the task t is destroyed and made anew, because of replication_task_id: t → u. "
            "The new one loads every table again: consumers get all rows once more. It is not "
            "started (start_replication_task is not true): nothing is captured until somebody "
            "does.",
        ),
        example("changed in place", update(TASK, "migration_type", "cdc", "full-load")),
    ),
    "task-destroyed": (
        example("a task", change(TASK, {"id": "t"}), finds="t is destroyed: capture ends"),
        example("an endpoint", change(ENDPOINT, {"id": "e"})),
    ),
    "serverless-replaced": (
        example(
            "renamed",
            change(
                CONFIG,
                {"replication_config_identifier": "a", "replication_type": "full-load-and-cdc"},
                {
                    "replication_config_identifier": "b",
                    "replication_type": "full-load-and-cdc",
                    "start_replication": True,
                },
                replace=("replication_config_identifier",),
            ),
            finds="the replication a is destroyed and made anew, because of "
            "replication_config_identifier: a → b. The new one loads every table again (consumers "
            "get all rows once more), then captures changes from the start of that load on; what "
            "was updated or deleted in between shows only in the rows' final state, or not at all.",
        ),
        example("more capacity", update(CONFIG, "compute_config.0.max_capacity_units", 8, 16)),
    ),
    "task-stopped": (
        example(
            "started again",
            change(TASK, _task(table_mappings="{}", id="t"), _task(table_mappings="[]", id="t")),
            finds="t is stopped, changed (table_mappings) and started again "
            "(start_replication_task is true)",
            severity=Severity.INTERRUPTION,
        ),
        example(
            "left stopped",
            change(
                TASK,
                {"id": "t", "table_mappings": "{}", "start_replication_task": False},
                {"id": "t", "table_mappings": "[]", "start_replication_task": False},
            ),
            finds="t is stopped and changed (table_mappings), and nobody starts it again "
            "(start_replication_task is not true)",
        ),
        example(
            "it does not run",
            change(
                TASK,
                _task(table_mappings="{}", id="t", status="stopped"),
                _task(table_mappings="[]", id="t", status="stopped"),
            ),
            finds="t is stopped and is changed: table_mappings",
            severity=Severity.NOTICE,
        ),
        example(
            "told to stop",
            update(TASK, "start_replication_task", True, False),
            finds="aws_dms_replication_task.it will be stopped "
            "(start_replication_task: true → false)",
            severity=Severity.INTERRUPTION,
        ),
        example("tags", update(TASK, "tags", {}, {"a": "b"})),
    ),
    "migration-type-changed": (
        example(
            "to changes only",
            update(TASK, "migration_type", "full-load-and-cdc", "cdc"),
            finds="migration_type: full-load-and-cdc → cdc. Nothing is loaded any more, only "
            "changes are captured.",
        ),
        example(
            "to a type that is not known",
            update(TASK, "migration_type", "cdc", "replay"),
            finds="migration_type: cdc → replay. What such a task does, this review does not know.",
        ),
        example("the same", update(TASK, "migration_type", "cdc", "cdc")),
    ),
    "endpoint-changed": (
        example(
            "with tasks paused",
            change(
                ENDPOINT,
                {"endpoint_id": "e", "endpoint_type": "source", "port": 1, "endpoint_arn": "arn"},
                {
                    "endpoint_id": "e",
                    "endpoint_type": "source",
                    "port": 2,
                    "endpoint_arn": "arn",
                    "pause_replication_tasks": True,
                },
            ),
            update(TASK, "source_endpoint_arn", "arn", "arn", name="mine"),
            finds="the source endpoint e is changed: port; running tasks are stopped and started "
            "again (pause_replication_tasks) (used by aws_dms_replication_task.mine)",
        ),
        example(
            "under running tasks",
            update(ENDPOINT, "port", 1, 2),
            finds="the DMS endpoint aws_dms_endpoint.it is changed: port; the apply fails while a "
            "task runs (pause_replication_tasks is not true) (no task of this plan uses it)",
        ),
        example(
            "destroyed",
            change(ENDPOINT, {"endpoint_id": "e", "endpoint_type": "target"}),
            finds="the target endpoint e is destroyed (no task of this plan uses it)",
        ),
        example("tags", update(ENDPOINT, "tags", {}, {"a": "b"})),
    ),
    "replication-instance-changed": (
        example(
            "another class, at once",
            change(
                INSTANCE,
                {"replication_instance_id": "i", "replication_instance_class": "dms.r6i.large"},
                {
                    "replication_instance_id": "i",
                    "replication_instance_class": "dms.r6i.xlarge",
                    "apply_immediately": True,
                },
            ),
            finds="the instance i: replication_instance_class: dms.r6i.large → dms.r6i.xlarge; "
            "applied at once",
            severity=Severity.INTERRUPTION,
        ),
        example(
            "another window",
            update(INSTANCE, "preferred_maintenance_window", "sun:04:00-sun:05:00", "mon:…"),
            finds="the instance aws_dms_replication_instance.it: preferred_maintenance_window: "
            "sun:04:00-sun:05:00 → mon:…; applied in the maintenance window",
            severity=Severity.NOTICE,
        ),
        example(
            "another zone",
            change(
                INSTANCE,
                {"replication_instance_id": "i", "availability_zone": "eu-west-1a"},
                {"replication_instance_id": "i", "availability_zone": "eu-west-1b"},
                replace=("availability_zone",),
            ),
            finds="the instance i is destroyed and made anew, because of availability_zone: "
            "eu-west-1a → eu-west-1b",
        ),
        example("tags", update(INSTANCE, "tags", {}, {"a": "b"})),
    ),
    "engine-upgraded": (
        example(
            "minor",
            update(CLUSTER, "engine_version", "8.0.mysql_aurora.3.08.0", "8.0.mysql_aurora.3.10.4"),
            finds="aws_rds_cluster.it: engine_version: 8.0.mysql_aurora.3.08.0 → "
            "8.0.mysql_aurora.3.10.4, applied in the maintenance window",
        ),
        example(
            "major",
            update(INSTANCE, "engine_version", "3.5.4", "4.0.0"),
            finds="aws_dms_replication_instance.it: engine_version: 3.5.4 → 4.0.0, applied in the "
            "maintenance window; this is a major upgrade",
        ),
        example(
            "back",
            update(INSTANCE, "engine_version", "3.6.1", "3.5.4"),
            finds="aws_dms_replication_instance.it: engine_version: 3.6.1 → 3.5.4, applied in the "
            "maintenance window; this is a step back, which AWS refuses",
        ),
        example("no longer given", update(INSTANCE, "engine_version", "3.5.4", None)),
    ),
    "database-instance-changed": (
        example(
            "the writer",
            change(
                "aws_rds_cluster_instance",
                {"identifier": "w", "writer": True, "instance_class": "db.r7g.large"},
                {"identifier": "w", "writer": True, "instance_class": "db.r7g.xlarge"},
            ),
            finds="w, a writer: instance_class: db.r7g.large → db.r7g.xlarge, in the maintenance "
            "window",
        ),
        example("tags", update("aws_rds_cluster_instance", "tags", {}, {"a": "b"})),
    ),
    "cluster-restarts": (
        example(
            "another port",
            update(CLUSTER, "port", 3306, 3307),
            finds="aws_rds_cluster.it: port: 3306 → 3307",
            severity=Severity.INTERRUPTION,
        ),
        example(
            "within other bounds",
            update(CLUSTER, "serverlessv2_scaling_configuration.0.max_capacity", 4, 8),
            finds="aws_rds_cluster.it: serverlessv2_scaling_configuration.0.max_capacity: 4 → 8",
            severity=Severity.NOTICE,
        ),
        example("tags", update(CLUSTER, "tags", {}, {"a": "b"})),
    ),
    "parameter-changed": (
        example(
            "the binary log without whole rows",
            update(
                GROUP,
                "parameter",
                [_parameter("binlog_format", "ROW", "pending-reboot")],
                [_parameter("binlog_format", "STATEMENT", "pending-reboot")],
            ),
            finds="aws_rds_cluster_parameter_group.it: binlog_format: ROW → STATEMENT once the "
            "instances are restarted. DMS needs row to capture changes.",
            severity=Severity.INTERRUPTION,
        ),
        example(
            "one that waits",
            update(GROUP, "parameter", [], [_parameter("max_connections", "9", "pending-reboot")]),
            finds="aws_rds_cluster_parameter_group.it: max_connections: the engine's default → 9 "
            "once the instances are restarted",
            severity=Severity.INTERRUPTION,
        ),
        example(
            "one that does not",
            update(GROUP, "parameter", [_parameter("long_query_time", "1")], []),
            finds="aws_rds_cluster_parameter_group.it: long_query_time: 1 → the engine's default",
            severity=Severity.NOTICE,
        ),
        example(
            "in another order",
            update(
                GROUP,
                "parameter",
                [_parameter("a", "1"), _parameter("b", "2")],
                [_parameter("b", "2"), _parameter("a", "1")],
            ),
        ),
    ),
    "delivery-stream-replaced": (
        example(
            "another name",
            change(FIREHOSE, {"name": "a"}, {"name": "b"}, replace=("name",)),
            finds="the delivery stream a is destroyed and made anew, because of name: a → b",
        ),
        example(
            "destroyed",
            change(FIREHOSE, {"name": "a"}),
            finds="the delivery stream a is destroyed: nothing is delivered any more",
        ),
        example(
            "another source",
            update(FIREHOSE, "kinesis_source_configuration.0.kinesis_stream_arn", "arn:a", "arn:b"),
            finds="the delivery stream aws_kinesis_firehose_delivery_stream.it reads from another "
            "stream: kinesis_source_configuration.0.kinesis_stream_arn: arn:a → arn:b",
        ),
        example("another buffer", update(FIREHOSE, f"{S3}.buffering_size", 5, 64)),
    ),
    "dynamic-partitioning-changed": (
        example(
            "on",
            update(FIREHOSE, f"{S3}.dynamic_partitioning_configuration", [], [{"enabled": True}]),
            finds="aws_kinesis_firehose_delivery_stream.it: dynamic partitioning is turned on",
        ),
        example(
            "another retry",
            update(
                FIREHOSE,
                f"{S3}.dynamic_partitioning_configuration",
                [{"enabled": True, "retry_duration": 1}],
                [{"enabled": True, "retry_duration": 2}],
            ),
        ),
    ),
    "object-layout-changed": (
        example(
            "another prefix, and the table follows",
            update(FIREHOSE, f"{S3}.prefix", "changes/", "orders/"),
            update("aws_glue_catalog_table", "parameters", {}, {"a": "b"}, name="table"),
            finds="aws_kinesis_firehose_delivery_stream.it: prefix: changes/ → orders/. The table "
            "aws_glue_catalog_table.table follows; what landed before it may no longer find.",
            severity=Severity.INTERRUPTION,
        ),
        example(
            "no delimiter any more",
            update(
                FIREHOSE,
                f"{S3}.processing_configuration.0.processors.0.parameters",
                [{"parameter_name": "Delimiter", "parameter_value": "\\n"}],
                [],
            ),
            finds="aws_kinesis_firehose_delivery_stream.it: the delimiter between records is taken "
            "away. No Glue table of this plan follows.",
        ),
        example(
            "failed records elsewhere",
            update(FIREHOSE, f"{S3}.error_output_prefix", "errors/", "failed/"),
            finds="aws_kinesis_firehose_delivery_stream.it: error_output_prefix: errors/ → failed/",
            severity=Severity.NOTICE,
        ),
        example("another buffer", update(FIREHOSE, f"{S3}.buffering_size", 5, 64)),
    ),
    "catalog-table-changed": (
        example(
            "a column goes, another comes",
            update(
                "aws_glue_catalog_table",
                "storage_descriptor.0.columns",
                [{"name": "a", "type": "int"}, {"name": "b", "type": "int"}],
                [{"name": "a", "type": "string"}, {"name": "c", "type": "int"}],
            ),
            finds=(
                "aws_glue_catalog_table.it: columns gone: b; columns of another type: "
                "a (int → string)",
                "aws_glue_catalog_table.it: columns added: c",
            ),
        ),
        example("a parameter", update("aws_glue_catalog_table", "parameters", {}, {"a": "b"})),
    ),
    "shards-lowered": (
        example(
            "fewer",
            update(STREAM, "shard_count", 4, 2),
            finds="aws_kinesis_stream.it has 2 shards instead of 4",
            severity=Severity.INTERRUPTION,
        ),
        example(
            "on demand",
            change(
                STREAM,
                {"shard_count": 4, "stream_mode_details": [{"stream_mode": "PROVISIONED"}]},
                {"shard_count": 0, "stream_mode_details": [{"stream_mode": "ON_DEMAND"}]},
            ),
            finds="aws_kinesis_stream.it: stream_mode: PROVISIONED → ON_DEMAND",
            severity=Severity.NOTICE,
        ),
        example("more", update(STREAM, "shard_count", 2, 4)),
    ),
    "message-format-changed": (
        example(
            "several lines",
            update(ENDPOINT, "kinesis_settings.0.message_format", "json-unformatted", "json"),
            finds="aws_dms_endpoint.it: message_format: json-unformatted → json",
        ),
        example(
            "a default that is written out",
            update(ENDPOINT, "kinesis_settings.0.include_control_details", None, False),
        ),
    ),
    "target-changed": (
        example(
            "another stream",
            update(ENDPOINT, "kinesis_settings.0.stream_arn", "arn:a", "arn:b"),
            finds="aws_dms_endpoint.it: kinesis_settings.0.stream_arn: arn:a → arn:b",
        ),
        example("another certificate", update(ENDPOINT, "certificate_arn", "arn:a", "arn:b")),
    ),
    "credentials-changed": (
        example(
            "a new password",
            update(CLUSTER, "master_password_wo_version", 1, 2),
            finds="aws_rds_cluster.it gets a new password",
        ),
        example(
            "the secret's value goes",
            change("aws_secretsmanager_secret_version", {"id": "s"}),
            finds="the value of the secret is destroyed: nobody can log in with it",
        ),
        example("another port", update(CLUSTER, "port", 3306, 3307)),
    ),
    "network-path-removed": (
        example(
            "the endpoint for Kinesis",
            change("aws_vpc_endpoint", {"service_name": "com.amazonaws.eu-west-1.kinesis-streams"}),
            finds="com.amazonaws.eu-west-1.kinesis-streams is destroyed: DMS 3.4.7 and later reach "
            "Kinesis, Secrets Manager and S3 only through such endpoints",
        ),
        example("a route that is made", change("aws_route", None, {"id": "r"})),
    ),
    "access-removed": (
        example(
            "an action goes",
            update(
                "aws_iam_role_policy",
                "policy",
                '{"Statement": {"Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject"], '
                '"Resource": "arn:b"}}',
                '{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:b"}}',
            ),
            finds="policy of aws_iam_role_policy.it no longer allows s3:PutObject on arn:b",
        ),
        example(
            "a managed policy is detached",
            change("aws_iam_role_policy_attachment", {"role": "r", "policy_arn": "arn:p"}),
            finds="arn:p is detached from r",
        ),
        example("a role that is made", change("aws_iam_role", None, {"name": "r"})),
    ),
    "alarm-silenced": (
        example(
            "switched off, with fewer to tell",
            change(
                "aws_cloudwatch_metric_alarm",
                {"alarm_name": "a", "actions_enabled": True, "alarm_actions": ["arn:t"]},
                {"alarm_name": "a", "actions_enabled": False, "alarm_actions": []},
            ),
            finds=("a tells 1 fewer than before", "a tells nobody any more (actions_enabled)"),
            severity=Severity.NOTICE,
        ),
        example("made", change("aws_cloudwatch_metric_alarm", None, {"alarm_name": "a"})),
    ),
}
