"""What is read back of a delivery stream, and all that is refused by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dms_stream.rehearsal.delivery import (
    Clients,
    DeliveryError,
    DeployedDelivery,
    read_delivery_stream,
)
from dms_stream.rehearsal.errors import RefusedError
from tests.support.delivery_setup import NEWLINE, processing

CREATED = datetime(2024, 7, 29, tzinfo=UTC)
STREAM = "arn:aws:kinesis:eu-west-1:123456789012:stream/tickets-stream"
JQ = {"MetadataExtractionQuery": '{t:.metadata["table-name"]}', "JsonParsingEngine": "JQ-1.6"}
PARTITIONED: dict[str, Any] = {
    "Prefix": "t=!{partitionKeyFromQuery:t}/",
    "ErrorOutputPrefix": "e/!{firehose:error-output-type}/",
    "DynamicPartitioningConfiguration": {"Enabled": True},
    **processing(MetadataExtraction=JQ),
}
COLUMNS = [{"Name": "data", "Type": "struct<id:bigint>"}, {"Name": "metadata", "Type": "string"}]


def conversion(serializer: Mapping[str, Any], deserializer: Mapping[str, Any]) -> dict[str, Any]:
    """A DataFormatConversionConfiguration."""
    return {
        "DataFormatConversionConfiguration": {
            "Enabled": True,
            "InputFormatConfiguration": {"Deserializer": deserializer},
            "OutputFormatConfiguration": {"Serializer": serializer},
            "SchemaConfiguration": {"DatabaseName": "d", "TableName": "t", "RoleARN": "r"},
        }
    }


class Missing(Exception):  # noqa: N818
    """AWS's ResourceNotFoundException."""


@dataclass
class Aws:
    """An AWS that has one delivery stream."""

    s3: dict[str, Any]
    source: dict[str, Any] | None = None
    columns: Any = None

    class exceptions:  # noqa: N801
        """As boto3 has them."""

        ResourceNotFoundException = Missing

    def describe_delivery_stream(self, *, DeliveryStreamName: str) -> Any:  # noqa: N803
        """The delivery stream."""
        if DeliveryStreamName == "gone":
            raise Missing
        source = {"KinesisStreamSourceDescription": {"KinesisStreamARN": STREAM}}
        return {
            "DeliveryStreamDescription": {
                "DeliveryStreamName": DeliveryStreamName,
                "DeliveryStreamARN": "arn:aws:firehose:eu-west-1:123456789012:deliverystream/d",
                "VersionId": "4",
                "CreateTimestamp": CREATED,
                "Source": source if self.source is None else self.source,
                "Destinations": [
                    {
                        "ExtendedS3DestinationDescription": {
                            "BucketARN": "arn:aws:s3:::landing",
                            "RoleARN": "r",
                            **self.s3,
                        }
                    }
                ],
            }
        }

    def describe_stream_summary(self, *, StreamName: str) -> Any:  # noqa: N803
        """Its Kinesis stream."""
        assert StreamName == "tickets-stream"
        return {"StreamDescriptionSummary": {"StreamCreationTimestamp": CREATED}}

    def get_table(self, *, DatabaseName: str, Name: str) -> Any:  # noqa: ARG002, N803
        """The Glue table."""
        return {"Table": {"StorageDescriptor": {"Columns": self.columns or COLUMNS}}}


def delivery_of(columns: Any = None, **s3: Any) -> DeployedDelivery:
    """The plan of a delivery stream with these settings."""
    aws = Aws(s3, columns=columns)
    return read_delivery_stream(Clients(aws, aws, aws, aws, aws), "delivery")


def refusals_of(columns: Any = None, **s3: Any) -> tuple[str, ...]:
    """What is refused of these settings."""
    with pytest.raises(RefusedError, match="the delivery stream delivery has settings") as refused:
        delivery_of(columns, **s3)
    return refused.value.refusals


def test_defaults_are_those_of_firehose() -> None:
    delivery = delivery_of()
    assert (delivery.buffer_bytes, delivery.buffer_interval) == (5 * 2**20, timedelta(seconds=300))
    assert (delivery.compression, delivery.delimiter, delivery.zone.tzname(CREATED)) == (
        "UNCOMPRESSED",
        b"",
        "UTC",
    )
    assert (delivery.stream, delivery.bucket, delivery.version) == (
        "tickets-stream",
        "landing",
        "4",
    )
    assert delivery.start == CREATED
    assert delivery.remarks == ()


