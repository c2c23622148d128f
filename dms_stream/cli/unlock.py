"""`dms-stream unlock`: who locks an environment's states, and away with a lock nobody holds."""

from dataclasses import asdict

from rich.console import Console

from dms_stream.cli.approval import agreed, require_approval
from dms_stream.cli.aws_access import require_aws
from dms_stream.cli.json_output import print_json
from dms_stream.cli.state_locks import StateLock, remove, state_locks
from dms_stream.cli.workspace import Workspace, open_workspace


def run_unlock(
    console: Console,
    environment: str | None,
    pipelines: list[str] | None,
    *,
    approved: bool,
    emulated: bool,
    as_json: bool,
) -> bool:
    """Show the locks and remove them, or only print them as JSON.

    Returns:
        Whether no lock is left that was to go; else somebody has said no.

    Raises:
        DmsStreamError: AWS cannot be asked, or a lock changed hands meanwhile.
    """
    workspace = open_workspace(environment, emulated=emulated)
    stacks = workspace.pipeline_stacks(pipelines) if pipelines else None
    require_aws(workspace)
    locks = state_locks(workspace, stacks)
    if as_json:
        print_json([_facts(lock) for lock in locks])
        return True
    if not locks:
        console.print(f"no state of {workspace.name} is locked", highlight=False)
        return True
    for lock in locks:
        console.print(_sentence(lock), markup=False, highlight=False, soft_wrap=True)
    require_approval(approved)
    return _remove(console, workspace, locks, approved=approved)


def _remove(
    console: Console, workspace: Workspace, locks: list[StateLock], *, approved: bool
) -> bool:
    if not approved:
        console.print(
            "A lock of a run that still goes on protects its state: make sure that each of these "
            "runs has ended.",
            soft_wrap=True,
        )
        which = "this lock" if len(locks) == 1 else f"these {len(locks)} locks"
        if not agreed(console, f"Remove {which}?"):
            console.print("Nothing was changed.")
            return False
    for lock in locks:
        remove(workspace, lock)
        console.print(f"the state of {lock.stack} is unlocked", highlight=False)
    console.print(
        f"`dms-stream plan {workspace.option}` shows what a run that was killed has left to do",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    return True


def _sentence(lock: StateLock) -> str:
    return (
        f"{lock.stack}: locked by {lock.who} since {lock.created}, {lock.operation}, lock {lock.id}"
    )


def _facts(lock: StateLock) -> dict[str, str]:
    facts = asdict(lock)
    del facts["etag"]
    return facts
