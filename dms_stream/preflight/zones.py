"""Which availability zones a pipeline's network stands in."""

from constructs_lib.network.props import ImportedNetworkProps, NetworkProps
from dms_stream.preflight.account import Account


def zones_of_network(account: Account, network: NetworkProps | ImportedNetworkProps) -> set[str]:
    """Names of the zones; for a new network those that Terraform will choose."""
    ec2 = account.client("ec2")
    if isinstance(network, ImportedNetworkProps):
        subnets = ec2.describe_subnets(
            Filters=[{"Name": "subnet-id", "Values": list(network.subnet_ids)}]
        )["Subnets"]
        return {str(subnet["AvailabilityZone"]) for subnet in subnets}
    if network.zone_names:
        return set(network.zone_names)
    zones = ec2.describe_availability_zones(
        Filters=[{"Name": "opt-in-status", "Values": ["opt-in-not-required"]}]
    )["AvailabilityZones"]
    return set(sorted(str(zone["ZoneName"]) for zone in zones)[: network.zones])
