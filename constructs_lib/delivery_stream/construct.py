"""The Firehose delivery stream from Kinesis to S3."""

from functools import cached_property
from typing import Any

from constructs_lib.aws_account import AwsAccount
from constructs_lib.bindings import aws
from constructs_lib.change_stream import IStream
from constructs_lib.construct import Construct, path_of
from constructs_lib.data_catalog import ITable
from constructs_lib.delivery_stream.destination import conversion, processing
from constructs_lib.delivery_stream.expressions import literal_start
from constructs_lib.delivery_stream.props import (
    CustomPartitioning,
    DeliveryStreamProps,
    JsonFormat,
    PartitioningByTable,
)
from constructs_lib.errors import ConstructError
from constructs_lib.iam import ServiceRole, Statement, grant
from constructs_lib.landing_bucket import IBucket
from constructs_lib.naming import physical_name

# https://docs.aws.amazon.com/firehose/latest/APIReference/API_CreateDeliveryStream.html
_NAME_MAX_LENGTH = 64
# the name Firehose's own console gives it
_LOG_STREAM = "DestinationDelivery"


class ImportedDeliveryStream(Construct):
    """An existing delivery stream of the account, in the stack's region.

    Made by `DeliveryStream.from_name`. It began at the end of its stream as it was when somebody
    made it, and has delivered since: nothing has to wait for it.
    https://docs.aws.amazon.com/firehose/latest/dev/writing-with-kinesis-streams.html

    Args:
        scope: Where it belongs.
        id_: Its id.
        name: Its name.
    """

    converts_format = False
    """Unknown, so that nothing is asked of it."""

    uses_dynamic_partitioning = False
    """Unknown, so that nothing is asked of it."""

    has_customer_key = False
    """Unknown, so that nothing is asked of it."""

    def __init__(self, scope: Construct, id_: str, *, name: str) -> None:
        super().__init__(scope, id_)
        self._name = name

    @property
    def dependencies(self) -> list[Any]:
        """Nothing: it exists already."""
        return []

    @cached_property
    def delivery_stream_arn(self) -> str:
        """ARN of the delivery stream, which may hold a token."""
        return AwsAccount.of(self).arn("firehose", f"deliverystream/{self._name}")

    @property
    def delivery_stream_name(self) -> str:
        """Name of the delivery stream."""
        return self._name


