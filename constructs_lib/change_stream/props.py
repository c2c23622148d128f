"""Props of the Kinesis stream that carries the changes."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field

from constructs_lib.customer_key import AwsManagedEncryption, Encryption, KmsKeyArn
from constructs_lib.props import Duration, Props, default_kind, different, whole_hours

# https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html
StreamName = Annotated[str, Field(pattern=r"^[a-zA-Z0-9_.-]{1,128}$")]
"""1 to 128 letters, digits, `_`, `.` and `-`."""

KinesisStreamArn = Annotated[
    str,
    Field(pattern=r"^arn:aws[a-z-]*:kinesis:[a-z0-9-]+:[0-9]{12}:stream/[a-zA-Z0-9_.-]{1,128}$"),
]
"""ARN of a Kinesis data stream."""


class OnDemandCapacity(Props):
    """Capacity that AWS adapts to the traffic."""

    kind: Literal["on-demand"] = "on-demand"
    """AWS adapts the capacity; paid by volume."""


class ProvisionedCapacity(Props):
    """A fixed number of shards.

    A shard takes 1 MB/s and 1,000 records/s in and gives 2 MB/s to all its shared consumers:
    https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
    """

    kind: Literal["provisioned"]
    """A fixed number of shards; paid by the hour."""

    shard_count: Annotated[int, Field(ge=1, le=20_000)]
    """Shards. An account starts with a quota of 200 to 20,000 shards, depending on the region."""


Capacity = Annotated[
    OnDemandCapacity | ProvisionedCapacity, Field(discriminator="kind"), default_kind("on-demand")
]
"""`kind: on-demand`, or `kind: provisioned` with its `shard_count`."""

ShardLevelMetric = Literal[
    "IncomingBytes",
    "IncomingRecords",
    "OutgoingBytes",
    "OutgoingRecords",
    "WriteProvisionedThroughputExceeded",
    "ReadProvisionedThroughputExceeded",
    "IteratorAgeMilliseconds",
    "ALL",
]


def _all_or_some(metrics: tuple[ShardLevelMetric, ...]) -> tuple[ShardLevelMetric, ...]:
    if "ALL" in metrics and len(metrics) > 1:
        raise ValueError("ALL names all of them already: leave the others out, or ALL")
    return metrics


def metric_names(metrics: Iterable[ShardLevelMetric]) -> set[str]:
    """The metrics by name.

    Kinesis answers `ALL` with the names, so that every plan would differ; the provider's page asks
    for names, too:
    https://docs.aws.amazon.com/kinesis/latest/APIReference/API_EnableEnhancedMonitoring.html
    """
    names = set(get_args(ShardLevelMetric)) - {"ALL"}
    return names if "ALL" in metrics else set(metrics)


class ChangeStreamProps(Props):
    """Props of `ChangeStream`."""

    kind: Literal["new"] = "new"
    """A stream of the pipeline's own."""

    name: StreamName | None = None
    """Name of the stream. Default: derived from the construct's path. Changing it replaces the
    stream, and what it holds is lost."""

    capacity: Capacity = OnDemandCapacity()
    """How much the stream takes. Default: on demand. AWS lets a stream switch between the two
    twice in 24 hours."""

    retention: Annotated[Duration, whole_hours(24, 8760)] = timedelta(hours=24)
    """How long a record can be read again, 24 to 8760 whole hours. Default: 24 hours. It is the
    time there is to mend a failed delivery. Source:
    https://docs.aws.amazon.com/kinesis/latest/APIReference/API_IncreaseStreamRetentionPeriod.html
    """

    encryption: Encryption = AwsManagedEncryption()
    """Key for the records at rest. Default: the key AWS manages for Kinesis (`alias/aws/kinesis`).
    """

    shard_level_metrics: Annotated[
        tuple[ShardLevelMetric, ...], AfterValidator(_all_or_some), AfterValidator(different)
    ] = ()
    """Metrics to publish for each shard, at extra cost: some by name, or `ALL` alone. Default:
    none, only the stream's own."""

    deletion_protection: bool = True
    """Whether Terraform refuses to destroy the stream. Default: it refuses."""


class ImportedStreamProps(Props):
    """Props of a stream that exists already, in the account and region of the pipeline.

    DMS writes only to a stream of its own account:
    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Kinesis.html
    """

    kind: Literal["existing"]
    """A stream that exists already."""

    stream_arn: KinesisStreamArn
    """ARN of the stream."""

    key_arn: KmsKeyArn | None = None
    """ARN of the customer key that encrypts it. Default: the stream uses AWS's own key."""


Stream = Annotated[
    ChangeStreamProps | ImportedStreamProps, Field(discriminator="kind"), default_kind("new")
]
"""`kind: new` (the default where `kind` is left out) or `kind: existing`."""
