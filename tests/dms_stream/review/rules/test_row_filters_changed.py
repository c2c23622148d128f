"""Examples of the rule `row-filters-changed`."""

from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import key, remapped, select

_FILTER = {
    "filter-type": "source",
    "column-name": "amount",
    "filter-conditions": [{"filter-operator": "gte", "value": "100"}],
}
_OTHER_FILTER = {
    **_FILTER,
    "filter-conditions": [{"filter-operator": "gte", "value": "200"}],
}

EXAMPLES = (
    example(
        "a filter comes",
        remapped([select("shop.orders")], [select("shop.orders", filters=[_FILTER])]),
        finds="rows of shop.orders are chosen from now on, by amount",
    ),
    example(
        "a filter goes",
        remapped([select("shop.orders", filters=[_FILTER])], [select("shop.orders")]),
        finds="rows of shop.orders are no longer chosen, by amount",
    ),
    example(
        "another value",
        remapped(
            [select("shop.orders", filters=[_FILTER])],
            [select("shop.orders", filters=[_OTHER_FILTER])],
        ),
        finds="rows of shop.orders are chosen otherwise, by amount",
    ),
    example(
        "the same",
        remapped(
            [select("shop.orders", filters=[_FILTER])],
            [select("shop.orders", filters=[_FILTER]), key("primary-key")],
        ),
    ),
)

test_examples = examples_of("row-filters-changed", EXAMPLES)
