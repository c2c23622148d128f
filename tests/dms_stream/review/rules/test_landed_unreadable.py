"""Examples of the rule `landed-unreadable`."""

from typing import Any

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import FIREHOSE
from tests.support.small_plans import change

TABLE = change("aws_glue_catalog_table", {"name": "changes"}, {"name": "changes"}, name="changes")
GONE = change("aws_glue_catalog_table", {"name": "changes"}, name="changes")
NEWLINE = {"parameter_name": "Delimiter", "parameter_value": "\\n"}
LINES = [
    {
        "enabled": True,
        "processors": [{"type": "AppendDelimiterToRecord", "parameters": [NEWLINE]}],
    }
]
# as the provider reads one back whose delimiter is the default
BARE = [{"enabled": True, "processors": [{"type": "", "parameters": []}]}]


def written(
    compression: str = "GZIP", ending: str | None = None, lines: Any = LINES, **others: Any
) -> dict[str, Any]:
    destination = {
        "compression_format": compression,
        "file_extension": ending,
        "processing_configuration": lines,
        **others,
    }
    return {"name": "orders", "extended_s3_configuration": [destination]}


def to(after: dict[str, Any], before: dict[str, Any] | None = None) -> dict[str, Any]:
    return change(FIREHOSE, before or written(), after)


def said(how: str, *reasons: str) -> str:
    return (
        f"Athena no longer reads what orders writes ({how}) for aws_glue_catalog_table.changes: "
        f"{'; '.join(reasons)}"
    )


ENDING = "the ending of the names does not tell the compression"
COMPRESSION = "it does not read the compression"
NO_NEWLINE = "it reads one record from each line, and nothing ends the records"
PARQUET = {"data_format_conversion_configuration": [{"enabled": True}]}

EXAMPLES = (
    example(
        "another ending",
        TABLE,
        to(written(ending=".json")),
        finds=said("GZIP, names in .json", ENDING),
        severity=Severity.INTERRUPTION,
    ),
    example(
        "Firehose's Snappy",
        TABLE,
        to(written("Snappy")),
        finds=said("Snappy", COMPRESSION),
    ),
    example(
        "no compression under an ending that tells one",
        TABLE,
        to(written("UNCOMPRESSED", ".json.gz"), written(ending=".json.gz")),
        finds=said("UNCOMPRESSED, names in .json.gz", ENDING),
    ),
    example(
        "no newline",
        TABLE,
        to(written(lines=[])),
        finds=said("GZIP", NO_NEWLINE),
    ),
    example(
        "the processors are switched off",
        TABLE,
        to(written(lines=[{**LINES[0], "enabled": False}])),
        finds=said("GZIP", NO_NEWLINE),
    ),
    example(
        "two reasons",
        TABLE,
        to(written("ZIP", lines=[])),
        finds=said("ZIP", COMPRESSION, NO_NEWLINE),
    ),
    example("an ending that tells it", TABLE, to(written(ending=".json.gz"))),
    example("Hadoop's Snappy", TABLE, to(written("HADOOP_SNAPPY"))),
    example("the newline as the provider reads it", TABLE, to(written(lines=BARE))),
    example("Parquet", TABLE, to(written("UNCOMPRESSED", ".gz", [], **PARQUET))),
    example("it could not before", TABLE, to(written("ZIP", ".zip"), written("ZIP"))),
    example("no table", to(written("Snappy"))),
    example("the table goes", GONE, to(written("Snappy"))),
)

test_examples = examples_of("landed-unreadable", EXAMPLES)
