"""Examples of the rule `force-destroy-enabled`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import entries_of, example, examples_of
from tests.dms_stream.review.rules.shapes import BUCKET
from tests.support.small_plans import change, update

EXAMPLES = (
    example(
        "on",
        update(BUCKET, "force_destroy", False, True),
        finds=(
            "aws_s3_bucket.it will be destroyed together with whatever it holds (force_destroy)"
        ),
        severity=Severity.DATA_LOSS,
    ),
    example(
        "on something new it is only said",
        change(BUCKET, None, {"bucket": "b", "force_destroy": True}),
        finds=("b will be destroyed together with whatever it holds (force_destroy)"),
        severity=Severity.NOTICE,
    ),
    example("off", update(BUCKET, "force_destroy", True, False)),
)

test_examples = examples_of("force-destroy-enabled", EXAMPLES)


test_entries = entries_of(
    "force-destroy-enabled",
    [
        *(
            update("aws_somebodys", path, False, True)
            for path in (
                "force_destroy",
                "force_delete",
                "enforce_consumer_deletion",
            )
        ),
    ],
)
