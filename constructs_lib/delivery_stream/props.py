"""Props of the Firehose delivery stream."""

import re
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from constructs_lib.bucket_name import Folder
from constructs_lib.delivery_stream.expressions import (
    ErrorPrefix,
    JqExpression,
    folder_of,
    literal_start,
    value_or,
)
from constructs_lib.errors import Fault
from constructs_lib.faults import refuse
from constructs_lib.landing_bucket import LandingLayout, TimePartition
from constructs_lib.props import (
    Duration,
    Form,
    Props,
    TimeZoneName,
    default_kind,
    different,
    whole_days,
    whole_seconds,
)

# https://docs.aws.amazon.com/firehose/latest/APIReference/API_CreateDeliveryStream.html
DeliveryStreamName = Annotated[str, Field(pattern=r"^[a-zA-Z0-9_.-]{1,64}$")]
"""1 to 64 letters, digits, `_`, `.` and `-`."""

PartitionKey = Annotated[
    str,
    Form(
        r"^[a-z][a-z0-9_]{0,63}$",
        "1 to 64 lower-case letters, digits and `_`, beginning with a letter: it becomes a column "
        "of the table",
    ),
]
"""1 to 64 lower-case letters, digits and `_`, a letter first: it becomes a column of the table."""

# https://docs.aws.amazon.com/firehose/latest/APIReference/API_ProcessorParameter.html
_QUERY_MAX_LENGTH = 5120
_PATH = re.compile(r"(\.[A-Za-z_][A-Za-z0-9_]*)+")
_LARGE_BUFFER_MIB = 64
_CONVERSION_BUFFER_MIB = 128

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
_RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557),
    *(2922, 3288, 3653),
)


# Firehose counts bytes in integers of 32 bits, in which larger sizes wrap around
_INT_MIB, _INT_KIB = 2047, 2_097_151
# https://docs.aws.amazon.com/firehose/latest/APIReference/API_ExtendedS3DestinationConfiguration.html
_PREFIX_MAX_LENGTH = 1024


class JsonFormat(Props):
    """The records as DMS writes them, as JSON."""

    kind: Literal["json"] = "json"
    """The records as they are."""

    compression: Literal["UNCOMPRESSED", "GZIP", "ZIP", "Snappy", "HADOOP_SNAPPY"] = "GZIP"
    """Compression of the objects. Default: GZIP. Athena reads neither ZIP nor Snappy as Firehose
    writes it, but HADOOP_SNAPPY. Source:
    https://docs.aws.amazon.com/athena/latest/ug/compression-formats.html"""

    newline_delimiter: bool = True
    """Whether Firehose appends a newline to each record. Default: yes. Without it the records of
    an object stand on one line, which Athena reads as one record, unless DMS ends each itself,
    which its guide does not say: a data_catalog needs it."""


class ParquetFormat(Props):
    """Records converted to Apache Parquet; needs a Glue table."""

    kind: Literal["parquet"]
    """Apache Parquet."""

    compression: Literal["UNCOMPRESSED", "GZIP", "SNAPPY"] | None = None
    """Compression inside the files. Default: SNAPPY."""

    writer_version: Literal["V1", "V2"] | None = None
    """Version of the row format. Default: V1."""

    dictionary_compression: bool | None = None
    """Whether values that repeat are stored once. Default: no."""

    block_mib: Annotated[int, Field(ge=64, le=_INT_MIB)] | None = None
    """Size of a row group, 64 to 2047 MiB. Default: 256 MiB. Source:
    https://docs.aws.amazon.com/firehose/latest/APIReference/API_ParquetSerDe.html"""

    page_kib: Annotated[int, Field(ge=64, le=_INT_KIB)] | None = None
    """Size of a page, 64 to 2097151 KiB. Default: 1024 KiB."""


