"""An environment whose pipelines are to be operated: what is deployed of it, and its AWS."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from dms_stream.cli.aws_access import aws_errors, client, require_aws
from dms_stream.cli.errors import CommandError
from dms_stream.cli.workspace import Workspace, open_workspace
from dms_stream.operations.deployed import DeployedPipeline, read_pipeline


@dataclass(frozen=True)
class Operable:
    """An environment and those of its pipelines that a command is about.

    Attributes:
        workspace: The environment.
        pipelines: The pipelines, in the order of the settings.
        clients: boto3's clients by service.
        missing: Names of pipelines of the settings that are not deployed.
    """

    workspace: Workspace
    pipelines: Sequence[DeployedPipeline]
    clients: Mapping[str, Any]
    missing: Sequence[str] = ()

    @property
    def option(self) -> str:
        """How a user names the environment on a command line."""
        return self.workspace.option

    @property
    def only(self) -> DeployedPipeline:
        """The pipeline, of a command that is about one.

        Raises:
            CommandError: there are several.
        """
        if len(self.pipelines) > 1:
            names = ", ".join(pipeline.name for pipeline in self.pipelines)
            raise CommandError(
                f"{self.workspace.name} has several pipelines and this command is about one: name "
                f"it with --pipeline; allowed: {names}"
            )
        return self.pipelines[0]

    def here(self, pipeline: DeployedPipeline) -> str:
        """How a user names a pipeline on a command line."""
        return f"{self.option} --pipeline {pipeline.name}"


def open_operable(
    environment: str | None,
    pipelines: list[str] | None,
    *services: str,
    emulated: bool = False,
) -> Operable:
    """What is deployed of an environment, without starting Terraform.

    Args:
        environment: Name or file; None means the variable ENV, else the one of cdktf.json.
        pipelines: Names of the pipelines; None: all that are deployed.
        services: boto3's names of the services that will be asked.
        emulated: Whether to use the embedded AWS whatever the settings say.

    Raises:
        DmsStreamError: the settings are not valid, AWS cannot be asked, or what is asked for is
            not deployed.
    """
    workspace = open_workspace(environment, emulated=emulated)
    workspace.pipeline_stacks(pipelines)  # refuses a name that there is not
    names = pipelines or list(workspace.settings.pipelines)
    clients = {name: client(workspace, name) for name in dict.fromkeys(("s3", *services))}
    bucket = workspace.settings.state.bucket_name
    with aws_errors(), ThreadPoolExecutor(len(names) + 1) as threads:
        account = threads.submit(require_aws, workspace)
        reading = [
            threads.submit(read_pipeline, clients["s3"], bucket, workspace.name, name)
            for name in names
        ]
        # whether there are credentials at all is said before what they may not read
        account.result()
        found = {name: read.result() for name, read in zip(names, reading, strict=True)}
    missing = [name for name, deployed in found.items() if deployed is None]
    deployed = [pipeline for pipeline in found.values() if pipeline is not None]
    if missing and (pipelines or not deployed):
        raise CommandError(
            f"{workspace.name}: not deployed: {', '.join(missing)} (no state in s3://{bucket}): "
            f"run `dms-stream deploy {workspace.option}` first"
        )
    return Operable(workspace, deployed, clients, missing)
