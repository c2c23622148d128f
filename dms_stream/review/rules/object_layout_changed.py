"""Objects lie elsewhere, or look different, from what their readers expect."""

from collections.abc import Iterator
from typing import Any

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity
from dms_stream.review.values import at

_S3 = "extended_s3_configuration.0."
_PATHS = (
    "prefix",
    "compression_format",
    "file_extension",
    "custom_time_zone",
    "bucket_arn",
)
_CONVERSION = f"{_S3}data_format_conversion_configuration.0"
_READS = ("schema_configuration.0.", "input_format_configuration.0.")
_APPENDS = "AppendDelimiterToRecord"
_QUERY, _DELIMITER = "MetadataExtractionQuery", "Delimiter"


@rule(
    Severity.INTERRUPTION,
    types=("aws_kinesis_firehose_delivery_stream",),
    judges=tuple(
        f"extended_s3_configuration.{name}"
        for name in (*_PATHS, "data_format_conversion_configuration", "error_output_prefix")
    ),
    why=(
        "Readers expect the objects where, and as, they were: queries find nothing or fail, and "
        "what landed before stays as it is."
    ),
    instead=(
        "Deliver the new layout below another prefix, with a table of its own, and move the "
        "readers over; or check that every reader accepts both."
    ),
    sources=(
        "https://docs.aws.amazon.com/firehose/latest/dev/s3-object-name.html",
        "https://docs.aws.amazon.com/firehose/latest/dev/record-format-conversion.html",
        provider_page("kinesis_firehose_delivery_stream"),
    ),
    others=(Severity.NOTICE,),
)
def object_layout_changed(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """Prefix, compression, format, partition keys or delimiter of what Firehose writes changes."""
    if not change.compares:
        return
    steps = [change.step(_S3 + path) for path in _PATHS if change.changed(_S3 + path)]
    steps = [step.removeprefix(_S3) for step in steps]
    old_format, new_format = _format(change.before), _format(change.after)
    if old_format != new_format and not change.unknown(_CONVERSION):
        steps.append(f"format: {old_format} → {new_format}")
    if old_format == new_format and not change.unknown(_CONVERSION):
        parts = [f"{_CONVERSION}.{name}" for name in _READS]
        steps += [
            change.step(path).removeprefix(f"{_CONVERSION}.")
            for path in change.differing()
            if path.startswith(tuple(parts))
        ]
    old, new = _parameters(change.before), _parameters(change.after)
    if not change.unknown(f"{_S3}processing_configuration"):
        if old.get(_QUERY) != new.get(_QUERY):
            steps.append("the expressions of the partition keys change")
        if old.get(_DELIMITER) != new.get(_DELIMITER):
            what = (
                "changed"
                if new.get(_DELIMITER) and old.get(_DELIMITER)
                else ("added" if new.get(_DELIMITER) else "removed")
            )
            steps.append(f"the delimiter between records is {what}")
    if steps:
        yield Observation(f"{change.name}: {'; '.join(steps)}.{_table_follows(plan)}")
    errors = f"{_S3}error_output_prefix"
    if change.changed(errors):
        yield Observation(
            f"{change.name}: {change.step(errors).removeprefix(_S3)}",
            severity=Severity.NOTICE,
            why="Whoever watches for failed records looks in the old place.",
            instead="Tell them.",
        )


def _format(values: Any) -> str:
    conversion = at(values, _CONVERSION)
    if not conversion or conversion.get("enabled") is False:
        return "as it comes (JSON)"
    serializer = at(conversion, "output_format_configuration.0.serializer.0") or {}
    return "ORC" if serializer.get("orc_ser_de") else "Parquet"


def _parameters(values: Any) -> dict[str, str]:
    processing = at(values, f"{_S3}processing_configuration.0") or {}
    processors = processing.get("processors") or []
    if processing.get("enabled") is False:
        return {}
    # the provider leaves out the parameter where it is the default, a newline
    appends = any(each.get("type") == _APPENDS for each in processors)
    return ({_DELIMITER: "\\n"} if appends else {}) | {
        str(parameter.get("parameter_name")): str(parameter.get("parameter_value"))
        for processor in processors
        for parameter in processor.get("parameters") or []
    }


def _table_follows(plan: Plan) -> str:
    tables = plan.tables_that_change
    if tables:
        named = ", ".join(tables[:3]) + ", …" * (len(tables) > 3)
        one = len(tables) == 1
        follow = f"table {named} follows" if one else f"tables {named} follow"
        who = "it" if one else "they"
        return f" The {follow}; what landed before {who} may no longer find."
    return " No Glue table of this plan follows."
