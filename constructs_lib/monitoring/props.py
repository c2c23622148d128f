"""Props of the monitoring: thresholds with units, severities, whom to tell, the dashboard."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from constructs_lib.customer_key import CustomerKeyEncryption
from constructs_lib.props import Duration, Form, Props, default_kind, different, whole_seconds

PERIOD = timedelta(minutes=5)
_DAY_SECONDS = 86_400

Latency = Annotated[Duration, whole_seconds(1, 7 * _DAY_SECONDS)]
Percent = Annotated[float, Field(gt=0, le=100)]

AlarmName = Literal[
    "source-cpu",
    "source-binlog",
    "source-local-storage",
    "replication-events",
    "source-latency",
    "target-latency",
    "source-changes-on-disk",
    "target-changes-on-disk",
    "instance-memory",
    "instance-swap",
    "instance-storage",
    "instance-cpu",
    "unread-age",
    "refused-writes",
    "throttled-reads",
    "shard-bytes",
    "shard-records",
    "undelivered-age",
    "delivery-success",
    "failed-conversions",
    "too-many-partitions",
    "key-access-denied",
    "key-disabled",
    "key-invalid-state",
    "key-not-found",
]
"""What goes off, along the way of a record; each has a runbook of this name."""

AlarmSeverity = Literal["critical", "warning"]
"""`critical`: records do not flow or may be lost. `warning`: they will not for long."""

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

    replication_events: tuple[Literal["failed", "stopped"], ...] = ("failed", "stopped")
    """Which events of DMS are told to the topics, by an EventBridge rule: that the replication has
    failed, or has stopped. Default: both, and of a `full-load`, which ends by itself, failures
    only. Empty: none. Without topics no rule is made. Source:
    https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-dms.html"""

    source_latency: Latency | None = timedelta(minutes=10)
    """How far DMS may read behind the source (`CDCLatencySource`). Default: 10 minutes. Missing
    data alarms: a task that does not run publishes none, and nothing is captured."""

    target_latency: Latency | None = timedelta(minutes=10)
    """How far what DMS wrote to the stream may be behind the source (`CDCLatencyTarget`). Default:
    10 minutes. Missing data alarms, for the same reason."""

    changes_on_disk: Annotated[int, Field(ge=1)] | None = 100_000
    """Rows that DMS may have put on its disk, for want of memory, on average of 5 minutes: those of
    transactions that are not committed (`CDCChangesDiskSource`), and those that wait for the stream
    (`CDCChangesDiskTarget`). Default: 100,000. Missing data is good: nothing is captured."""

    instance_free_memory_mib: Annotated[int, Field(ge=1)] | None = 256
    """Memory the replication instance must have left, in MiB; below it DMS swaps. Default: 256.
    Missing data leaves the alarm as it is: the latency alarms tell of a lost instance."""

    instance_free_storage_gib: Annotated[int, Field(ge=1)] | None = 10
    """Disk the replication instance must have left, in GiB; full, its tasks fail. Default: 10.
    Missing data leaves the alarm as it is."""

    instance_swap_mib: Annotated[int, Field(ge=1)] | None = 256
    """Swap that the replication instance may use, in MiB (`SwapUsage`). Default: 256; DMS's guide
    names rising swap as the sign of an instance that is too small. Missing data leaves the alarm as
    it is. Source: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Monitoring.html"""

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

    throttled_reads: Annotated[int, Field(ge=0)] | None = 0
    """Reads of the stream that may be refused in 5 minutes, as a shard answers 5 a second and 2 MB
    a second to all its readers (`ReadProvisionedThroughputExceeded`). Default: 0; Firehose tries
    again. Missing data is good. Source:
    https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html"""

    shard_use_percent: Percent | None = 80
    """Share of what the stream's shards take that may be used, on average of 5 minutes, in percent:
    of bytes (`IncomingBytes`) and of records (`IncomingRecords`). Default: 80. Only of a stream
    whose shards are known: one that the pipeline makes, provisioned. Missing data is good."""

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

    key_errors: bool = True
    """Whether to alarm when KMS refuses Firehose a key (`KMSKeyAccessDenied`, `KMSKeyDisabled`,
    `KMSKeyInvalidState`, `KMSKeyNotFound`). Default: yes, where the stream or the bucket has a
    customer key; AWS's own are always there. Missing data is good. Source:
    https://docs.aws.amazon.com/firehose/latest/dev/encryption.html"""

    source_cpu_percent: Percent | None = 90
    """Average CPU of the Aurora writer, in percent. Default: 90. Missing data leaves the alarm as
    it is."""

    source_binlog_gib: Annotated[int, Field(ge=1)] | None = 100
    """Size of all binary logs that the Aurora writer keeps, in GiB (`SumBinaryLogSize`). Default:
    100. They grow with the changes and with `binlog_retention`, and are paid for. Missing data
    leaves the alarm as it is."""

    source_free_local_storage_gib: Annotated[int, Field(ge=1)] | None = 5
    """Local storage that the Aurora writer must have left for temporary tables and sorts, in GiB
    (`FreeLocalStorage`). Default: 5. How much there is depends on the instance class. Missing data
    leaves the alarm as it is."""


