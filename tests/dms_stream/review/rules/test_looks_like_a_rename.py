"""Examples of the rule `looks-like-a-rename`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.support.small_plans import change

ROLE, STREAM = "aws_iam_role", "aws_kinesis_stream"

EXAMPLES = (
    example(
        "a role under another address",
        change(ROLE, {"name": "dms"}, name="old"),
        change(ROLE, None, {"name": "dms"}, name="new"),
        finds="dms is destroyed here and created at aws_iam_role.new: this looks like a rename",
        severity=Severity.NOTICE,
    ),
    example(
        "another name",
        change(ROLE, {"name": "dms"}, name="old"),
        change(ROLE, None, {"name": "other"}, name="new"),
    ),
    example(
        "of another type",
        change(ROLE, {"name": "dms"}, name="old"),
        change("aws_iam_user", None, {"name": "dms"}, name="new"),
    ),
    example(
        "a stream, of which `stateful-destroyed` says it",
        change(STREAM, {"name": "s"}, name="old"),
        change(STREAM, None, {"name": "s"}, name="new"),
    ),
)

test_examples = examples_of("looks-like-a-rename", EXAMPLES)
