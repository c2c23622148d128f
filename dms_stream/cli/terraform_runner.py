"""Terraform, on the stacks of an environment: synthesized, initialized, planned, applied."""

import json
import os
import re
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from dms_stream.cli import toolchain
from dms_stream.cli.errors import CommandError, StepFailedError
from dms_stream.cli.initialized import BACKEND_OVERRIDE, is_initialized, note_initialized
from dms_stream.cli.outputs import require_folder
from dms_stream.cli.workspace import Workspace
from dms_stream.programs import Ended, run

NO_CHANGES, CHANGES = 0, 2
"""Exit codes of `terraform plan -detailed-exitcode`."""
_CONTROL_SEQUENCE = re.compile(r"\x1b\[[0-9;]*m")


def synthesize(workspace: Workspace) -> None:
    """Write the Terraform JSON of every stack of the environment.

    The bootstrap's state is then kept in the state bucket, until `keep_bootstrap_state_local`.

    Raises:
        StepFailedError: it was refused; the message says why.
    """
    require_folder(workspace.output)
    ended = run(
        [sys.executable, "main.py"],
        process_environment=workspace.variables(),
        folder=workspace.project,
        name="the synthesis",
    )
    if ended.code != 0:
        said = (ended.errors or ended.output).strip().removeprefix("error: ")
        raise StepFailedError(said or f"`python main.py` ended with exit code {ended.code}")
    keep_bootstrap_state_in_bucket(workspace)


def keep_bootstrap_state_local(workspace: Workspace) -> None:
    """Let Terraform keep the bootstrap's state in a file, as its bucket does not exist.

    https://developer.hashicorp.com/terraform/language/files/override
    """
    backend = {"local": {"path": str(workspace.bootstrap_state)}}
    _backend_override(workspace).write_text(json.dumps({"terraform": {"backend": backend}}))


def keep_bootstrap_state_in_bucket(workspace: Workspace) -> None:
    """Let Terraform keep the bootstrap's state where its stack says."""
    _backend_override(workspace).unlink(missing_ok=True)


def _backend_override(workspace: Workspace) -> Path:
    return workspace.stack_folder(workspace.bootstrap_stack) / BACKEND_OVERRIDE


_STAYS = (["no-op"], ["read"])


class Screen(Protocol):
    """Where the output of Terraform goes."""

    colours: bool

    def showing(
        self, stack: str, *, beside_others: bool = False
    ) -> AbstractContextManager[Callable[[str], None]]:
        """Take the lines of a stack's Terraform, as long as the block lasts."""

    def failed(self, ended: Ended) -> None:
        """Show what is needed of a Terraform that has failed."""


class Terminal:
    """All that Terraform says, on standard output.

    Args:
        stderr: Whether it goes to standard error, as a program reads the other.
    """

    def __init__(self, *, stderr: bool = False) -> None:
        self._stderr = stderr
        self.colours = toolchain.wants_colours()
        self._one_line = threading.Lock()

    @contextmanager
    def showing(
        self, stack: str, *, beside_others: bool = False
    ) -> Iterator[Callable[[str], None]]:
        """Each line; where several stacks speak, with the stack's id before it."""
        prefix = f"{stack}: " if beside_others else ""

        def show(line: str) -> None:
            stream = sys.stderr if self._stderr else sys.stdout
            with self._one_line:
                stream.write(prefix + line)
                stream.flush()

        yield show

    def failed(self, ended: Ended) -> None:
        """It has all been shown."""


def init(
    workspace: Workspace, stack: str, *, migrate_state: bool = False, recover: bool = False
) -> None:
    """`terraform init` of a stack that is synthesized, where it is needed; quiet unless it fails.

    Args:
        workspace: The environment.
        stack: The stack's id.
        migrate_state: Whether to take the state along from the backend that was used last.
        recover: Whether a state that Terraform could not write is written now; otherwise it is
            refused to go on without it.

    Raises:
        CommandError: there is such a state.
        StepFailedError: Terraform refused.
    """
    folder, variables = workspace.stack_folder(stack), workspace.process_environment
    terraform = toolchain.terraform()
    if migrate_state or not is_initialized(folder, terraform, variables):
        flags = ["-migrate-state", "-force-copy"] if migrate_state else []
        ended = _run(workspace, stack, ["init", "-input=false", "-no-color", *flags])
        if ended.code != 0:
            raise failure(workspace, stack, "init", ended, said=ended.errors)
        note_initialized(folder, terraform, variables)
    unsaved = unsaved_state(workspace, stack)
    if unsaved.exists():
        if not recover:
            raise CommandError(
                f"the last deployment of {stack} could not write its state, which is in {unsaved}: "
                f"run `dms-stream deploy {workspace.option}`, which writes it first"
            )
        _save(workspace, stack, unsaved)


