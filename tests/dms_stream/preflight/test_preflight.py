"""The whole preflight: everything is asked, and what cannot be told is unknown, never a crash."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from dms_stream.cli.preflight import as_json, summary
from dms_stream.preflight.account import Account
from dms_stream.preflight.preflight import Checked, run_preflight, worst
from tests.dms_stream.preflight.conftest import settings


def refusing(error: Exception) -> type[Account]:
    """An account whose every answer is this error."""

    class Refusing(Account):
        def client(self, service: str, *, region: str | None = None) -> Any:  # noqa: ARG002
            raise error

    return Refusing


def asked(account_class: type[Account]) -> list[Checked]:
    stacks: dict[str, Any] = {"trial-bootstrap": {}, "trial-tickets": {}}
    return run_preflight(
        account_class(settings({"data_catalog": {}}), stacks, dict.fromkeys(stacks, "key"), {})
    )


@pytest.mark.parametrize(
    ("error", "words"),
    [
        *(
            (
                ClientError({"Error": {"Code": code, "Message": "no"}}, "GetRole"),
                "these credentials may not call GetRole",
            )
            # each service has its own word, and S3 none where it answers without a body
            for code in (
                *("AccessDenied", "AccessDeniedException", "AuthorizationError"),
                *("AuthorizationErrorException", "UnauthorizedOperation", "403"),
            )
        ),
        (
            ClientError({"Error": {"Code": "Throttling", "Message": "slow down"}}, "GetRole"),
            "GetRole answered Throttling: slow down",
        ),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), "AWS did not answer"),
    ],
)
def test_what_is_not_answered_is_unknown_with_the_reason(error: Exception, words: str) -> None:
    checked = asked(refusing(error))
    results = [result for check in checked for result in check.results]
    assert len(results) > 10
    assert {result.outcome for result in results} == {"unknown"}
    assert all(words in result.found for result in results)


def test_an_empty_account_is_told_whole(account_of: Callable[..., Account]) -> None:
    checked = run_preflight(account_of(settings({"data_catalog": {}}, emulated=True)))
    assert checked[0].title == "the account"
    assert worst(checked) in ("pass", "unknown")
    told = json.loads(as_json(checked))
    assert {result["outcome"] for result in told} <= {"pass", "unknown"}
    assert all(result.keys() == {"check", "where", "outcome", "found", "fix"} for result in told)
    assert "pass" in summary(checked)
