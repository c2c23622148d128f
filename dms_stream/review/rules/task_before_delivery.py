"""A task may write before the delivery stream reads."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, rule
from dms_stream.review.severity import Severity

_TASKS = ("aws_dms_replication_task", "aws_dms_replication_config")
_DELIVERY = "aws_kinesis_firehose_delivery_stream"
_STREAM, _ENDPOINT = "aws_kinesis_stream.", "aws_dms_endpoint"
_STARTS = {_TASKS[0]: "start_replication_task", _TASKS[1]: "start_replication"}
_READS = "kinesis_source_configuration.0.kinesis_stream_arn"
_WRITES = "kinesis_settings.0.stream_arn"


@rule(
    Severity.DATA_LOSS,
    types=_TASKS,
    why=(
        "Firehose reads a stream from the moment the delivery stream is made (LATEST), and "
        "Terraform makes both at once where neither depends on the other: what the task writes "
        "first is never delivered."
    ),
    instead=(
        "Let the task depend on the delivery stream (depends_on), or start it by hand once the "
        "delivery stream is there."
    ),
    sources=(
        "https://docs.aws.amazon.com/firehose/latest/dev/writing-with-kinesis-streams.html",
        "https://developer.hashicorp.com/terraform/language/meta-arguments/depends_on",
    ),
)
def task_before_delivery(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A task is made or changed in the same plan as a delivery stream of its Kinesis stream, starts
    by itself, and does not depend on it.
    """
    if not (change.makes or change.updates) or not change.new(_STARTS[change.type]):
        return
    deliveries = [each for each in plan.of_type(_DELIVERY) if each.makes]
    if not deliveries or not plan.needs:
        return
    before = plan.needs_of(change.address)
    writes = _streams(plan, before)
    for delivery in deliveries:
        if delivery.address in before:
            continue
        if writes & _source(plan, delivery):
            yield Observation(
                f"{change.name} starts in the same plan that makes the delivery stream "
                f"{delivery.name} of its Kinesis stream, and does not wait for it"
            )


def _streams(plan: Plan, addresses: frozenset[str]) -> set[str]:
    found: set[str] = set()
    for endpoint in plan.of_type(_ENDPOINT):
        if endpoint.address in addresses and endpoint.new(_WRITES.partition(".")[0]):
            found |= _streams_named_by(plan, endpoint)
            found.add(str(endpoint.new(_WRITES)))
    return found - {"None"}


def _source(plan: Plan, delivery: ResourceChange) -> set[str]:
    found = {str(delivery.new(_READS))} | _streams_named_by(plan, delivery)
    return found - {"None"}


def _streams_named_by(plan: Plan, change: ResourceChange) -> set[str]:
    named = plan.needs.get(change.address, frozenset())
    return {address for address in named if address.startswith(_STREAM)}
