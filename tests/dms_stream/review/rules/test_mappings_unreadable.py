"""Examples of the rule `mappings-unreadable`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import TASK, mappings, remapped, select
from tests.support.small_plans import update

_ALL = select("shop.%")

EXAMPLES = (
    example(
        "no document",
        update(TASK, "table_mappings", mappings(_ALL), "{not json"),
        finds=("the table mappings change, and this review cannot read one of them"),
        severity=Severity.UNKNOWN,
    ),
    example(
        "sensitive",
        update(
            TASK,
            "table_mappings",
            mappings(_ALL),
            mappings(select("a.b")),
            sensitive={"table_mappings": True},
        ),
        finds="the table mappings change, and they are marked as sensitive",
    ),
    example("readable", remapped([_ALL], [select("shop.orders")])),
)

test_examples = examples_of("mappings-unreadable", EXAMPLES)
