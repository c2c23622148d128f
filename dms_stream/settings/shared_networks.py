"""What pipelines of one environment would do twice in a VPC that they share: AWS takes it once."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import TypeVar

from constructs_lib.aurora_source import ImportedSourceProps
from constructs_lib.cdc_pipeline import CdcPipelineProps
from constructs_lib.errors import Fault
from constructs_lib.network import ImportedNetworkProps

_Value = TypeVar("_Value", bound=Hashable)

_DNS = "https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html"
_RULES = (
    "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html"
)


def shared_network_faults(pipelines: Mapping[str, CdcPipelineProps]) -> list[Fault]:
    """Endpoints and security group rules that two pipelines would both make.

    Args:
        pipelines: The environment's pipelines by name.
    """
    shared = {
        name: (props, props.network)
        for name, props in pipelines.items()
        if isinstance(props.network, ImportedNetworkProps)
    }
    endpoints = (
        (name, (network.vpc_id, service))
        for name, (_, network) in shared.items()
        for service in network.endpoints
        if service != "s3"
    )
    gateways = (
        (name, (table, "s3"))
        for name, (_, network) in shared.items()
        for table in network.route_table_ids
    )
    rules = (
        (name, rule) for name, (props, network) in shared.items() for rule in _rules(props, network)
    )
    return [
        *(
            Fault(
                f"pipelines.{name}.network.endpoints",
                f"holds {service}, which pipelines.{first} makes in {where} already, and AWS "
                f"refuses a second one there ({_DNS}): list it in one of the two, and give the "
                "other endpoints_security_group_id (docs/several-pipelines.md)",
                service,
            )
            for name, first, (where, service) in _repeated([*endpoints, *gateways])
        ),
        *(
            Fault(
                f"pipelines.{name}.network.rules_in_given_groups",
                f"adds a rule that pipelines.{first} adds already, {what}, and AWS refuses a "
                f"second one ({_RULES}): set it to false here, or give the two different groups",
                "True",
            )
            for name, first, what in _repeated(rules)
        ),
    ]


def _rules(props: CdcPipelineProps, network: ImportedNetworkProps) -> Iterator[str]:
    """What is added between groups that are all given, in words."""
    dms = network.replication_security_group_id
    if dms is None or not network.rules_in_given_groups:
        return
    if network.endpoints_security_group_id is not None:
        yield f"from {dms} to {network.endpoints_security_group_id} on port 443"
    elif not network.endpoints:
        yield f"from {dms} to 0.0.0.0/0 on port 443"
    source = props.source
    if isinstance(source, ImportedSourceProps):
        yield f"from {dms} to {source.security_group_id or source.cidr} on port {source.port}"
    elif network.database_security_group_id is not None:
        yield f"from {dms} to {network.database_security_group_id} on port {source.port}"


def _repeated(
    given: Iterable[tuple[str, _Value]],
) -> Iterator[tuple[str, str, _Value]]:
    first: dict[_Value, str] = {}
    for name, value in given:
        if first.setdefault(value, name) != name:
            yield name, first[value], value
