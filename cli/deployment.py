"""Deploying an environment: its bootstrap stack first, then its pipelines."""

import sys
from collections.abc import Sequence

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from cli.errors import CommandError
from cli.terraform_runner import Runner
from cli.workspace import Workspace
from constructs_lib.state_backend import state_key

_NOT_FOUND = 404
_FORBIDDEN = 403


def deploy(
    workspace: Workspace,
    runner: Runner,
    pipeline_stacks: Sequence[str],
    *,
    approved: bool,
    console: Console,
) -> None:
    """Deploy the bootstrap stack and then these pipelines' stacks.

    Raises:
        CommandError: nobody can approve, or the state bucket is not ours to use.
        StepFailedError: Terraform refused.
    """
    require_approval(approved)
    if runner.name == "terraform":
        console.print(
            "cdktf's command line is not installed (node_modules/cdktf-cli is missing): "
            "deploying with plain Terraform instead",
            style="yellow",
        )
    deploy_bootstrap(workspace, runner, approved=approved, console=console)
    if pipeline_stacks:
        console.rule(f"Pipelines: {', '.join(pipeline_stacks)}")
        runner.deploy(workspace, pipeline_stacks, approved=approved)


def deploy_bootstrap(
    workspace: Workspace, runner: Runner, *, approved: bool, console: Console
) -> None:
    """Deploy the bootstrap stack, whose state bucket is in the stack itself.

    The first time its state is a local file. Once the bucket exists, the state is moved into it
    and the file removed. Cut off anywhere, the next call goes on where it was.
    """
    stack = workspace.bootstrap_stack
    console.rule(f"Bootstrap: {stack}")
    if not state_is_in_bucket(workspace):
        # what Terraform remembers of another backend would stop it from starting afresh
        remembered = workspace.stack_folder(stack) / ".terraform" / "terraform.tfstate"
        remembered.unlink(missing_ok=True)
        runner.deploy(workspace, [stack], approved=approved, bootstrap_is_local=True)
        console.print(f"moving the state of {stack} into the state bucket")
        runner.deploy(workspace, [stack], approved=True, migrate_state=True)
        if not state_is_in_bucket(workspace):
            raise CommandError(
                f"the state of {stack} did not arrive in {workspace.settings.state.bucket_name}; "
                f"it is still in {workspace.bootstrap_state}: run the command again"
            )
        workspace.bootstrap_state.unlink(missing_ok=True)
        workspace.bootstrap_state.with_suffix(".tfstate.backup").unlink(missing_ok=True)
        return
    runner.deploy(workspace, [stack], approved=approved)


def state_is_in_bucket(workspace: Workspace) -> bool:
    """Whether the state bucket exists and holds the bootstrap stack's state.

    Raises:
        CommandError: the bucket belongs to somebody else, or AWS cannot be asked.
    """
    bucket = workspace.settings.state.bucket_name
    try:
        s3 = boto3.client(
            "s3",
            region_name=workspace.settings.region,
            # None means boto3's usual search, for a real account
            endpoint_url=workspace.environment.get("AWS_ENDPOINT_URL"),
            aws_access_key_id=workspace.environment.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=workspace.environment.get("AWS_SECRET_ACCESS_KEY"),
            aws_session_token=workspace.environment.get("AWS_SESSION_TOKEN"),
        )
        s3.head_object(Bucket=bucket, Key=state_key(workspace.name, workspace.bootstrap_stack))
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if status == _NOT_FOUND:
            return False
        if status == _FORBIDDEN:
            raise CommandError(
                f"{workspace.file}: state.bucket_name: the bucket {bucket} cannot be read with "
                "these credentials: bucket names are shared by all of AWS, so it may belong to "
                "somebody else (choose another name), or the credentials lack s3:GetObject and "
                "s3:ListBucket on it"
            ) from None
        raise CommandError(f"the state bucket {bucket} cannot be asked for: {error}") from None
    except BotoCoreError as error:
        raise CommandError(
            f"AWS cannot be reached: {error} Sign in first, for instance with `aws sso login` or "
            "AWS_PROFILE"
        ) from None
    return True


def require_approval(approved: bool) -> None:
    """Refuse to wait for an answer where nobody can give one."""
    if not approved and not sys.stdin.isatty():
        raise CommandError(
            "this command asks before it changes anything and standard input is no terminal: "
            "pass --yes to approve"
        )
