"""Examples of the rule `tables-added`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import remapped, select

_ALL = select("shop.%")

EXAMPLES = (
    example(
        "one more",
        remapped([select("shop.orders")], [select("shop.orders"), select("shop.items")]),
        finds="shop.items is selected from now on",
        severity=Severity.NOTICE,
    ),
    example(
        "no longer excluded",
        remapped([_ALL, select("shop.audit", "exclude")], [_ALL]),
        finds="shop.audit is no longer excluded",
    ),
    example("selected already", remapped([_ALL], [_ALL, select("shop.items")])),
)

test_examples = examples_of("tables-added", EXAMPLES)
