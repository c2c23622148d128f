"""Examples of the rule `transformations-changed`."""

from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import remapped, select, transform

_ALL = select("shop.%")

EXAMPLES = (
    example(
        "renamed otherwise",
        remapped(
            [_ALL, transform("shop.orders", "rename", "table", value="a")],
            [_ALL, transform("shop.orders", "rename", "table", value="b")],
        ),
        finds="table shop.orders: rename changes a → b",
    ),
    example(
        "masked from now on",
        remapped(
            [_ALL],
            [_ALL, transform("shop.orders.card", "data-masking-digits-mask", value="#")],
        ),
        finds="column shop.orders.card is masked (data-masking-digits-mask)",
    ),
    example(
        "other ids",
        remapped(
            [_ALL, transform("shop.orders", "rename", "table", value="a")],
            [transform("shop.orders", "rename", "table", value="a"), _ALL],
        ),
    ),
)

test_examples = examples_of("transformations-changed", EXAMPLES)
