"""Something that holds data is destroyed and recreated, empty."""

from collections.abc import Iterator

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.rules.stateful_destroyed import OF_A_REPLICA, what_remains
from dms_stream.review.severity import Severity
from dms_stream.review.stateful import STATEFUL, is_replica, what_is_lost


@rule(
    Severity.DATA_LOSS,
    why="The new one is empty (a cluster: as its snapshot was), and the old one's data is deleted.",
    instead=(
        "Leave the attribute that forces the replacement as it is. If it must change, make a "
        "second resource beside the first, move the data and the consumers over, and destroy the "
        "old one in a later change."
    ),
    sources=(
        provider_page("kinesis_stream"),
        provider_page("rds_cluster"),
        provider_page("s3_bucket"),
        provider_page("kms_key"),
    ),
    others=(Severity.INTERRUPTION,),
)
def stateful_replaced(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A cluster, stream, bucket, key or anything else that holds data is replaced by a new one."""
    if change.action is not Action.REPLACE:
        return
    lost = what_is_lost(change.type, change.before)
    if lost is None:
        return
    replica = is_replica(change.type, change.before)
    yield Observation(
        f"{change.name} is destroyed and recreated "
        f"{change.why_replaced()}. Lost: {lost}. {what_remains(change)}".strip(),
        severity=Severity.INTERRUPTION if replica else None,
        why=OF_A_REPLICA if replica else None,
        sources=(provider_page(change.type.removeprefix("aws_")),)
        if change.type in STATEFUL
        else (),
    )