def test_everything_that_is_set_is_read() -> None:
    delivery = delivery_of(
        **PARTITIONED
        | processing(MetadataExtraction=JQ, **NEWLINE)
        | {
            "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 60},
            "CompressionFormat": "GZIP",
            "CustomTimeZone": "Europe/Berlin",
            "FileExtension": ".json.gz",
            "S3BackupMode": "Disabled",
            "EncryptionConfiguration": {"KMSEncryptionConfig": {"AWSKMSKeyARN": "key"}},
            "CloudWatchLoggingOptions": {
                "Enabled": True,
                "LogGroupName": "g",
                "LogStreamName": "s",
            },
            "DynamicPartitioningConfiguration": {
                "Enabled": True,
                "RetryOptions": {"DurationInSeconds": 300},
            },
        }
    )
    assert (delivery.buffer_bytes, delivery.buffer_interval) == (64 * 2**20, timedelta(seconds=60))
    assert (delivery.compression, delivery.extension, delivery.delimiter) == (
        "GZIP",
        ".json.gz",
        b"\n",
    )
    assert (str(delivery.zone), delivery.kms_key) == ("Europe/Berlin", "key")
    assert delivery.log is not None
    assert (delivery.log.group, delivery.log.stream) == ("g", "s")
    assert delivery.prefix.keys == ["t"]
    assert delivery.extraction is not None
    assert delivery.settings["buffer"] == "64 MiB or 60 s"
    assert delivery.settings["delimiter"] == r"\n"
    [remark] = delivery.remarks
    assert remark.startswith("DynamicPartitioning's RetryOptions (300 s) have no effect here")


def test_delivery_starts_where_aws_says() -> None:
    later = datetime(2024, 8, 1, tzinfo=UTC)
    source = {
        "KinesisStreamSourceDescription": {
            "KinesisStreamARN": STREAM,
            "DeliveryStartTimestamp": later,
        }
    }
    aws = Aws({}, source)
    assert read_delivery_stream(Clients(aws, aws, aws, aws, aws), "delivery").start == later


def test_processors_that_are_off_are_off() -> None:
    off = {"Enabled": False, "Processors": [{"Type": "Lambda", "Parameters": []}]}
    assert delivery_of(ProcessingConfiguration=off).delimiter == b""


@pytest.mark.parametrize(
    ("delimiter", "found"), [(r"\n", b"\n"), (r"\r\n", b"\r\n"), ("|", b"|"), (r"\\", b"\\")]
)
def test_delimiters(delimiter: str, found: bytes) -> None:
    delivery = delivery_of(**processing(AppendDelimiterToRecord={"Delimiter": delimiter}))
    assert delivery.delimiter == found


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"CompressionFormat": "ZSTD"}, "unknown CompressionFormat ZSTD"),
        ({"S3BackupMode": "Enabled"}, "S3BackupMode Enabled: the backup of the source records"),
        ({"SomethingNew": {"Enabled": True}}, "SomethingNew is not reproduced"),
        ({"CustomTimeZone": "Mars/Base"}, "CustomTimeZone Mars/Base is unknown"),
        (processing(Lambda={}), "the processor Lambda is not reproduced"),
        (processing(RecordDeAggregation={"SubRecordType": "JSON"}), "the processor RecordDeAgg"),
        (
            processing(AppendDelimiterToRecord={"Delimiter": r"\n", "Other": "1"}),
            "AppendDelimiterToRecord: the parameter Other is not reproduced",
        ),
        (processing(AppendDelimiterToRecord={"Delimiter": r"\q"}), r"unknown Delimiter '\\\\q'"),
        ({"Prefix": "!{timestamp:YYYY}/", "ErrorOutputPrefix": "e/"}, "Prefix: the pattern YYYY"),
        ({"Prefix": "!{timestamp:yyyy}/"}, "ErrorOutputPrefix: is required when Prefix contains"),
        (
            PARTITIONED | {"DynamicPartitioningConfiguration": {"Enabled": False}},
            "partition keys without dynamic partitioning",
        ),
        (
            PARTITIONED | {"ProcessingConfiguration": {"Enabled": False}},
            "dynamic partitioning without MetadataExtraction",
        ),
        (
            PARTITIONED | processing(MetadataExtraction=JQ | {"JsonParsingEngine": "JQ-2"}),
            "unknown JsonParsingEngine JQ-2",
        ),
        (
            PARTITIONED | processing(MetadataExtraction=JQ | {"MetadataExtractionQuery": "{a:"}),
            "MetadataExtractionQuery: .*syntax error",
        ),
        (
            conversion({"OrcSerDe": {}}, {"OpenXJsonSerDe": {}}),
            "conversion to ORC: the rehearsal writes",
        ),
        (
            conversion({"ParquetSerDe": {}}, {"HiveJsonSerDe": {}}),
            "HiveJsonSerDe is not reproduced, only OpenX",
        ),
        (
            conversion(
                {"ParquetSerDe": {}},
                {"OpenXJsonSerDe": {"ConvertDotsInJsonKeysToUnderscores": True}},
            ),
            "ConvertDotsInJsonKeysToUnderscores is not reproduced",
        ),
        (
            conversion({"ParquetSerDe": {}}, {"OpenXJsonSerDe": {}})
            | processing(AppendDelimiterToRecord={"Delimiter": r"\n"}),
            "AppendDelimiterToRecord together with record format conversion",
        ),
    ],
)
def test_what_is_not_reproduced_is_refused_by_name(settings: dict[str, Any], reason: str) -> None:
    import re

    assert any(re.search(reason, one) for one in refusals_of(**settings)), refusals_of(**settings)


