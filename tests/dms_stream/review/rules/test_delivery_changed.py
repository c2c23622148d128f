"""Examples of the rule `delivery-changed`."""

from typing import Any

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import entries_of, example, examples_of
from tests.support.small_plans import update

TYPE = "aws_kinesis_firehose_delivery_stream"
S3 = "extended_s3_configuration.0"


def _processing(*kinds: str, enabled: bool = True, arn: str = "arn:f") -> list[dict[str, Any]]:
    parameters = [{"parameter_name": "LambdaArn", "parameter_value": arn}]
    processors = [{"type": kind, "parameters": parameters} for kind in kinds]
    return [{"enabled": enabled, "processors": processors}]


def _transformed(before: Any, after: Any) -> dict[str, Any]:
    return update(TYPE, f"{S3}.processing_configuration", before, after)


EXAMPLES = (
    example(
        "a function comes",
        _transformed(_processing(enabled=False), _processing("Lambda")),
        finds=f"{TYPE}.it transforms records: nothing → Lambda",
        severity=Severity.INTERRUPTION,
    ),
    example(
        "another function",
        _transformed(_processing("Lambda"), _processing("Lambda", arn="arn:g")),
        finds=f"{TYPE}.it transforms records: Lambda works in another way",
    ),
    example(
        "switched off",
        _transformed(_processing("Lambda"), _processing("Lambda", enabled=False)),
        finds=f"{TYPE}.it transforms records: Lambda → nothing",
    ),
    example(
        "no backup any longer",
        update(TYPE, f"{S3}.s3_backup_mode", "Enabled", "Disabled"),
        finds=f"{TYPE}.it no longer backs up the source records: {S3}.s3_backup_mode: Enabled → "
        "Disabled",
        severity=Severity.DATA_LOSS,
    ),
    example(
        "a backup comes",
        update(TYPE, f"{S3}.s3_backup_mode", "Disabled", "Enabled"),
        finds=f"{TYPE}.it: {S3}.s3_backup_mode: Disabled → Enabled",
        severity=Severity.NOTICE,
    ),
    example(
        "elsewhere",
        update(TYPE, "http_endpoint_configuration.0.url", "https://a", "https://b"),
        finds=f"{TYPE}.it delivers elsewhere, or as somebody else: url: https://a → https://b",
    ),
    example(
        "retries end earlier",
        update(TYPE, "http_endpoint_configuration.0.retry_duration", 300, 0),
        finds=f"{TYPE}.it gives up earlier: http_endpoint_configuration.0.retry_duration: 300 → 0",
    ),
    example(
        "the same, with a delimiter",
        _transformed(_processing(), _processing("AppendDelimiterToRecord")),
    ),
    example(
        "retries end later",
        update(TYPE, "http_endpoint_configuration.0.retry_duration", 0, 300),
    ),
    example("larger buffers", update(TYPE, f"{S3}.buffering_size", 5, 64)),
)

test_examples = examples_of("delivery-changed", EXAMPLES)

_BLOCKS = (
    "elasticsearch_configuration",
    "extended_s3_configuration",
    "http_endpoint_configuration",
    "iceberg_configuration",
    "opensearch_configuration",
    "opensearchserverless_configuration",
    "redshift_configuration",
    "snowflake_configuration",
    "splunk_configuration",
)
test_entries = entries_of(
    "delivery-changed",
    [
        update(TYPE, "destination", "extended_s3", "http_endpoint"),
        *(
            update(TYPE, f"{block}.0.processing_configuration", [], _processing("Lambda"))
            for block in _BLOCKS
        ),
        *(
            update(TYPE, f"{S3}.s3_backup_mode", mode, "Disabled")
            for mode in ("Enabled", "AllDocuments", "AllData", "AllEvents")
        ),
        *(
            update(TYPE, f"splunk_configuration.0.{name}", "was", "is")
            for name in (
                "url",
                "cluster_jdbcurl",
                "data_table_name",
                "copy_options",
                "domain_arn",
                "cluster_endpoint",
                "index_name",
                "type_name",
                "hec_endpoint",
                "hec_endpoint_type",
                "account_url",
                "database",
                "schema",
                "table",
                "catalog_arn",
                "collection_endpoint",
                "destination_table_configuration",
                "data_loading_option",
                "role_arn",
                "vpc_config",
                "secrets_manager_configuration",
            )
        ),
        update(TYPE, "iceberg_configuration.0.retry_options.0.duration", 300, 0),
        *(
            update(TYPE, f"splunk_configuration.0.{block}.0.{name}", "was", "is")
            for block in ("s3_backup_configuration", "s3_configuration")
            for name in (
                "bucket_arn",
                "prefix",
                "error_output_prefix",
                "compression_format",
                "kms_key_arn",
            )
        ),
    ],
)
