"""Examples of the rule `partition-key-changed`."""

from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import key, remapped, select

_ALL = select("shop.%")

EXAMPLES = (
    example(
        "by table",
        remapped([_ALL, key("primary-key")], [_ALL, key("schema-table")]),
        finds="shop.%: map-record-to-record by primary-key → map-record-to-record by schema-table",
    ),
    example("other ids", remapped([_ALL, key("primary-key")], [key("primary-key"), _ALL])),
)

test_examples = examples_of("partition-key-changed", EXAMPLES)
