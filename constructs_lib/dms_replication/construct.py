"""A replication from a MySQL-compatible source to a Kinesis stream."""

from collections.abc import Sequence
from typing import Any

from constructs_lib.aurora_source import ISource
from constructs_lib.change_stream import IStream
from constructs_lib.construct import Construct, path_of
from constructs_lib.customer_key import IKey, dms_serverless_statement, key_for
from constructs_lib.dms_account_roles import IDmsAccountRoles
from constructs_lib.dms_replication.compute_props import (
    ExistingCompute,
    InstanceCompute,
    ServerlessCompute,
)
from constructs_lib.dms_replication.event_subscription import EventSubscription
from constructs_lib.dms_replication.kinesis_target_endpoint import KinesisTargetEndpoint
from constructs_lib.dms_replication.props import (
    ASSESSMENTS_PREFIX,
    DmsReplicationProps,
    EventCategories,
)
from constructs_lib.dms_replication.replication_instance import (
    IReplicationInstance,
    ReplicationInstance,
    SubnetGroup,
)
from constructs_lib.dms_replication.replication_task import (
    Replication,
    ReplicationTask,
    ServerlessReplication,
)
from constructs_lib.dms_replication.source_endpoint import SourceEndpoint
from constructs_lib.errors import ConstructError
from constructs_lib.iam import ServiceRole
from constructs_lib.landing_bucket import IBucket
from constructs_lib.network import INetwork


