"""The messages on the stream look different from what their consumers expect."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity

_BLOCKS = ("kinesis_settings.0.", "kafka_settings.0.", "s3_settings.0.", "")
"""The blocks of the targets; an S3 endpoint of its own type has the attributes outside."""
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


@rule(
    Severity.INTERRUPTION,
    types=("aws_dms_endpoint", "aws_dms_s3_endpoint"),
    judges=("kinesis_settings", "kafka_settings", "s3_settings"),
    why=(
        "From the change on messages have other fields, values or line breaks, between those that "
        "are on the stream already: a consumer that does not expect it fails or misreads."
    ),
    instead="First make every consumer accept both, then change it.",
    sources=(
        "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Kinesis.html",
        provider_page("dms_endpoint"),
    ),
)
def message_format_changed(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """Message format or optional fields of a DMS target endpoint change under its consumers."""
    if not change.compares:
        return
    steps = [
        change.step(block + name).removeprefix(block)
        for block in _BLOCKS
        for name in _FIELDS
        # the provider's default of the switches is false
        if change.changed(block + name)
        and (change.old(block + name) or False) != (change.new(block + name) or False)
    ]
    if steps:
        yield Observation(f"{change.name}: {', '.join(steps)}")
