"""Both outcomes of every rule: changes in which it must find something, and in which nothing."""

from collections.abc import Mapping

from tests.dms_stream.review.rules import data_loss, documents, exposure, interruption, others
from tests.dms_stream.review.rules.example import Example

EXAMPLES: Mapping[str, tuple[Example, ...]] = {
    **data_loss.EXAMPLES,
    **interruption.EXAMPLES,
    **exposure.EXAMPLES,
    **documents.EXAMPLES,
    **others.EXAMPLES,
}
"""Id of the rule, and its examples."""
