"""What the stacks of an environment have of its settings."""

from typing import Any

import pytest

from constructs_lib.bindings import cdktf
from dms_stream.settings.environment import Environment
from stacks.app import build_app
from stacks.bootstrap_stack import BootstrapStack
from stacks.environment_stack import EnvironmentStack


def settings_of(**more: Any) -> Environment:
    least = {"region": "eu-west-1", "state": {"bucket_name": "example-state"}, "pipelines": {}}
    return Environment(**least | more)


def terraform(**settings: Any) -> dict[str, Any]:
    environment = settings_of(**settings)
    stack = EnvironmentStack(cdktf.Testing.app(), "trial", environment, name="one", tags={})
    return dict(stack.to_terraform())


def provider(**settings: Any) -> dict[str, Any]:
    (found,) = terraform(**settings)["provider"]["aws"]
    return dict(found)


def test_a_real_environment_is_kept_to_its_accounts() -> None:
    assert provider(account_ids=["111122223333"])["allowed_account_ids"] == ["111122223333"]
    assert "allowed_account_ids" not in provider()


@pytest.mark.parametrize("accounts", [[], ["111122223333"]])
def test_the_embedded_aws_has_an_account_of_its_own(accounts: list[str]) -> None:
    assert "allowed_account_ids" not in provider(account_ids=accounts, emulated=True)


def test_only_the_embedded_aws_keeps_states_without_a_question_to_aws() -> None:
    skipped = [
        terraform(emulated=emulated)["terraform"]["backend"]["s3"].get("skip_region_validation")
        for emulated in (True, False)
    ]
    assert skipped == [True, None]


def test_the_bootstrap_makes_the_roles_that_the_settings_want() -> None:
    def roles(**settings: Any) -> set[str]:
        stack = BootstrapStack(cdktf.Testing.app(), "trial", settings_of(**settings))
        return {role["name"] for role in stack.to_terraform()["resource"]["aws_iam_role"].values()}

    both = {"dms-vpc-role", "dms-cloudwatch-logs-role"}
    assert roles() == both
    assert roles(account_roles={"cloudwatch_logs_role": "skip"}) == {"dms-vpc-role"}


def test_an_app_of_ones_own_gets_the_stacks_and_a_new_one_the_context() -> None:
    own = cdktf.Testing.app()
    assert build_app("trial", settings_of(), app=own) is own
    assert [child.node.id for child in own.node.children] == ["trial-bootstrap"]
    made = build_app("trial", settings_of(), context={"known": "yes"})
    assert made.node.try_get_context("known") == "yes"
