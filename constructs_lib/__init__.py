"""Constructs for change data capture from Aurora MySQL to S3 on AWS: the public API.

    from constructs_lib import CdcPipeline, CdcPipelineProps

A construct comes with its props, the Protocol of what it offers others, and factories for what
exists already. Names are loaded on first use: props and table mappings alone start no Node.
"""

from typing import TYPE_CHECKING

from constructs_lib.lazy import lazy_exports

if TYPE_CHECKING:
    from constructs_lib.addresses import ReadableAddressStack
    from constructs_lib.aurora_source import AuroraSource, AuroraSourceProps, ISource
    from constructs_lib.cdc_pipeline import CdcPipeline, CdcPipelineProps
    from constructs_lib.change_stream import ChangeStream, ChangeStreamProps, IStream
    from constructs_lib.customer_key import CustomerKey, CustomerKeyProps, IKey
    from constructs_lib.data_catalog import DataCatalog, DataCatalogProps, ITable
    from constructs_lib.delivery_stream import DeliveryStream, DeliveryStreamProps
    from constructs_lib.dms.table_mappings import TableMappings
    from constructs_lib.dms.task_settings import TaskSettings
    from constructs_lib.dms_account_roles import DmsAccountRoles, DmsAccountRolesProps
    from constructs_lib.dms_replication import DmsReplication, DmsReplicationProps
    from constructs_lib.errors import (
        ConstructError,
        DmsStreamError,
        InvalidPropsError,
        SettingsError,
    )
    from constructs_lib.iam import Grant, IRole, ServiceRole, Statement
    from constructs_lib.landing_bucket import IBucket, LandingBucket, LandingBucketProps
    from constructs_lib.monitoring import Monitoring, MonitoringProps
    from constructs_lib.network import INetwork, Network, NetworkProps
    from constructs_lib.private_bucket import PrivateBucket
    from constructs_lib.state_backend import StateBackend, StateBackendProps, use_state_backend

else:
    lazy_exports(
        __name__,
        "errors",
        "dms.table_mappings",
        "dms.task_settings",
        "aurora_source",
        "cdc_pipeline",
        "change_stream",
        "customer_key",
        "data_catalog",
        "delivery_stream",
        "dms_account_roles",
        "network",
        "dms_replication",
        "landing_bucket",
        "monitoring",
        "state_backend",
        "iam",
        "addresses",
        "private_bucket",
    )

__all__ = [
    "AuroraSource",
    "AuroraSourceProps",
    "CdcPipeline",
    "CdcPipelineProps",
    "ChangeStream",
    "ChangeStreamProps",
    "ConstructError",
    "CustomerKey",
    "CustomerKeyProps",
    "DataCatalog",
    "DataCatalogProps",
    "DeliveryStream",
    "DeliveryStreamProps",
    "DmsAccountRoles",
    "DmsAccountRolesProps",
    "DmsReplication",
    "DmsReplicationProps",
    "DmsStreamError",
    "Grant",
    "IBucket",
    "IKey",
    "INetwork",
    "IRole",
    "ISource",
    "IStream",
    "ITable",
    "InvalidPropsError",
    "LandingBucket",
    "LandingBucketProps",
    "Monitoring",
    "MonitoringProps",
    "Network",
    "NetworkProps",
    "PrivateBucket",
    "ReadableAddressStack",
    "ServiceRole",
    "SettingsError",
    "StateBackend",
    "StateBackendProps",
    "Statement",
    "TableMappings",
    "TaskSettings",
    "use_state_backend",
]
