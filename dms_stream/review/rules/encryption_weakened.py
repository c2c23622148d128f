"""Data at rest is no longer encrypted, or with a weaker hold."""

from collections.abc import Iterator, Mapping
from typing import Any

from dms_stream.review.buckets import ENCRYPTION, moves_out
from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.rule import ANYWHERE, Observation, provider_page, rule
from dms_stream.review.severity import Severity
from dms_stream.review.values import schema_path

SWITCHES = (
    "at_rest_encryption_enabled",
    "encrypted",
    "encryption_at_rest_enabled",
    "storage_encrypted",
    "transit_encryption_enabled",
    "tls_enabled",
    "encrypt_at_rest_enabled",
)
"""Attributes of any type that switch encryption on."""

OFF: Mapping[str, Mapping[str, tuple[Any, ...]]] = {
    "aws_kinesis_stream": {"encryption_type": (None, "", "NONE")},
    "aws_kinesis_firehose_delivery_stream": {"server_side_encryption.0.enabled": (None, False)},
    "aws_sns_topic": {"kms_master_key_id": (None, "")},
    "aws_sqs_queue": {
        "sqs_managed_sse_enabled": (False,),
        "kms_master_key_id": (None, ""),
    },
    "aws_dynamodb_table": {"server_side_encryption.0.enabled": (None, False)},
    "aws_opensearch_domain": {
        "encrypt_at_rest.0.enabled": (None, False),
        "node_to_node_encryption.0.enabled": (None, False),
        "domain_endpoint_options.0.enforce_https": (False,),
    },
    "aws_elasticsearch_domain": {
        "encrypt_at_rest.0.enabled": (None, False),
        "node_to_node_encryption.0.enabled": (None, False),
        "domain_endpoint_options.0.enforce_https": (False,),
    },
    "aws_athena_workgroup": {
        "configuration.0.result_configuration.0.encryption_configuration.0.encryption_option": (
            None,
            "",
            "SSE_S3",
        ),
        "configuration.0.enforce_workgroup_configuration": (False,),
    },
    "aws_dms_s3_endpoint": {"encryption_mode": (None, "", "SSE_S3")},
    "aws_dms_endpoint": {"s3_settings.0.encryption_mode": (None, "", "SSE_S3")},
    "aws_cloudwatch_log_group": {"kms_key_id": (None, "")},
    "aws_msk_cluster": {
        "encryption_info.0.encryption_in_transit.0.client_broker": ("PLAINTEXT", "TLS_PLAINTEXT"),
        "encryption_info.0.encryption_in_transit.0.in_cluster": (False,),
    },
}
"""Type, where encryption is switched, and the values that mean off, or weaker."""

# without it these are not encrypted from the start, which is worth a word too
SAID_ON_CREATION = {
    "aws_kinesis_stream": "encryption_type",
    "aws_rds_cluster": "storage_encrypted",
    "aws_db_instance": "storage_encrypted",
    "aws_docdb_cluster": "storage_encrypted",
    "aws_neptune_cluster": "storage_encrypted",
    "aws_ebs_volume": "encrypted",
    "aws_efs_file_system": "encrypted",
    "aws_redshift_cluster": "encrypted",
}
"""Type that ought to be encrypted from the start, and where it is switched."""

_BUCKETS = {
    "aws_s3_bucket_server_side_encryption_configuration": (
        "rule.0.apply_server_side_encryption_by_default.0.sse_algorithm"
    ),
    "aws_s3_bucket": (
        "server_side_encryption_configuration.0.rule.0."
        "apply_server_side_encryption_by_default.0.sse_algorithm"
    ),
}
_KEYS = ("aws_kms_key", "aws_kms_external_key", "aws_kms_replica_key")
_ROTATION = "enable_key_rotation"


@rule(
    Severity.EXPOSURE,
    judges={
        "*": tuple(f"{ANYWHERE}{name}" for name in SWITCHES),
        **{type_: tuple(map(schema_path, paths)) for type_, paths in OFF.items()},
        "aws_s3_bucket_server_side_encryption_configuration": ("rule",),
        "aws_s3_bucket": ("server_side_encryption_configuration",),
        "aws_kinesis_firehose_delivery_stream": ("server_side_encryption",),
        **dict.fromkeys(_KEYS, (_ROTATION, "rotation_period_in_days")),
    },
    at_creation=tuple(dict.fromkeys(SAID_ON_CREATION.values())),
    why="Anyone who gets hold of the storage, a backup or a copy can read the data.",
    instead="Leave it encrypted.",
    sources=(
        "https://docs.aws.amazon.com/streams/latest/dev/what-is-sse.html",
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Overview.Encryption.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html",
        provider_page("kinesis_stream"),
    ),
)
def encryption_weakened(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """Encryption at rest or between machines is turned off, a bucket goes from KMS to S3's own
    keys, something new is not encrypted, or a key no longer rotates.
    """
    if change.type in _BUCKETS:
        yield from _bucket(plan, change, _BUCKETS[change.type])
    if change.type in _KEYS and change.old(_ROTATION) is True and change.new(_ROTATION) is False:
        yield Observation(
            f"the key {change.name} no longer rotates",
            why="What is encrypted from now on depends on the same key material for ever.",
            instead="Leave enable_key_rotation true.",
        )
    if change.compares:
        for path, off in _switches(change):
            if change.unknown(path):
                continue
            if change.old(path) not in off and change.new(path) in off:
                yield Observation(
                    f"{change.name} is no longer encrypted as it was ({change.step(path)})"
                )
    elif change.action is Action.CREATE and change.type in SAID_ON_CREATION:
        path = SAID_ON_CREATION[change.type]
        inherits = change.new("snapshot_identifier") or change.unknown("snapshot_identifier")
        is_off = change.new(path) in (None, False, "", "NONE", "false")
        if is_off and not inherits and not change.unknown(path):
            yield Observation(f"{change.name} is not encrypted ({path})")


def _switches(change: ResourceChange) -> Iterator[tuple[str, tuple[Any, ...]]]:
    yield from OFF.get(change.type, {}).items()
    for path in change.differing():
        if path.rsplit(".", 1)[-1] in SWITCHES:
            yield path, (None, False, "false")


def _bucket(plan: Plan, change: ResourceChange, path: str) -> Iterator[Observation]:
    strong = _is_strong(change.old(path))
    of_its_own = change.type != "aws_s3_bucket"
    if change.action is Action.DELETE and strong and of_its_own:
        if not plan.destroys("aws_s3_bucket", change.old("bucket")):
            yield Observation(f"new objects of {change.name} are encrypted with S3's own keys")
    elif change.compares and strong and change.changed(path):
        if not of_its_own and not change.new(path) and moves_out(plan, change, ENCRYPTION):
            return
        yield Observation(f"{change.name}: {change.step(path).rsplit('.', 1)[-1]}")
    elif change.action is Action.CREATE and of_its_own and change.new(path):
        others = plan.by_bucket.get(change.new("bucket"), ())
        before = [each.old(_BUCKETS[each.type]) for each in others if each.type in _BUCKETS]
        stronger = next(filter(_is_strong, before), None)
        if stronger and not _is_strong(change.new(path)):
            yield Observation(
                f"{change.name}: sse_algorithm: {stronger} → {change.shown_new(path)}"
            )


def _is_strong(algorithm: Any) -> bool:
    return str(algorithm).startswith("aws:kms")
