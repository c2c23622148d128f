"""The network that DMS and the database stand in: `Network`."""

from typing import TYPE_CHECKING

from constructs_lib.lazy import lazy_exports

if TYPE_CHECKING:
    from constructs_lib.network.construct import ImportedNetwork, INetwork, Network
    from constructs_lib.network.props import (
        NEEDED_ENDPOINTS,
        AnyNetworkProps,
        AvailabilityZoneName,
        Endpoint,
        ImportedNetworkProps,
        Ipv4Cidr,
        NetworkProps,
        SecurityGroupId,
        SubnetId,
        VpcId,
        dms_endpoints,
    )
else:
    lazy_exports(__name__, "props", "construct")

__all__ = [
    "NEEDED_ENDPOINTS",
    "AnyNetworkProps",
    "AvailabilityZoneName",
    "Endpoint",
    "INetwork",
    "ImportedNetwork",
    "ImportedNetworkProps",
    "Ipv4Cidr",
    "Network",
    "NetworkProps",
    "SecurityGroupId",
    "SubnetId",
    "VpcId",
    "dms_endpoints",
]
