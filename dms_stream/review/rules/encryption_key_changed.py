"""Data at rest is encrypted with another key."""

from collections.abc import Iterator

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity

_PATHS: dict[str, tuple[str, ...]] = {
    "aws_cloudwatch_log_group": ("kms_key_id",),
    "aws_db_instance": ("kms_key_id",),
    "aws_dms_endpoint": ("kms_key_arn",),
    "aws_dms_replication_config": ("compute_config.0.kms_key_id",),
    "aws_dms_replication_instance": ("kms_key_arn",),
    "aws_kinesis_firehose_delivery_stream": (
        "extended_s3_configuration.0.kms_key_arn",
        "server_side_encryption.0.key_arn",
    ),
    "aws_kinesis_stream": ("kms_key_id",),
    "aws_kms_alias": ("target_key_id",),
    "aws_rds_cluster": ("kms_key_id",),
    "aws_s3_bucket_server_side_encryption_configuration": (
        "rule.0.apply_server_side_encryption_by_default.0.kms_master_key_id",
    ),
    "aws_secretsmanager_secret": ("kms_key_id",),
    "aws_sns_topic": ("kms_master_key_id",),
}


@rule(
    Severity.EXPOSURE,
    types=tuple(_PATHS),
    watches=("kms_key_id", "kms_key_arn", "kms_master_key_id", "target_key_id"),
    why=(
        "Other people may decrypt with another key; who reads or writes needs its permissions; and "
        "what was written before still needs the old key."
    ),
    instead=(
        "Give readers and writers the new key's permissions first, and keep the old key as long as "
        "anything is encrypted with it."
    ),
    sources=(
        "https://docs.aws.amazon.com/streams/latest/dev/server-side-encryption.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html",
        provider_page("kinesis_stream"),
    ),
)
def encryption_key_changed(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """The KMS key of something that exists is another one, or AWS's own instead of yours."""
    if change.action not in (Action.UPDATE, Action.REPLACE):
        return
    for path in _PATHS[change.type]:
        if (change.unknown(path) and change.old(path) and change.forces_replacement(path)) or (
            change.changed(path) and change.old(path)
        ):
            yield Observation(f"{change.name}: {change.step(path)}")
