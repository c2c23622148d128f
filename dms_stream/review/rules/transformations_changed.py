"""Names, types or values are transformed differently."""

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
        "Schemas, tables or columns have other names, types or values in new messages, between "
        "old ones: a consumer, a partition key or a table definition that names them fails."
    ),
    instead=("First make every consumer accept both."),
    sources=(
        "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Transformations.html",
    ),
)
def transformations_changed(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """Transformations (rename, prefix, case, type, key, masking) are added, changed or taken
    away.
    """
    for text in differences_of(change, Topic.TRANSFORMATIONS):
        yield Observation(text)