class OrcFormat(Props):
    """Records converted to Apache ORC; needs a Glue table."""

    kind: Literal["orc"]
    """Apache ORC."""

    compression: Literal["NONE", "ZLIB", "SNAPPY"] | None = None
    """Compression inside the files. Default: SNAPPY."""

    format_version: Literal["V0_11", "V0_12"] | None = None
    """Version of the file format. Default: V0_12."""

    bloom_filter_columns: Annotated[
        tuple[Annotated[str, Field(min_length=1)], ...], AfterValidator(different)
    ] = ()
    """Columns of the Glue table with a Bloom filter, which speeds up searches for single values:
    of `data`, `metadata`, `control` and `before_image` those that it has. Default: none."""

    block_mib: Annotated[int, Field(ge=64, le=_INT_MIB)] | None = None
    """Size of an HDFS block, 64 to 2047 MiB. Default: 256 MiB. Source:
    https://docs.aws.amazon.com/firehose/latest/APIReference/API_OrcSerDe.html"""

    stripe_mib: Annotated[int, Field(ge=8, le=_INT_MIB)] | None = None
    """Size of a stripe, 8 to 2047 MiB. Default: 64 MiB."""


Format = Annotated[
    JsonFormat | ParquetFormat | OrcFormat, Field(discriminator="kind"), default_kind("json")
]
"""`kind: json`, `kind: parquet` or `kind: orc`."""


class NoPartitioning(Props):
    """One folder for all tables, by date."""

    kind: Literal["none"] = "none"
    """By date alone; costs nothing."""

    @property
    def expressions(self) -> dict[str, str]:
        """jq expression of each partition key."""
        return {}


class _DynamicPartitioning(Props):
    retry: Annotated[Duration, whole_seconds(0, 7200)] = timedelta(seconds=300)
    """How long Firehose tries again to put a partition's objects, 0 to 7200 whole seconds. Default:
    300 seconds. Source:
    https://docs.aws.amazon.com/firehose/latest/APIReference/API_RetryOptions.html"""


class PartitioningByTable(_DynamicPartitioning):
    """A folder for each table of the source: `schema_name=…/table_name=…/`.

    Each combination of table and date that is being filled is an active partition, of which a
    delivery stream has 500 at first: beyond them records go to the error prefix.
    https://docs.aws.amazon.com/firehose/latest/dev/limits.html
    """

    kind: Literal["by-table"]
    """By schema and table; paid by volume and object."""

    fallback: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")] = "unnamed"
    """Folder of records without a schema or table name: control records of DMS that belong to no
    table. Default: `unnamed`. Without a fallback they would go to the error prefix."""

    @property
    def expressions(self) -> dict[str, str]:
        """jq expression of each partition key."""
        return {
            "schema_name": value_or('.metadata["schema-name"]', self.fallback),
            "table_name": value_or('.metadata["table-name"]', self.fallback),
        }


class CustomPartitioning(_DynamicPartitioning):
    """Folders by values of the records that you choose: `<key>=<value>/`."""

    kind: Literal["custom"]
    """By keys of your own; paid by volume and object."""

    keys: Annotated[dict[PartitionKey, JqExpression], Field(min_length=1)]
    """Partition keys in the order of the folders, and the jq 1.6 expression of each, such as
    `operation: .metadata.operation`. Each must give one value for each record, control records
    included, which have no `data`: `.data.region // "unnamed"`. A record of which a column is null
    goes to the error prefix, unless there is such a fallback. Source:
    https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-partitioning-keys.html"""

    @field_validator("keys")
    @classmethod
    def _refuse_too_long(cls, keys: dict[str, str]) -> dict[str, str]:
        query = metadata_query(_in_brackets(keys))
        length = len(query)
        if length > _QUERY_MAX_LENGTH:
            raise ValueError(
                f"Firehose takes {_QUERY_MAX_LENGTH} characters for all expressions together; "
                f"these are {length}: shorten them (https://docs.aws.amazon.com/firehose/latest/"
                "APIReference/API_ProcessorParameter.html)"
            )
        return keys

    @property
    def expressions(self) -> dict[str, str]:
        """jq expression of each partition key."""
        return _in_brackets(self.keys)


def _in_brackets(expressions: dict[str, str]) -> dict[str, str]:
    # jq 1.6 takes no operator such as // as an object's value:
    # https://github.com/jqlang/jq/issues/1026
    return {key: jq if _PATH.fullmatch(jq) else f"({jq})" for key, jq in expressions.items()}


Partitioning = Annotated[
    NoPartitioning | PartitioningByTable | CustomPartitioning,
    Field(discriminator="kind"),
    default_kind("none"),
]
"""`kind: none`, `kind: by-table` or `kind: custom` with its `keys`."""


