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
        "the same name, and another old one",
        remapped(
            [_ALL, transform("shop.orders", "replace-prefix", "table", value="a", old_value="x")],
            [_ALL, transform("shop.orders", "replace-prefix", "table", value="a", old_value="y")],
        ),
        finds="table shop.orders: replace-prefix changes",
    ),
    example(
        "one added, and one taken away",
        remapped(
            [_ALL, transform("shop.orders", "rename", "table", value="a")],
            [_ALL, transform("shop.seats", "rename", "table", value="b")],
        ),
        finds=(
            "table shop.orders: rename is taken away",
            "table shop.seats: rename (b) is added",
        ),
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
