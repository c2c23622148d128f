"""Examples of the rule `columns-added`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import remapped, select, transform

_ALL = select("shop.%")

EXAMPLES = (
    example(
        "the rule that removed it goes",
        remapped([_ALL, transform("shop.orders.card", "remove-column")], [_ALL]),
        finds="column shop.orders.card, which was left out, is captured from now on",
        severity=Severity.EXPOSURE,
    ),
    example("removed", remapped([_ALL], [_ALL, transform("shop.orders.card", "remove-column")])),
)

test_examples = examples_of("columns-added", EXAMPLES)
