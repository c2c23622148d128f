"""More tables are captured."""

from collections.abc import Iterator

from dms_stream.review.mapping_words import ATTRIBUTE, TYPES, Topic, differences_of
from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, rule
from dms_stream.review.severity import Severity


@rule(
    Severity.NOTICE,
    types=TYPES,
    judges=(ATTRIBUTE,),
    why=(
        "More arrives at the stream. Whether the rows that exist already are loaded depends "
        "on the task: one that only captures changes loads nothing."
    ),
    instead=(
        "Check the table statistics afterwards, and reload the table if its rows are missing."
    ),
    sources=(
        "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Selections.html",
    ),
)
def tables_added(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """Table mappings select more tables, or exclude fewer, than before."""
    for text in differences_of(change, Topic.TABLES_ADDED):
        yield Observation(text)
