"""A look at the pipelines after a deployment: what should run is started, or it is said how."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from rich.console import Console

from constructs_lib.errors import DmsStreamError
from dms_stream.cli.aws_access import aws_errors, client
from dms_stream.cli.errors import StepFailedError
from dms_stream.cli.workspace import Workspace
from dms_stream.hanging_text import print_prose
from dms_stream.operations.connections import connections_of, failures
from dms_stream.operations.deployed import DeployedPipeline, read_pipeline
from dms_stream.operations.replicator import STANDS_STILL, Replicator, find_state
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
        try:
            look_afterwards(workspace, stacks, since=since, console=console)
        except DmsStreamError as error:
            # why the deployment failed is told all the same
            print_prose(console, str(error), style="yellow")
        raise
    look_afterwards(workspace, stacks, since=since, console=console)


def look_afterwards(
    workspace: Workspace, stacks: Sequence[str], *, since: datetime, console: Console
) -> list[Finding]:
    """Start what this deployment left stopped, and print what runs and what does not.

    Call it after an apply that failed, too: a change of a serverless replication always ends in an
    error, with the change made and the replication stopped.

    Args:
        workspace: The environment.
        stacks: The pipelines' stacks that were deployed.
        since: When the deployment began, with its time zone.
        console: Where to write.

    Returns:
        A finding for each pipeline whose settings ask for a start.
    """
    found = _deployed(workspace, stacks)
    if not found:
        return []
    dms = client(workspace, "dms")
    pipelines = workspace.settings.pipelines
    deployed = {
        name: pipeline
        for name, pipeline in found.items()
        if pipelines[name].replication.start_replication_task is not False
    }

    def failed_connections(replicator: Replicator) -> list[str]:
        pipeline = deployed[replicator.pipeline]
        # DMS tests those of a serverless replication itself whenever it starts
        return [] if replicator.is_serverless else failures(connections_of(dms, pipeline))

    findings = start_what_should_run(
        dms,
        [pipeline.replicator for pipeline in deployed.values()],
        since=since,
        option=workspace.option,
        failed_connections=failed_connections,
    )
    for finding in findings:
        stands_still = finding.outcome is Outcome.STANDS_STILL
        print_prose(console, finding.message, style="yellow" if stands_still else "")
    for name in found.keys() - deployed.keys():
        with aws_errors():
            state = find_state(dms, found[name].replicator)
        if state is not None and state.status in STANDS_STILL:
            print_prose(
                console,
                f"{name} stands still ({state.status}), as replication.start_replication_task is "
                f"false: `dms-stream start {workspace.option} --pipeline {name}` starts it",
            )
    return findings


def _deployed(workspace: Workspace, stacks: Sequence[str]) -> dict[str, DeployedPipeline]:
    """The pipelines, as far as anything of them was deployed."""
    s3, bucket = client(workspace, "s3"), workspace.settings.state.bucket_name
    found = {}
    for name in workspace.settings.pipelines:
        if f"{workspace.name}-{name}" not in stacks:
            continue
        with aws_errors():
            pipeline = read_pipeline(s3, bucket, workspace.name, name)
        if pipeline is not None:
            found[name] = pipeline
    return found
