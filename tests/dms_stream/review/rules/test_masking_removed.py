"""Examples of the rule `masking-removed`."""

from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import remapped, select, transform

_ALL = select("shop.%")

EXAMPLES = (
    example(
        "gone",
        remapped(
            [_ALL, transform("shop.orders.card", "data-masking-digits-mask", value="#")],
            [_ALL],
        ),
        finds="column shop.orders.card is no longer masked",
    ),
    example(
        "masked from now on",
        remapped(
            [_ALL],
            [_ALL, transform("shop.orders.card", "data-masking-digits-mask", value="#")],
        ),
    ),
)

test_examples = examples_of("masking-removed", EXAMPLES)
