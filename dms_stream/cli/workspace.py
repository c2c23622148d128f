"""Where an environment is worked on: its settings, its output folder and its AWS."""

import os
import shutil
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dms_stream import local_aws
from dms_stream.cli.errors import CommandError
from dms_stream.cli.outputs import require_temporary_folder
from dms_stream.cli.stand_ins import account_of, make_stand_ins
from dms_stream.cli.toolchain import terraform_variables
from dms_stream.settings.choice import (
    EMULATED_VARIABLE,
    VERSION_VARIABLE,
    chosen_environment,
)
from dms_stream.settings.environment import (
    BOOTSTRAP,
    Environment,
    environment_file,
    load_environment,
)
from dms_stream.settings.project import Project, current_project

if TYPE_CHECKING:
    from dms_stream.data_plane import DataPlaneOptions


def emulator_folder() -> Path:
    """Where the embedded AWS keeps its address, its log and what is deployed to it.

    Raises:
        ProjectError: the working directory is in no project.
    """
    # for those who want several embedded AWSs side by side, as the tests do
    chosen = os.environ.get("DMS_STREAM_LOCAL_AWS")
    return Path(chosen).resolve() if chosen else current_project().folder / ".local-aws"


def _emulated_work() -> Path:
    return emulator_folder() / "work"


@dataclass(frozen=True)
class Workspace:
    """An environment being worked on.

    Attributes:
        name: Name of the environment.
        file: Its settings file.
        settings: Its settings.
        project: The project's folder, in which its main.py is run.
        folder: Holds the output and, before the state bucket exists, the bootstrap's state.
        process_environment: Variables for Terraform, cdktf and boto3.
        version: File of another version of the settings, deployed in place of the first one; None:
            the first one is.
        emulated_by_option: Whether only an option says that it is on the embedded AWS.
    """

    name: str
    file: Path
    settings: Environment
    project: Path
    folder: Path
    process_environment: dict[str, str]
    version: Path | None = None
    emulated_by_option: bool = False

    @property
    def output(self) -> Path:
        """CDKTF's output folder."""
        return self.folder / "cdktf.out"

    @property
    def bootstrap_state(self) -> Path:
        """File for the bootstrap's state until its bucket exists."""
        return self.folder / f"terraform.{self.name}-{BOOTSTRAP}.tfstate"

    @property
    def bootstrap_stack(self) -> str:
        """Id of the bootstrap stack."""
        return f"{self.name}-{BOOTSTRAP}"

    @property
    def option(self) -> str:
        """How a user names it on a command line, for messages that tell what to call."""
        named = self.file.parent.resolve() == Project(self.project).environments
        emulated = " --emulated" if self.emulated_by_option else ""
        return f"--env {self.name if named else self.file}{emulated}"

    def pipeline_stacks(self, chosen: list[str] | None = None) -> list[str]:
        """Ids of the pipelines' stacks, all or those of the named pipelines.

        Raises:
            CommandError: there is no such pipeline.
        """
        unknown = sorted(set(chosen or []) - set(self.settings.pipelines))
        if unknown:
            known = list(self.settings.pipelines)
            close = [near for name in unknown for near in get_close_matches(name, known, n=1)]
            raise CommandError(
                f"{self.file}: no pipeline {', '.join(unknown)}; "
                f"allowed: {', '.join(known) or '(it has none)'}"
                + (f". Did you mean {', '.join(close)}?" if close else "")
            )
        # named twice is meant once
        return [f"{self.name}-{name}" for name in dict.fromkeys(chosen or self.settings.pipelines)]

    def stack_folder(self, stack: str) -> Path:
        """Where a stack's Terraform JSON is written."""
        return self.output / "stacks" / stack

    def s3(self) -> Any:
        """boto3's S3 where the environment is deployed."""
        import boto3  # most commands need none of it

        return boto3.resource(
            "s3",
            region_name=self.settings.region,
            # None means boto3's usual search, for a real account
            endpoint_url=self.process_environment.get("AWS_ENDPOINT_URL"),
            aws_access_key_id=self.process_environment.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=self.process_environment.get("AWS_SECRET_ACCESS_KEY"),
            aws_session_token=self.process_environment.get("AWS_SESSION_TOKEN"),
        )

    def variables(self) -> dict[str, str]:
        """Variables for a program that synthesizes."""
        variables = {
            **self.process_environment,
            "ENV": str(self.file.resolve()),
            "CDKTF_OUTDIR": str(self.output),
        }
        if self.settings.emulated:
            variables[EMULATED_VARIABLE] = "1"
        if self.version is not None:
            variables[VERSION_VARIABLE] = str(self.version.resolve())
        return variables


def open_workspace(
    environment: str | None, *, emulated: bool = False, needs_aws: bool = True
) -> Workspace:
    """The workspace of an environment.

    Args:
        environment: Name or file; None means the variable ENV, else the one of cdktf.json.
        emulated: Whether to treat it as deployed to the embedded AWS whatever its settings say.
        needs_aws: Whether an AWS, real or embedded, will be talked to.

    Raises:
        SettingsError: the settings are not valid.
        ProjectError: the working directory is in no project.
        CommandError: the embedded AWS is needed and does not run, or nothing temporary can be
            written.
    """
    require_temporary_folder()
    project = current_project()
    file = environment_file(chosen_environment() if environment is None else environment)
    settings = load_environment(file)
    by_option = emulated and not settings.emulated
    if emulated:
        settings = settings.model_copy(update={"emulated": True})
    base = dict(os.environ)
    if settings.emulated and needs_aws:
        endpoint = local_aws.current(emulator_folder())
        if endpoint is None:
            raise CommandError(
                f"{file.name} is deployed to the embedded AWS and none is running: "
                "start it with `dms-stream local-aws start`"
            )
        base = local_aws.process_environment(endpoint.url, region=settings.region)
    folder = _emulated_work() if settings.emulated else project.folder
    if needs_aws:  # who only reads the settings may not write here
        folder.mkdir(parents=True, exist_ok=True)
    return Workspace(
        file.stem,
        file,
        settings,
        project.folder,
        folder,
        terraform_variables(base),
        emulated_by_option=by_option,
    )


def start_embedded_aws(
    settings: Environment, options: "DataPlaneOptions | None" = None
) -> local_aws.Endpoint:
    """Start the embedded AWS: the blog post's snapshot is there, and what the settings import.

    Args:
        settings: The environment's; the snapshot lies in its region.
        options: What its tasks read; None: no rows move.

    Raises:
        CommandError: one is running already.
        LocalAwsError: something that they import has no stand-in; nothing is left running.
    """
    running = local_aws.current(emulator_folder())
    if running is not None:
        raise CommandError(
            f"an embedded AWS is running at {running.url} already: look around in it, or end it "
            "with `dms-stream local-aws stop`"
        )
    # what Terraform remembers of an earlier one would be wrong
    shutil.rmtree(_emulated_work(), ignore_errors=True)
    account_id = account_of(settings)
    if options is None:
        endpoint = local_aws.start(emulator_folder(), account_id=account_id)
    else:
        from dms_stream import data_plane  # most commands need none of it

        endpoint = data_plane.start(emulator_folder(), options, account_id=account_id)
    try:
        local_aws.seed_snapshot(endpoint.url, region=settings.region)
        make_stand_ins(settings, endpoint.url)
    except BaseException:
        stop_embedded_aws()
        raise
    return endpoint


def stop_embedded_aws() -> None:
    """Stop the embedded AWS; what it held is gone."""
    local_aws.stop(emulator_folder())
    shutil.rmtree(_emulated_work(), ignore_errors=True)