_DYNAMIC = (PartitioningByTable, CustomPartitioning)


def metadata_query(expressions: dict[str, str]) -> str:
    """The jq object that Firehose's MetadataExtraction evaluates."""
    return "{" + ",".join(f"{key}:{jq}" for key, jq in expressions.items()) + "}"


class DeliveryStreamProps(Props):
    """Props of `DeliveryStream`."""

    kind: Literal["new"] = "new"
    """A delivery stream of the pipeline's own."""

    name: DeliveryStreamName | None = None
    """Name of the delivery stream. Default: derived from the construct's path. Changing it
    replaces the delivery stream; the new one begins at the present end of the Kinesis stream."""

    format: Format = JsonFormat()
    """What the objects hold. Default: JSON, one record a line, GZIP."""

    partitioning: Partitioning = NoPartitioning()
    """Folders by values of the records (Firehose's dynamic partitioning). Default: none. Changing
    between none and another replaces the delivery stream: Firehose takes it at creation only."""

    time_partition: TimePartition = "day"
    """Unit of the date in the objects' path: `hour`, `day` or `month`. Default: day, as in
    `arrival_day=2026-01-31/`. The date is when Firehose got the oldest record of the object."""

    timezone: Annotated[TimeZoneName, Field(pattern=r"^[A-Za-z/_]{1,50}$")] | None = None
    """Time zone of the date, such as `Europe/Berlin`. Default: UTC. Source:
    https://docs.aws.amazon.com/firehose/latest/dev/s3-object-name.html"""

    prefix: Folder = "changes/"
    """Folder of the data in the bucket, ending in `/`; empty for the bucket's root. Default:
    `changes/`."""

    error_prefix: ErrorPrefix = "errors/!{firehose:error-output-type}/!{timestamp:yyyy-MM-dd}/"
    """Prefix of what could not be delivered, outside the folder `prefix`. Default:
    `errors/!{firehose:error-output-type}/!{timestamp:yyyy-MM-dd}/`."""

    file_extension: Annotated[str, Field(pattern=r"^\.[0-9a-z!_.*'()-]{1,127}$")] | None = None
    """Ending of the objects' names, such as `.json.gz`. Default: the one Firehose has for the
    compression. Athena tells the compression of JSON from it: `.gz` for GZIP, `.snappy` for
    HADOOP_SNAPPY. Source:
    https://docs.aws.amazon.com/firehose/latest/APIReference/API_ExtendedS3DestinationConfiguration.html
    """

    buffer_interval: Annotated[Duration, whole_seconds(0, 900)] = timedelta(seconds=300)
    """How long Firehose collects records before it puts an object, 0 to 900 whole seconds, 60 or
    more with partitioning. Default: 300 seconds. Source:
    https://docs.aws.amazon.com/firehose/latest/APIReference/API_BufferingHints.html"""

    buffer_mib: Annotated[int, Field(ge=1, le=128)] | None = None
    """How much Firehose collects (per partition, before compression) before it puts an object, 1
    to 128 MiB, 64 or more with partitioning, Parquet or ORC. Default: 5 MiB; 64 MiB with
    partitioning; 128 MiB with Parquet or ORC. Source:
    https://docs.aws.amazon.com/firehose/latest/APIReference/API_BufferingHints.html"""

    log_retention: Annotated[Duration, whole_days(1, 3653)] | None = timedelta(days=30)
    """How long CloudWatch keeps Firehose's error log. Default: 30 days; null: for ever. Source:
    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
    """

    @model_validator(mode="after")
    def _errors_beside_the_data(self) -> Self:
        start = literal_start(self.error_prefix)
        folder = self.prefix
        if folder and start.startswith(folder):
            problem = f"lies in the folder of the data, `prefix: {folder}`"
        else:
            column = next(iter(self.partitioning.expressions), self.layout.time_column)
            if not start.startswith(f"{folder}{column}="):
                return self
            problem = f"lies in the folders of the data, `{column}=`"
        problem += (
            ", whose readers would take what could not be delivered for data: choose a folder "
            "beside it, such as errors/"
        )
        refuse(self, [Fault("error_prefix", problem, self.error_prefix)])
        return self

    @field_validator("buffer_interval")
    @classmethod
    def _refuse_short_interval(cls, interval: timedelta, info: ValidationInfo) -> timedelta:
        partitioning = info.data.get("partitioning")
        if isinstance(partitioning, _DYNAMIC) and interval < timedelta(seconds=60):
            raise ValueError(
                f"must be PT60S or more with `partitioning: {partitioning.kind}`: Firehose has no "
                "zero buffering there (https://docs.aws.amazon.com/firehose/latest/dev/"
                "buffering.html)"
            )
        return interval

    @field_validator("buffer_mib")
    @classmethod
    def _refuse_small_buffer(cls, size: int | None, info: ValidationInfo) -> int | None:
        if size is None or size >= _LARGE_BUFFER_MIB:
            return size
        for key in ("format", "partitioning"):
            variant = info.data.get(key)
            if isinstance(variant, (ParquetFormat, OrcFormat, *_DYNAMIC)):
                raise ValueError(
                    f"must be {_LARGE_BUFFER_MIB} or more with `{key}: {variant.kind}`: raise it "
                    "or leave it out (https://docs.aws.amazon.com/firehose/latest/APIReference/"
                    "API_ExtendedS3DestinationConfiguration.html)"
                )
        return size

    @field_validator("log_retention")
    @classmethod
    def _refuse_other_retention(cls, retention: timedelta | None) -> timedelta | None:
        if retention is not None and retention.days not in _RETENTION_DAYS:
            days = ", ".join(str(day) for day in _RETENTION_DAYS)
            raise ValueError(
                f"CloudWatch keeps logs for one of these numbers of days: {days} "
                "(https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/"
                "API_PutRetentionPolicy.html)"
            )
        return retention

    @model_validator(mode="after")
    def _prefix_is_short_enough(self) -> Self:
        length = len(self.layout.firehose_prefix)
        if length > _PREFIX_MAX_LENGTH:
            raise ValueError(
                f"prefix and partition keys make a path of {length} characters, and Firehose takes "
                f"{_PREFIX_MAX_LENGTH}: leave keys out of partitioning, or shorten them "
                "(https://docs.aws.amazon.com/firehose/latest/APIReference/"
                "API_ExtendedS3DestinationConfiguration.html)"
            )
        return self

    @property
    def converts_format(self) -> bool:
        """Whether Firehose converts the records, which takes a Glue table."""
        return not isinstance(self.format, JsonFormat)

    @property
    def uses_dynamic_partitioning(self) -> bool:
        """Whether Firehose takes partition keys from the records."""
        return isinstance(self.partitioning, _DYNAMIC)

    @property
    def effective_buffer_mib(self) -> int:
        """`buffer_mib`, or what it is by default."""
        if self.buffer_mib is not None:
            return self.buffer_mib
        if self.converts_format:
            return _CONVERSION_BUFFER_MIB
        return _LARGE_BUFFER_MIB if self.uses_dynamic_partitioning else 5

    @property
    def layout(self) -> LandingLayout:
        """How the objects are named: what a data catalog needs to know."""
        json = self.format if isinstance(self.format, JsonFormat) else None
        return LandingLayout(
            prefix=self.prefix,
            keys=tuple(self.partitioning.expressions),
            time=self.time_partition,
            file_format=self.format.kind,
            # a conversion compresses inside its files
            compression=json.compression if json else "UNCOMPRESSED",
            file_extension=self.file_extension,
            newline_delimiter=json.newline_delimiter if json else False,
            by_table=isinstance(self.partitioning, PartitioningByTable),
            error_folder=folder_of(self.error_prefix),
        )


class ImportedDeliveryStreamProps(Props):
    """Props of a delivery stream that exists already and reads the pipeline's stream.

    It began at the end of the stream as it was when the delivery stream was made: what was written
    before, it never delivers. Where it puts the records is its own matter, so the pipeline makes no
    bucket and no table.
    """

    kind: Literal["existing"]
    """A delivery stream that exists already."""

    name: DeliveryStreamName
    """Name of the delivery stream, in the account and region of the pipeline."""


Delivery = Annotated[
    DeliveryStreamProps | ImportedDeliveryStreamProps,
    Field(discriminator="kind"),
    default_kind("new"),
]
"""`kind: new` (the default where `kind` is left out) or `kind: existing` with its `name`."""
