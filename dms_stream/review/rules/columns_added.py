"""Columns that were left out are captured."""

from collections.abc import Iterator

from dms_stream.review.mapping_words import ATTRIBUTE, TYPES, Topic, differences_of
from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, rule
from dms_stream.review.severity import Severity


@rule(
    Severity.EXPOSURE,
    types=TYPES,
    judges=(ATTRIBUTE,),
    why=(
        "What was kept out on purpose, often personal data, is on the stream and in the bucket "
        "from now on, and stays there."
    ),
    instead=(
        "Leave the rule that removes it, or make sure that everybody who reads the bucket may "
        "see it."
    ),
    sources=(
        "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Transformations.html",
    ),
)
def columns_added(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """Columns that were left out are captured, or computed columns are added."""
    for text in differences_of(change, Topic.COLUMNS_ADDED):
        yield Observation(text)
