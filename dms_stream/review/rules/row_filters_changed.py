"""Other rows of a table are captured."""

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
        "Rows that fall out of the filter are no longer captured, and rows that come in are "
        "captured only from their next change on."
    ),
    instead=("Reload the table after the change, if its consumers need all rows."),
    sources=(
        "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.Filters.html",
    ),
)
def row_filters_changed(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """The filters of a selection rule are changed. Values are not shown."""
    for text in differences_of(change, Topic.ROWS):
        yield Observation(text)
