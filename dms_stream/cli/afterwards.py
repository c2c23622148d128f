"""A look at the pipelines after a deployment: what should run is started, or it is said how."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from rich.console import Console

from constructs_lib.errors import DmsStreamError
from dms_stream.cli.aws_access import aws_errors, client
from dms_stream.cli.errors import StepFailedError
from dms_stream.cli.workspace import Workspace
from dms_stream.operations.connections import connections_of, failures
from dms_stream.operations.deployed import DeployedPipeline, read_pipeline
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
        try:
            look_afterwards(workspace, stacks, since=since, console=console)
        except DmsStreamError as error:
            # why the deployment failed is told all the same
            console.print(str(error), style="yellow", soft_wrap=True)
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
    deployed = _deployed(workspace, stacks)
    if not deployed:
        return []
    dms = client(workspace, "dms")

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
        console.print(
            finding.message,
            style="yellow" if stands_still else None,
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    return findings


def _deployed(workspace: Workspace, stacks: Sequence[str]) -> dict[str, DeployedPipeline]:
    """The pipelines that should run, as far as anything of them was deployed."""
    s3, bucket = client(workspace, "s3"), workspace.settings.state.bucket_name
    found = {}
    for name, props in workspace.settings.pipelines.items():
        if f"{workspace.name}-{name}" not in stacks:
            continue
        if props.replication.start_replication_task is False:
            continue
        with aws_errors():
            pipeline = read_pipeline(s3, bucket, workspace.name, name)
        if pipeline is not None:
            found[name] = pipeline
    return found
