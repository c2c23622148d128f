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
from constructs_lib.monitoring import NewTopic, SlackChannel

# last part of the name that a pipeline's part has by default, behind its stack's
_DEFAULT_NAMES = {
    "delivery_stream.name": "delivery",
    "stream.name": "stream",
    "source.name": "source",
    "data_catalog.database_name": "catalog",
    "data_catalog.workgroup.name": "catalog",
}


def shared_name_faults(
    pipelines: Mapping[str, CdcPipelineProps],
    *,
    state_bucket_name: str,
    environment_name: str | None = None,
) -> list[Fault]:
    """Names that stand twice, each at its second place.

    Args:
        pipelines: The pipelines by name.
        state_bucket_name: The bucket of Terraform's states.
        environment_name: Name of the environment, which begins the default names. Default: these
            are not compared.
    """
    first: dict[tuple[str, str], str] = {}
    if environment_name is not None:
        for pipeline, props in pipelines.items():
            for made in names_by_default(f"{environment_name}-{pipeline}", props):
                first[made] = f"pipelines.{pipeline}"
    faults = []
    for pipeline, props in pipelines.items():
        for key, name in names_given(props):
            here = f"pipelines.{pipeline}.{key}"
            there = first.setdefault((key, name), here)
            if there == here:
                continue
            if there.endswith(key):
                problem = f"stands at {there} already: each pipeline makes its own"
            else:
                problem = f"is what {there} makes under its default name"
            problem += ", so choose another name, or leave it out"
            if key in ("stream.name", "landing_bucket.name"):
                problem += (
                    ". To share one, let one pipeline make it and the other use `kind: existing`"
                )
            faults.append(Fault(here, problem, name))
        faults += _state_bucket(pipeline, props, state_bucket_name)
    return [*faults, *_logs_among_the_data(pipelines), *_channels(pipelines)]


def _logs_among_the_data(pipelines: Mapping[str, CdcPipelineProps]) -> Iterable[Fault]:
    buckets = {
        name: props.landing_bucket
        for name, props in pipelines.items()
        if isinstance(props.landing_bucket, LandingBucketProps)
    }
    made = {bucket.name: name for name, bucket in buckets.items() if bucket.name is not None}
    for name, bucket in buckets.items():
        if bucket.access_log is not None and bucket.access_log.bucket_name in made:
            maker = made[bucket.access_log.bucket_name]
            yield Fault(
                f"pipelines.{name}.landing_bucket.access_log.bucket_name",
                f"is the bucket that pipelines.{maker} makes for its data, and which lets no logs "
                "in: choose another bucket (https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
                "enable-server-access-logging.html)",
                bucket.access_log.bucket_name,
            )


def _channels(pipelines: Mapping[str, CdcPipelineProps]) -> Iterable[Fault]:
    # https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1155
    first: dict[SlackChannel, tuple[str, str]] = {}
    for pipeline, props in pipelines.items():
        notify = props.monitoring.notify if props.monitoring else None
        if not isinstance(notify, NewTopic):
            continue
        for part, subscribers in (("", notify), ("warnings.", notify.warnings)):
            if subscribers is None or subscribers.slack is None:
                continue
            channel, here = subscribers.slack, f"pipelines.{pipeline}.monitoring.notify.{part}slack"
            owner, there = first.setdefault(channel, (pipeline, here))
            if owner != pipeline:
                yield Fault(
                    here,
                    f"stands at {there} already, and AWS configures a channel once in an account: "
                    "choose another channel, or let the alarms of both pipelines tell one topic "
                    "(`kind: existing`) that the channel is told of",
                    f"{channel.team_id}/{channel.channel_id}",
                )


def names_given(props: CdcPipelineProps) -> list[tuple[str, str]]:
    """Names that a pipeline's settings give to what it makes, with their keys."""
    return [(key, name) for key, name in _names(props).items() if name is not None]


def names_by_default(stack: str, props: CdcPipelineProps) -> list[tuple[str, str]]:
    """Names of what it makes without a name in its settings, with the keys that would give one.

    Args:
        stack: Name of the pipeline's stack.
        props: Its settings.
    """
    # Glue's names hold no `-`
    return [
        (key, name.replace("-", "_") if key == "data_catalog.database_name" else name)
        for key, given in _names(props).items()
        if given is None and key in _DEFAULT_NAMES
        for name in [f"{stack}-{_DEFAULT_NAMES[key]}"]
    ]


def _names(props: CdcPipelineProps) -> dict[str, str | None]:
    """What it makes, by the key of its name."""
    names: dict[str, str | None] = {}
    if isinstance(props.delivery_stream, DeliveryStreamProps):
        names["delivery_stream.name"] = props.delivery_stream.name
    if isinstance(props.stream, ChangeStreamProps):
        names["stream.name"] = props.stream.name
    if isinstance(props.landing_bucket, LandingBucketProps):
        names["landing_bucket.name"] = props.landing_bucket.name
    if isinstance(props.source, AuroraSourceProps | SnapshotSourceProps):
        names["source.name"] = props.source.name
    catalog = props.data_catalog
    if isinstance(catalog, DataCatalogProps):
        names["data_catalog.database_name"] = catalog.database_name
        if catalog.workgroup is not None:
            names["data_catalog.workgroup.name"] = catalog.workgroup.name
    return names


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
