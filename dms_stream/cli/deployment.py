"""Deploying an environment: its bootstrap stack first, then its pipelines."""

import json
import sys
from collections.abc import Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from constructs_lib.state_backend import state_key
from dms_stream.cli.errors import CommandError
from dms_stream.cli.terraform_runner import Runner, init, synthesize
from dms_stream.cli.workspace import Workspace

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
        _forget_local_state(workspace)
        return
    runner.deploy(workspace, [stack], approved=approved)


def destroy_bootstrap(workspace: Workspace, runner: Runner, *, console: Console) -> None:
    """Destroy the bootstrap stack, the state bucket in it included.

    Its state is moved out of the bucket into a local file first. Cut off, or refused by AWS, the
    next call goes on from that file.

    Raises:
        CommandError: it is protected, not deployed, or other states in the bucket hold resources.
        StepFailedError: Terraform refused.
    """
    stack = workspace.bootstrap_stack
    protected = [
        f"{key}.deletion_protection"
        for key, props in (
            ("state", workspace.settings.state),
            ("account_roles", workspace.settings.account_roles),
        )
        if props.deletion_protection
    ]
    if protected:
        raise CommandError(
            f"{workspace.file}: {stack} is protected: set {' and '.join(protected)} to false, "
            "deploy, and destroy then"
        )
    if state_is_in_bucket(workspace):
        bucket = _state_bucket(workspace)
        in_use = sorted(
            found.key for found in bucket.objects.all() if _holds_resources(found, workspace)
        )
        if in_use:
            raise CommandError(
                f"the bucket {bucket.name} keeps the state of resources that exist: "
                f"{', '.join(in_use)}: destroy those first"
            )
        console.print(f"moving the state of {stack} out of the state bucket")
        synthesize(workspace)
        init(workspace, stack)
        synthesize(workspace, bootstrap_is_local=True)
        init(workspace, stack, migrate_state=True)
        bucket.object_versions.delete()
    elif not workspace.bootstrap_state.exists():
        raise CommandError(f"{stack} is not deployed: there is nothing to destroy")
    runner.destroy(workspace, [stack], approved=True, bootstrap_is_local=True)
    _forget_local_state(workspace)


def _holds_resources(found: Any, workspace: Workspace) -> bool:
    if not found.key.endswith(".tfstate"):
        return False
    if found.key == state_key(workspace.name, workspace.bootstrap_stack):
        return False
    return bool(json.loads(found.get()["Body"].read()).get("resources"))


def _forget_local_state(workspace: Workspace) -> None:
    workspace.bootstrap_state.unlink(missing_ok=True)
    workspace.bootstrap_state.with_suffix(".tfstate.backup").unlink(missing_ok=True)


def require_bootstrap(workspace: Workspace) -> None:
    """Refuse to go on where the bootstrap stack has not made the state bucket.

    Raises:
        CommandError: it is not there, or AWS cannot be asked.
    """
    if not state_is_in_bucket(workspace):
        emulated = "--emulated " if "AWS_ENDPOINT_URL" in workspace.environment else ""
        raise CommandError(
            f"the bootstrap stack of {workspace.name} is not deployed, so there is no bucket with "
            f"states: run `dms-stream deploy --env {workspace.name} {emulated}--bootstrap-only` "
            "first"
        )


def state_is_in_bucket(workspace: Workspace) -> bool:
    """Whether the state bucket exists and holds the bootstrap stack's state.

    Raises:
        CommandError: the bucket belongs to somebody else, or AWS cannot be asked.
    """
    bucket = workspace.settings.state.bucket_name
    try:
        key = state_key(workspace.name, workspace.bootstrap_stack)
        _state_bucket(workspace).Object(key).load()
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


def _state_bucket(workspace: Workspace) -> Any:
    return workspace.s3().Bucket(workspace.settings.state.bucket_name)


def require_approval(approved: bool) -> None:
    """Refuse to wait for an answer where nobody can give one."""
    if not approved and not sys.stdin.isatty():
        raise CommandError(
            "this command asks before it changes anything and standard input is no terminal: "
            "pass --yes to approve"
        )
