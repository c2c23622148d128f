"""Examples of the rule `encryption-weakened`."""

from typing import Any

import pytest

from tests.dms_stream.review.rules.example import entries_of, example, examples_of
from tests.dms_stream.review.rules.shapes import STREAM
from tests.support.small_plans import change, found, update

SSE = "aws_s3_bucket_server_side_encryption_configuration"


def _sse(algorithm: str) -> dict[str, Any]:
    return {"rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": algorithm}]}]}


EXAMPLES = (
    example(
        "a stream no longer encrypted",
        update(STREAM, "encryption_type", "KMS", "NONE"),
        finds=(
            "aws_kinesis_stream.it is no longer encrypted as it was (encryption_type: KMS → NONE)"
        ),
    ),
    example(
        "a cluster that is not from the start",
        change("aws_rds_cluster", None, {"cluster_identifier": "c"}),
        finds="c is not encrypted (storage_encrypted)",
    ),
    example(
        "a bucket with S3's own keys",
        update(
            SSE,
            "rule.0.apply_server_side_encryption_by_default.0.sse_algorithm",
            "aws:kms",
            "AES256",
        ),
        finds="aws_s3_bucket_server_side_encryption_configuration.it: "
        "sse_algorithm: aws:kms → AES256",
    ),
    *(
        example(
            f"{algorithm} is laid on a bucket with {before}, of {type_}",
            change(type_, values, values, name="bucket"),
            change(SSE, None, {"bucket": "b", **_sse(algorithm)}),
            finds=(f"b: sse_algorithm: {before} → {algorithm}",) if weaker else (),
        )
        for before, algorithm, weaker in (
            ("aws:kms", "AES256", True),
            ("aws:kms:dsse", "AES256", True),
            ("aws:kms", "aws:kms:dsse", False),
            ("AES256", "AES256", False),
        )
        for type_, values in (
            (
                "aws_s3_bucket",
                {"bucket": "b", "server_side_encryption_configuration": [_sse(before)]},
            ),
            (SSE, {"bucket": "b", **_sse(before)}),
        )
    ),
    example("encrypted from now on", update(STREAM, "encryption_type", "NONE", "KMS")),
)

test_examples = examples_of("encryption-weakened", EXAMPLES)


test_entries = entries_of(
    "encryption-weakened",
    [
        *(
            update("aws_somebodys", f"inner.0.{name}", True, False)
            for name in (
                "at_rest_encryption_enabled",
                "encrypted",
                "encryption_at_rest_enabled",
                "storage_encrypted",
                "transit_encryption_enabled",
                "tls_enabled",
                "encrypt_at_rest_enabled",
            )
        ),
        update("aws_kinesis_stream", "encryption_type", "KMS", "NONE"),
        update(
            "aws_kinesis_firehose_delivery_stream", "server_side_encryption.0.enabled", True, False
        ),
        update("aws_sns_topic", "kms_master_key_id", "k", None),
        update("aws_sqs_queue", "sqs_managed_sse_enabled", True, False),
        update("aws_sqs_queue", "kms_master_key_id", "k", ""),
        update("aws_dynamodb_table", "server_side_encryption.0.enabled", True, False),
        *(
            update(type_, path, True, False)
            for type_ in ("aws_opensearch_domain", "aws_elasticsearch_domain")
            for path in (
                "encrypt_at_rest.0.enabled",
                "node_to_node_encryption.0.enabled",
                "domain_endpoint_options.0.enforce_https",
            )
        ),
        update(
            "aws_athena_workgroup",
            "configuration.0.result_configuration.0.encryption_configuration.0.encryption_option",
            "SSE_KMS",
            "SSE_S3",
        ),
        update(
            "aws_athena_workgroup", "configuration.0.enforce_workgroup_configuration", True, False
        ),
        update("aws_dms_s3_endpoint", "encryption_mode", "SSE_KMS", "SSE_S3"),
        update("aws_dms_endpoint", "s3_settings.0.encryption_mode", "SSE_KMS", "SSE_S3"),
        update("aws_cloudwatch_log_group", "kms_key_id", "k", None),
        update(
            "aws_msk_cluster",
            "encryption_info.0.encryption_in_transit.0.client_broker",
            "TLS",
            "TLS_PLAINTEXT",
        ),
        update(
            "aws_msk_cluster",
            "encryption_info.0.encryption_in_transit.0.client_broker",
            "TLS",
            "PLAINTEXT",
        ),
        update(
            "aws_msk_cluster", "encryption_info.0.encryption_in_transit.0.in_cluster", True, False
        ),
        update(
            "aws_s3_bucket_server_side_encryption_configuration",
            "rule.0.apply_server_side_encryption_by_default.0.sse_algorithm",
            "aws:kms",
            "AES256",
        ),
        update(
            "aws_s3_bucket",
            "server_side_encryption_configuration.0.rule.0.apply_server_side_encryption_by_default.0.sse_algorithm",
            "aws:kms",
            "AES256",
        ),
        *(
            update(type_, "enable_key_rotation", True, False)
            for type_ in (
                "aws_kms_key",
                "aws_kms_external_key",
                "aws_kms_replica_key",
            )
        ),
        *(
            change(type_, None, {path: off})
            for type_, path, off in (
                ("aws_kinesis_stream", "encryption_type", "NONE"),
                ("aws_rds_cluster", "storage_encrypted", False),
                ("aws_db_instance", "storage_encrypted", False),
                ("aws_docdb_cluster", "storage_encrypted", False),
                ("aws_neptune_cluster", "storage_encrypted", False),
                ("aws_ebs_volume", "encrypted", False),
                ("aws_efs_file_system", "encrypted", False),
                ("aws_redshift_cluster", "encrypted", "false"),
            )
        ),
    ],
)