class DeliveryStream(Construct):
    """A Firehose delivery stream that takes a Kinesis stream's records to S3.

    It has a role of its own with access to exactly this stream, these two folders of the bucket,
    this log stream and, for conversions, this table.

    It reads the stream from the moment on at which it is made (LATEST), and one that is replaced
    does so again: records that are on the stream already never reach the bucket. Whoever writes to
    the stream waits for `dependencies`.
    https://docs.aws.amazon.com/firehose/latest/dev/writing-with-kinesis-streams.html

    Args:
        scope: Where it belongs.
        id_: Its id.
        stream: Where the records come from.
        bucket: Where they go.
        props: See `DeliveryStreamProps`; default: GZIP JSON lines by day, every 300 s or 5 MiB.
        table: Schema for `format: parquet` or `orc`; not used for JSON.

    Attributes:
        resource: The `aws_kinesis_firehose_delivery_stream`, the escape hatch.
        role: The role that Firehose assumes.
        log_group: The `aws_cloudwatch_log_group` of its errors.
        has_customer_key: Whether it needs a customer key, to read or to write.

    Raises:
        ConstructError: a conversion without a table.
    """

    from_name = ImportedDeliveryStream
    """An existing one, see `ImportedDeliveryStream`."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        stream: IStream,
        bucket: IBucket,
        props: DeliveryStreamProps | None = None,
        table: ITable | None = None,
    ) -> None:
        super().__init__(scope, id_)
        self._props = props = props or DeliveryStreamProps()
        if props.converts_format and table is None:
            raise ConstructError(
                path_of(self),
                f"`format: {props.format.kind}` takes the columns from a Glue table: pass "
                "`table`, such as a DataCatalog, or choose `format: json`",
            )
        self.has_customer_key = stream.key is not None or bucket.key is not None
        name = props.name or physical_name(self, max_length=_NAME_MAX_LENGTH)
        self.role = ServiceRole(
            self,
            "role",
            service="firehose.amazonaws.com",
            description=f"Firehose delivery stream {name}",
            # https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html
            external_id=AwsAccount.of(self).account_id,
        )
        self.log_group = aws.cloudwatch_log_group.CloudwatchLogGroup(
            self,
            "log",
            name=f"/aws/kinesisfirehose/{name}",
            retention_in_days=props.log_retention.days if props.log_retention else None,
        )
        log_stream = aws.cloudwatch_log_stream.CloudwatchLogStream(
            self, "log-stream", name=_LOG_STREAM, log_group_name=self.log_group.name
        )
        module = aws.kinesis_firehose_delivery_stream
        self.resource = module.KinesisFirehoseDeliveryStream(
            self,
            "Resource",
            name=name,
            destination="extended_s3",
            kinesis_source_configuration=(
                module.KinesisFirehoseDeliveryStreamKinesisSourceConfiguration(
                    kinesis_stream_arn=stream.stream_arn, role_arn=self.role.role_arn
                )
            ),
            extended_s3_configuration=self._destination(bucket, table, log_stream),
            depends_on=[
                *self._grants(stream, bucket, table, log_stream),
                *bucket.dependencies,
            ],
        )

    def _grants(
        self, stream: IStream, bucket: IBucket, table: ITable | None, log_stream: Any
    ) -> list[Any]:
        folders = [self._props.prefix, literal_start(self._props.error_prefix)]
        log = Statement(
            ["logs:PutLogEvents"], [f"{self.log_group.arn}:log-stream:{log_stream.name}"]
        )
        grants = [
            stream.grant_read(self.role),
            bucket.grant_write(self.role, prefixes=folders),
            grant(self, self.role, "log", [log]),
        ]
        if table is not None and self._props.converts_format:
            grants.append(table.grant_read_schema(self.role))
        return [policy for given in grants for policy in given.policies]

    def _destination(self, bucket: IBucket, table: ITable | None, log_stream: Any) -> Any:
        props = self._props
        module = aws.kinesis_firehose_delivery_stream
        prefix = "KinesisFirehoseDeliveryStreamExtendedS3Configuration"
        dynamic = getattr(module, f"{prefix}DynamicPartitioningConfiguration")
        logging = getattr(module, f"{prefix}CloudwatchLoggingOptions")
        return getattr(module, prefix)(
            bucket_arn=bucket.bucket_arn,
            role_arn=self.role.role_arn,
            prefix=props.layout.firehose_prefix,
            error_output_prefix=props.error_prefix,
            custom_time_zone=props.timezone,
            file_extension=props.file_extension,
            buffering_interval=int(props.buffer_interval.total_seconds()),
            buffering_size=props.effective_buffer_mib,
            # a conversion compresses inside its files and takes nothing else here
            compression_format=props.layout.compression,
            processing_configuration=processing(props),
            dynamic_partitioning_configuration=(
                dynamic(enabled=True, retry_duration=int(props.partitioning.retry.total_seconds()))
                if isinstance(props.partitioning, PartitioningByTable | CustomPartitioning)
                else None
            ),
            data_format_conversion_configuration=(
                conversion(props.format, table, self.role.role_arn)
                if table is not None and not isinstance(props.format, JsonFormat)
                else None
            ),
            cloudwatch_logging_options=logging(
                enabled=True,
                log_group_name=self.log_group.name,
                log_stream_name=log_stream.name,
            ),
        )

    @property
    def dependencies(self) -> list[Any]:
        """What must be there before the first record is written to the stream."""
        return [self.resource]

    @cached_property
    def delivery_stream_arn(self) -> str:
        """ARN of the delivery stream, as a token."""
        return str(self.resource.arn)

    @cached_property
    def delivery_stream_name(self) -> str:
        """Name of the delivery stream, as a token."""
        return str(self.resource.name)

    @property
    def converts_format(self) -> bool:
        """Whether it converts records to Parquet or ORC."""
        return self._props.converts_format

    @property
    def uses_dynamic_partitioning(self) -> bool:
        """Whether it takes partition keys from the records."""
        return self._props.uses_dynamic_partitioning
