"""The network that DMS and the database stand in: `Network`."""

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
