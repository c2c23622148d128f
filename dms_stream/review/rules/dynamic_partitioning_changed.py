"""Firehose's dynamic partitioning is turned on or off, which Firehose refuses."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity

_ENABLED = "extended_s3_configuration.0.dynamic_partitioning_configuration.0.enabled"


@rule(
    Severity.INTERRUPTION,
    types=("aws_kinesis_firehose_delivery_stream",),
    judges=("extended_s3_configuration.dynamic_partitioning_configuration",),
    why=(
        "Firehose accepts dynamic partitioning only when a delivery stream is created: in place "
        "the apply fails, so the delivery stream has to be replaced; and the objects lie elsewhere."
    ),
    instead="Make a second delivery stream with another prefix, and move the readers over.",
    sources=(
        "https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-enable.html",
        provider_page("kinesis_firehose_delivery_stream"),
    ),
)
def dynamic_partitioning_changed(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """Dynamic partitioning of a delivery stream is turned on or off."""
    if not change.compares or change.unknown(_ENABLED):
        return
    old, new = bool(change.old(_ENABLED)), bool(change.new(_ENABLED))
    if old != new:
        yield Observation(f"{change.name}: dynamic partitioning is turned {'on' if new else 'off'}")
