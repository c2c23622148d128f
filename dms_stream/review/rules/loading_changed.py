"""Tables are loaded in another way."""

from collections.abc import Iterator

from dms_stream.review.mapping_words import ATTRIBUTE, TYPES, Topic, differences_of
from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, rule
from dms_stream.review.severity import Severity


@rule(
    Severity.NOTICE,
    types=TYPES,
    judges=(ATTRIBUTE,),
    why=("Only a full load works differently: its order, parallel load and LOB limits."),
    instead=("Nothing needs to be done unless tables are loaded again."),
    sources=(
        "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Tablesettings.html",
    ),
)
def loading_changed(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """Load order or table settings are changed."""
    for text in differences_of(change, Topic.LOADING):
        yield Observation(text)
