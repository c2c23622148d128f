"""Alarms and a dashboard for the parts of a pipeline."""

from collections.abc import Mapping
from typing import Any, Protocol

from constructs_lib.aws_account import AwsAccount
from constructs_lib.bindings import aws
from constructs_lib.construct import Construct, path_of
from constructs_lib.customer_key import key_for, publisher_statement
from constructs_lib.errors import ConstructError
from constructs_lib.iam import policy_json
from constructs_lib.monitoring.alarms import (
    Alarm,
    delivery_alarms,
    instance_alarms,
    replication_alarms,
    source_alarms,
    stream_alarms,
)
from constructs_lib.monitoring.dashboard import Graph, dashboard_body
from constructs_lib.monitoring.metrics import (
    DeliveryMetrics,
    ReplicationInstanceMetrics,
    ReplicationMetrics,
    SourceMetrics,
    StreamMetrics,
)
from constructs_lib.monitoring.props import (
    PERIOD,
    ExistingTopics,
    MonitoringProps,
    NewTopic,
)
from constructs_lib.naming import physical_name
from constructs_lib.terraform_text import literal

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
_ALARM_NAME_MAX_LENGTH = 255
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html
_DASHBOARD_NAME_MAX_LENGTH = 255
# https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
_TOPIC_NAME_MAX_LENGTH = 256
_PUBLISHER = "cloudwatch.amazonaws.com"


class IMonitoredReplication(Protocol):
    """A replication: a DMS task, or a serverless replication."""

    @property
    def task_dimensions(self) -> Mapping[str, str]:
        """Dimensions of its CDC metrics.

        Of a task: `ReplicationInstanceIdentifier`, the instance's id, and
        `ReplicationTaskIdentifier`, which is not the task's id but the last part of its ARN.
        """

    @property
    def instance_dimensions(self) -> Mapping[str, str] | None:
        """Dimensions of instance metrics, `ReplicationInstanceIdentifier`; None if serverless."""


class IMonitoredStream(Protocol):
    """A Kinesis stream."""

    @property
    def stream_name(self) -> str:
        """Name of the stream."""


class IMonitoredDelivery(Protocol):
    """A Firehose delivery stream."""

    @property
    def delivery_stream_name(self) -> str:
        """Name of the delivery stream."""

    @property
    def converts_format(self) -> bool:
        """Whether it converts records to Parquet or ORC."""

    @property
    def uses_dynamic_partitioning(self) -> bool:
        """Whether it takes partition keys from the records."""


class IMonitoredSource(Protocol):
    """An Aurora cluster."""

    @property
    def cluster_identifier(self) -> str:
        """Identifier of the cluster."""


