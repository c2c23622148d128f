"""DMS replication: the endpoints, the instance and the task that feed the change stream."""

from typing import TYPE_CHECKING

from constructs_lib.lazy import lazy_exports

if TYPE_CHECKING:
    from constructs_lib.dms.table_mappings import TableMappings
    from constructs_lib.dms.task_settings import MigrationType, TaskSettings
    from constructs_lib.dms_account_roles import IDmsAccountRoles
    from constructs_lib.dms_replication.compute_props import (
        Compute,
        ExistingCompute,
        InstanceCompute,
        ServerlessCompute,
    )
    from constructs_lib.dms_replication.construct import DmsReplication
    from constructs_lib.dms_replication.endpoint_props import (
        Certificate,
        KinesisTargetProps,
        NoTls,
        SourceEndpointProps,
        SourceTls,
        VerifiedTls,
    )
    from constructs_lib.dms_replication.event_subscription import EventSubscription
    from constructs_lib.dms_replication.kinesis_target_endpoint import KinesisTargetEndpoint
    from constructs_lib.dms_replication.props import (
        CdcStart,
        CdcStartPosition,
        CdcStartTime,
        DmsReplicationProps,
        EventCategories,
        EventSubscriptionProps,
    )
    from constructs_lib.dms_replication.replication_instance import (
        ImportedReplicationInstance,
        IReplicationInstance,
        ReplicationInstance,
        SubnetGroup,
    )
    from constructs_lib.dms_replication.replication_task import (
        IEndpoint,
        Replication,
        ReplicationTask,
        ServerlessReplication,
    )
    from constructs_lib.dms_replication.source_endpoint import SourceEndpoint
else:
    lazy_exports(
        __name__,
        "props",
        "compute_props",
        "endpoint_props",
        "event_subscription",
        "kinesis_target_endpoint",
        "replication_instance",
        "replication_task",
        "source_endpoint",
        "construct",
    )

__all__ = [
    "CdcStart",
    "CdcStartPosition",
    "CdcStartTime",
    "Certificate",
    "Compute",
    "DmsReplication",
    "DmsReplicationProps",
    "EventCategories",
    "EventSubscription",
    "EventSubscriptionProps",
    "ExistingCompute",
    "IDmsAccountRoles",
    "IEndpoint",
    "IReplicationInstance",
    "ImportedReplicationInstance",
    "InstanceCompute",
    "KinesisTargetEndpoint",
    "KinesisTargetProps",
    "MigrationType",
    "NoTls",
    "Replication",
    "ReplicationInstance",
    "ReplicationTask",
    "ServerlessCompute",
    "ServerlessReplication",
    "SourceEndpoint",
    "SourceEndpointProps",
    "SourceTls",
    "SubnetGroup",
    "TableMappings",
    "TaskSettings",
    "VerifiedTls",
]