class SlackChannel(Props):
    """A channel of Slack, told by AWS Chatbot, now Amazon Q Developer in chat applications.

    The workspace has to be authorized once, in the console of that service.
    https://docs.aws.amazon.com/chatbot/latest/APIReference/API_CreateSlackChannelConfiguration.html
    """

    team_id: Annotated[str, Field(pattern=r"^[0-9A-Z]{1,255}$")]
    """Id of the workspace that was authorized, such as `T07EA123LEP`."""

    channel_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,255}$")]
    """Id of the channel, the last part of its link, such as `C07EZ1ABC23`. Into a private channel
    somebody has to invite the app."""


class Subscribers(Props):
    """Who is told."""

    emails: Annotated[tuple[EmailAddress, ...], AfterValidator(different)] = ()
    """Addresses that get each message once they have confirmed AWS's question. Default: none;
    subscribe to the topic otherwise."""

    https_endpoints: Annotated[
        tuple[Annotated[str, Field(pattern=r"^https://[^\s@/]+(/\S*)?$", max_length=2048)], ...],
        AfterValidator(different),
    ] = ()
    """Addresses that each message is posted to once they have confirmed AWS's question. Default:
    none. They stand in the settings and in Terraform's state: subscribe one that holds a secret key
    to the topic yourself. Source: https://docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html"""

    slack: SlackChannel | None = None
    """A channel of Slack. Default: none."""


class NewTopic(Subscribers):
    """An SNS topic of the pipeline's own, or two."""

    kind: Literal["new"]
    """A topic of the pipeline's own, which CloudWatch may publish to, over TLS only."""

    encryption: CustomerKeyEncryption | None = None
    """Key for the messages at rest: `kind: customer`. Default: none, as the messages hold names and
    figures of metrics only, and CloudWatch cannot publish to a topic under the key AWS manages.
    The policy of an existing key must let in `cloudwatch.amazonaws.com` and
    `events.amazonaws.com`. Source:
    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html"""

    warnings: Subscribers | None = None
    """Who is told of alarms whose severity is `warning`, by a topic of their own. Default: the same
    topic and the same people as of the critical ones."""


_ExistingTopicArns = Annotated[
    tuple[SnsTopicArn, ...], Field(min_length=1, max_length=5), AfterValidator(different)
]


class ExistingTopics(Props):
    """SNS topics that exist already."""

    kind: Literal["existing"]
    """Topics that exist already."""

    topic_arns: _ExistingTopicArns
    """ARNs of one to five topics, whose policies let `cloudwatch.amazonaws.com` and
    `events.amazonaws.com` publish, and whose keys, where they are encrypted, let them in too
    (docs/permissions.md). Source:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""

    warning_topic_arns: _ExistingTopicArns | None = None
    """ARNs of the topics that are told of alarms whose severity is `warning`. Default: those of the
    critical ones."""


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

    severities: dict[AlarmName, AlarmSeverity] = {}
    """Severities that differ from an alarm's own, such as `{source-cpu: critical}`. Default: as the
    alarms' table in the construct's README has them."""

    runbooks: Annotated[str, Field(pattern=r"^\S*/$", max_length=200)] = "docs/runbooks/"
    """What stands before a runbook's file name in an alarm's description: the address where you
    publish dms-stream's documentation, up to its runbooks. Default: the folder in the project."""

    dashboard: bool = True
    """Whether a CloudWatch dashboard is made. Default: yes."""