_OPTION = "configuration.0.result_configuration.0.encryption_configuration.0.encryption_option"
_IN_TRANSIT = "encryption_info.0.encryption_in_transit.0"
_ELASTIC = tuple(
    (type_, path, True, off)
    for type_ in ("aws_opensearch_domain", "aws_elasticsearch_domain")
    for path, off in (
        ("encrypt_at_rest.0.enabled", (None, False)),
        ("node_to_node_encryption.0.enabled", (None, False)),
        ("domain_endpoint_options.0.enforce_https", (False,)),
    )
)


@pytest.mark.parametrize(
    ("type_", "path", "on", "off"),
    [
        ("aws_kinesis_stream", "encryption_type", "KMS", (None, "", "NONE")),
        (
            "aws_kinesis_firehose_delivery_stream",
            "server_side_encryption.0.enabled",
            True,
            (None, False),
        ),
        ("aws_sns_topic", "kms_master_key_id", "k", (None, "")),
        ("aws_sqs_queue", "sqs_managed_sse_enabled", True, (False,)),
        ("aws_sqs_queue", "kms_master_key_id", "k", (None, "")),
        ("aws_dynamodb_table", "server_side_encryption.0.enabled", True, (None, False)),
        *_ELASTIC,
        ("aws_athena_workgroup", _OPTION, "SSE_KMS", (None, "", "SSE_S3")),
        (
            "aws_athena_workgroup",
            "configuration.0.enforce_workgroup_configuration",
            True,
            (False,),
        ),
        ("aws_dms_s3_endpoint", "encryption_mode", "SSE_KMS", (None, "", "SSE_S3")),
        ("aws_dms_endpoint", "s3_settings.0.encryption_mode", "SSE_KMS", (None, "", "SSE_S3")),
        ("aws_cloudwatch_log_group", "kms_key_id", "k", (None, "")),
        ("aws_msk_cluster", f"{_IN_TRANSIT}.client_broker", "TLS", ("PLAINTEXT", "TLS_PLAINTEXT")),
        ("aws_msk_cluster", f"{_IN_TRANSIT}.in_cluster", True, (False,)),
        ("aws_docdb_cluster", "storage_encrypted", True, (None, False, "false")),
    ],
)
def test_each_value_that_is_off_is_weaker_and_none_is_weaker_than_another(
    type_: str, path: str, on: object, off: tuple[object, ...]
) -> None:
    for value in off:
        assert found("encryption-weakened", update(type_, path, on, value)), value
        assert not found("encryption-weakened", update(type_, path, value, on)), value
        for other in off:
            assert not found("encryption-weakened", update(type_, path, value, other))
