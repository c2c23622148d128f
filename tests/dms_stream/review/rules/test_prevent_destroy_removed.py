"""Examples of the rule `prevent-destroy-removed`, which compares configurations."""

from dataclasses import replace

import pytest

from dms_stream.review import Protection, Severity, review_plans
from tests.dms_stream.review.rules.example import Example, example
from tests.support.small_plans import change, plan

STREAM = "aws_kinesis_stream"
_KEPT = change(STREAM, {"name": "s"}, {"name": "s"})

EXAMPLES = (
    example("stays", _KEPT, finds="prevent_destroy is removed", severity=Severity.DATA_LOSS),
    example("is destroyed, which other rules tell", change(STREAM, {"name": "s"})),
)


@pytest.mark.parametrize("shown", EXAMPLES, ids=lambda each: str(each.name))
def test_examples(shown: Example) -> None:
    protection = Protection(frozenset({"aws_kinesis_stream.it"}), frozenset())
    review = review_plans([replace(plan(*shown.changes), protection=protection)])
    seen = [each for each in review.findings if each.rule == "prevent-destroy-removed"]
    assert tuple(each.what for each in seen) == shown.finds
    assert all(each.severity is shown.severity for each in seen)
