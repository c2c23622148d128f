"""DMS writes to another stream, or reads another source."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity

_PATHS = (
    "kinesis_settings.0.stream_arn",
    "kafka_settings.0.topic",
    "s3_settings.0.bucket_name",
    "bucket_name",
    "secrets_manager_arn",
    "server_name",
    "port",
    "database_name",
)


@rule(
    Severity.INTERRUPTION,
    types=("aws_dms_endpoint", "aws_dms_s3_endpoint"),
    judges=("kinesis_settings", "secrets_manager_arn", "server_name"),
    why=(
        "The task goes on from its checkpoint, but its messages go elsewhere, or its position "
        "belongs to another source's binary log."
    ),
    instead="Make a second endpoint and a second task, and let the first one read to the end.",
    sources=(
        "https://docs.aws.amazon.com/dms/latest/APIReference/API_ModifyEndpoint.html",
        provider_page("dms_endpoint"),
    ),
)
def target_changed(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A DMS endpoint in use points to another stream, bucket, host or secret."""
    if not change.updates:
        return
    steps = [change.step(path) for path in _PATHS if change.old(path) and change.changed(path)]
    if steps:
        yield Observation(f"{change.name}: {', '.join(steps)}")
