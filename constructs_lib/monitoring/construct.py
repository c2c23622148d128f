"""Alarms and a dashboard for the parts of a pipeline."""

from collections.abc import Mapping
from typing import Any, Protocol

from constructs_lib.aws_account import AwsAccount
from constructs_lib.bindings import aws
from constructs_lib.construct import Construct, path_of
from constructs_lib.customer_key import key_for
from constructs_lib.errors import ConstructError
from constructs_lib.monitoring.alarms import (
    Alarm,
    delivery_alarms,
    instance_alarms,
    replication_alarms,
    severity_of,
    source_alarms,
    stream_alarms,
    told,
)
from constructs_lib.monitoring.dashboard import Column, Graph, dashboard_body
from constructs_lib.monitoring.metrics import (
    DeliveryMetrics,
    ReplicationInstanceMetrics,
    ReplicationMetrics,
    SourceMetrics,
    StreamMetrics,
)
from constructs_lib.monitoring.props import (
    PERIOD,
    AlarmSeverity,
    ExistingTopics,
    MonitoringProps,
    NewTopic,
    SlackChannel,
)
from constructs_lib.monitoring.replication_events import pass_on_events
from constructs_lib.monitoring.topics import EVENTBRIDGE, OwnTopic, tell_slack
from constructs_lib.naming import physical_name
from constructs_lib.terraform_text import literal

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
_ALARM_NAME_MAX_LENGTH = 255
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html
_DASHBOARD_NAME_MAX_LENGTH = 255


