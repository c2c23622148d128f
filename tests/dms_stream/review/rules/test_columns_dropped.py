"""Examples of the rule `columns-dropped`."""

from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import remapped, select, transform

_ALL = select("shop.%")

EXAMPLES = (
    example(
        "removed",
        remapped([_ALL], [_ALL, transform("shop.orders.note", "remove-column")]),
        finds="column shop.orders.note is no longer captured",
    ),
    example(
        "the rule that removed it goes",
        remapped([_ALL, transform("shop.orders.note", "remove-column")], [_ALL]),
    ),
)

test_examples = examples_of("columns-dropped", EXAMPLES)
