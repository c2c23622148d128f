"""Tables are no longer captured."""

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
        "Its changes are no longer captured. If it is added again later, what changed meanwhile is "
        "missing until the table is reloaded."
    ),
    instead=("Keep the rule; if the table should go, tell its consumers first."),
    sources=(
        "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Selections.html",
    ),
)
def tables_dropped(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """Table mappings select fewer tables, or exclude more, than before."""
    for text in differences_of(change, Topic.TABLES_DROPPED):
        yield Observation(text)
