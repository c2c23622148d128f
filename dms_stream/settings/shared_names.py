"""Names that two pipelines of an environment, or a pipeline and the states, cannot both have."""

from collections.abc import Iterable, Mapping

from constructs_lib.aurora_source import AuroraSourceProps, SnapshotSourceProps
from constructs_lib.cdc_pipeline import CdcPipelineProps
from constructs_lib.change_stream import ChangeStreamProps
from constructs_lib.data_catalog import DataCatalogProps
from constructs_lib.delivery_stream import DeliveryStreamProps
from constructs_lib.errors import Fault
from constructs_lib.landing_bucket import LandingBucketProps
from constructs_lib.landing_bucket.props import ImportedBucketProps


def shared_name_faults(
    pipelines: Mapping[str, CdcPipelineProps], *, state_bucket_name: str
) -> list[Fault]:
    """Names that stand twice, each at its second place.

    Args:
        pipelines: The pipelines by name.
        state_bucket_name: The bucket of Terraform's states.
    """
    first: dict[tuple[str, str], str] = {}
    faults = []
    for pipeline, props in pipelines.items():
        for key, name in names_made(props):
            here = f"pipelines.{pipeline}.{key}"
            if first.setdefault((key, name), here) == here:
                continue
            why = "each pipeline makes its own, so choose another name, or leave it out"
            if key in ("stream.name", "landing_bucket.name"):
                why += ". To share one, let one pipeline make it and the other use `kind: existing`"
            faults.append(Fault(here, f"stands at {first[key, name]} already: {why}", name))
        faults += _state_bucket(pipeline, props, state_bucket_name)
    return faults


def names_made(props: CdcPipelineProps) -> Iterable[tuple[str, str]]:
    """Names that a pipeline gives to what it makes, with their keys; not those it derives."""
    catalog, source = props.data_catalog, props.source
    names = {
        "delivery_stream.name": (
            props.delivery_stream.name
            if isinstance(props.delivery_stream, DeliveryStreamProps)
            else None
        ),
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
    return [(key, name) for key, name in names.items() if name is not None]


def _state_bucket(name: str, props: CdcPipelineProps, state: str) -> Iterable[Fault]:
    bucket = props.landing_bucket
    names: dict[str, str | None] = {}
    if isinstance(bucket, ImportedBucketProps):
        names["bucket_name"] = bucket.bucket_name
    elif bucket is not None:
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
