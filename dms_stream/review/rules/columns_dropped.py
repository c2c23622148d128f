"""Columns are no longer captured."""

from collections.abc import Iterator

from dms_stream.review.mapping_words import ATTRIBUTE, TYPES, Topic, differences_of
from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, rule
from dms_stream.review.severity import Severity


@rule(
    Severity.INTERRUPTION,
    types=TYPES,
    judges=(ATTRIBUTE,),
    why=("Consumers that read the column find it missing in new messages."),
    instead=("First make every consumer work without it."),
    sources=(
        "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Transformations.html",
    ),
)
def columns_dropped(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """Columns are removed from what is captured, or added columns go."""
    for text in differences_of(change, Topic.COLUMNS_DROPPED):
        yield Observation(text)
