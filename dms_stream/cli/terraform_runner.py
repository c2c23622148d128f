"""Deploying and destroying stacks: with cdktf's command line, or with Terraform alone."""

import shlex
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from dms_stream.cli import toolchain
from dms_stream.cli.workspace import Workspace


def synthesize(workspace: Workspace, *, bootstrap_is_local: bool = False) -> None:
    """Write the Terraform JSON of every stack of the environment."""
    toolchain.run(
        _main_command(),
        environment=workspace.variables(bootstrap_is_local=bootstrap_is_local),
        folder=workspace.project,
    )


def _main_command() -> list[str]:
    return [sys.executable, "main.py"]


class RunProgram(Protocol):
    """How a program is run: `toolchain.run`, which shows all of its output, or one alike."""

    def __call__(
        self, command: Sequence[str], *, environment: Mapping[str, str], folder: Path
    ) -> int:
        """Run it and raise a StepFailedError when it fails."""


class Runner(Protocol):
    """What deploys and destroys."""

    name: str

    def deploy(
        self,
        workspace: Workspace,
        stacks: Sequence[str],
        *,
        approved: bool,
        bootstrap_is_local: bool = False,
        migrate_state: bool = False,
    ) -> None:
        """Apply these stacks."""

    def destroy(
        self,
        workspace: Workspace,
        stacks: Sequence[str],
        *,
        approved: bool,
        bootstrap_is_local: bool = False,
    ) -> None:
        """Destroy these stacks."""

    def plan(self, workspace: Workspace, stacks: Sequence[str]) -> None:
        """Show what a deployment would change."""


class CdktfRunner:
    """cdktf's own command line, which synthesizes before it deploys."""

    name = "cdktf"

    def __init__(self, cdktf: Path, run: RunProgram = toolchain.run) -> None:
        self._cdktf = cdktf
        self._program = run

    def deploy(
        self,
        workspace: Workspace,
        stacks: Sequence[str],
        *,
        approved: bool,
        bootstrap_is_local: bool = False,
        migrate_state: bool = False,
    ) -> None:
        """`cdktf deploy`."""
        flags = ["--skip-provider-lock", "--ignore-missing-stack-dependencies"]
        flags += ["--auto-approve"] if approved else []
        flags += ["--migrate-state"] if migrate_state else []
        variables = workspace.variables(bootstrap_is_local=bootstrap_is_local)
        self._run(workspace, ["deploy", *stacks, *flags], variables)

    def destroy(
        self,
        workspace: Workspace,
        stacks: Sequence[str],
        *,
        approved: bool,
        bootstrap_is_local: bool = False,
    ) -> None:
        """`cdktf destroy`, once for each stack.

        Given several stacks, cdktf 0.21 starts Terraform for one of them again and again.
        """
        variables = workspace.variables(bootstrap_is_local=bootstrap_is_local)
        synthesize(workspace, bootstrap_is_local=bootstrap_is_local)
        flags = ["--skip-synth", "--skip-provider-lock", "--ignore-missing-stack-dependencies"]
        flags += ["--auto-approve"] if approved else []
        # who is asked can answer one question at a time
        with ThreadPoolExecutor(max_workers=len(stacks) if approved else 1) as threads:
            list(
                threads.map(
                    lambda stack: self._run(workspace, ["destroy", stack, *flags], variables),
                    stacks,
                )
            )

    def plan(self, workspace: Workspace, stacks: Sequence[str]) -> None:
        """`cdktf diff`, one stack after another, as it takes one."""
        for stack in stacks:
            self._run(workspace, ["diff", stack, "--skip-provider-lock"], workspace.variables())

    def _run(self, workspace: Workspace, arguments: list[str], variables: dict[str, str]) -> None:
        app = shlex.join(_main_command())
        flags = ["--app", app, "--output", str(workspace.output)]
        flags += [] if sys.stdout.isatty() else ["--no-color"]
        self._program(
            [toolchain.node(), str(self._cdktf), *arguments, *flags],
            environment=variables,
            folder=workspace.project,
        )


class TerraformRunner:
    """Terraform alone, where cdktf's command line is not installed."""

    name = "terraform"

    def __init__(self, run: RunProgram = toolchain.run) -> None:
        self._program = run

    def deploy(
        self,
        workspace: Workspace,
        stacks: Sequence[str],
        *,
        approved: bool,
        bootstrap_is_local: bool = False,
        migrate_state: bool = False,
    ) -> None:
        """`terraform init` and `apply`, one stack after another."""
        synthesize(workspace, bootstrap_is_local=bootstrap_is_local)
        for stack in stacks:
            init(workspace, stack, migrate_state=migrate_state)
            approval = ["-auto-approve"] if approved else []
            self._run(workspace, stack, "apply", *approval)

    def destroy(
        self,
        workspace: Workspace,
        stacks: Sequence[str],
        *,
        approved: bool,
        bootstrap_is_local: bool = False,
    ) -> None:
        """`terraform init` and `destroy`, one stack after another."""
        synthesize(workspace, bootstrap_is_local=bootstrap_is_local)
        for stack in stacks:
            init(workspace, stack)
            approval = ["-auto-approve"] if approved else []
            self._run(workspace, stack, "destroy", *approval)

    def plan(self, workspace: Workspace, stacks: Sequence[str]) -> None:
        """`terraform init` and `plan`, one stack after another."""
        synthesize(workspace)
        for stack in stacks:
            init(workspace, stack)
            self._run(workspace, stack, "plan")

    def _run(self, workspace: Workspace, stack: str, *arguments: str) -> None:
        self._program(
            [toolchain.terraform(), *arguments],
            environment=workspace.environment,
            folder=workspace.stack_folder(stack),
        )


def init(workspace: Workspace, stack: str, *, migrate_state: bool = False) -> None:
    """`terraform init` of a stack that is synthesized; quiet unless it fails."""
    flags = ["-migrate-state", "-force-copy"] if migrate_state else []
    toolchain.output_of(
        [toolchain.terraform(), "init", "-input=false", "-no-color", *flags],
        environment=workspace.environment,
        folder=workspace.stack_folder(stack),
    )


def choose_runner(run: RunProgram = toolchain.run) -> Runner:
    """cdktf's command line where it is installed, Terraform alone otherwise."""
    cdktf = toolchain.cdktf_program()
    return CdktfRunner(cdktf, run) if cdktf else TerraformRunner(run)


def pending_changes(workspace: Workspace, stacks: Sequence[str]) -> dict[str, str]:
    """The plans of the stacks that are not as their Terraform JSON says, by stack.

    Plans side by side: nearly all of a plan's time is waiting.

    Raises:
        StepFailedError: a plan failed.
    """

    def plan(stack: str) -> str | None:
        init(workspace, stack)
        folder = workspace.stack_folder(stack)
        command = [toolchain.terraform(), "plan", "-input=false", "-no-color", "-lock=false"]
        text = toolchain.output_of(command, environment=workspace.environment, folder=folder)
        return None if "No changes." in text else text

    with ThreadPoolExecutor() as threads:
        plans = dict(zip(stacks, threads.map(plan, stacks), strict=True))
    return {stack: text for stack, text in plans.items() if text is not None}