def test_all_refusals_are_told_together() -> None:
    found = refusals_of(CompressionFormat="ZSTD", S3BackupMode="Enabled", CustomTimeZone="X/Y")
    assert len(found) == 3


@pytest.mark.parametrize(
    ("type_", "reason"),
    [
        ("binary", "the type binary is not reproduced"),
        ("struct<a:int", "lacks > before its end"),
        ("map<int,string>", "a map's keys must be strings"),
        ("int>", "unexpected >"),
        ("", "nothing is not a Glue column type"),
    ],
)
def test_a_column_that_cannot_be_converted_is_named(type_: str, reason: str) -> None:
    [refusal] = refusals_of(
        columns=[{"Name": "odd", "Type": type_}],
        **conversion({"ParquetSerDe": {}}, {"OpenXJsonSerDe": {}}),
    )
    assert refusal.startswith("column odd of the Glue table: ")
    assert reason in refusal


def test_settings_without_effect_are_told() -> None:
    parquet = {"Compression": "GZIP", "WriterVersion": "V2", "PageSizeBytes": 65536}
    delivery = delivery_of(**conversion({"ParquetSerDe": parquet}, {"OpenXJsonSerDe": {}}))
    assert delivery.conversion is not None
    assert (delivery.conversion.compression, delivery.conversion.writer_version) == ("GZIP", "V2")
    assert delivery.remarks == (
        "ParquetSerDe.PageSizeBytes has no effect here: DuckDB decides the layout inside the files",
    )


@pytest.mark.parametrize(("switch", "is_on"), [({}, True), ({"Enabled": False}, False)])
def test_a_conversion_is_on_unless_it_says_otherwise(switch: dict[str, bool], is_on: bool) -> None:
    given = conversion({"ParquetSerDe": {}}, {"OpenXJsonSerDe": {}})
    configuration = given["DataFormatConversionConfiguration"]
    del configuration["Enabled"]
    configuration |= switch
    assert (delivery_of(**given).conversion is not None) is is_on


def test_a_delivery_stream_that_is_not_there() -> None:
    aws = Aws({})
    with pytest.raises(DeliveryError, match="there is no delivery stream gone: deploy the pipe"):
        read_delivery_stream(Clients(aws, aws, aws, aws, aws), "gone")


def test_a_delivery_stream_without_a_kinesis_stream() -> None:
    aws = Aws({}, source={})
    with pytest.raises(DeliveryError, match="does not read from a Kinesis stream"):
        read_delivery_stream(Clients(aws, aws, aws, aws, aws), "delivery")
