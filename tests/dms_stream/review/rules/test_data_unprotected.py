"""Examples of the rule `data-unprotected`."""

from typing import Any

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import entries_of, example, examples_of
from tests.support.small_plans import change, update

_OBJECT = "aws_s3_object"
TABLE, LOCK = "aws_dynamodb_table", "aws_s3_bucket_object_lock_configuration"


def _ttl(enabled: bool, attribute: str) -> list[dict[str, Any]]:
    return [{"enabled": enabled, "attribute_name": attribute}]


def _retention(mode: str, **period: int) -> list[dict[str, Any]]:
    return [{"default_retention": [{"mode": mode, **period}]}]


def _copies(name: str = "all", bucket: str = "arn:b", **others: Any) -> dict[str, Any]:
    to = [{"bucket": bucket}]
    return {"id": name, "status": "Enabled", "destination": to, "filter": [{}], **others}


_REPLICATIONS = (
    ("aws_s3_bucket_replication_configuration", "rule"),
    ("aws_s3_bucket", "replication_configuration.0.rules"),
)
_SECOND = _copies("second", "arn:c")
_ENCRYPTED = [{"sse_kms_encrypted_objects": [{"status": "Enabled"}]}]
_BELOW = [{"prefix": "tmp/"}]

_LOCKS = (
    ("object_lock_mode", "COMPLIANCE", "GOVERNANCE"),
    ("object_lock_mode", "GOVERNANCE", None),
    ("object_lock_retain_until_date", "2030-12-31T00:00:00Z", "2026-12-31T00:00:00Z"),
    ("object_lock_retain_until_date", "2030-12-31T00:00:00Z", None),
    ("object_lock_legal_hold_status", "ON", "OFF"),
    ("object_lock_legal_hold_status", "ON", None),
)
"""Attribute of an object's lock, its value where it holds more, and where it holds less."""

EXAMPLES = (
    *(
        example(
            f"{path} holds more: {weaker} → {stronger}", update(_OBJECT, path, weaker, stronger)
        )
        for path, stronger, weaker in _LOCKS
    ),
    *(
        example(
            f"{name}, of {type_}",
            update(type_, path, before, after),
            finds=tuple(f"{type_}.it: {text}" for text in finds),
            severity=severity,
        )
        for type_, path in _REPLICATIONS
        for name, before, after, finds, severity in (
            (
                "a second rule is disabled",
                [_copies(), _SECOND],
                [_copies(), _SECOND | {"status": "Disabled"}],
                ("objects are no longer replicated (rule second)",),
                Severity.DATA_LOSS,
            ),
            (
                "a second rule goes",
                [_SECOND, _copies()],
                [_copies()],
                ("objects are no longer replicated (rule second)",),
                Severity.DATA_LOSS,
            ),
            (
                "a rule is about fewer objects",
                [_copies()],
                [_copies(filter=_BELOW)],
                ("fewer objects are replicated (rule all)",),
                Severity.DATA_LOSS,
            ),
            (
                "encrypted objects are left out",
                [_copies(source_selection_criteria=_ENCRYPTED)],
                [_copies()],
                ("objects encrypted with KMS are no longer replicated (rule all)",),
                Severity.DATA_LOSS,
            ),
            (
                "replicas look different",
                [_copies(destination=[{"bucket": "arn:b", "storage_class": "STANDARD"}])],
                [_copies(destination=[{"bucket": "arn:b", "storage_class": "GLACIER"}])],
                ("objects are replicated in another way (rule all): destination.storage_class",),
                Severity.UNKNOWN,
            ),
            (
                "the first rule goes, and the second has its name",
                [_copies(), _SECOND],
                [_copies(bucket="arn:c")],
                ("objects are no longer replicated (rule all)",),
                Severity.DATA_LOSS,
            ),
            ("a rule goes on elsewhere", [_copies()], [_copies(bucket="arn:c")], (), None),
            ("a rule is about more", [_copies(filter=_BELOW)], [_copies()], (), None),
            ("a rule has another name", [_copies()], [_copies("other")], (), None),
            ("a rule has another number", [_copies()], [_copies(priority=2)], (), None),
            ("a rule more", [_copies()], [_SECOND, _copies()], (), None),
            ("a rule that did nothing goes", [_copies(status="Disabled")], [], (), None),
            (
                "another rule does the same",
                [_copies(), _copies("tmp", filter=_BELOW)],
                [_copies()],
                (),
                None,
            ),
        )
    ),
    example(
        "a time to live comes",
        update(TABLE, "ttl", _ttl(False, ""), _ttl(True, "created")),
        finds="aws_dynamodb_table.it deletes what is past its time to live: ttl.0.enabled: false → "
        "true, ttl.0.attribute_name: nothing → created",
        severity=Severity.DATA_LOSS,
    ),
    example(
        "a time to live by another attribute",
        update(TABLE, "ttl", _ttl(True, "expires"), _ttl(True, "created")),
        finds="aws_dynamodb_table.it deletes what is past its time to live: ttl.0.attribute_name: "
        "expires → created",
    ),
    example("a time to live goes", update(TABLE, "ttl", _ttl(True, "a"), _ttl(False, "a"))),
    example(
        "no point-in-time recovery",
        update(TABLE, "point_in_time_recovery.0.enabled", True, False),
        finds="aws_dynamodb_table.it: the table can no longer be restored to a point in time "
        "(enabled)",
    ),
    example(
        "no block for it any longer",
        update(TABLE, "point_in_time_recovery", [{"enabled": True}], []),
        finds="aws_dynamodb_table.it: the table can no longer be restored to a point in time "
        "(enabled)",
    ),
    example("recovery comes", update(TABLE, "point_in_time_recovery.0.enabled", False, True)),
    example(
        "a replica goes",
        update(TABLE, "replica", [{"region_name": "eu-west-1"}], []),
        finds="aws_dynamodb_table.it loses its replica in eu-west-1, with its items",
    ),
    example(
        "locked for a shorter time, and less strictly",
        update(LOCK, "rule", _retention("COMPLIANCE", years=1), _retention("GOVERNANCE", days=1)),
        finds=(
            "new objects are locked for 1 day instead of 365",
            "the lock of new objects is weaker: rule.0.default_retention.0.mode: COMPLIANCE → "
            "GOVERNANCE",
        ),
        severity=Severity.DATA_LOSS,
    ),
    example(
        "no longer locked",
        update(LOCK, "rule", _retention("GOVERNANCE", days=30), []),
        finds="new objects are no longer locked against deletion",
    ),
    example(
        "in the bucket's own block",
        update(
            "aws_s3_bucket",
            "object_lock_configuration.0.rule",
            _retention("COMPLIANCE", days=365),
            _retention("COMPLIANCE", days=1),
        ),
        finds="new objects are locked for 1 day instead of 365",
    ),
    example(
        "the lock goes",
        change(LOCK, {"bucket": "b"}),
        finds="objects are no longer locked against deletion",
    ),
    example(
        "for a longer time",
        update(LOCK, "rule", _retention("GOVERNANCE", days=1), _retention("COMPLIANCE", days=9)),
    ),
    example(
        "with its bucket",
        change("aws_s3_bucket", {"id": "b", "bucket": "b"}),
        change("aws_s3_bucket_replication_configuration", {"bucket": "b"}),
    ),
)

