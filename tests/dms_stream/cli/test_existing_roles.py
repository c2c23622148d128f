"""Roles of DMS that an account has already."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from rich.console import Console

from constructs_lib.dms_account_roles import DmsAccountRolesProps
from dms_stream.cli.errors import CommandError
from dms_stream.cli.existing_roles import refuse_existing_roles
from tests.dms_stream.cli.test_aws_access import workspace

VPC, LOGS = "dms-vpc-role", "dms-cloudwatch-logs-role"


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What IAM answers for a role: an error's code; nothing, where the role exists."""
    answers: dict[str, str] = {}

    def call(_client: object, operation: str, arguments: dict[str, str]) -> dict[str, Any]:
        assert operation == "GetRole"
        if code := answers.get(arguments["RoleName"]):
            raise ClientError({"Error": {"Code": code}}, operation)
        return {}

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    return answers


def test_both_are_named_with_what_to_set(tmp_path: Path, answers: dict[str, str]) -> None:
    answers.clear()
    with pytest.raises(CommandError) as refused:
        refuse_existing_roles(workspace(tmp_path), [], console=Console())
    message = str(refused.value)
    assert f"seed.yaml: account_roles: the account has {VPC} and {LOGS} already" in message
    assert "`account_roles: {vpc_role: adopt, cloudwatch_logs_role: adopt}`" in message
    assert "`adopt`, where nobody's code manages them" in message
    assert "`skip`, where other code manages them" in message


def test_what_is_not_created_or_does_not_exist_is_no_matter(
    tmp_path: Path, answers: dict[str, str]
) -> None:
    answers[LOGS] = "NoSuchEntity"
    refuse_existing_roles(workspace(tmp_path), [VPC], console=Console())
    roles = DmsAccountRolesProps(vpc_role="adopt", cloudwatch_logs_role="skip")
    answers.clear()
    refuse_existing_roles(workspace(tmp_path, account_roles=roles), [], console=Console())


def test_where_iam_may_not_be_asked_it_warns_and_goes_on(
    tmp_path: Path, answers: dict[str, str]
) -> None:
    answers[VPC] = "AccessDenied"
    console = Console(file=StringIO(), width=400)
    refuse_existing_roles(workspace(tmp_path), [LOGS], console=console)
    assert isinstance(console.file, StringIO)
    said = console.file.getvalue()
    assert said.startswith("warning: these credentials may not call iam:GetRole")
    assert VPC in said
    assert "docs/existing-role.md" in said
