"""A whole pipeline: Aurora MySQL → DMS → Kinesis → Firehose → S3."""

from typing import assert_never

from constructs_lib.aurora_source import AuroraSource
from constructs_lib.cdc_pipeline.props import CdcPipelineProps
from constructs_lib.change_stream import ChangeStream
from constructs_lib.construct import Construct
from constructs_lib.data_catalog import DataCatalog, ImportedTable
from constructs_lib.delivery_stream import (
    DeliveryStream,
    DeliveryStreamProps,
    ImportedDeliveryStream,
    ImportedDeliveryStreamProps,
)
from constructs_lib.dms.table_mappings.patterns import has_wildcard
from constructs_lib.dms.table_mappings.selection import is_including
from constructs_lib.dms.vocabulary import captures_changes
from constructs_lib.dms_replication import (
    DmsReplication,
    DmsReplicationProps,
    EventSubscriptionProps,
    IDmsAccountRoles,
)
from constructs_lib.iam import ServiceRole
from constructs_lib.landing_bucket import ImportedBucket, LandingBucket
from constructs_lib.monitoring import Monitoring, MonitoringProps
from constructs_lib.network import Network
from constructs_lib.terraform_text import literal


class CdcPipeline(Construct):
    """Change data capture from a MySQL-compatible database to files in S3.

    It wires the parts and makes nothing itself; each part is an attribute and can be used alone.

    Args:
        scope: Where it belongs.
        id_: Its id; begins every address and, after the stack's id, every name.
        props: See `CdcPipelineProps`.
        account_roles: `DmsAccountRoles`, where the same stack makes them; None: the account has
            them already.

    Attributes:
        network: Where DMS and the database stand.
        source: The database.
        stream: The Kinesis stream.
        replication: DMS's endpoints, compute and task.
        landing_bucket: Where the changes land, None where the pipeline delivers nothing itself.
        delivery_stream: Firehose, None where props ask for none.
        data_catalog: The Glue table, None where props ask for none.
        monitoring: Alarms and dashboard, None where props ask for none.
        assessment_role: With it DMS writes premigration assessments, None where props ask for none.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        props: CdcPipelineProps,
        account_roles: IDmsAccountRoles | None = None,
    ) -> None:
        super().__init__(scope, id_)
        self._props = props
        self.network = Network.from_props(
            self, "network", props=props.network, task_logs=props.replication.task_settings.logs
        )
        self.source = AuroraSource.from_props(
            self, "source", props=props.source, network=self.network
        )
        self.stream = ChangeStream.from_props(self, "stream", props=props.stream)
        self.landing_bucket = (
            LandingBucket.from_props(self, "landing", props=props.landing_bucket)
            if props.landing_bucket is not None
            else None
        )
        self.data_catalog = self._make_catalog()
        self.delivery_stream = self._make_delivery()
        self.replication = DmsReplication(
            self,
            "replication",
            props=self._replication_props(),
            network=self.network,
            source=self.source,
            stream=self.stream,
            account_roles=account_roles,
            start_after=self.delivery_stream.dependencies if self.delivery_stream else (),
            secrets_manager_endpoint=self.network.secrets_manager_endpoint,
        )
        self.monitoring: Monitoring | None = None
        if props.monitoring is not None:
            self.monitoring = Monitoring(
                self,
                "monitoring",
                props=self._monitoring_props(props.monitoring),
                replication=self.replication,
                stream=self.stream,
                delivery=self.delivery_stream,
                source=self.source if isinstance(self.source, AuroraSource) else None,
            )

        if self._events_to_own_topic is not None:
            self._publish_events(self._events_to_own_topic)
        self.assessment_role: ServiceRole | None = None
        if props.replication.premigration_assessments:
            # the props refuse assessments without a bucket
            assert self.landing_bucket is not None
            self.assessment_role = self.replication.let_assess(self.landing_bucket)

    @property
    def _events_to_own_topic(self) -> EventSubscriptionProps | None:
        subscription = self._props.replication.event_subscription
        return subscription if subscription and subscription.sns_topic_arn is None else None

    def _replication_props(self) -> DmsReplicationProps:
        props = self._props.replication
        if self._events_to_own_topic is None:
            return props
        # the topic is made with the alarms, after the replication that they watch
        return props.model_copy(update={"event_subscription": None})

    def _publish_events(self, subscription: EventSubscriptionProps) -> None:
        # the props refuse events without a topic
        assert self.monitoring is not None
        # https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Events.html
        policy = self.monitoring.let_publish("dms.amazonaws.com", "events.amazonaws.com")
        self.replication.publish_events(
            topic_arn=self.monitoring.topic_arns[0],
            categories=subscription.categories,
            after=policy,
        )

    def _monitoring_props(self, props: MonitoringProps) -> MonitoringProps:
        if captures_changes(self._props.replication.migration_type):
            return props
        # a full load ends, and from then on there is no latency to be told of
        failures = tuple(e for e in props.thresholds.replication_events if e == "failed")
        ended = props.thresholds.model_copy(
            update={
                "source_latency": None,
                "target_latency": None,
                "replication_events": failures,
            }
        )
        return props.model_copy(update={"thresholds": ended})

    def _make_catalog(self) -> DataCatalog | ImportedTable | None:
        delivery = self._props.delivery_stream
        if self._props.data_catalog is None or not isinstance(delivery, DeliveryStreamProps):
            return None
        # the props refuse a delivery without a bucket
        assert self.landing_bucket is not None
        return DataCatalog.from_props(
            self,
            "catalog",
            props=self._props.data_catalog,
            bucket=self.landing_bucket,
            layout=delivery.layout,
        )

    def _make_delivery(self) -> DeliveryStream | ImportedDeliveryStream | None:
        delivery = self._props.delivery_stream
        match delivery:
            case None:
                return None
            case ImportedDeliveryStreamProps():
                return DeliveryStream.from_name(self, "delivery", name=delivery.name)
            case DeliveryStreamProps():
                # the props refuse a delivery without a bucket
                assert self.landing_bucket is not None
                return DeliveryStream(
                    self,
                    "delivery",
                    props=delivery,
                    stream=self.stream,
                    bucket=self.landing_bucket,
                    table=self.data_catalog if delivery.converts_format else None,
                )
        assert_never(delivery)

    @property
    def outputs(self) -> dict[str, str]:
        """What a consumer or an operator needs to know, by name; values may be tokens."""
        outputs = {
            "stream_arn": self.stream.stream_arn,
            "stream_name": self.stream.stream_name,
            "replication_arn": self.replication.replication_arn,
            "source_endpoint_arn": self.replication.source_endpoint_arn,
            "target_endpoint_arn": self.replication.target_endpoint_arn,
            "source_host": self.source.host,
            "source_secret_arn": self.source.secret_arn,
            "binlog_retention_sql": "\n".join(self.source.binlog_retention_sql),
            "dms_user_sql": literal("\n".join(self._dms_user_sql())),
            "vpc_id": self.network.vpc_id,
        }
        if self.delivery_stream is not None:
            outputs["delivery_stream_arn"] = self.delivery_stream.delivery_stream_arn
            outputs["delivery_stream_name"] = self.delivery_stream.delivery_stream_name
        if self.landing_bucket is not None:
            outputs["landing_bucket_name"] = self.landing_bucket.bucket_name
        if self.assessment_role is not None:
            outputs["assessment_role_arn"] = self.assessment_role.role_arn
        if isinstance(self._props.delivery_stream, DeliveryStreamProps):
            outputs["landing_prefix"] = self._props.delivery_stream.layout.prefix
        if self.network.endpoints_security_group_id is not None:
            outputs["endpoints_security_group_id"] = self.network.endpoints_security_group_id
        if self.replication.replication_instance_arn is not None:
            outputs["replication_instance_arn"] = self.replication.replication_instance_arn
        if isinstance(self.landing_bucket, ImportedBucket):
            policy = self.landing_bucket.owners_bucket_policy
            if policy is not None:
                outputs["landing_bucket_policy"] = policy
        if self.data_catalog is not None:
            outputs["database_name"] = self.data_catalog.database_name
            outputs["table_name"] = self.data_catalog.table_name
        if isinstance(self.data_catalog, DataCatalog):
            outputs["example_query"] = self.data_catalog.example_query
        return outputs

    def _dms_user_sql(self) -> list[str]:
        selected = [
            rule for rule in self._props.replication.table_mappings.selections if is_including(rule)
        ]
        if any(has_wildcard(rule.schema_name) for rule in selected):
            return self.source.dms_user_sql()
        return self.source.dms_user_sql(
            tables=[
                (rule.schema_name, rule.table_name)
                for rule in selected
                if not has_wildcard(rule.table_name)
            ],
            schemas=sorted(
                {rule.schema_name for rule in selected if has_wildcard(rule.table_name)}
            ),
        )