class Monitoring(Construct):
    """CloudWatch alarms and a dashboard for whichever parts of a pipeline are passed.

    Args:
        scope: Where it belongs.
        id_: Its id.
        props: See `MonitoringProps`; default: alarms without notifications, and a dashboard.
        replication: The DMS replication.
        stream: The Kinesis stream.
        delivery: The Firehose delivery stream.
        source: The Aurora cluster.

    Attributes:
        alarms: The `aws_cloudwatch_metric_alarm`s by their ids, such as `source-latency`.
        topic: The `aws_sns_topic`, None when props ask for none.
        topic_arns: ARNs of the topics the alarms tell.
        dashboard: The `aws_cloudwatch_dashboard`, None when props ask for none.

    Raises:
        ConstructError: there is nothing to monitor.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        props: MonitoringProps | None = None,
        replication: IMonitoredReplication | None = None,
        stream: IMonitoredStream | None = None,
        delivery: IMonitoredDelivery | None = None,
        source: IMonitoredSource | None = None,
    ) -> None:
        super().__init__(scope, id_)
        self._props = props or MonitoringProps()
        self._rows: list[list[Graph]] = []
        self._policy: list[Alarm] = []
        if source is not None:
            self._watch_source(source)
        if replication is not None:
            self._watch_replication(replication)
        if stream is not None:
            self._watch_stream(stream)
        if delivery is not None:
            self._watch_delivery(delivery)
        if not self._rows:
            raise ConstructError(
                path_of(self),
                "has nothing to monitor: pass at least one of replication, stream, delivery and "
                "source",
            )
        self.topic: Any = None
        self.topic_arns = self._make_topics()
        self.alarms: dict[str, Any] = (
            {alarm.id: self._make_alarm(alarm) for alarm in self._policy}
            if self._props.alarms
            else {}
        )
        self.dashboard: Any = self._make_dashboard() if self._props.dashboard else None

    def _watch_source(self, source: IMonitoredSource) -> None:
        metrics = SourceMetrics(source.cluster_identifier)
        self._policy += source_alarms(metrics, self._props.thresholds)
        self._rows.append(
            [
                self._graph("Source: CPU (%)", metrics.cpu),
                Graph("Source: connections", [metrics.connections]),
                Graph("Source: binary logs kept (bytes)", [metrics.binlog_bytes]),
            ]
        )

    def _watch_replication(self, replication: IMonitoredReplication) -> None:
        metrics = ReplicationMetrics(replication.task_dimensions)
        self._policy += replication_alarms(metrics, self._props.thresholds)
        self._rows.append(
            [
                self._graph("DMS: latency (s)", metrics.latency_source, metrics.latency_target),
                Graph(
                    "DMS: rows per second",
                    [metrics.full_load_rows, metrics.rows_source, metrics.rows_target],
                ),
                Graph("DMS: waiting", [metrics.incoming_changes, metrics.changes_on_disk]),
            ]
        )
        dimensions = replication.instance_dimensions
        if dimensions is not None:
            instance = ReplicationInstanceMetrics(dimensions)
            self._policy += instance_alarms(instance, self._props.thresholds)
            self._rows.append(
                [
                    self._graph("DMS instance: CPU (%)", instance.cpu),
                    self._graph("DMS instance: freeable memory (bytes)", instance.freeable_memory),
                    self._graph("DMS instance: free storage (bytes)", instance.free_storage),
                ]
            )

    def _watch_stream(self, stream: IMonitoredStream) -> None:
        metrics = StreamMetrics(stream.stream_name)
        self._policy += stream_alarms(metrics, self._props.thresholds)
        self._rows.append(
            [
                self._graph("Kinesis: oldest unread record (ms)", metrics.iterator_age),
                Graph("Kinesis: records in", [metrics.incoming_records]),
                self._graph("Kinesis: refused", metrics.write_throttled, metrics.read_throttled),
            ]
        )

    def _watch_delivery(self, delivery: IMonitoredDelivery) -> None:
        metrics = DeliveryMetrics(delivery.delivery_stream_name)
        self._policy += delivery_alarms(
            metrics,
            self._props.thresholds,
            converts=delivery.converts_format,
            partitions=delivery.uses_dynamic_partitioning,
        )
        lost = [metrics.throttled]
        if delivery.converts_format:
            lost.append(metrics.failed_conversions)
        if delivery.uses_dynamic_partitioning:
            lost.append(metrics.partitions_exceeded)
        self._rows.append(
            [
                self._graph("Firehose: oldest undelivered record (s)", metrics.freshness),
                Graph("Firehose: records", [metrics.records_read, metrics.records]),
                self._graph("Firehose: puts that succeeded (ratio)", metrics.success),
                Graph("Firehose: trouble", lost),
            ]
        )

    def _graph(self, title: str, *metrics: Any) -> Graph:
        thresholds = [alarm.threshold for alarm in self._policy if alarm.metric is metrics[0]]
        drawn = thresholds[0] if thresholds and self._props.alarms else None
        return Graph(title, metrics, drawn)

    def _make_topics(self) -> list[str]:
        notify = self._props.notify
        if isinstance(notify, ExistingTopics):
            return list(notify.topic_arns)
        if not isinstance(notify, NewTopic):
            return []
        key = key_for(
            self,
            notify.encryption,
            description=f"SNS topic of {path_of(self)}",
            # a message waits in a topic for minutes at most
            deletion_protection=False,
        )
        if key is not None:
            key.allow(publisher_statement(self, _PUBLISHER))
        self._topic_key = key
        self.topic = aws.sns_topic.SnsTopic(
            self,
            "topic",
            name=physical_name(self, max_length=_TOPIC_NAME_MAX_LENGTH),
            kms_master_key_id=key.key_arn if key else None,
        )
        arn = str(self.topic.arn)
        self._statements = [
            self._may_publish(_PUBLISHER, "StringEquals"),
            {
                # https://docs.aws.amazon.com/sns/latest/dg/sns-security-best-practices.html
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "sns:Publish",
                "Resource": arn,
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
        ]
        self._topic_policy = aws.sns_topic_policy.SnsTopicPolicy(
            self, "topic-policy", arn=arn, policy=policy_json(self._statements)
        )
        for number, email in enumerate(notify.emails, start=1):
            aws.sns_topic_subscription.SnsTopicSubscription(
                self, f"email-{number}", topic_arn=arn, protocol="email", endpoint=literal(email)
            )
        return [arn]

    def _may_publish(self, service: str, operator: str) -> dict[str, Any]:
        return {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sns:Publish",
            "Resource": str(self.topic.arn),
            "Condition": {operator: {"aws:SourceAccount": AwsAccount.of(self).account_id}},
        }

    def let_publish(self, *services: str) -> list[Any]:
        """Let services publish to the topic of its own, the key included where it has one of ours.

        The account is checked where the service sends it: EventBridge sends none to a topic.
        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html

        Args:
            services: Service principals, such as `dms.amazonaws.com`.

        Returns:
            What must be there before they publish.

        Raises:
            ConstructError: it has no topic of its own.
        """
        if self.topic is None:
            raise ConstructError(
                path_of(self),
                "has no topic of its own to publish to: set notify to `kind: new`, or publish to "
                "another topic",
            )
        for service in services:
            self._statements.append(self._may_publish(service, "StringEqualsIfExists"))
            if self._topic_key is not None:
                self._topic_key.allow(publisher_statement(self, service))
        self._topic_policy.policy = policy_json(self._statements)
        return [self._topic_policy]

    def _make_alarm(self, alarm: Alarm) -> Any:
        periods = 1 if alarm.at_once else self._props.sustained_for // PERIOD
        return aws.cloudwatch_metric_alarm.CloudwatchMetricAlarm(
            self,
            alarm.id,
            alarm_name=physical_name(
                self, max_length=_ALARM_NAME_MAX_LENGTH, suffix=f"-{alarm.id}"
            ),
            alarm_description=alarm.description,
            namespace=alarm.metric.namespace,
            metric_name=alarm.metric.name,
            dimensions=dict(alarm.metric.dimensions),
            statistic=alarm.metric.statistic,
            period=int(PERIOD.total_seconds()),
            evaluation_periods=periods,
            comparison_operator=alarm.comparison,
            threshold=alarm.threshold,
            treat_missing_data=alarm.missing,
            alarm_actions=self.topic_arns or None,
            ok_actions=self.topic_arns or None,
        )

    def _make_dashboard(self) -> Any:
        return aws.cloudwatch_dashboard.CloudwatchDashboard(
            self,
            "dashboard",
            dashboard_name=physical_name(self, max_length=_DASHBOARD_NAME_MAX_LENGTH),
            dashboard_body=dashboard_body(self._rows, region=AwsAccount.of(self).region),
        )
