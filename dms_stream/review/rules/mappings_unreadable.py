"""Table mappings change, and nobody can say how."""

from collections.abc import Iterator

from dms_stream.review.mapping_words import ATTRIBUTE, TYPES, unreadable
from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, rule
from dms_stream.review.severity import Severity


@rule(
    Severity.UNKNOWN,
    types=TYPES,
    why="Tables or columns may be dropped from the capture, and this review cannot see it.",
    instead="Compare the two documents yourself.",
    sources=(
        "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.html",
    ),
)
def mappings_unreadable(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """The table mappings change, and one of the two documents is sensitive, or not one that this
    review can read.
    """
    if unreadable(change):
        secret = "they are marked as sensitive"
        why = secret if change.sensitive(ATTRIBUTE) else "this review cannot read one of them"
        yield Observation(f"the table mappings change, and {why}")
