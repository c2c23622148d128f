"""A look at the pipelines after a deployment: what should run is started, or it is said how."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from rich.console import Console

from dms_stream.cli import toolchain
from dms_stream.cli.aws_access import client
from dms_stream.cli.errors import StepFailedError
from dms_stream.cli.workspace import Workspace
from dms_stream.operations.replicator import Replicator
from dms_stream.operations.started import Finding, Outcome, start_what_should_run


@contextmanager
def looking_afterwards(
    workspace: Workspace, stacks: Sequence[str], *, console: Console
) -> Iterator[None]:
    """Look at the pipelines after the deployment in this block, one that failed included."""
    since = datetime.now(UTC)
    try:
        yield
    except StepFailedError:
        look_afterwards(workspace, stacks, since=since, console=console)
        raise
    look_afterwards(workspace, stacks, since=since, console=console)


def look_afterwards(
    workspace: Workspace, stacks: Sequence[str], *, since: datetime, console: Console
) -> list[Finding]:
    """Start what this deployment left stopped, and print what runs and what does not.

    Call it after an apply that failed, too: a change of a serverless replication always ends in an
    error, with the change made and the replication stopped.

    Args:
        workspace: The environment, its stacks synthesized and initialised.
        stacks: The pipelines' stacks that were deployed.
        since: When the deployment began, with its time zone.
        console: Where to write.

    Returns:
        A finding for each pipeline whose settings ask for a start.
    """
    replicators = list(_replicators(workspace, stacks))
    if not replicators:
        return []
    findings = start_what_should_run(
        client(workspace, "dms"), replicators, since=since, option=workspace.option
    )
    for finding in findings:
        stands_still = finding.outcome is Outcome.STANDS_STILL
        console.print(
            finding.message,
            style="yellow" if stands_still else None,
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    return findings


def _replicators(workspace: Workspace, stacks: Sequence[str]) -> Iterator[Replicator]:
    for name, props in workspace.settings.pipelines.items():
        stack = f"{workspace.name}-{name}"
        if stack not in stacks or props.replication.start_replication_task is False:
            continue
        arn = _output(workspace, stack, "replication_arn")
        if arn is not None:
            yield Replicator(name, arn)


def _output(workspace: Workspace, stack: str, name: str) -> str | None:
    try:
        text = toolchain.output_of(
            [toolchain.terraform(), "output", "-json", "-no-color"],
            process_environment=workspace.process_environment,
            folder=workspace.stack_folder(stack),
        )
    except StepFailedError:
        # nothing was deployed; the apply has said why
        return None
    found = json.loads(text).get(name)
    return None if found is None else str(found["value"])
