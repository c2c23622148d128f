"""The Kinesis stream between DMS and Firehose: `ChangeStream`."""

from constructs_lib.change_stream.construct import ChangeStream, ImportedStream, IStream
from constructs_lib.change_stream.props import (
    Capacity,
    ChangeStreamProps,
    ImportedStreamProps,
    OnDemandCapacity,
    ProvisionedCapacity,
    Stream,
)

__all__ = [
    "Capacity",
    "ChangeStream",
    "ChangeStreamProps",
    "IStream",
    "ImportedStream",
    "ImportedStreamProps",
    "OnDemandCapacity",
    "ProvisionedCapacity",
    "Stream",
]
