"""Examples of the rule `unknown-policy`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import POLICY, allow, policy
from tests.support.small_plans import change

EXAMPLES = (
    example(
        "a policy that is made",
        change(POLICY, None, {"name": "p"}, unknown={"policy": True}),
        finds="policy is known only after the apply",
        severity=Severity.UNKNOWN,
    ),
    example("a known one", change(POLICY, None, {"policy": policy(allow("s3:GetObject"))})),
)

test_examples = examples_of("unknown-policy", EXAMPLES)
