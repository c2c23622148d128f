"""What is said where AWS cannot be asked: one sentence for each kind, and never boto3's alone."""

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import exceptions as boto

from dms_stream.cli import toolchain
from dms_stream.cli.aws_access import aws_errors, client, require_aws
from dms_stream.cli.errors import CommandError
from dms_stream.cli.workspace import Workspace
from dms_stream.settings.environment import environment_file, load_environment
from tests.support.checkout import ROOT


def refusal(code: str) -> boto.ClientError:
    """An answer of AWS's."""
    return boto.ClientError({"Error": {"Code": code, "Message": "so"}}, "GetCallerIdentity")


NETWORK = "AWS cannot be reached: look whether this machine is online, and whether it needs a VPN"
UNREADABLE = "the credentials for AWS cannot be read: sign in, for instance with `aws sso login`"
ERRORS: list[tuple[Exception, str]] = [
    (boto.NoCredentialsError(), "there are no credentials for AWS: sign in, for instance with"),
    (boto.ProfileNotFound(profile="x"), UNREADABLE),
    (boto.PartialCredentialsError(provider="env", cred_var="x"), UNREADABLE),
    (boto.CredentialRetrievalError(provider="x", error_msg="y"), UNREADABLE),
    (refusal("ExpiredToken"), "the credentials for AWS have expired: sign in again, for instance"),
    (refusal("RequestExpired"), "the credentials for AWS have expired: sign in again"),
    (
        boto.UnauthorizedSSOTokenError(),
        "the session of AWS IAM Identity Center has expired: sign in again with `aws sso login`.",
    ),
    (refusal("InvalidClientTokenId"), "AWS does not know these credentials: sign in"),
    (refusal("SignatureDoesNotMatch"), "AWS does not know these credentials: sign in"),
    (refusal("AccessDenied"), "AWS refuses for want of a permission: docs/permissions.md lists"),
    (refusal("Throttled"), "AWS refuses. boto3 says: An error occurred (Throttled)"),
    (boto.EndpointConnectionError(endpoint_url="https://sts"), NETWORK),
    (boto.ConnectTimeoutError(endpoint_url="https://sts"), NETWORK),
    (boto.ReadTimeoutError(endpoint_url="https://sts"), NETWORK),
    (boto.ProxyConnectionError(proxy_url="http://proxy"), NETWORK),
    (boto.SSLError(endpoint_url="https://sts", error=OSError("x")), NETWORK),
    (ValueError("Invalid endpoint: x"), "AWS cannot be asked, as a variable AWS_"),
    (OSError("no bundle: /nope"), "AWS cannot be asked, as a variable AWS_"),
    (boto.NoRegionError(), "AWS cannot be asked. boto3 says: You must specify a region."),
]


@pytest.mark.parametrize(("error", "sentence"), ERRORS, ids=lambda value: type(value).__name__)
def test_each_kind_has_its_sentence(error: Exception, sentence: str) -> None:
    with pytest.raises(CommandError) as refused, aws_errors():
        raise error
    assert str(refused.value).startswith(sentence)
    assert str(refused.value).endswith(".")
    assert ".." not in str(refused.value)


def workspace(folder: Path, **settings: Any) -> Workspace:
    """The environment seed, in whatever account there is."""
    file = environment_file("seed")
    made = load_environment(file).model_copy(update=settings)
    return Workspace("seed", file, made, ROOT, folder, toolchain.terraform_variables(os.environ))


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any credentials."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


def test_a_client_has_all_that_the_workspace_has_of_an_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr(boto3, "client", lambda *names, **more: given.update(more, names=names))
    variables = {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ACCESS_KEY_ID": "id",
        "AWS_SECRET_ACCESS_KEY": "key",
        "AWS_SESSION_TOKEN": "token",
    }
    client(replace(workspace(tmp_path), process_environment=variables), "iam")
    config = given.pop("config")
    assert given == {
        "names": ("iam",),
        "region_name": "eu-west-1",
        "endpoint_url": "http://127.0.0.1:1",
        "aws_access_key_id": "id",
        "aws_secret_access_key": "key",
        "aws_session_token": "token",
    }
    assert config.retries["mode"] == "standard"


@pytest.mark.usefixtures("nobody")
def test_without_credentials_and_with_a_wrong_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CommandError, match="there are no credentials for AWS"):
        require_aws(workspace(tmp_path))
    monkeypatch.setenv("AWS_PROFILE", "nowhere")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    with pytest.raises(CommandError, match=re.escape("profile (nowhere) could not be found.")):
        require_aws(workspace(tmp_path))


@pytest.mark.usefixtures("nobody")
def test_without_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    # a port of loopback that nobody listens at
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(CommandError, match="AWS cannot be reached"):
        require_aws(workspace(tmp_path))
