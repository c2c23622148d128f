"""Messages get other partition keys or another shape."""

from collections.abc import Iterator

from dms_stream.review.mapping_words import ATTRIBUTE, TYPES, Topic, differences_of
from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, rule
from dms_stream.review.severity import Severity


@rule(
    Severity.INTERRUPTION,
    types=TYPES,
    judges=(ATTRIBUTE,),
    why=(
        "Records of one row may lie in another shard than those before: for a while a consumer "
        "can see them out of order."
    ),
    instead=(
        "Let the consumers read everything before the task goes on, or make them order by commit "
        "timestamp."
    ),
    sources=("https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Kinesis.html",),
)
def partition_key_changed(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """The object mapping, which decides partition key and shape of the messages, is changed."""
    for text in differences_of(change, Topic.PARTITION_KEYS):
        yield Observation(text)
