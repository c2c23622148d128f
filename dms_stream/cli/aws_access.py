"""The AWS an environment is deployed to: its clients, and whether it can be asked at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dms_stream.cli import toolchain
from dms_stream.cli.errors import CommandError
from dms_stream.cli.workspace import Workspace, open_workspace
from dms_stream.operations.refusals import FORBIDDEN

_HOW_TO_SIGN_IN = (
    "for instance with `aws sso login`, or name a profile in the variable AWS_PROFILE."
)
# https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html and those of S3
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired")
_UNKNOWN = (
    "InvalidClientTokenId",
    "InvalidAccessKeyId",
    "UnrecognizedClientException",
    "SignatureDoesNotMatch",
    "InvalidToken",
    "AuthFailure",
)
_CONNECT_SECONDS, _READ_SECONDS, _ATTEMPTS = 10, 30, 3


def open_deployable(environment: str | None, *, emulated: bool = False) -> Workspace:
    """The workspace of an environment, for a command that runs Terraform on its AWS.

    Raises:
        DmsStreamError: the settings are not valid, or Terraform or AWS cannot be used.
    """
    workspace = open_workspace(environment, emulated=emulated)
    toolchain.terraform()
    require_aws(workspace)
    return workspace


def require_aws(workspace: Workspace) -> None:
    """Refuse to go on without an AWS that answers, and credentials that it takes.

    Nobody needs a permission for the question:
    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html

    Raises:
        CommandError: there are none, they have expired, or the network fails.
    """
    with aws_errors():
        account = client(workspace, "sts").get_caller_identity()["Account"]
    allowed = workspace.settings.account_ids
    if allowed and not workspace.settings.emulated and account not in allowed:
        raise CommandError(
            f"{workspace.file}: account_ids: the credentials belong to the account {account}; "
            f"allowed: {', '.join(allowed)}: sign in there, or add the account"
        )


def client(workspace: Workspace, service: str) -> Any:
    """A boto3 client where the environment is deployed, which does not wait forever."""
    import boto3  # most commands need none of it
    from botocore.config import Config

    variables = workspace.process_environment
    with aws_errors():
        return boto3.client(  # type: ignore[call-overload]
            service,
            region_name=workspace.settings.region,
            # None means boto3's usual search, for a real account
            endpoint_url=variables.get("AWS_ENDPOINT_URL"),
            aws_access_key_id=variables.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=variables.get("AWS_SECRET_ACCESS_KEY"),
            aws_session_token=variables.get("AWS_SESSION_TOKEN"),
            config=Config(
                connect_timeout=_CONNECT_SECONDS,
                read_timeout=_READ_SECONDS,
                retries={"total_max_attempts": _ATTEMPTS, "mode": "standard"},
            ),
        )


@contextmanager
def aws_errors() -> Iterator[None]:
    """Turn what boto3 raises in the block into one sentence that says what to do.

    Raises:
        CommandError: boto3 raised something.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise CommandError(sentence(error)) from None
    except (ValueError, OSError) as error:
        # an address or a file that the surroundings name, such as AWS_CA_BUNDLE
        raise CommandError(
            "AWS cannot be asked, as a variable AWS_… or the file ~/.aws/config holds something "
            f"of no use: correct it. boto3 says: {str(error).strip().rstrip('.')}."
        ) from None


def sentence(error: Exception) -> str:
    """What boto3 raised, in one sentence that says what to do."""
    from botocore import exceptions as boto

    said = f"boto3 says: {str(error).strip().rstrip('.')}."
    match error:
        case boto.ClientError():
            code = error.response.get("Error", {}).get("Code", "")
            if code in _EXPIRED:
                return f"the credentials for AWS have expired: sign in again, {_HOW_TO_SIGN_IN}"
            if code in _UNKNOWN:
                return f"AWS does not know these credentials: sign in, {_HOW_TO_SIGN_IN} {said}"
            if code in FORBIDDEN:
                return (
                    "AWS refuses for want of a permission: docs/permissions.md lists what whoever "
                    f"deploys and whoever operates needs. {said}"
                )
            return f"AWS refuses. {said}"
        case boto.NoCredentialsError():
            return f"there are no credentials for AWS: sign in, {_HOW_TO_SIGN_IN}"
        case (
            boto.SSOTokenLoadError()
            | boto.UnauthorizedSSOTokenError()
            | (boto.TokenRetrievalError())
        ):
            return (
                "the session of AWS IAM Identity Center has expired: sign in again with "
                "`aws sso login`."
            )
        case (
            boto.ProfileNotFound()
            | boto.PartialCredentialsError()
            | boto.CredentialRetrievalError()
            | boto.ConfigNotFound()
            | boto.ConfigParseError()
            | boto.InvalidConfigError()
        ):
            return f"the credentials for AWS cannot be read: sign in, {_HOW_TO_SIGN_IN} {said}"
        case boto.ConnectionError() | boto.HTTPClientError():
            return (
                "AWS cannot be reached: look whether this machine is online, and whether it needs "
                f"a VPN or a proxy (the variable HTTPS_PROXY). {said}"
            )
        case _:
            return f"AWS cannot be asked. {said}"
