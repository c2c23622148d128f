"""The Kinesis stream between DMS and Firehose: `ChangeStream`."""

from typing import TYPE_CHECKING

from constructs_lib.lazy import lazy_exports

if TYPE_CHECKING:
    from constructs_lib.change_stream.construct import ChangeStream, ImportedStream, IStream
    from constructs_lib.change_stream.props import (
        Capacity,
        ChangeStreamProps,
        ImportedStreamProps,
        OnDemandCapacity,
        ProvisionedCapacity,
        Stream,
    )
else:
    lazy_exports(__name__, "props", "construct")

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
