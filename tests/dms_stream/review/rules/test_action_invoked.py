"""Examples of the rule `action-invoked`."""

from typing import Any

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of


def _invoked(type_: str, **how: Any) -> dict[str, Any]:
    return {"address": f"action.{type_}.it", "type": type_, "name": "it", **how}


EXAMPLES = (
    example(
        "after a change",
        finds="aws_lambda_invoke is invoked (AfterUpdate of aws_s3_bucket.b)",
        severity=Severity.UNKNOWN,
        action_invocations=[
            _invoked(
                "aws_lambda_invoke",
                lifecycle_action_trigger={
                    "triggering_resource_address": "aws_s3_bucket.b",
                    "action_trigger_event": "AfterUpdate",
                },
            )
        ],
    ),
    example(
        "by the command line",
        finds="aws_codebuild_start_build is invoked (-invoke asks for it)",
        action_invocations=[_invoked("aws_codebuild_start_build", invoke_action_trigger={})],
    ),
    example(
        "one that stops something",
        finds="aws_ec2_stop_instance is invoked: the instance stops",
        severity=Severity.INTERRUPTION,
        action_invocations=[_invoked("aws_ec2_stop_instance")],
    ),
    example(
        "later",
        finds="aws_lambda_invoke is invoked",
        deferred_action_invocations=[
            {"reason": "deferred_prereq", "action_invocation": _invoked("aws_lambda_invoke")}
        ],
    ),
    example("none", action_invocations=[]),
)

test_examples = examples_of("action-invoked", EXAMPLES)
