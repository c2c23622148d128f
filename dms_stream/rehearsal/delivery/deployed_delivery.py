"""What a deployed delivery stream does, read back from AWS completely or refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from botocore.exceptions import ClientError

from dms_stream.rehearsal.delivery.clients import Clients
from dms_stream.rehearsal.delivery.compression import ENCODERS
from dms_stream.rehearsal.delivery.conversion import ParquetConversion, read_conversion
from dms_stream.rehearsal.delivery.errors import DeliveryError
from dms_stream.rehearsal.delivery.partitioning import MetadataExtraction
from dms_stream.rehearsal.delivery.prefixes import Prefix
from dms_stream.rehearsal.errors import RefusedError

_MIB = 1024 * 1024
# https://docs.aws.amazon.com/firehose/latest/APIReference/API_BufferingHints.html
_DEFAULT_SIZE_MIB = 5
_DEFAULT_INTERVAL_SECONDS = 300
# https://docs.aws.amazon.com/firehose/latest/dev/limits.html
_ACTIVE_PARTITIONS = 500

_READ = {
    *("RoleARN", "BucketARN", "Prefix", "ErrorOutputPrefix", "BufferingHints", "FileExtension"),
    *("CompressionFormat", "EncryptionConfiguration", "CloudWatchLoggingOptions", "S3BackupMode"),
    *("ProcessingConfiguration", "DataFormatConversionConfiguration", "CustomTimeZone"),
    *("DynamicPartitioningConfiguration", "S3BackupDescription"),
}
_PROCESSORS = {
    "MetadataExtraction": {"MetadataExtractionQuery", "JsonParsingEngine"},
    "AppendDelimiterToRecord": {"Delimiter"},
}
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\"}


@dataclass(frozen=True)
class LogTarget:
    """Where Firehose writes its errors in CloudWatch Logs."""

    group: str
    stream: str


@dataclass(frozen=True)
class DeployedDelivery:
    """What a delivery stream does with the records of its Kinesis stream.

    Attributes:
        name: Name of the delivery stream.
        arn: Its ARN.
        version: Number of its configuration: part of the objects' names.
        identity: Tells this delivery stream and Kinesis stream from later ones of the same names.
        stream: Name of the Kinesis stream.
        start: It delivers what arrives there from this moment on.
        bucket: Name of the bucket.
        prefix: Prefix of the data.
        error_prefix: Prefix of what could not be delivered.
        zone: Time zone of the dates in names.
        buffer_bytes: How much it collects, per partition, before it puts an object.
        buffer_interval: How long it collects.
        compression: Firehose's name for it.
        extension: Extension of the objects' names; None: that of the compression or format.
        delimiter: What comes after each record.
        extraction: Takes partition keys from a record; None without dynamic partitioning.
        active_partitions: How many partitions may be filled at once.
        conversion: To Parquet; None: the records stay as they are.
        kms_key: Key that encrypts the objects; None: the bucket's default encryption.
        log: Where errors are logged; None: nowhere.
        settings: What was read, for the reader of a report.
        remarks: Settings that are accepted but have no effect here, a sentence each.
    """

    name: str
    arn: str
    version: str
    identity: str
    stream: str
    start: datetime
    bucket: str
    prefix: Prefix
    error_prefix: Prefix
    zone: tzinfo = UTC
    buffer_bytes: int = _DEFAULT_SIZE_MIB * _MIB
    buffer_interval: timedelta = timedelta(seconds=_DEFAULT_INTERVAL_SECONDS)
    compression: str = "UNCOMPRESSED"
    extension: str | None = None
    delimiter: bytes = b""
    extraction: MetadataExtraction | None = None
    active_partitions: int = _ACTIVE_PARTITIONS
    conversion: ParquetConversion | None = None
    kms_key: str | None = None
    log: LogTarget | None = None
    settings: dict[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def read_delivery_stream(clients: Clients, name: str) -> DeployedDelivery:
    """Read a delivery stream back from AWS.

    Args:
        clients: Where it is deployed.
        name: Name of the delivery stream.

    Raises:
        DeliveryError: there is no such delivery stream, or it has no Kinesis stream as its source.
        RefusedError: it has settings that are not reproduced; all are named.
    """
    try:
        described = clients.firehose.describe_delivery_stream(DeliveryStreamName=name)
    except clients.firehose.exceptions.ResourceNotFoundException:
        raise DeliveryError(
            f"there is no delivery stream {name}: deploy the pipeline first"
        ) from None
    return _Reader(clients, described["DeliveryStreamDescription"]).read()


class _Reader:
    """Reads one description and collects everything that it refuses."""

    def __init__(self, clients: Clients, description: Mapping[str, Any]) -> None:
        self._clients = clients
        self._description = description
        self._name: str = description["DeliveryStreamName"]
        destination = description["Destinations"][0]
        if "ExtendedS3DestinationDescription" not in destination:
            raise DeliveryError(
                f"the delivery stream {self._name} has no extended S3 destination, the "
                "only kind that is rehearsed"
            )
        self._s3: Mapping[str, Any] = destination["ExtendedS3DestinationDescription"]
        self._refused: list[str] = []
        self._remarks: list[str] = []

    def read(self) -> DeployedDelivery:
        source = self._description.get("Source", {}).get("KinesisStreamSourceDescription")
        if source is None:
            raise DeliveryError(
                f"the delivery stream {self._name} does not read from a Kinesis stream, the "
                "only source that is rehearsed"
            )
        stream = source["KinesisStreamARN"].rpartition("/")[2]
        summary = self._clients.kinesis.describe_stream_summary(StreamName=stream)
        created = summary["StreamDescriptionSummary"]["StreamCreationTimestamp"]
        started = source.get("DeliveryStartTimestamp") or self._description["CreateTimestamp"]
        self._refuse_others()
        processors = self._processors()
        prefix, error_prefix = self._prefixes()
        extraction = self._extraction(processors, prefix)
        hints = self._s3.get("BufferingHints") or {}
        size_mib = hints.get("SizeInMBs", _DEFAULT_SIZE_MIB)
        interval = hints.get("IntervalInSeconds", _DEFAULT_INTERVAL_SECONDS)
        conversion = self._conversion()
        delimiter = self._delimiter(processors)
        if conversion is not None and delimiter:
            self._refused.append(
                "AppendDelimiterToRecord together with record format conversion: a columnar file "
                "has no delimiters"
            )
        zone = self._zone()
        if self._refused:
            raise RefusedError(
                f"the delivery stream {self._name} has settings that the rehearsal does not "
                "reproduce; nothing was moved",
                self._refused,
            )
        compression = self._s3.get("CompressionFormat") or "UNCOMPRESSED"
        return DeployedDelivery(
            name=self._name,
            arn=self._description["DeliveryStreamARN"],
            version=self._description["VersionId"],
            identity=" ".join(
                [
                    self._description["DeliveryStreamARN"],
                    self._description["CreateTimestamp"].isoformat(),
                    created.isoformat(),
                ]
            ),
            stream=stream,
            start=started,
            bucket=self._s3["BucketARN"].rpartition(":")[2],
            prefix=prefix,
            error_prefix=error_prefix,
            zone=zone,
            buffer_bytes=size_mib * _MIB,
            buffer_interval=timedelta(seconds=interval),
            compression=compression,
            extension=self._s3.get("FileExtension") or None,
            delimiter=delimiter,
            extraction=extraction,
            conversion=conversion,
            kms_key=self._kms_key(),
            log=self._log(),
            settings={
                "buffer": f"{size_mib} MiB or {interval} s",
                "format": "Parquet" if conversion else "as DMS writes it",
                "compression": conversion.compression if conversion else compression,
                "delimiter": repr(delimiter.decode())[1:-1] or "none",
                "prefix": prefix.expression,
                "error prefix": error_prefix.expression,
                "time zone": str(zone),
                "partition keys": extraction.query if extraction else "none",
            },
            remarks=tuple(self._remarks),
        )

    def _refuse_others(self) -> None:
        s3 = self._s3
        self._refused += [
            f"{name} is not reproduced" for name, value in s3.items() if value and name not in _READ
        ]
        if s3.get("S3BackupMode") == "Enabled":
            self._refused.append(
                "S3BackupMode Enabled: the backup of the source records is not reproduced"
            )
        compression = s3.get("CompressionFormat") or "UNCOMPRESSED"
        if compression not in ENCODERS:
            self._refused.append(f"unknown CompressionFormat {compression}")

    def _processors(self) -> dict[str, dict[str, str]]:
        configuration = self._s3.get("ProcessingConfiguration") or {}
        found: dict[str, dict[str, str]] = {}
        if not configuration.get("Enabled"):
            return found
        for processor in configuration.get("Processors", []):
            kind = processor["Type"]
            parameters = {
                one["ParameterName"]: one["ParameterValue"]
                for one in processor.get("Parameters", [])
            }
            if kind not in _PROCESSORS:
                self._refused.append(f"the processor {kind} is not reproduced")
            elif kind in found:
                self._refused.append(f"the processor {kind} is listed twice")
            else:
                self._refused += [
                    f"{kind}: the parameter {name} is not reproduced"
                    for name in parameters
                    if name not in _PROCESSORS[kind]
                ]
                found[kind] = parameters
        return found

    def _prefixes(self) -> tuple[Prefix, Prefix]:
        given, given_error = self._s3.get("Prefix") or "", self._s3.get("ErrorOutputPrefix") or None
        prefix = error_prefix = Prefix("")
        try:
            prefix = Prefix.of_data(given)
        except ValueError as error:
            self._refused.append(f"Prefix: {error}")
        try:
            error_prefix = Prefix.of_errors(given_error, given)
        except ValueError as error:
            self._refused.append(f"ErrorOutputPrefix: {error}")
        return prefix, error_prefix

    def _extraction(
        self, processors: Mapping[str, Mapping[str, str]], prefix: Prefix
    ) -> MetadataExtraction | None:
        dynamic = self._s3.get("DynamicPartitioningConfiguration") or {}
        parameters = processors.get("MetadataExtraction")
        if not dynamic.get("Enabled"):
            if parameters is not None or prefix.keys:
                self._refused.append(
                    "partition keys without dynamic partitioning, which Firehose refuses too"
                )
            return None
        if parameters is None:
            self._refused.append("dynamic partitioning without MetadataExtraction")
            return None
        engine = parameters.get("JsonParsingEngine", "JQ-1.6")
        if engine != "JQ-1.6":
            self._refused.append(f"MetadataExtraction: unknown JsonParsingEngine {engine}")
        if retry := (dynamic.get("RetryOptions") or {}).get("DurationInSeconds"):
            self._remarks.append(
                f"DynamicPartitioning's RetryOptions ({retry} s) have no effect here: a put that "
                "fails ends the rehearsal, and the next run continues from there"
            )
        try:
            return MetadataExtraction(parameters.get("MetadataExtractionQuery", ""), prefix.keys)
        except ValueError as error:
            self._refused.append(f"MetadataExtractionQuery: {error}")
            return None

    def _delimiter(self, processors: Mapping[str, Mapping[str, str]]) -> bytes:
        parameters = processors.get("AppendDelimiterToRecord")
        if parameters is None:
            return b""
        text = parameters.get("Delimiter", r"\n")
        found = ""
        rest = iter(text)
        for character in rest:
            # Firehose is given a backslash and a letter
            found += _ESCAPES.get(next(rest, ""), "") if character == "\\" else character
        if not found:
            self._refused.append(f"AppendDelimiterToRecord: unknown Delimiter {text!r}")
        return found.encode()

    def _conversion(self) -> ParquetConversion | None:
        configuration = self._s3.get("DataFormatConversionConfiguration") or {}
        # it is on unless Enabled says otherwise
        if not configuration or not configuration.get("Enabled", True):
            return None
        schema = configuration["SchemaConfiguration"]
        try:
            table = self._clients.glue.get_table(
                DatabaseName=schema["DatabaseName"], Name=schema["TableName"]
            )["Table"]
        except ClientError as error:
            self._refused.append(f"the conversion's Glue table cannot be read: {error}")
            return None
        conversion, refused, remarks = read_conversion(configuration, table)
        self._refused += refused
        self._remarks += remarks
        return conversion

    def _zone(self) -> tzinfo:
        name = self._s3.get("CustomTimeZone") or "UTC"
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            self._refused.append(f"CustomTimeZone {name} is unknown on this machine")
            return UTC

    def _kms_key(self) -> str | None:
        encryption = self._s3.get("EncryptionConfiguration") or {}
        key = (encryption.get("KMSEncryptionConfig") or {}).get("AWSKMSKeyARN")
        return str(key) if key else None

    def _log(self) -> LogTarget | None:
        options = self._s3.get("CloudWatchLoggingOptions") or {}
        if not options.get("Enabled"):
            return None
        return LogTarget(options["LogGroupName"], options["LogStreamName"])
