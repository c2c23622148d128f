"""Data at rest is encrypted no more, or with a weaker hold."""

from collections.abc import Iterator

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity

# where it is switched, and the values that mean off
_SWITCHES: dict[str, tuple[str, tuple[object, ...]]] = {
    "aws_kinesis_stream": ("encryption_type", (None, "", "NONE")),
    "aws_kinesis_firehose_delivery_stream": (
        "server_side_encryption.0.enabled",
        (None, False),
    ),
    "aws_rds_cluster": ("storage_encrypted", (None, False)),
    "aws_db_instance": ("storage_encrypted", (None, False)),
    "aws_ebs_volume": ("encrypted", (None, False)),
    "aws_efs_file_system": ("encrypted", (None, False)),
    "aws_redshift_cluster": ("encrypted", (None, False, "false")),
    "aws_sns_topic": ("kms_master_key_id", (None, "")),
}
# without it these are not encrypted from the start, which is worth a word too
_SAID_ON_CREATION = ("aws_kinesis_stream", "aws_rds_cluster", "aws_db_instance", "aws_ebs_volume")
_BUCKET = "aws_s3_bucket_server_side_encryption_configuration"
_ALGORITHM = "rule.0.apply_server_side_encryption_by_default.0.sse_algorithm"


@rule(
    Severity.EXPOSURE,
    types=(*_SWITCHES, _BUCKET, "aws_kms_key"),
    watches=("encryption_type", "storage_encrypted", "server_side_encryption", "rule"),
    why="Whoever gets at the storage, a backup or a copy reads the data.",
    instead="Leave it encrypted.",
    sources=(
        "https://docs.aws.amazon.com/streams/latest/dev/what-is-sse.html",
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Overview.Encryption.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html",
        provider_page("kinesis_stream"),
    ),
)
def encryption_weakened(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """Encryption at rest is turned off, a bucket goes from KMS to S3's own keys, something new is
    not encrypted, or a key is rotated no more.
    """
    if change.type == _BUCKET:
        strong = str(change.old(_ALGORITHM)).startswith("aws:kms")
        if change.action is Action.DELETE and strong:
            yield Observation(f"new objects of {change.name} are encrypted with S3's own keys")
        elif change.compares and strong and change.changed(_ALGORITHM):
            yield Observation(f"{change.name}: {change.step(_ALGORITHM).rsplit('.', 1)[-1]}")
    elif change.type == "aws_kms_key":
        path = "enable_key_rotation"
        if change.compares and change.old(path) is True and change.new(path) is False:
            yield Observation(
                f"the key {change.name} is rotated no more",
                why="What is encrypted from now on depends on the same key material for ever.",
                instead="Leave enable_key_rotation true.",
            )
    else:
        path, off = _SWITCHES[change.type]
        if change.unknown(path):
            return
        if change.compares and change.old(path) not in off and change.new(path) in off:
            yield Observation(f"{change.name} is no longer encrypted ({change.step(path)})")
        elif change.action is Action.CREATE and change.type in _SAID_ON_CREATION:
            inherits = change.new("snapshot_identifier") or change.unknown("snapshot_identifier")
            if change.new(path) in off and not inherits:
                yield Observation(f"{change.name} is not encrypted ({path})")
