"""A role's trust checks the account, and asks for it only where the service is known to send it."""

from typing import Any

import pytest

from constructs_lib.iam import ServiceRole
from tests.support.synth import only, synth

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:a"


@pytest.mark.parametrize(("proven", "ending"), [(None, "IfExists"), (True, "")])
def test_a_service_that_is_not_proven_to_send_the_account_may_still_assume_the_role(
    proven: bool | None, ending: str
) -> None:
    settings: dict[str, Any] = {} if proven is None else {"sends_source_account": proven}
    document = synth(
        lambda stack: ServiceRole(
            stack,
            "role",
            service="lambda.amazonaws.com",
            description="r",
            source_arns=[ARN],
            **settings,
        )
    )
    trust = only(document, "aws_iam_role")["assume_role_policy"]
    assert f'"StringEquals{ending}": {{"aws:SourceAccount"' in trust
    assert f'"ArnLike{ending}": {{"aws:SourceArn": ["{ARN}"]' in trust
