"""The Kinesis data stream that carries the changes."""

from functools import cached_property
from typing import Protocol

from constructs_lib.bindings import aws, cdktf
from constructs_lib.change_stream.props import (
    ChangeStreamProps,
    ImportedStreamProps,
    ProvisionedCapacity,
    metric_names,
)
from constructs_lib.construct import Construct
from constructs_lib.customer_key import CustomerKey, IKey, KeyUse, key_for
from constructs_lib.iam import Grant, IRole, Statement, grant
from constructs_lib.naming import physical_name

# https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html
_NAME_MAX_LENGTH = 128
_AWS_MANAGED_KEY = "alias/aws/kinesis"


class IStream(Protocol):
    """A Kinesis stream: `ChangeStream`, one imported by `ChangeStream.from_arn`, or alike."""

    @property
    def stream_arn(self) -> str:
        """ARN of the stream."""

    @property
    def stream_name(self) -> str:
        """Name of the stream."""

    @property
    def key(self) -> IKey | None:
        """The customer key that encrypts it, None for AWS's own."""

    def grant_read(self, role: IRole) -> Grant:
        """Let `role` read the stream, its key included."""

    def grant_write(self, role: IRole) -> Grant:
        """Let `role` put records, its key included."""


class _StreamGrants(Construct):
    """What an owned and an imported stream have in common."""

    key: IKey | None = None
    shard_count: int | None = None
    """How many shards it has; None: on demand, or not known."""

    @property
    def stream_arn(self) -> str:
        raise NotImplementedError

    def grant_read(self, role: IRole) -> Grant:
        """Let `role` read the stream and decrypt with its key, if that is a customer's.

        The actions a Firehose delivery stream needs:
        https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html
        """
        given = grant(
            self,
            role,
            "read",
            [
                Statement(
                    [
                        "kinesis:DescribeStream",
                        "kinesis:GetRecords",
                        "kinesis:GetShardIterator",
                        "kinesis:ListShards",
                    ],
                    [self.stream_arn],
                )
            ],
        )
        if self.key is None:
            return given
        # https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-kinesis
        use = KeyUse("kinesis", {"aws:kinesis:arn": [self.stream_arn]})
        return Grant(given.policies + self.key.grant_decrypt(role, use=use).policies)

    def grant_write(self, role: IRole) -> Grant:
        """Let `role` put records and encrypt with the stream's key, if that is a customer's.

        The actions DMS needs:
        https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Kinesis.html
        A producer encrypts and never decrypts:
        https://docs.aws.amazon.com/streams/latest/dev/permissions-user-key-KMS.html
        """
        given = grant(
            self,
            role,
            "write",
            [
                Statement(
                    ["kinesis:DescribeStream", "kinesis:PutRecord", "kinesis:PutRecords"],
                    [self.stream_arn],
                )
            ],
        )
        if self.key is None:
            return given
        return Grant(given.policies + self.key.grant_encrypt(role).policies)


class ImportedStream(_StreamGrants):
    """An existing Kinesis stream; made by `ChangeStream.from_arn`.

    Args:
        scope: Where it belongs.
        id_: Its id.
        stream_arn: ARN of the stream.
        key_arn: ARN of the customer key that encrypts it; default: AWS's own key does.
    """

    def __init__(
        self, scope: Construct, id_: str, *, stream_arn: str, key_arn: str | None = None
    ) -> None:
        super().__init__(scope, id_)
        self._stream_arn = stream_arn
        if key_arn is not None:
            self.key = CustomerKey.from_arn(self, "key", key_arn=key_arn)

    @property
    def stream_arn(self) -> str:
        """ARN of the stream."""
        return self._stream_arn

    @property
    def stream_name(self) -> str:
        """Name of the stream, the last part of its ARN."""
        # Fn keeps this right for an ARN that is a token
        return str(cdktf.Fn.element(cdktf.Fn.split("/", self._stream_arn), 1))


class ChangeStream(_StreamGrants):
    """A Kinesis data stream, encrypted, kept when the stack goes.

    Args:
        scope: Where it belongs.
        id_: Its id.
        props: See `ChangeStreamProps`; default: on demand, 24 hours, AWS's key.

    Attributes:
        resource: The `aws_kinesis_stream`, the escape hatch.
        key: The customer key that encrypts it, None for AWS's own.
        shard_count: How many shards it has; None: on demand.
    """

    from_arn = ImportedStream
    """An existing one, see `ImportedStream`."""

    def __init__(
        self, scope: Construct, id_: str, *, props: ChangeStreamProps | None = None
    ) -> None:
        super().__init__(scope, id_)
        props = props or ChangeStreamProps()
        name = props.name or physical_name(self, max_length=_NAME_MAX_LENGTH)
        self.key = key_for(
            self,
            props.encryption,
            description=f"Kinesis stream {name}",
            deletion_protection=props.deletion_protection,
        )
        if isinstance(props.capacity, ProvisionedCapacity):
            self.shard_count = props.capacity.shard_count
        self.resource = aws.kinesis_stream.KinesisStream(
            self,
            "Resource",
            name=name,
            stream_mode_details=aws.kinesis_stream.KinesisStreamStreamModeDetails(
                stream_mode="PROVISIONED" if self.shard_count else "ON_DEMAND"
            ),
            shard_count=self.shard_count,
            retention_period=int(props.retention.total_seconds()) // 3600,
            encryption_type="KMS",
            kms_key_id=self.key.key_arn if self.key else _AWS_MANAGED_KEY,
            shard_level_metrics=sorted(metric_names(props.shard_level_metrics)) or None,
            lifecycle=cdktf.TerraformResourceLifecycle(prevent_destroy=props.deletion_protection),
        )

    @cached_property
    def stream_arn(self) -> str:
        """ARN of the stream, as a token."""
        return str(self.resource.arn)

    @cached_property
    def stream_name(self) -> str:
        """Name of the stream, as a token."""
        return str(self.resource.name)

    @classmethod
    def from_props(
        cls, scope: Construct, id_: str, *, props: ChangeStreamProps | ImportedStreamProps
    ) -> "ChangeStream | ImportedStream":
        """The stream that a settings file asks for: a new one or an existing one."""
        if isinstance(props, ImportedStreamProps):
            return cls.from_arn(scope, id_, stream_arn=props.stream_arn, key_arn=props.key_arn)
        return cls(scope, id_, props=props)