test_examples = examples_of("data-unprotected", EXAMPLES)

test_entries = entries_of(
    "data-unprotected",
    [
        update(TABLE, "point_in_time_recovery.0.enabled", True, False),
        update("aws_dynamodb_table_replica", "point_in_time_recovery", True, False),
        update("aws_keyspaces_table", "point_in_time_recovery.0.status", "ENABLED", "DISABLED"),
        update("aws_efs_backup_policy", "backup_policy.0.status", "ENABLED", "DISABLED"),
        update("aws_efs_file_system", "protection.0.replication_overwrite", "ENABLED", "DISABLED"),
        update("aws_instance", "disable_api_termination", True, False),
        update("aws_instance", "disable_api_stop", True, False),
        update("aws_emr_cluster", "termination_protection", True, False),
        update("aws_cloudtrail_event_data_store", "termination_protection_enabled", True, False),
        update("aws_dlm_lifecycle_policy", "state", "ENABLED", "DISABLED"),
        update("aws_secretsmanager_secret", "force_overwrite_replica_secret", False, True),
        update("aws_sns_topic", "archive_policy", '{"MessageRetentionPeriod": 30}', ""),
        update("aws_sqs_queue", "redrive_policy", '{"maxReceiveCount": 4}', ""),
        update("aws_sqs_queue_redrive_policy", "redrive_policy", '{"maxReceiveCount": 4}', ""),
        update("aws_cloudtrail", "enable_logging", True, False),
        update("aws_cloudtrail", "enable_log_file_validation", True, False),
        update("aws_cloudtrail", "is_multi_region_trail", True, False),
        *(
            update(type_, path, [_copies()], after)
            for type_, path in _REPLICATIONS
            for after in ([], [_copies(status="Disabled")])
        ),
        update("aws_cloudwatch_log_group", "skip_destroy", True, False),
        update("aws_ami", "deregistration_protection.0.enabled", True, False),
        update(TABLE, "ttl", _ttl(False, "a"), _ttl(True, "a")),
        update("aws_keyspaces_table", "ttl.0.status", None, "ENABLED"),
        update("aws_sagemaker_feature_group", "online_store_config.0.ttl_duration.0.value", 30, 1),
        change("aws_backup_vault_lock_configuration", {"backup_vault_name": "v"}),
        change("aws_glacier_vault_lock", {"vault_name": "v"}),
        change("aws_efs_backup_policy", {"file_system_id": "f"}),
        change("aws_s3_bucket_replication_configuration", {"bucket": "b"}),
        change("aws_cloudtrail", {"name": "t"}),
        change("aws_sqs_queue_redrive_policy", {"queue_url": "q"}),
        change("aws_backup_region_settings", {"id": "r"}),
        change("aws_rbin_rule", {"identifier": "r"}),
        *(
            update(type_, path, stronger, weaker)
            for type_ in ("aws_s3_object", "aws_s3_bucket_object", "aws_s3_object_copy")
            for path, stronger, weaker in _LOCKS
        ),
        update("aws_backup_plan", "rule", [{"rule_name": "daily"}], []),
        update("aws_backup_plan", "rule.0.schedule", "cron(0 1 * * ? *)", "cron(0 1 1 * ? *)"),
        update(
            "aws_sns_topic",
            "archive_policy",
            '{"MessageRetentionPeriod": "30"}',
            '{"MessageRetentionPeriod": "1"}',
        ),
        update(
            "aws_sqs_queue", "redrive_policy", '{"maxReceiveCount": 9}', '{"maxReceiveCount": 1}'
        ),
        update(
            "aws_sqs_queue",
            "redrive_policy",
            '{"deadLetterTargetArn": "a"}',
            '{"deadLetterTargetArn": "b"}',
        ),
    ],
)
