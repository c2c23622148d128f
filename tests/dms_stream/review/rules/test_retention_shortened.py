"""Examples of the rule `retention-shortened`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import entries_of, example, examples_of
from tests.support.small_plans import update

EXAMPLES = (
    example(
        "a queue",
        update("aws_sqs_queue", "message_retention_seconds", 1209600, 60),
        finds="aws_sqs_queue.it: message_retention_seconds is 60 seconds instead of 1209600 "
        "seconds",
        severity=Severity.DATA_LOSS,
    ),
    example(
        "in a block",
        update("aws_backup_plan", "rule.0.lifecycle.0.delete_after", 365, 7),
        finds="aws_backup_plan.it: rule.lifecycle.delete_after is 7 days instead of 365 days",
    ),
    example(
        "backups are switched off",
        update("aws_memorydb_cluster", "snapshot_retention_limit", 7, 0),
        finds="aws_memorydb_cluster.it: snapshot_retention_limit is 0 days instead of 7 days",
    ),
    example(
        "from for ever",
        update("aws_cloudwatch_event_archive", "retention_days", 0, 30),
        finds="aws_cloudwatch_event_archive.it: retention_days is 30 days instead of for ever",
    ),
    example(
        "from for ever, written as -1",
        update("aws_redshift_cluster_snapshot", "manual_snapshot_retention_period", -1, 30),
        finds="aws_redshift_cluster_snapshot.it: manual_snapshot_retention_period is 30 days "
        "instead of for ever",
    ),
    example("to for ever", update("aws_cloudwatch_event_archive", "retention_days", 30, 0)),
    example(
        "of a type that nobody here knows",
        update("aws_new_store", "deep.0.retention_in_days", 30, 1),
        finds="aws_new_store.it: deep.retention_in_days is 1 day instead of 30 days",
    ),
    example(
        "sensitive",
        update(
            "aws_sqs_queue",
            "message_retention_seconds",
            9,
            6,
            sensitive={"message_retention_seconds": True},
        ),
        finds="aws_sqs_queue.it: message_retention_seconds is lowered",
    ),
    example("longer", update("aws_sqs_queue", "message_retention_seconds", 60, 1209600)),
    example(
        "of a stream, which has its own rule",
        update("aws_kinesis_stream", "retention_period", 48, 24),
    ),
)

test_examples = examples_of("retention-shortened", EXAMPLES)

test_entries = entries_of(
    "retention-shortened",
    [
        update("aws_somebodys_store", path, 30, 1)
        for path in (
            "automated_snapshot_retention_period",
            "automatic_backup_retention_days",
            "backtrack_window",
            "backup_retention_period",
            "cloud_watch_logs_retention",
            "data_retention",
            "data_retention_in_hours",
            "default_time_to_live",
            "delete_after",
            "failure_retention_period",
            "magnetic_store_retention_period_in_days",
            "manual_snapshot_retention_period",
            "max_retention_days",
            "memory_store_retention_period_in_hours",
            "message_retention_period",
            "message_retention_seconds",
            "min_retention_days",
            "number_of_snapshots_to_retain",
            "orphan_file_retention_period_in_days",
            "recovery_period_in_days",
            "retain_at_least",
            "retention",
            "retention_days",
            "retention_duration",
            "retention_in_days",
            "retention_lock_time_in_days",
            "retention_period",
            "retention_period_hours",
            "retention_period_in_days",
            "retention_period_value",
            "snapshot_retention_limit",
            "snapshot_retention_period_in_days",
            "success_retention_period",
        )
    ]
    + [
        update("aws_cloudwatch_event_archive", "retention_days", 0, 30),
        update("aws_keyspaces_table", "default_time_to_live", 0, 30),
        update("aws_backup_plan", "rule.0.lifecycle.0.delete_after", 0, 30),
        update("aws_redshift_cluster", "manual_snapshot_retention_period", 0, 30),
        update("aws_redshift_cluster_snapshot", "manual_snapshot_retention_period", 0, 30),
        update("aws_glue_catalog_table", "retention", 0, 30),
        update("aws_dlm_lifecycle_policy", "policy_details.0.schedule.0.retain_rule.0.count", 9, 1),
        update(
            "aws_dlm_lifecycle_policy", "policy_details.0.schedule.0.retain_rule.0.interval", 9, 1
        ),
        update(
            "aws_msk_configuration",
            "server_properties",
            "log.retention.hours=168",
            "log.retention.hours=1",
        ),
        update(
            "aws_msk_configuration",
            "server_properties",
            "log.retention.hours=-1",
            "log.retention.hours=168",
        ),
        update(
            "aws_msk_configuration",
            "server_properties",
            "log.cleanup.policy=compact",
            "log.cleanup.policy=delete",
        ),
        update(
            "aws_msk_configuration", "server_properties", "num.partitions=1", "num.partitions=2"
        ),
    ],
)
