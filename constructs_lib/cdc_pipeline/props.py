"""Props of a whole pipeline: the props of its parts."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import model_validator

from constructs_lib.aurora_source import AnySourceProps
from constructs_lib.cdc_pipeline.faults import pipeline_faults
from constructs_lib.change_stream import ChangeStreamProps, Stream
from constructs_lib.data_catalog import Catalog, DataCatalogProps
from constructs_lib.delivery_stream import (
    Delivery,
    DeliveryStreamProps,
    ImportedDeliveryStreamProps,
)
from constructs_lib.dms_replication import DmsReplicationProps
from constructs_lib.faults import refuse
from constructs_lib.landing_bucket import Bucket, LandingBucketProps
from constructs_lib.monitoring import MonitoringProps
from constructs_lib.network import AnyNetworkProps, NetworkProps
from constructs_lib.props import Props
from constructs_lib.workload import WorkloadProps


class CdcPipelineProps(Props):
    """Props of `CdcPipeline`, one group for each of its parts."""

    network: AnyNetworkProps = NetworkProps()
    """Where DMS and the database stand. Default: a new private VPC."""

    source: AnySourceProps
    """The database the changes come from."""

    replication: DmsReplicationProps
    """What is captured, and how DMS runs."""

    stream: Stream = ChangeStreamProps()
    """The Kinesis stream between DMS and Firehose. Default: a new one, on demand."""

    delivery_stream: Delivery | None = DeliveryStreamProps()
    """How Firehose writes the changes to S3. Default: gzipped JSON lines by day; null: nothing is
    delivered, and the changes stay on the stream for whoever reads it."""

    landing_bucket: Bucket | None = LandingBucketProps()
    """Where the changes land. Default: a new bucket; none with `delivery_stream: null` or
    `kind: existing`."""

    data_catalog: Catalog | None = DataCatalogProps()
    """The Glue table for querying what landed. Default: a new table without typed columns; null:
    none, as with `delivery_stream: null` or `kind: existing`."""

    monitoring: MonitoringProps | None = MonitoringProps()
    """Alarms and the dashboard. Default: both, with nobody told; null: none."""

    workload: WorkloadProps | None = None
    """What it has to carry: shards, DMS's capacity, threads, partitions and retentions are checked
    against it, and `dms-stream size` estimates its cost. Default: not known, nothing is checked."""

    @model_validator(mode="before")
    @classmethod
    def _nothing_lands_that_it_does_not_deliver(cls, given: Any) -> Any:
        if not isinstance(given, Mapping) or "delivery_stream" not in given:
            return given
        delivery = given["delivery_stream"]
        kind = delivery.get("kind") if isinstance(delivery, Mapping) else None
        exists = kind == "existing" or isinstance(delivery, ImportedDeliveryStreamProps)
        if delivery is not None and not exists:
            return given
        return {"landing_bucket": None, "data_catalog": None, **given}

    @model_validator(mode="after")
    def _parts_fit_together(self) -> Self:
        refuse(self, pipeline_faults(self))
        return self
