"""A table can no longer read what Firehose writes."""

from collections.abc import Iterator
from typing import Any

from constructs_lib.landing_bucket.layout import LandingLayout
from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.redaction import clean
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity
from dms_stream.review.values import at

_S3 = "extended_s3_configuration.0"
_CONVERSION = f"{_S3}.data_format_conversion_configuration.0"
_PROCESSORS = f"{_S3}.processing_configuration.0"
_READ = ("compression_format", "file_extension", "processing_configuration")


@rule(
    Severity.INTERRUPTION,
    types=("aws_kinesis_firehose_delivery_stream",),
    judges=tuple(f"extended_s3_configuration.{name}" for name in _READ),
    why=(
        "Athena tells the compression of JSON from the ending of a file's name, reads neither ZIP "
        "nor Firehose's Snappy, and takes a line for a record: queries fail, or find one record "
        "where there are many."
    ),
    instead=(
        "Keep GZIP with names in .gz, or HADOOP_SNAPPY with .snappy, and AppendDelimiterToRecord; "
        "or convert to Parquet, which tells its compression itself."
    ),
    sources=(
        "https://docs.aws.amazon.com/athena/latest/ug/compression-formats.html",
        "https://docs.aws.amazon.com/athena/latest/ug/openx-json-serde.html",
        provider_page("kinesis_firehose_delivery_stream"),
    ),
)
def landed_unreadable(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """Compression, ending or delimiter of JSON objects change so that Athena does not read them,
    under a Glue table of the same plan.
    """
    if not change.compares or any(change.unknown(f"{_S3}.{name}") for name in _READ):
        return
    tables = [
        table
        for table in plan.of_type("aws_glue_catalog_table")
        if table.action not in (Action.DELETE, Action.FORGET)
    ]
    old, new = _layout(change.before), _layout(change.after)
    if not tables or old is None or new is None:
        return
    reasons = [reason.value for reason in new.unreadable if reason not in old.unreadable]
    if reasons:
        named = ", ".join(table.address for table in tables[:3]) + ", …" * (len(tables) > 3)
        written = f"{clean(new.compression)}, names in {clean(str(new.file_extension))}"
        if new.file_extension is None:
            written = clean(new.compression)
        yield Observation(
            f"Athena no longer reads what {change.name} writes ({written}) for {named}: "
            f"{'; '.join(reasons)}"
        )


def _layout(values: Any) -> LandingLayout | None:
    destination = at(values, _S3)
    if not destination:
        return None
    conversion = at(values, _CONVERSION)
    converts = bool(conversion) and conversion.get("enabled") is not False
    processing = at(values, _PROCESSORS) or {}
    delimits = processing.get("enabled") is not False and any(
        parameter.get("parameter_name") == "Delimiter" or _appends(processor)
        for processor in processing.get("processors") or []
        for parameter in processor.get("parameters") or [{}]
    )
    return LandingLayout(
        prefix="",
        file_format="parquet" if converts else "json",
        compression=str(destination.get("compression_format") or "UNCOMPRESSED"),
        file_extension=destination.get("file_extension") or None,
        newline_delimiter=delimits,
    )


def _appends(processor: Any) -> bool:
    # the provider drops the type of one that only adds a delimiter
    return not processor.get("type") or processor["type"] == "AppendDelimiterToRecord"
