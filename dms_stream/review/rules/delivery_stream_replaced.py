"""A Firehose delivery stream is destroyed, recreated, or reads from elsewhere."""

from collections.abc import Iterator

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity


@rule(
    Severity.INTERRUPTION,
    types=("aws_kinesis_firehose_delivery_stream",),
    judges=("kinesis_source_configuration", "msk_source_configuration"),
    why=(
        "A new delivery stream reads from the end of the Kinesis stream (LATEST): what is in "
        "flight, or is written while there is none, is never delivered, though Kinesis still "
        "holds it."
    ),
    instead=(
        "Leave what forces the replacement. If it must be: make a second delivery stream beside "
        "the first, wait until it delivers, then destroy the first; objects then arrive twice for "
        "a while instead of not at all."
    ),
    sources=(
        "https://docs.aws.amazon.com/firehose/latest/dev/writing-with-kinesis-streams.html",
        provider_page("kinesis_firehose_delivery_stream"),
    ),
)
def delivery_stream_replaced(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A Firehose delivery stream is replaced or destroyed, or its source changes."""
    source = "kinesis_source_configuration.0.kinesis_stream_arn"
    if change.action is Action.DELETE:
        yield Observation(
            f"the delivery stream {change.name} is destroyed: nothing is delivered any longer",
            instead="Keep it as long as somebody reads what it delivers.",
        )
    elif change.action is Action.REPLACE:
        yield Observation(
            f"the delivery stream {change.name} is destroyed and recreated {change.why_replaced()}"
        )
    elif change.updates and change.changed("kinesis_source_configuration.0.role_arn"):
        role = "kinesis_source_configuration.0.role_arn"
        yield Observation(f"{change.name} reads its source as somebody else: {change.step(role)}")
    if change.updates and change.changed(source):
        yield Observation(
            f"the delivery stream {change.name} reads from another stream: {change.step(source)}"
        )
