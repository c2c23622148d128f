"""Examples of the rule `object-layout-changed`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import entries_of, example, examples_of
from tests.dms_stream.review.rules.shapes import FIREHOSE, S3
from tests.support.small_plans import update

EXAMPLES = (
    example(
        "another prefix, and the table follows",
        update(FIREHOSE, f"{S3}.prefix", "changes/", "orders/"),
        update("aws_glue_catalog_table", "parameters", {}, {"a": "b"}, name="table"),
        finds="aws_kinesis_firehose_delivery_stream.it: prefix: changes/ → orders/. The table "
        "aws_glue_catalog_table.table follows; what landed before it may no longer find.",
        severity=Severity.INTERRUPTION,
    ),
    example(
        "no delimiter any more",
        update(
            FIREHOSE,
            f"{S3}.processing_configuration.0.processors.0.parameters",
            [{"parameter_name": "Delimiter", "parameter_value": "\\n"}],
            [],
        ),
        finds=(
            "aws_kinesis_firehose_delivery_stream.it: the delimiter between records is "
            "removed. No Glue table of this plan follows."
        ),
    ),
    example(
        "failed records elsewhere",
        update(FIREHOSE, f"{S3}.error_output_prefix", "errors/", "failed/"),
        finds="aws_kinesis_firehose_delivery_stream.it: error_output_prefix: errors/ → failed/",
        severity=Severity.NOTICE,
    ),
    example("another buffer", update(FIREHOSE, f"{S3}.buffering_size", 5, 64)),
)

test_examples = examples_of("object-layout-changed", EXAMPLES)


test_entries = entries_of(
    "object-layout-changed",
    [
        *(
            update(
                "aws_kinesis_firehose_delivery_stream",
                f"extended_s3_configuration.0.{name}",
                "was",
                "is",
            )
            for name in (
                "prefix",
                "compression_format",
                "file_extension",
                "custom_time_zone",
                "bucket_arn",
                "error_output_prefix",
            )
        ),
    ],
)
