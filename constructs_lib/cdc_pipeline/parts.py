"""The parts of a pipeline's props, as those see them who compare one with another."""

from typing import Protocol

from constructs_lib.aurora_source import AnySourceProps
from constructs_lib.change_stream import Stream
from constructs_lib.data_catalog import Catalog
from constructs_lib.delivery_stream import Delivery
from constructs_lib.dms_replication import DmsReplicationProps
from constructs_lib.landing_bucket import Bucket
from constructs_lib.monitoring import MonitoringProps
from constructs_lib.network import AnyNetworkProps
from constructs_lib.workload import WorkloadProps


class PipelineParts(Protocol):
    """The parts of a pipeline's props that must fit together."""

    @property
    def network(self) -> AnyNetworkProps:
        """Where DMS and the database stand."""

    @property
    def source(self) -> AnySourceProps:
        """The database."""

    @property
    def replication(self) -> DmsReplicationProps:
        """What is captured, and how DMS runs."""

    @property
    def delivery_stream(self) -> Delivery | None:
        """How the changes are written to S3; None: they are not."""

    @property
    def stream(self) -> Stream:
        """The Kinesis stream."""

    @property
    def landing_bucket(self) -> Bucket | None:
        """Where the changes land; None: nowhere of ours."""

    @property
    def monitoring(self) -> MonitoringProps | None:
        """The alarms; None: none."""

    @property
    def data_catalog(self) -> Catalog | None:
        """The Glue table; None: none."""

    @property
    def workload(self) -> WorkloadProps | None:
        """What it has to carry; None: not known."""
