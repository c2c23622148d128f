"""Examples of the rule `loading-changed`."""

from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import remapped, select

_ALL = select("shop.%")

EXAMPLES = (
    example(
        "another order",
        remapped([select("shop.orders")], [select("shop.orders", **{"load-order": "2"})]),
        finds="shop.orders (load order) is loaded otherwise",
    ),
    example("the same", remapped([_ALL], [_ALL, select("shop.orders")])),
)

test_examples = examples_of("loading-changed", EXAMPLES)
