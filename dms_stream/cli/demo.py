"""`dms-stream demo`: everything deployed onto the embedded AWS, and what its task moves there."""

import time

from rich.console import Console

from dms_stream.cli import toolchain
from dms_stream.cli.deployment import Deployment
from dms_stream.cli.errors import CommandError
from dms_stream.cli.inventory import deployed_resources, print_inventory
from dms_stream.cli.local_aws_status import show_status
from dms_stream.cli.progress import Progress
from dms_stream.cli.rehearse import data_plane_options, rehearse_rows
from dms_stream.cli.stand_ins import show_stand_ins
from dms_stream.cli.terraform_runner import pending_changes
from dms_stream.cli.workspace import open_workspace, start_embedded_aws, stop_embedded_aws
from dms_stream.local_aws.data_plane_client import DataPlaneClient

ENVIRONMENT = "local"


def run_demo(console: Console, *, keep: bool) -> None:
    """Deploy the local environment, plan it again, show its task at work, stop everything.

    Args:
        console: Where to write.
        keep: Whether to leave the embedded AWS up and say how to look around.

    Raises:
        DmsStreamError: a step failed; the embedded AWS is stopped all the same.
    """
    toolchain.terraform()
    began = time.monotonic()
    settings = open_workspace(ENVIRONMENT, needs_aws=False).settings
    console.rule("The embedded AWS")
    endpoint = start_embedded_aws(settings, data_plane_options(None))
    console.print(f"an AWS of this machine's own answers at {endpoint.url} (moto, loopback only)")
    show_stand_ins(console, settings)
    kept = False
    try:
        # it starts and is filled while Terraform waits; the task would wait for it
        DataPlaneClient(endpoint.url).start_database()
        workspace = open_workspace(ENVIRONMENT)
        pipelines = workspace.pipeline_stacks()
        log = workspace.folder / "deploy.log"
        console.print(f"Terraform's whole output goes to {log}", soft_wrap=True)
        screen = Progress(console, log)
        Deployment(workspace, approved=True, console=console, screen=screen).deploy(pipelines)
        stacks = [workspace.bootstrap_stack, *pipelines]

        console.rule("A second plan")
        with console.status("planning again"):
            pending = pending_changes(workspace, stacks)
        if pending:
            for text in pending.values():
                console.print(text, markup=False, highlight=False)
            raise CommandError(f"the second plan is not clean: {', '.join(pending)}")
        for stack in stacks:
            console.print(f"{stack}: No changes. Your infrastructure matches the configuration.")

        console.rule("What was built")
        resources = list(deployed_resources(workspace, stacks))
        print_inventory(console, resources)
        console.print(
            f"{len(resources)} resources in {len(stacks)} stacks, their state in "
            f"s3://{workspace.settings.state.bucket_name}, "
            f"in {time.monotonic() - began:.0f} s"
        )

        console.rule("What Terraform has started")
        show_status(console, endpoint)
        for stack in pipelines:
            console.rule(f"Rows: {stack}")
            rehearse_rows(console, workspace, stack)
        console.print(f"all of it in {time.monotonic() - began:.0f} s")
        kept = keep
    finally:
        if kept:
            console.print(
                _how_to_look_around(endpoint.url, settings.region), markup=False, soft_wrap=True
            )
        else:
            stop_embedded_aws()
            console.print("the embedded AWS is stopped; nothing is left running")


def _how_to_look_around(url: str, region: str) -> str:
    return f"""
The embedded AWS stays up, and the task goes on. To look around:
  dms-stream local-aws status
  dms-stream plan --env {ENVIRONMENT}
  dms-stream rehearse --env {ENVIRONMENT} --report rehearsal.html
  AWS_ENDPOINT_URL={url} AWS_REGION={region} AWS_ACCESS_KEY_ID=local-aws \\
    AWS_SECRET_ACCESS_KEY=local-aws aws kinesis list-streams
To end it:
  dms-stream local-aws stop"""
