"""A Kinesis stream gets fewer shards, or another kind of capacity."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity
from dms_stream.review.words import amount

_MODE = "stream_mode_details.0.stream_mode"


@rule(
    Severity.INTERRUPTION,
    types=("aws_kinesis_stream",),
    judges=("shard_count", "stream_mode_details"),
    why=(
        "A shard takes 1 MB or 1,000 records a second: beyond that DMS is throttled and the "
        "latency grows. Merged shards continue in new ones, which consumers must follow to "
        "keep the order."
        ""
    ),
    instead=(
        "Look at IncomingBytes, IncomingRecords and WriteProvisionedThroughputExceeded of the last "
        "weeks first. AWS lets a stream switch its mode twice in 24 hours."
    ),
    sources=(
        "https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html",
        "https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html",
        provider_page("kinesis_stream"),
    ),
    others=(Severity.NOTICE,),
)
def shards_lowered(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """The shards of a Kinesis stream are fewer, or it moves between provisioned and on demand."""
    if not change.updates:
        return
    if change.changed(_MODE):
        capped = change.new(_MODE) == "PROVISIONED"
        yield Observation(
            f"{change.name}: {change.step(_MODE).removeprefix('stream_mode_details.0.')}",
            severity=None if capped else Severity.NOTICE,
        )
    old, new = change.old("shard_count") or 0, change.new("shard_count") or 0
    provisioned = change.new(_MODE) in (None, "PROVISIONED")
    if provisioned and not change.unknown("shard_count") and 0 < new < old:
        yield Observation(f"{change.name} has {amount(new, 'shard')} instead of {amount(old)}")
