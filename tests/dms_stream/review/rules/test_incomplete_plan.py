"""Examples of the rule `incomplete-plan`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of

EXAMPLES = (
    example(
        "stopped",
        errored=True,
        finds="planning stopped with an error: Terraform will not apply this plan, and what "
        "is shown here is what it knew by then",
        severity=Severity.UNKNOWN,
    ),
    example(
        "targeted",
        complete=False,
        finds="Terraform says that another plan is needed after this one",
    ),
    example(
        "deferred",
        deferred_changes=[{"reason": "unknown", "resource_change": {"address": "a.b"}}],
        finds="is deferred: Terraform cannot plan it yet",
    ),
    example("whole", complete=True, errored=False),
)

test_examples = examples_of("incomplete-plan", EXAMPLES)
