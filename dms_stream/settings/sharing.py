"""What two pipelines of an environment, or a pipeline and the account, cannot both have."""

from collections.abc import Callable, Hashable, Iterable, Mapping

from constructs_lib.aurora_source import AuroraSourceProps, SnapshotSourceProps
from constructs_lib.aurora_source.props import ImportedSourceProps
from constructs_lib.cdc_pipeline import CdcPipelineProps
from constructs_lib.change_stream import ChangeStreamProps
from constructs_lib.data_catalog import DataCatalogProps
from constructs_lib.errors import Fault
from constructs_lib.landing_bucket import LandingBucketProps
from constructs_lib.landing_bucket.props import ImportedBucketProps
from constructs_lib.network.props import ImportedNetworkProps

_PRIVATE_DNS = "https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html"
_DUPLICATE_RULE = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-rules.html"
# what a pipeline claims: a key of its settings, what it says there, and why no other may claim it
_Claim = tuple[str, Hashable, str, str]


def sharing_faults(
    pipelines: Mapping[str, CdcPipelineProps], *, state_bucket_name: str
) -> list[Fault]:
    """Names and rules that stand twice, each at its second place.

    Args:
        pipelines: The pipelines by name.
        state_bucket_name: The bucket of Terraform's states.
    """
    faults = []
    for claims in (_names, _endpoints, _rules):
        faults += _claimed_twice(pipelines, claims)
    for name, props in pipelines.items():
        faults += _state_bucket(name, props, state_bucket_name)
    return faults


def _claimed_twice(
    pipelines: Mapping[str, CdcPipelineProps],
    claims: Callable[[CdcPipelineProps], Iterable[_Claim]],
) -> list[Fault]:
    first: dict[Hashable, str] = {}
    faults = []
    for name, props in pipelines.items():
        for key, claim, given, why in claims(props):
            here = f"pipelines.{name}.{key}"
            if claim in first:
                faults.append(Fault(here, f"stands at {first[claim]} already: {why}", given))
            else:
                first[claim] = here
    return faults


def _names(props: CdcPipelineProps) -> Iterable[_Claim]:
    catalog, source = props.data_catalog, props.source
    names = {
        "delivery_stream.name": props.delivery_stream.name,
        "stream.name": props.stream.name if isinstance(props.stream, ChangeStreamProps) else None,
        "landing_bucket.name": (
            props.landing_bucket.name
            if isinstance(props.landing_bucket, LandingBucketProps)
            else None
        ),
        "source.name": (
            source.name if isinstance(source, AuroraSourceProps | SnapshotSourceProps) else None
        ),
    }
    if isinstance(catalog, DataCatalogProps):
        names["data_catalog.database_name"] = catalog.database_name
        names["data_catalog.workgroup.name"] = catalog.workgroup.name if catalog.workgroup else None
    for key, name in names.items():
        if name is not None:
            why = "each pipeline makes its own, so choose another name, or leave it out"
            if key in ("stream.name", "landing_bucket.name"):
                why += ". To share one, let one pipeline make it and the other use `kind: existing`"
            yield key, (key, name), name, why


def _endpoints(props: CdcPipelineProps) -> Iterable[_Claim]:
    network = props.network
    if not isinstance(network, ImportedNetworkProps):
        return
    for service in network.endpoints:
        if service != "s3":
            yield (
                "network.endpoints",
                (network.vpc_id, service),
                service,
                f"a VPC has one endpoint with private DNS for {service}, so list it for one "
                f"pipeline of {network.vpc_id} only ({_PRIVATE_DNS})",
            )
    for table in network.route_table_ids:
        yield (
            "network.route_table_ids",
            table,
            table,
            "a route table leads to one s3 endpoint, so list it for one pipeline only "
            "(https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html)",
        )


def _rules(props: CdcPipelineProps) -> Iterable[_Claim]:
    network, source = props.network, props.source
    if not isinstance(network, ImportedNetworkProps):
        return
    group = network.replication_security_group_id
    if group is None:
        return
    advice = (
        f"AWS refuses a rule that a security group has already ({_DUPLICATE_RULE}). Leave "
        "replication_security_group_id out for one of the two, and it gets a group of its own"
    )
    # as ImportedNetwork opens it: to everything on 443 where endpoints are missing
    logs = ("logs",) if props.replication.task_settings.logs else ()
    if not {"kinesis-streams", "secretsmanager", *logs, "s3"} <= set(network.endpoints):
        yield (
            "network.replication_security_group_id",
            (group, "0.0.0.0/0", 443),
            group,
            f"both pipelines would let it out to port 443, and {advice}",
        )
    if isinstance(source, ImportedSourceProps):
        target = source.security_group_id or source.cidr
        yield (
            "network.replication_security_group_id",
            (group, target, source.port),
            group,
            f"both pipelines would let it out to {target} on port {source.port}, and {advice}",
        )
    elif network.database_security_group_id is not None:
        yield (
            "network.database_security_group_id",
            (group, network.database_security_group_id, source.port),
            network.database_security_group_id,
            f"both pipelines would let {group} into it on port {source.port}, and {advice}",
        )


def _state_bucket(name: str, props: CdcPipelineProps, state: str) -> Iterable[Fault]:
    bucket = props.landing_bucket
    names: dict[str, str | None] = {}
    if isinstance(bucket, ImportedBucketProps):
        names["bucket_name"] = bucket.bucket_name
    else:
        names["name"] = bucket.name
        if bucket.access_log is not None:
            names["access_log.bucket_name"] = bucket.access_log.bucket_name
    for key, given in names.items():
        if given == state:
            yield Fault(
                f"pipelines.{name}.landing_bucket.{key}",
                "is the bucket of Terraform's states (state.bucket_name), which nothing else may "
                "write to: choose another bucket",
                given,
            )
