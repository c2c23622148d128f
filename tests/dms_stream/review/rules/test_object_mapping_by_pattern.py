"""Examples of the rule `object-mapping-by-pattern`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import TASK, key, mappings, remapped, select
from tests.support.small_plans import change

_ALL = select("shop.%")
_PATTERN = key("primary-key")
_EXACT = {**_PATTERN, "object-locator": {"schema-name": "shop", "table-name": "orders"}}
_OTHER_KEY = key("schema-table")

EXAMPLES = (
    example(
        "made a pattern",
        remapped([_ALL, _EXACT], [_ALL, _PATTERN]),
        finds=f"an object mapping of {TASK}.it is for shop.%, a pattern",
        severity=Severity.INTERRUPTION,
    ),
    example(
        "added with a pattern",
        remapped([_ALL], [_ALL, _PATTERN]),
        finds=f"an object mapping of {TASK}.it is for shop.%, a pattern",
    ),
    example(
        "a new task",
        change(TASK, None, {"table_mappings": mappings(_ALL, _PATTERN)}),
        finds=f"an object mapping of {TASK}.it is for shop.%, a pattern",
    ),
    example("exact names", remapped([_ALL], [_ALL, _EXACT])),
    example("it was one before", remapped([_ALL, _PATTERN], [_ALL, _OTHER_KEY])),
    example("a selection by a pattern", remapped([select("shop.orders")], [_ALL])),
)

test_examples = examples_of("object-mapping-by-pattern", EXAMPLES)
