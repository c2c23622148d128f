"""Examples of the rule `tables-dropped`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import remapped, select

_ALL = select("shop.%")

EXAMPLES = (
    example(
        "no longer selected",
        remapped([select("shop.orders"), select("shop.items")], [select("shop.orders")]),
        finds="shop.items is no longer selected",
        severity=Severity.INTERRUPTION,
    ),
    example(
        "excluded",
        remapped([_ALL], [_ALL, select("shop.audit", "exclude")]),
        finds="shop.audit is excluded from now on",
    ),
    example("a wider rule takes its place", remapped([select("shop.orders")], [select("shop.%")])),
    example(
        "excluded, though it never was selected",
        remapped(
            [select("shop.orders")],
            [select("shop.orders"), select("shop.audit", "exclude")],
        ),
    ),
)

test_examples = examples_of("tables-dropped", EXAMPLES)
