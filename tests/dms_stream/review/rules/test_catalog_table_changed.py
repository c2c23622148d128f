"""Examples of the rule `catalog-table-changed`."""

import base64
import json

from tests.dms_stream.review.rules.example import entries_of, example, examples_of
from tests.support.small_plans import update


def view(sql: str) -> str:
    encoded = base64.b64encode(json.dumps({"originalSql": sql}).encode()).decode()
    return f"/* Presto View: {encoded} */"


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
    example(
        "a view's query",
        update("aws_glue_catalog_table", "view_original_text", view("a\nb"), view("a\nc")),
        finds="aws_glue_catalog_table.it is a view of another query: without b, with c",
    ),
    example(
        "a view that is not Athena's",
        update("aws_glue_catalog_table", "view_original_text", "select 1", "select 2"),
        finds="aws_glue_catalog_table.it reads elsewhere: view_original_text: select 1 → select 2",
    ),
    example("a parameter", update("aws_glue_catalog_table", "parameters", {}, {"a": "b"})),
)

test_examples = examples_of("catalog-table-changed", EXAMPLES)

test_entries = entries_of(
    "catalog-table-changed",
    [
        update("aws_glue_catalog_table", "parameters", {name: "was"}, {name: "is"})
        for name in (
            "classification",
            "delimiter",
            "skip.header.line.count",
            "table_type",
            "useGlueParquetSchema",
            "has_encrypted_data",
            "compressionType",
            "metadata_location",
            "storage.location.template",
        )
    ],
)
