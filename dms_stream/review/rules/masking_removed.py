"""Values are no longer masked."""

from collections.abc import Iterator

from dms_stream.review.mapping_words import ATTRIBUTE, TYPES, Topic, differences_of
from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, rule
from dms_stream.review.severity import Severity


@rule(
    Severity.EXPOSURE,
    types=TYPES,
    judges=(ATTRIBUTE,),
    why=("The values arrive readable on the stream and in the bucket, and stay there."),
    instead=("Leave the masking rule in place."),
    sources=(
        "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Masking.html",
    ),
)
def masking_removed(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A data masking rule is taken away."""
    for text in differences_of(change, Topic.UNMASKED):
        yield Observation(text)