class DmsReplication(Construct):
    """Endpoints, compute and task that carry a database's rows and changes to a stream.

    Args:
        scope: Where it belongs.
        id_: Its id.
        props: See `DmsReplicationProps`.
        network: Where it runs; not used by an existing instance.
        source: The database.
        stream: Where the messages go.
        account_roles: `DmsAccountRoles`, where the same stack makes them; None: the account has
            them already.
        start_after: What must stand before the first record is written: the stream's readers with
            their policies. Firehose reads a stream from the moment on at which it is made (LATEST),
            so that what is written before is never delivered:
            https://docs.aws.amazon.com/firehose/latest/dev/writing-with-kinesis-streams.html
        secrets_manager_endpoint: DNS name of the VPC endpoint through which DMS reads the source's
            secret; None: the service's own name.

    Attributes:
        source_endpoint: How DMS reads.
        target_endpoint: How DMS writes.
        instance: The replication instance, None for serverless.
        task: The task, None for serverless.
        serverless: The serverless replication, None on an instance.
        key: The customer key for storage and connection data, None for AWS's own.
        is_serverless: Whether it runs on DMS Serverless.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        props: DmsReplicationProps,
        network: INetwork,
        source: ISource,
        stream: IStream,
        account_roles: IDmsAccountRoles | None = None,
        start_after: Sequence[Any] = (),
        secrets_manager_endpoint: str | None = None,
    ) -> None:
        super().__init__(scope, id_)
        self._network, self._account_roles = network, account_roles
        self.is_serverless = props.is_serverless
        self.instance: IReplicationInstance | None = None
        self.task: ReplicationTask | None = None
        self.serverless: ServerlessReplication | None = None
        self.key: IKey | None = key_for(
            self,
            props.encryption,
            description=f"DMS replication {path_of(self)}",
            deletion_protection=props.deletion_protection,
        )
        self.source_endpoint = SourceEndpoint(
            self,
            "source-endpoint",
            props=props.source_endpoint,
            source=source,
            key=self.key,
            secrets_manager_endpoint=secrets_manager_endpoint,
        )
        self.target_endpoint = KinesisTargetEndpoint(
            self, "target-endpoint", props=props.target_endpoint, stream=stream, key=self.key
        )
        replication = Replication(
            source_endpoint=self.source_endpoint,
            target_endpoint=self.target_endpoint,
            migration_type=props.migration_type,
            table_mappings=props.table_mappings,
            task_settings=props.task_settings,
            start=props.starts,
            deletion_protection=props.deletion_protection,
            start_after=[*start_after, *self._ways_of_an_existing_instance(props)],
        )
        if isinstance(props.compute, ServerlessCompute):
            if self.key is not None:
                self.key.allow(dms_serverless_statement(self))
            self.serverless = ServerlessReplication(
                self,
                "serverless",
                props=props.compute,
                replication=replication,
                network=network,
                subnet_group=self._subnet_group(),
                key=self.key,
            )
        else:
            self.instance = self._instance(
                props.compute, deletion_protection=props.deletion_protection
            )
            self.task = ReplicationTask(
                self,
                "task",
                replication=replication,
                instance=self.instance,
                cdc_start=props.cdc_start,
            )
        if props.event_subscription is not None:
            if props.event_subscription.sns_topic_arn is None:
                raise ConstructError(
                    path_of(self),
                    "event_subscription needs sns_topic_arn here: a topic of the pipeline's own "
                    "there is in a CdcPipeline only. Name a topic, or call publish_events",
                )
            self.publish_events(
                topic_arn=props.event_subscription.sns_topic_arn,
                categories=props.event_subscription.categories,
            )

    def _ways_of_an_existing_instance(self, props: DmsReplicationProps) -> list[Any]:
        # an instance of ours waits for these itself
        if not isinstance(props.compute, ExistingCompute):
            return []
        roles = self._account_roles.dependencies if self._account_roles else ()
        return [*self._network.dependencies, *roles]

    def _subnet_group(self) -> SubnetGroup:
        return SubnetGroup(
            self, "subnet-group", network=self._network, account_roles=self._account_roles
        )

    def _instance(
        self, compute: InstanceCompute | ExistingCompute, *, deletion_protection: bool
    ) -> IReplicationInstance:
        if isinstance(compute, ExistingCompute):
            return ReplicationInstance.from_id(
                self,
                "instance",
                replication_instance_id=compute.replication_instance_id,
                security_group_id=self._network.replication_security_group_id,
            )
        return ReplicationInstance(
            self,
            "instance",
            props=compute,
            network=self._network,
            subnet_group=self._subnet_group(),
            key=self.key,
            deletion_protection=deletion_protection,
        )

    def let_assess(self, bucket: IBucket) -> ServiceRole:
        """Make the role with which DMS writes premigration assessments into a bucket.

        https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.AssessmentReport.Prerequisites.html

        Args:
            bucket: Where they go, below `ASSESSMENTS_PREFIX`.

        Returns:
            The role to name when an assessment is started.
        """
        role = ServiceRole(
            self,
            "assessment-role",
            service="dms.amazonaws.com",
            description="Lets DMS write premigration assessments to the landing bucket",
        )
        bucket.grant_replace(role, prefixes=(ASSESSMENTS_PREFIX,))
        return role

    def publish_events(
        self,
        *,
        topic_arn: str,
        categories: EventCategories | None = None,
        id_: str = "events",
        after: Sequence[Any] = (),
    ) -> tuple[EventSubscription, ...]:
        """Publish events of the task and the instance to an SNS topic.

        Args:
            topic_arn: ARN of the topic; may be a token.
            categories: Which events; default: what needs somebody's attention.
            id_: Start of the subscriptions' ids; another one for a second topic.
            after: What must be there before, such as the topic's policy.

        Raises:
            ConstructError: it runs on DMS Serverless, for which there are no subscriptions.
        """
        if self.task is None or self.instance is None:
            raise ConstructError(
                path_of(self),
                "DMS has no event subscriptions for DMS Serverless, only for instances and tasks: "
                "use an EventBridge rule for `DMS Replication State Change`",
            )
        categories = categories or EventCategories()
        made = []
        if categories.task:
            made.append(
                EventSubscription(
                    self,
                    f"task-{id_}",
                    topic_arn=topic_arn,
                    source_type="replication-task",
                    source_id=self.task.replication_task_id,
                    event_categories=categories.task,
                    after=after,
                )
            )
        if categories.instance:
            made.append(
                EventSubscription(
                    self,
                    f"instance-{id_}",
                    topic_arn=topic_arn,
                    source_type="replication-instance",
                    source_id=self.instance.replication_instance_id,
                    event_categories=categories.instance,
                    after=after,
                )
            )
        return tuple(made)

    @property
    def replication_arn(self) -> str:
        """ARN of the task, or of the replication config of DMS Serverless, as a token."""
        return self._replicator.arn

    @property
    def replication_instance_arn(self) -> str | None:
        """ARN of the replication instance, as a token; None for serverless."""
        return self.instance.replication_instance_arn if self.instance else None

    @property
    def source_endpoint_arn(self) -> str:
        """ARN of the source endpoint, as a token."""
        return self.source_endpoint.endpoint_arn

    @property
    def target_endpoint_arn(self) -> str:
        """ARN of the target endpoint, as a token."""
        return self.target_endpoint.endpoint_arn

    @property
    def task_dimensions(self) -> dict[str, str]:
        """Dimensions of the task's metrics in the CloudWatch namespace `AWS/DMS`."""
        return self._replicator.metric_dimensions

    @property
    def instance_dimensions(self) -> dict[str, str] | None:
        """Dimensions of the instance's metrics in the same namespace; None for serverless."""
        if self.instance is None:
            return None
        return {"ReplicationInstanceIdentifier": self.instance.replication_instance_id}

    @property
    def _replicator(self) -> ReplicationTask | ServerlessReplication:
        replicator = self.task or self.serverless
        assert replicator is not None
        return replicator
