"""Firehose transforms records in another way, backs them up elsewhere, or sends them elsewhere."""

from collections.abc import Iterator
from typing import Any

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.redaction import clean
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity
from dms_stream.review.values import at

_TYPE = "aws_kinesis_firehose_delivery_stream"
DESTINATIONS = (
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
"""The blocks of the places that Firehose delivers to."""

ADDRESSES = (
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
)
"""Their attributes that say where to."""

_BACKUP = "s3_backup_mode"
_ALL = ("Enabled", "AllDocuments", "AllData", "AllEvents")
_RETRY = ("retry_duration", "retry_options.0.duration")
# read by rules of their own
_OF_S3 = ("MetadataExtraction", "AppendDelimiterToRecord", "RecordDeAggregation")


@rule(
    Severity.INTERRUPTION,
    types=(_TYPE,),
    judges={
        _TYPE: (
            "destination",
            *(
                f"{block}.{name}"
                for block in DESTINATIONS
                for name in (
                    *ADDRESSES,
                    _BACKUP,
                    "s3_backup_configuration",
                    "s3_configuration",
                    "processing_configuration",
                    "retry_duration",
                    "retry_options",
                    "role_arn",
                    "request_configuration",
                    "secrets_manager_configuration",
                    "vpc_config",
                )
            ),
            *(f"{block}.buffering_interval" for block in DESTINATIONS),
            *(f"{block}.buffering_size" for block in DESTINATIONS),
        )
    },
    why=(
        "A transformation decides what is delivered and in which shape: what it drops is gone, and "
        "what it fails on lands among the errors. Without a backup only the result is left."
    ),
    instead=(
        "Try the function on records of today first. Keep the backup of the source records while "
        "you change it, and watch ExecuteProcessing.Success and the error prefix."
    ),
    sources=(
        "https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html",
        "https://docs.aws.amazon.com/firehose/latest/dev/create-configure-backup.html",
        provider_page("kinesis_firehose_delivery_stream"),
    ),
    others=(Severity.DATA_LOSS, Severity.NOTICE),
)
def delivery_changed(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A transformation (Lambda, decompression and alike) is switched on, off or changed; the backup
    of source records ends; retries end earlier; the destination or its address changes.
    """
    if not change.compares:
        return
    if change.changed("destination"):
        yield Observation(f"{change.name} delivers elsewhere: {change.step('destination')}")
    for block in DESTINATIONS:
        path = f"{block}.0"
        if not change.old(block) or not change.new(block):
            continue
        if not change.unknown(f"{path}.processing_configuration"):
            old, new = (_processors(values, path) for values in (change.before, change.after))
            if old != new:
                before, after = (
                    ", ".join(each) or "nothing" for each in (_named(old), _named(new))
                )
                step = f"{before} → {after}" if before != after else f"{after} works in another way"
                yield Observation(f"{change.name} transforms records: {step}")
        backup = f"{path}.{_BACKUP}"
        if change.changed(backup) and change.old(backup) in _ALL:
            yield Observation(
                f"{change.name} no longer backs up the source records: {change.step(backup)}",
                severity=Severity.DATA_LOSS,
            )
        elif change.changed(backup):
            yield Observation(f"{change.name}: {change.step(backup)}", severity=Severity.NOTICE)
        steps = [
            change.step(f"{path}.{name}").removeprefix(f"{path}.")
            for name in (*ADDRESSES, "role_arn", "vpc_config", "secrets_manager_configuration")
            if change.changed(f"{path}.{name}")
        ]
        if steps:
            yield Observation(
                f"{change.name} delivers elsewhere, or as somebody else: {', '.join(steps)}"
            )
        for name in _RETRY:
            retry = f"{path}.{name}"
            if change.changed(retry) and (change.new(retry) or 0) < (change.old(retry) or 0):
                yield Observation(f"{change.name} gives up earlier: {change.step(retry)}")
        for name in ("s3_backup_configuration", "s3_configuration"):
            yield from _backup_place(change, f"{path}.{name}.0")


def _backup_place(change: ResourceChange, path: str) -> Iterator[Observation]:
    for name in (
        "bucket_arn",
        "prefix",
        "error_output_prefix",
        "compression_format",
        "kms_key_arn",
    ):
        if change.changed(f"{path}.{name}"):
            yield Observation(
                f"{change.name}: {change.step(f'{path}.{name}').removeprefix(path)[1:]}",
                severity=Severity.NOTICE,
                why="Backups and failed records lie elsewhere, or look different, from now on.",
                instead="Tell the people who look after them.",
            )


Processor = tuple[str, tuple[tuple[str, str], ...]]


def _processors(values: Any, path: str) -> list[Processor]:
    configuration = at(values, f"{path}.processing_configuration.0") or {}
    if configuration.get("enabled") is False:
        return []
    found = []
    for each in configuration.get("processors") or []:
        kind = str(each.get("type") or "")
        # the provider drops the type of one that only adds a delimiter
        if not kind or (kind in _OF_S3 and path.startswith("extended_s3")):
            continue
        parameters = tuple(
            sorted(
                (str(one.get("parameter_name")), str(one.get("parameter_value")))
                for one in each.get("parameters") or []
            )
        )
        found.append((kind, parameters))
    return found


def _named(processors: list[Processor]) -> list[str]:
    return [clean(kind) for kind, _ in processors]
