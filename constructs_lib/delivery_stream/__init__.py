"""The Firehose delivery stream from Kinesis to S3: `DeliveryStream`."""

from constructs_lib.delivery_stream.construct import DeliveryStream
from constructs_lib.delivery_stream.props import (
    CustomPartitioning,
    DeliveryStreamProps,
    Format,
    JsonFormat,
    NoPartitioning,
    OrcFormat,
    ParquetFormat,
    Partitioning,
    PartitioningByTable,
)

__all__ = [
    "CustomPartitioning",
    "DeliveryStream",
    "DeliveryStreamProps",
    "Format",
    "JsonFormat",
    "NoPartitioning",
    "OrcFormat",
    "ParquetFormat",
    "Partitioning",
    "PartitioningByTable",
]