class IMonitoredReplication(Protocol):
    """A replication: a DMS task, or a serverless replication."""

    @property
    def replication_arn(self) -> str:
        """ARN of the task, or of the replication config."""

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

    @property
    def shard_count(self) -> int | None:
        """How many shards it has; None: on demand, or not known."""


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

    @property
    def has_customer_key(self) -> bool:
        """Whether it needs a customer key, to read or to write."""


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
        warnings_topic: The `aws_sns_topic` of warnings, None when they have none of their own.
        topic_arns: ARNs of the topics that critical alarms tell.
        warning_topic_arns: ARNs of the topics that warnings tell.
        replication_events: The `aws_cloudwatch_event_rule`, None when nobody is told of events.
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
        self._columns: list[Column] = []
        self._policy: list[Alarm] = []
        if source is not None:
            self._watch_source(source)
        if replication is not None:
            self._watch_replication(replication)
        if stream is not None:
            self._watch_stream(stream)
        if delivery is not None:
            self._watch_delivery(delivery)
        if not self._columns:
            raise ConstructError(
                path_of(self),
                "has nothing to monitor: pass at least one of replication, stream, delivery and "
                "source",
            )
        self._own_topics: dict[AlarmSeverity, OwnTopic] = {}
        notify = self._props.notify
        if isinstance(notify, NewTopic):
            self._make_topics(notify)
        critical, warnings = self._own_topics.get("critical"), self._own_topics.get("warning")
        self.topic: Any = critical.resource if critical else None
        self.warnings_topic: Any = warnings.resource if warnings else None
        self.topic_arns = [critical.arn] if critical else []
        self.warning_topic_arns = [warnings.arn] if warnings else self.topic_arns
        if isinstance(notify, ExistingTopics):
            self.topic_arns = list(notify.topic_arns)
            self.warning_topic_arns = list(notify.warning_topic_arns or notify.topic_arns)
        self.alarms: dict[str, Any] = (
            {alarm.id: self._make_alarm(alarm) for alarm in self._policy}
            if self._props.alarms
            else {}
        )
        self.replication_events: Any = (
            self._pass_on_events(replication)
            if replication is not None and self._props.alarms
            else None
        )
        self.dashboard: Any = self._make_dashboard() if self._props.dashboard else None

    def _watch_source(self, source: IMonitoredSource) -> None:
        metrics = SourceMetrics(source.cluster_identifier)
        self._policy += source_alarms(metrics, self._props.thresholds)
        self._columns.append(
            Column(
                "Source",
                [
                    self._graph("Source: CPU (%)", metrics.cpu),
                    self._graph("Source: binary logs kept (bytes)", metrics.binlog_bytes),
                    self._graph("Source: free local storage (bytes)", metrics.free_local_storage),
                    Graph("Source: connections", [metrics.connections]),
                ],
            )
        )

    def _watch_replication(self, replication: IMonitoredReplication) -> None:
        metrics = ReplicationMetrics(replication.task_dimensions)
        self._policy += replication_alarms(metrics, self._props.thresholds)
        graphs = [
            self._graph("DMS: latency (s)", metrics.latency_source, metrics.latency_target),
            Graph(
                "DMS: rows per second",
                [metrics.full_load_rows, metrics.rows_source, metrics.rows_target],
            ),
            self._graph(
                "DMS: changes on disk (rows)",
                metrics.source_changes_on_disk,
                metrics.target_changes_on_disk,
            ),
            Graph("DMS: changes waiting", [metrics.incoming_changes]),
        ]
        dimensions = replication.instance_dimensions
        if dimensions is not None:
            instance = ReplicationInstanceMetrics(dimensions)
            self._policy += instance_alarms(instance, self._props.thresholds)
            graphs += [
                self._graph("DMS instance: CPU (%)", instance.cpu),
                self._graph("DMS instance: freeable memory (bytes)", instance.freeable_memory),
                self._graph("DMS instance: swap (bytes)", instance.swap),
                self._graph("DMS instance: free storage (bytes)", instance.free_storage),
            ]
        self._columns.append(Column("DMS", graphs))

    def _watch_stream(self, stream: IMonitoredStream) -> None:
        metrics = StreamMetrics(stream.stream_name)
        self._policy += stream_alarms(
            metrics, self._props.thresholds, shard_count=stream.shard_count
        )
        self._columns.append(
            Column(
                "Kinesis",
                [
                    self._graph("Kinesis: oldest unread record (ms)", metrics.iterator_age),
                    self._graph("Kinesis: records in", metrics.incoming_records),
                    self._graph("Kinesis: bytes in", metrics.incoming_bytes),
                    self._graph(
                        "Kinesis: refused", metrics.write_throttled, metrics.read_throttled
                    ),
                ],
            )
        )

    def _watch_delivery(self, delivery: IMonitoredDelivery) -> None:
        metrics = DeliveryMetrics(delivery.delivery_stream_name)
        self._policy += delivery_alarms(
            metrics,
            self._props.thresholds,
            converts=delivery.converts_format,
            partitions=delivery.uses_dynamic_partitioning,
            has_customer_key=delivery.has_customer_key,
        )
        lost = [metrics.throttled]
        if delivery.converts_format:
            lost.append(metrics.failed_conversions)
        if delivery.uses_dynamic_partitioning:
            lost.append(metrics.partitions_exceeded)
        if delivery.has_customer_key:
            lost += [
                metrics.key_access_denied,
                metrics.key_disabled,
                metrics.key_invalid_state,
                metrics.key_not_found,
            ]
        self._columns.append(
            Column(
                "Firehose to S3",
                [
                    self._graph("Firehose: oldest undelivered record (s)", metrics.freshness),
                    Graph("Firehose: records", [metrics.records_read, metrics.records]),
                    self._graph("Firehose: puts that succeeded (ratio)", metrics.success),
                    Graph("Firehose: trouble", lost),
                ],
            )
        )

    def _graph(self, title: str, *metrics: Any) -> Graph:
        for alarm in self._policy if self._props.alarms else ():
            if alarm.metric is metrics[0]:
                below = alarm.comparison == "LessThanThreshold"
                return Graph(title, metrics, alarm.threshold, below)
        return Graph(title, metrics)

    def _make_topics(self, notify: NewTopic) -> None:
        key = key_for(
            self,
            notify.encryption,
            description=f"SNS topic of {path_of(self)}",
            # a message waits in a topic for minutes at most
            deletion_protection=False,
        )
        subscribers = {"critical": notify, "warning": notify.warnings}
        channels: dict[SlackChannel, list[str]] = {}
        severity: AlarmSeverity
        for severity, prefix in (("critical", ""), ("warning", "warnings-")):
            who = subscribers[severity]
            if who is None:
                continue
            topic = OwnTopic(self, prefix, subscribers=who, key=key)
            self._own_topics[severity] = topic
            if who.slack is not None:
                channels.setdefault(who.slack, []).append(topic.arn)
        tell_slack(self, channels)

    def _topics_of(self, severity: AlarmSeverity) -> list[str]:
        return self.topic_arns if severity == "critical" else self.warning_topic_arns

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
        topic = self._own_topics["critical"]
        topic.let_publish(*services)
        return [topic.policy]

    def _make_alarm(self, alarm: Alarm) -> Any:
        periods = 1 if alarm.at_once else self._props.sustained_for // PERIOD
        severity = severity_of(alarm.id, alarm.severity, self._props)
        topic_arns = self._topics_of(severity)
        return aws.cloudwatch_metric_alarm.CloudwatchMetricAlarm(
            self,
            alarm.id,
            alarm_name=physical_name(
                self, max_length=_ALARM_NAME_MAX_LENGTH, suffix=f"-{alarm.id}"
            ),
            alarm_description=literal(
                told(alarm.id, severity, alarm.description, alarm.look, self._props)
            ),
            namespace=alarm.metric.namespace,
            metric_name=alarm.metric.name,
            dimensions=dict(alarm.metric.dimensions),
            statistic=alarm.metric.statistic,
            period=int(PERIOD.total_seconds()),
            evaluation_periods=periods,
            comparison_operator=alarm.comparison,
            threshold=alarm.threshold,
            treat_missing_data=alarm.missing,
            alarm_actions=topic_arns or None,
            ok_actions=topic_arns or None,
        )

    def _pass_on_events(self, replication: IMonitoredReplication) -> Any:
        events = self._props.thresholds.replication_events
        severity = severity_of("replication-events", "critical", self._props)
        topic_arns = self._topics_of(severity)
        if not events or not topic_arns:
            return None
        policies = []
        if (
            topic := self._own_topics.get(severity) or self._own_topics.get("critical")
        ) is not None:
            topic.let_publish(EVENTBRIDGE)
            policies.append(topic.policy)
        description = told(
            "replication-events",
            severity,
            f"DMS says that the replication has {' or '.join(events)}: mend the cause, then resume "
            "it before the source drops its binary log.",
            "dms-stream status",
            self._props,
        )
        return pass_on_events(
            self,
            replication_arn=replication.replication_arn,
            is_serverless=replication.instance_dimensions is None,
            events=events,
            description=literal(description),
            topic_arns=topic_arns,
            after=policies,
        )

    def _make_dashboard(self) -> Any:
        return aws.cloudwatch_dashboard.CloudwatchDashboard(
            self,
            "dashboard",
            dashboard_name=physical_name(self, max_length=_DASHBOARD_NAME_MAX_LENGTH),
            dashboard_body=dashboard_body(
                self._columns,
                region=AwsAccount.of(self).region,
                alarm_arns=[str(alarm.arn) for alarm in self.alarms.values()],
            ),
        )