def unsaved_state(workspace: Workspace, stack: str) -> Path:
    """Where Terraform leaves a state that it cannot write.

    https://developer.hashicorp.com/terraform/cli/commands/state/push
    """
    return workspace.stack_folder(stack) / "errored.tfstate"


def _save(workspace: Workspace, stack: str, unsaved: Path) -> None:
    # Terraform itself looks whether it continues the state that is there
    ended = _run(workspace, stack, ["state", "push", "-no-color", unsaved.name])
    if ended.code == 0:
        unsaved.unlink()
        return
    if "state lock" in plain(ended.errors):
        raise failure(workspace, stack, "state push", ended, said=ended.errors)
    raise StepFailedError(
        f"the last deployment of {stack} left its state in {unsaved}, and Terraform does not take "
        "it: somebody may have deployed in between. Compare both (`terraform state pull` in that "
        "folder shows the other one), then remove the file, or push it with `terraform state push "
        f"-force`. Terraform said:\n{plain(ended.errors).strip()}"
    )


def import_resource(workspace: Workspace, stack: str, address: str, import_id: str) -> None:
    """`terraform import` of what exists and no state knows.

    Raises:
        StepFailedError: Terraform refused.
    """
    arguments = ["import", "-input=false", "-no-color", address, import_id]
    ended = _run(workspace, stack, arguments)
    if ended.code != 0:
        raise failure(workspace, stack, "import", ended, said=ended.errors)


@contextmanager
def plan_file() -> Iterator[Path]:
    """A file for a plan, gone at the block's end; it holds every value there is, for nobody else.

    Terraform writes over it, and leaves its mode.
    """
    with TemporaryDirectory(prefix="dms-stream-plan-") as private:
        file = Path(private) / "plan"
        os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))
        yield file


def plan(
    workspace: Workspace,
    stack: str,
    screen: Screen,
    *,
    file: Path | None = None,
    destroy: bool = False,
    lock: bool = True,
    beside_others: bool = False,
) -> bool:
    """`terraform plan`, shown.

    Args:
        workspace: The environment.
        stack: Id of a stack that is initialized.
        screen: Where to show it.
        file: Gets the plan, for `apply`.
        destroy: Whether to plan its destruction.
        lock: Whether to lock the state meanwhile.
        beside_others: Whether other stacks are shown at the same time.

    Returns:
        Whether there is anything to apply.

    Raises:
        StepFailedError: Terraform refused.
    """
    flags = [f"-out={file}"] if file else []
    flags += ["-destroy"] if destroy else []
    flags += [] if lock else ["-lock=false"]
    arguments = ["plan", "-input=false", "-detailed-exitcode", *flags]
    with screen.showing(stack, beside_others=beside_others) as show:
        ended = _run(workspace, stack, arguments, screen=screen, show=show)
    if ended.code not in (NO_CHANGES, CHANGES):
        screen.failed(ended)
        raise failure(workspace, stack, "plan", ended)
    return ended.code == CHANGES


def apply(
    workspace: Workspace, stack: str, screen: Screen, *, file: Path, beside_others: bool = False
) -> Ended:
    """`terraform apply` of exactly this plan, shown; how it went is for the caller to judge."""
    with screen.showing(stack, beside_others=beside_others) as show:
        ended = _run(
            workspace, stack, ["apply", "-input=false", str(file)], screen=screen, show=show
        )
    if ended.code != 0:
        screen.failed(ended)
    return ended


