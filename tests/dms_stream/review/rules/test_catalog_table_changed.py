"""Examples of the rule `catalog-table-changed`."""

from tests.dms_stream.review.rules.example import example, examples_of
from tests.support.small_plans import update

EXAMPLES = (
    example(
        "a column goes, another comes",
        update(
            "aws_glue_catalog_table",
            "storage_descriptor.0.columns",
            [{"name": "a", "type": "int"}, {"name": "b", "type": "int"}],
            [{"name": "a", "type": "string"}, {"name": "c", "type": "int"}],
        ),
        finds=(
            "aws_glue_catalog_table.it: columns gone: b; columns of another type: a (int → string)",
            "aws_glue_catalog_table.it: columns added: c",
        ),
    ),
    example("a parameter", update("aws_glue_catalog_table", "parameters", {}, {"a": "b"})),
)

test_examples = examples_of("catalog-table-changed", EXAMPLES)
