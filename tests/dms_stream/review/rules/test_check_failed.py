"""Examples of the rule `check-failed`."""

from typing import Any

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of


def _check(status: str, *messages: str) -> dict[str, Any]:
    problems = [{"message": message} for message in messages]
    instances = [{"address": {"to_display": "check.c"}, "status": status, "problems": problems}]
    address = {"kind": "check", "name": "c", "to_display": "check.c"}
    return {"address": address, "status": status, "instances": instances}


EXAMPLES = (
    example(
        "fails",
        finds="the check fails: backup older than 1 day",
        severity=Severity.UNKNOWN,
        checks=[_check("fail", "backup older than 1 day")],
    ),
    example(
        "cannot be evaluated",
        finds="the check cannot be evaluated",
        severity=Severity.UNKNOWN,
        checks=[_check("error")],
    ),
    example(
        "is known later",
        finds="the result of the check is known only after the apply",
        severity=Severity.NOTICE,
        checks=[_check("unknown")],
    ),
    example("passes", checks=[_check("pass")]),
)

test_examples = examples_of("check-failed", EXAMPLES)
