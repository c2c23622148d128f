"""Props of a whole pipeline: the props of its parts, and what must fit between them."""

from typing import Self

from pydantic import model_validator

from constructs_lib.aurora_source import AnySourceProps
from constructs_lib.change_stream import ChangeStreamProps, Stream
from constructs_lib.data_catalog import Catalog, DataCatalogProps
from constructs_lib.delivery_stream import DeliveryStreamProps
from constructs_lib.dms_replication import DmsReplicationProps, NoTls
from constructs_lib.landing_bucket import Bucket, LandingBucketProps
from constructs_lib.monitoring import MonitoringProps
from constructs_lib.network import AnyNetworkProps, NetworkProps
from constructs_lib.props import Props


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

    delivery_stream: DeliveryStreamProps = DeliveryStreamProps()
    """How Firehose writes the changes to S3. Default: gzipped JSON lines by day."""

    landing_bucket: Bucket = LandingBucketProps()
    """Where the changes land. Default: a new bucket."""

    data_catalog: Catalog | None = DataCatalogProps()
    """The Glue table for querying what landed. Default: a new table without typed columns; null:
    none."""

    monitoring: MonitoringProps | None = MonitoringProps()
    """Alarms and the dashboard. Default: both, with nobody told; null: none."""

    @model_validator(mode="after")
    def _parts_fit_together(self) -> Self:
        misfits = [
            *self._tls_misfits(),
            *self._catalog_misfits(),
        ]
        if misfits:
            raise ValueError("; ".join(misfits))
        return self

    def _tls_misfits(self) -> list[str]:
        tls = self.replication.source_endpoint.tls
        if isinstance(tls, NoTls) and self.source.tls_required:
            return [
                "replication.source_endpoint.tls is `none`, but the source refuses connections "
                "without TLS: set it to verify-full with a certificate, or set "
                "source.tls_required to false"
            ]
        return []

    def _catalog_misfits(self) -> list[str]:
        misfits = []
        if self.data_catalog is None:
            if self.delivery_stream.converts_format:
                misfits.append(
                    f"delivery_stream.format {self.delivery_stream.format.kind} takes its schema "
                    "from data_catalog, which is null: set it, or deliver JSON"
                )
            return misfits
        if self.replication.target_endpoint.message_format == "json":
            misfits.append(
                "data_catalog needs one record on a line, and "
                "replication.target_endpoint.message_format `json` breaks records over several: "
                "set it to json-unformatted, or data_catalog to null "
                "(https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Kinesis.html)"
            )
        settings = self.replication.task_settings.before_image_settings
        field_name = settings.field_name if settings and settings.enable_before_image else None
        if (
            isinstance(self.data_catalog, DataCatalogProps)
            and self.data_catalog.before_image_key is not None
            and self.data_catalog.before_image_key != field_name
        ):
            misfits.append(
                f"data_catalog.before_image_key is {self.data_catalog.before_image_key}, but the "
                "task writes before-images under "
                f"{field_name or '(none: before_image_settings is not set)'}: give both the same "
                "name"
            )
        return misfits
