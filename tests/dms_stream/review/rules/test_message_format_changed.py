"""Examples of the rule `message-format-changed`."""

from tests.dms_stream.review.rules.example import entries_of, example, examples_of
from tests.dms_stream.review.rules.shapes import ENDPOINT
from tests.support.small_plans import update

EXAMPLES = (
    example(
        "several lines",
        update(ENDPOINT, "kinesis_settings.0.message_format", "json-unformatted", "json"),
        finds="aws_dms_endpoint.it: message_format: json-unformatted → json",
    ),
    example(
        "a default that is written out",
        update(ENDPOINT, "kinesis_settings.0.include_control_details", None, False),
    ),
)

test_examples = examples_of("message-format-changed", EXAMPLES)

_FIELDS = (
    "message_format",
    "include_control_details",
    "include_null_and_empty",
    "include_partition_value",
    "include_table_alter_operations",
    "include_transaction_details",
    "partition_include_schema_table",
    "use_large_integer_value",
    "no_hex_prefix",
    "data_format",
    "include_op_for_full_load",
    "timestamp_column_name",
    "bucket_folder",
    "cdc_path",
    "cdc_inserts_only",
    "cdc_inserts_and_updates",
    "csv_delimiter",
    "csv_null_value",
    "csv_row_delimiter",
    "add_column_name",
    "compression_type",
    "date_partition_enabled",
    "date_partition_sequence",
    "date_partition_delimiter",
    "dict_page_size_limit",
    "encoding_type",
    "enable_statistics",
    "parquet_timestamp_in_millisecond",
    "parquet_version",
    "preserve_transactions",
    "rfc_4180",
    "use_csv_no_sup_value",
    "csv_no_sup_value",
    "use_task_start_time_for_full_load_timestamp",
    "glue_catalog_generation",
)

test_entries = entries_of(
    "message-format-changed",
    [
        *(
            update("aws_dms_endpoint", f"{block}.0.{name}", False, "is")
            for block in (
                "kinesis_settings",
                "kafka_settings",
                "s3_settings",
            )
            for name in _FIELDS
        ),
        *(update("aws_dms_s3_endpoint", name, False, "is") for name in _FIELDS),
    ],
)
