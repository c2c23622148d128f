"""The messages on the stream look otherwise than their consumers expect."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity

_BLOCKS = ("kinesis_settings.0.", "kafka_settings.0.", "s3_settings.0.")
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
)


@rule(
    Severity.INTERRUPTION,
    types=("aws_dms_endpoint",),
    watches=("kinesis_settings", "kafka_settings", "s3_settings"),
    why=(
        "From the change on messages have other fields, values or line breaks, between those that "
        "are on the stream already: a consumer that does not expect it fails or misreads."
    ),
    instead="Make every consumer take both first, then change it.",
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
