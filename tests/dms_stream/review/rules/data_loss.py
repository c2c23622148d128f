"""Examples of the rules about data loss."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import Example, example
from tests.support.small_plans import change, update

STREAM, BUCKET, CLUSTER = "aws_kinesis_stream", "aws_s3_bucket", "aws_rds_cluster"
LIFECYCLE = "aws_s3_bucket_lifecycle_configuration"


def _expires(days: int, **others: object) -> dict[str, object]:
    return {"id": "old", "status": "Enabled", "expiration": [{"days": days}], **others}


EXAMPLES: dict[str, tuple[Example, ...]] = {
    "stateful-destroyed": (
        example(
            "a stream that no longer stands in the configuration",
            change(STREAM, {"name": "changes"}, action_reason="delete_because_no_resource_config"),
            finds="changes is destroyed, because it no longer stands in the configuration "
            "(prevent_destroy goes with it and does not help). Lost: every record in it that no "
            "consumer has read yet, and the possibility to read it again.",
            severity=Severity.DATA_LOSS,
        ),
        example(
            "a cluster without a final snapshot",
            change(CLUSTER, {"cluster_identifier": "db", "skip_final_snapshot": True}),
            finds="db is destroyed. Lost: the database, with its automated backups. No final "
            "snapshot is taken (skip_final_snapshot).",
        ),
        example(
            "a bucket that is emptied first",
            change(BUCKET, {"bucket": "b", "force_destroy": True}),
            finds="b is destroyed. Lost: its objects and all their versions. force_destroy is set, "
            "so it is emptied first.",
        ),
        example(
            "a type that nobody here knows, with a telltale attribute",
            change("aws_new_store", {"name": "n", "deletion_protection": False}),
            finds="n is destroyed. Lost: whatever it holds: this review does not know the type, "
            "but it has `deletion_protection`, as types have that hold data.",
        ),
        example("a route table, which holds nothing", change("aws_route_table", {"id": "rtb"})),
        example("a stream that is made", change(STREAM, None, {"name": "changes"})),
    ),
    "stateful-replaced": (
        example(
            "a stream under another name",
            change(STREAM, {"name": "old"}, {"name": "new"}, replace=("name",)),
            finds="old is destroyed and made anew, because of name: old → new. Lost: every record "
            "in it that no consumer has read yet, and the possibility to read it again.",
            severity=Severity.DATA_LOSS,
        ),
        example(
            "a tainted bucket",
            change(
                BUCKET,
                {"bucket": "b"},
                {"bucket": "b"},
                replace=("id",),
                action_reason="replace_because_tainted",
            )
            | {"change": {"actions": ["delete", "create"], "before": {"bucket": "b"}, "after": {}}},
            finds="b is destroyed and made anew, because of it is tainted: an earlier apply of it "
            "failed half-way. Lost: its objects and all their versions. S3 refuses as long as it "
            "holds an object or a version; then the apply stops.",
        ),
        example(
            "an alarm",
            change(
                "aws_cloudwatch_metric_alarm",
                {"alarm_name": "a"},
                {"alarm_name": "b"},
                replace=("alarm_name",),
            ),
        ),
    ),
    "stream-retention-lowered": (
        example(
            "lower",
            update(STREAM, "retention_period", 168, 24, name="it"),
            finds="aws_kinesis_stream.it keeps records for 24 hours instead of 168",
            severity=Severity.DATA_LOSS,
        ),
        example(
            "no longer given, so 24 hours",
            update(STREAM, "retention_period", 48, None),
            finds="aws_kinesis_stream.it keeps records for 24 hours instead of 48",
        ),
        example("higher", update(STREAM, "retention_period", 24, 168)),
    ),
    "log-retention-shortened": (
        example(
            "from for ever",
            update("aws_cloudwatch_log_group", "retention_in_days", 0, 30),
            finds="aws_cloudwatch_log_group.it keeps log events for 30 days instead of for ever",
        ),
        example("to for ever", update("aws_cloudwatch_log_group", "retention_in_days", 30, 0)),
    ),
    "backup-retention-lowered": (
        example(
            "lower",
            update(CLUSTER, "backup_retention_period", 14, 1),
            finds="aws_rds_cluster.it: backup_retention_period goes from 14 days to 1",
        ),
        example("higher", update(CLUSTER, "backup_retention_period", 1, 14)),
    ),
    "expiry-shortened": (
        example(
            "earlier",
            update(LIFECYCLE, "rule", [_expires(3650)], [_expires(365)]),
            finds="rule old: objects are deleted after 365 days instead of 3650",
            severity=Severity.DATA_LOSS,
        ),
        example(
            "a rule that is new",
            update(LIFECYCLE, "rule", [], [_expires(30)]),
            finds="rule old: objects are deleted after 30 days, and there was no such rule before",
        ),
        example(
            "a rule that is enabled",
            update(LIFECYCLE, "rule", [_expires(30) | {"status": "Disabled"}], [_expires(30)]),
            finds="rule old: objects are deleted after 30 days, and there was no such rule before",
        ),
        example(
            "a rule that reaches further",
            update(
                LIFECYCLE,
                "rule",
                [_expires(30, filter=[{"prefix": "tmp/"}])],
                [_expires(30, filter=[{"prefix": ""}])],
            ),
            finds="rule old: objects are deleted after 30 days, and the rule now reaches other "
            "objects than before",
        ),
        example(
            "old versions",
            update(
                LIFECYCLE,
                "rule",
                [_expires(9, noncurrent_version_expiration=[{"newer_noncurrent_versions": 5}])],
                [_expires(9, noncurrent_version_expiration=[{"newer_noncurrent_versions": 1}])],
            ),
            finds="rule old: 1 old version kept instead of 5",
        ),
        example(
            "with a bucket that is new it is only said",
            change(LIFECYCLE, None, {"rule": [_expires(30)]}),
            finds="rule old: objects are deleted after 30 days",
            severity=Severity.NOTICE,
        ),
        example("later", update(LIFECYCLE, "rule", [_expires(30)], [_expires(60)])),
        example("taken away", update(LIFECYCLE, "rule", [_expires(30)], [])),
    ),
    "deletion-protection-removed": (
        example(
            "off",
            update(CLUSTER, "deletion_protection", True, False),
            finds="aws_rds_cluster.it may be deleted from now on "
            "(deletion_protection: true → false)",
        ),
        example("on", update(CLUSTER, "deletion_protection", False, True)),
    ),
    "final-snapshot-removed": (
        example(
            "skipped",
            update(CLUSTER, "skip_final_snapshot", False, True),
            finds="aws_rds_cluster.it leaves no final snapshot from now on",
        ),
        example("taken", update(CLUSTER, "skip_final_snapshot", True, False)),
    ),
    "force-destroy-enabled": (
        example(
            "on",
            update(BUCKET, "force_destroy", False, True),
            finds="aws_s3_bucket.it will be destroyed with whatever it holds (force_destroy)",
            severity=Severity.DATA_LOSS,
        ),
        example(
            "on something new it is only said",
            change(BUCKET, None, {"bucket": "b", "force_destroy": True}),
            finds="b will be destroyed with whatever it holds (force_destroy)",
            severity=Severity.NOTICE,
        ),
        example("off", update(BUCKET, "force_destroy", True, False)),
    ),
    "snapshot-changed": (
        example(
            "another",
            change(
                CLUSTER,
                {"cluster_identifier": "db", "snapshot_identifier": "a"},
                {"cluster_identifier": "db", "snapshot_identifier": "b"},
                replace=("snapshot_identifier",),
            ),
            finds="db: snapshot_identifier: a → b",
        ),
        example("none before in an update", update(CLUSTER, "snapshot_identifier", None, "b")),
    ),
    "versioning-suspended": (
        example(
            "suspended",
            update(
                "aws_s3_bucket_versioning",
                "versioning_configuration.0.status",
                "Enabled",
                "Suspended",
            ),
            finds="versioning of aws_s3_bucket_versioning.it is suspended",
        ),
        example(
            "its resource goes, and the bucket stays",
            change(
                "aws_s3_bucket_versioning",
                {"bucket": "b", "versioning_configuration": [{"status": "Enabled"}]},
            ),
            finds="versioning of b is suspended, as its resource is destroyed",
        ),
        example(
            "its resource goes with the bucket",
            change(
                "aws_s3_bucket_versioning",
                {"bucket": "b", "versioning_configuration": [{"status": "Enabled"}]},
            ),
            change(BUCKET, {"id": "b", "bucket": "b"}),
        ),
    ),
    "key-disabled": (
        example(
            "disabled",
            update("aws_kms_key", "is_enabled", True, False),
            finds="the key aws_kms_key.it is disabled",
        ),
        example(
            "less time to cancel",
            update("aws_kms_key", "deletion_window_in_days", None, 7),
            finds="a deletion of the key aws_kms_key.it can be cancelled for 7 days instead of 30",
        ),
        example("enabled", update("aws_kms_key", "is_enabled", False, True)),
    ),
    "recovery-window-shortened": (
        example(
            "closed",
            update("aws_secretsmanager_secret", "recovery_window_in_days", None, 0),
            finds="aws_secretsmanager_secret.it can be restored for 0 days instead of 30",
        ),
        example("longer", update("aws_secretsmanager_secret", "recovery_window_in_days", 7, 30)),
    ),
}
