"""What every stack of an environment has of its settings."""

from typing import Any

import pytest

from constructs_lib.bindings import cdktf
from dms_stream.settings.environment import Environment
from stacks.environment_stack import EnvironmentStack


def provider(**settings: Any) -> dict[str, Any]:
    environment = Environment(
        **{"region": "eu-west-1", "state": {"bucket_name": "example-state"}, "pipelines": {}},
        **settings,
    )
    stack = EnvironmentStack(cdktf.Testing.app(), "trial", environment, name="one", tags={})
    (found,) = stack.to_terraform()["provider"]["aws"]
    return dict(found)


def test_a_real_environment_is_kept_to_its_accounts() -> None:
    assert provider(account_ids=["111122223333"])["allowed_account_ids"] == ["111122223333"]
    assert "allowed_account_ids" not in provider()


@pytest.mark.parametrize("accounts", [[], ["111122223333"]])
def test_the_embedded_aws_has_an_account_of_its_own(accounts: list[str]) -> None:
    assert "allowed_account_ids" not in provider(account_ids=accounts, emulated=True)