def changes_to_make(workspace: Workspace, stack: str, file: Path) -> list[dict[str, object]]:
    """Address and actions of what a plan changes, without the values: `create`, `update`, ….

    An object that is only read, or that stays as it is, is left out.
    https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
    """
    ended = _run(workspace, stack, ["show", "-json", "-no-color", str(file)])
    if ended.code != 0:
        raise failure(workspace, stack, "show", ended, said=ended.errors)
    found = [
        {
            "address": each["address"],
            "actions": each["change"]["actions"],
            "imported": "importing" in each["change"],
        }
        for each in json.loads(ended.output).get("resource_changes", [])
    ]
    return [each for each in found if each["imported"] or each["actions"] not in _STAYS]


def pending_changes(workspace: Workspace, stacks: Sequence[str]) -> dict[str, str]:
    """The plans of the stacks that are not as their Terraform JSON says, by stack.

    Plans side by side: nearly all of a plan's time is waiting.

    Raises:
        StepFailedError: a plan failed.
    """

    def plan(stack: str) -> str | None:
        init(workspace, stack)
        command = ["plan", "-input=false", "-no-color", "-lock=false", "-detailed-exitcode"]
        ended = _run(workspace, stack, command)
        if ended.code not in (NO_CHANGES, CHANGES):
            raise failure(workspace, stack, "plan", ended, said=ended.errors)
        return ended.output if ended.code == CHANGES else None

    with ThreadPoolExecutor() as threads:
        plans = dict(zip(stacks, threads.map(plan, stacks), strict=True))
    return {stack: text for stack, text in plans.items() if text is not None}


def _run(
    workspace: Workspace,
    stack: str,
    arguments: Sequence[str],
    *,
    screen: Screen | None = None,
    show: Callable[[str], None] | None = None,
) -> Ended:
    flags = ["-no-color"] if screen is not None and not screen.colours else []
    return run(
        # flags stand before the name of a plan file
        [toolchain.terraform(), arguments[0], *flags, *arguments[1:]],
        process_environment=workspace.process_environment,
        folder=workspace.stack_folder(stack),
        name="Terraform",
        show=show,
    )


def failure(
    workspace: Workspace, stack: str, command: str, ended: Ended, *, said: str | None = None
) -> StepFailedError:
    """What a Terraform that failed means for its user.

    Args:
        workspace: The environment.
        stack: The stack.
        command: Terraform's command.
        ended: How it ended.
        said: What it said, where nobody has seen it yet.
    """
    text = plain(ended.output + ended.errors)
    # its own words first, where they were not on the screen
    told = f"`terraform {command}` of {stack} failed:\n{plain(said).strip()}\n" if said else ""
    unsaved = unsaved_state(workspace, stack)
    if "errored.tfstate" in text and unsaved.exists():
        return StepFailedError(
            f"{told}Terraform could not write the state of {stack}, and left it in {unsaved}: keep "
            "that file, and run the same command again once AWS answers; it writes the state first"
        )
    if "Error acquiring the state lock" in text:
        return StepFailedError(told + _locked(workspace, stack, text))
    if "Saved plan is stale" in text:
        return StepFailedError(
            f"{told}{stack} was changed by somebody else after it was planned: run the command "
            "again to see a new plan"
        )
    if "ExpiredToken" in text:
        return StepFailedError(
            f"{told}the credentials expired while Terraform worked on {stack}: sign in again, and "
            "run the same command again"
        )
    if told:
        return StepFailedError(told.strip())
    return StepFailedError(
        f"`terraform {command}` of {stack} ended with exit code {ended.code}; its output above "
        "says why"
    )


def _locked(workspace: Workspace, stack: str, text: str) -> str:
    facts = dict(re.findall(r"^\W*(ID|Operation|Who|Created): +(\S.*?)\s*$", text, re.MULTILINE))
    if "ID" not in facts:
        return f"the state of {stack} cannot be locked; Terraform's output says why"
    holder = (
        f"the state of {stack} is locked: {facts.get('Who', 'somebody')} holds it since "
        f"{facts.get('Created', 'an unknown time')} ({facts.get('Operation', 'unknown')}). "
    )
    return holder + (
        "Wait until that run has ended. If it has ended without releasing the lock, remove it with "
        f"`dms-stream unlock {workspace.option}`"
    )


def plain(text: str) -> str:
    """Text without a terminal's colours."""
    return _CONTROL_SEQUENCE.sub("", text)
