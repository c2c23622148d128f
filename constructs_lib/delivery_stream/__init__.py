"""The Firehose delivery stream from Kinesis to S3: `DeliveryStream`."""

from typing import TYPE_CHECKING

from constructs_lib.lazy import lazy_exports

if TYPE_CHECKING:
    from constructs_lib.delivery_stream.construct import DeliveryStream, ImportedDeliveryStream
    from constructs_lib.delivery_stream.props import (
        CustomPartitioning,
        Delivery,
        DeliveryStreamProps,
        Format,
        ImportedDeliveryStreamProps,
        JsonFormat,
        NoPartitioning,
        OrcFormat,
        ParquetFormat,
        Partitioning,
        PartitioningByTable,
    )
else:
    lazy_exports(__name__, "props", "construct")

__all__ = [
    "CustomPartitioning",
    "Delivery",
    "DeliveryStream",
    "DeliveryStreamProps",
    "Format",
    "ImportedDeliveryStream",
    "ImportedDeliveryStreamProps",
    "JsonFormat",
    "NoPartitioning",
    "OrcFormat",
    "ParquetFormat",
    "Partitioning",
    "PartitioningByTable",
]
