"""Props of the monitoring: thresholds with units, whom to tell, the dashboard."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from constructs_lib.customer_key import CustomerKeyEncryption
from constructs_lib.props import Duration, Form, Props, default_kind, different, whole_seconds

PERIOD = timedelta(minutes=5)
_DAY_SECONDS = 86_400

Latency = Annotated[Duration, whole_seconds(1, 7 * _DAY_SECONDS)]
Percent = Annotated[float, Field(gt=0, le=100)]

SnsTopicArn = Annotated[
    str, Field(pattern=r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$")
]
"""ARN of a standard SNS topic: CloudWatch alarms do not publish to FIFO topics' subscribers."""


# https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html; its form is that of
# https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address with a domain of two parts
EmailAddress = Annotated[
    str,
    Form(
        r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$",
        "an address such as team@example.com, without a name beside it",
    ),
]
"""An e-mail address, without a name beside it."""


def _whole_periods(value: timedelta) -> timedelta:
    if value % PERIOD or not PERIOD <= value <= timedelta(days=1):
        raise ValueError(
            "must be a multiple of 5 minutes, from PT5M to PT24H: the alarms look at periods of 5 "
            "minutes, and at a day at most (https://docs.aws.amazon.com/AmazonCloudWatch/latest/"
            "APIReference/API_PutMetricAlarm.html)"
        )
    return value


class Thresholds(Props):
    """Where each alarm begins. null: that alarm is not made."""

    source_latency: Latency | None = timedelta(minutes=10)
    """How far DMS may read behind the source (`CDCLatencySource`). Default: 10 minutes. Missing
    data alarms: a task that does not run publishes none, and nothing is captured."""

    target_latency: Latency | None = timedelta(minutes=10)
    """How far what DMS wrote to the stream may be behind the source (`CDCLatencyTarget`). Default:
    10 minutes. Missing data alarms, for the same reason."""

    instance_free_memory_mib: Annotated[int, Field(ge=1)] | None = 256
    """Memory the replication instance must have left, in MiB; below it DMS swaps. Default: 256.
    Missing data leaves the alarm as it is: the latency alarms tell of a lost instance."""

    instance_free_storage_gib: Annotated[int, Field(ge=1)] | None = 10
    """Disk the replication instance must have left, in GiB; full, its tasks fail. Default: 10.
    Missing data leaves the alarm as it is."""

    instance_cpu_percent: Percent | None = 90
    """Average CPU of the replication instance, in percent. Default: 90. Missing data leaves the
    alarm as it is."""

    unread_age: Latency | None = timedelta(minutes=15)
    """Age of the oldest record in the stream that Firehose has not read
    (`GetRecords.IteratorAgeMilliseconds`). Default: 15 minutes. Beyond the stream's retention
    records are lost. Missing data alarms: it means that nobody reads the stream."""

    refused_writes: Annotated[int, Field(ge=0)] | None = 0
    """Records the stream may refuse in 5 minutes for want of shards
    (`WriteProvisionedThroughputExceeded`). Default: 0; DMS tries them again. Missing data is good:
    nothing is written."""

    undelivered_age: Latency | None = timedelta(minutes=30)
    """Age of the oldest record Firehose has read and not put to S3 (`DeliveryToS3.DataFreshness`).
    Default: 30 minutes; keep it above twice the delivery's `buffer_interval`. Missing data is good:
    there is nothing to deliver."""

    delivery_success_percent: Percent | None = 100
    """Share of Firehose's puts to S3 that must succeed (`DeliveryToS3.Success`), in percent.
    Default: 100. Missing data is good: there is nothing to deliver."""

    failed_conversions: Annotated[int, Field(ge=0)] | None = 0
    """Records in 5 minutes that may fail to be converted to Parquet or ORC and go to the error
    prefix (`FailedConversion.Records`). Default: 0. Missing data is good."""

    too_many_partitions: bool = True
    """Whether to alarm when a delivery stream with partitioning has more active partitions than
    its quota, and records go to the error prefix (`PartitionCountExceeded`). Default: yes. Missing
    data is good."""

    source_cpu_percent: Percent | None = 90
    """Average CPU of the Aurora writer, in percent. Default: 90. Missing data leaves the alarm as
    it is."""


class NewTopic(Props):
    """An SNS topic of the pipeline's own."""

    kind: Literal["new"]
    """A topic of the pipeline's own, which CloudWatch may publish to, over TLS only."""

    encryption: CustomerKeyEncryption | None = None
    """Key for the messages at rest: `kind: customer`. Default: none, as the messages hold names and
    figures of metrics only, and CloudWatch cannot publish to a topic under the key AWS manages.
    The policy of an existing key must let in `cloudwatch.amazonaws.com`. Source:
    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html"""

    emails: Annotated[tuple[EmailAddress, ...], AfterValidator(different)] = ()
    """Addresses that get each message once they have confirmed AWS's question. Default: none;
    subscribe to the topic otherwise."""


class ExistingTopics(Props):
    """SNS topics that exist already."""

    kind: Literal["existing"]
    """Topics that exist already."""

    topic_arns: Annotated[
        tuple[SnsTopicArn, ...], Field(min_length=1, max_length=5), AfterValidator(different)
    ]
    """ARNs of one to five topics, whose policies let `cloudwatch.amazonaws.com` publish, and whose
    keys, where they are encrypted, let it in too (docs/permissions.md). Source:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""


class NoTopic(Props):
    """Alarms that only show their state."""

    kind: Literal["none"] = "none"
    """Nobody is told."""


Notify = Annotated[
    NoTopic | ExistingTopics | NewTopic, Field(discriminator="kind"), default_kind("none")
]
"""`kind: none`, `kind: existing` with `topic_arns`, or `kind: new`."""


class MonitoringProps(Props):
    """Props of `Monitoring`."""

    alarms: bool = True
    """Whether alarms are made. Default: yes. Switch them off for a pipeline that is not started
    yet: the alarms about latency would say so."""

    thresholds: Thresholds = Thresholds()
    """Where each alarm begins."""

    sustained_for: Annotated[Duration, AfterValidator(_whole_periods)] = timedelta(minutes=15)
    """How long a threshold is crossed before the alarm goes off, a multiple of 5 minutes up to 24
    hours. Default: 15 minutes. Records that are lost to the error prefix alarm at once."""

    notify: Notify = NoTopic()
    """Whom the alarms tell, when they go off and when all is well again. Default: nobody."""

    dashboard: bool = True
    """Whether a CloudWatch dashboard is made. Default: yes."""
