"""Terraform: where it is, whether it will do, and the environment it runs in."""

import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from dms_stream.cli.errors import CommandError, StepFailedError
from dms_stream.programs import run
from dms_stream.programs.foreground import ProgramError
from dms_stream.settings.project import find_project

TERRAFORM_MINIMUM = (1, 11)
"""Write-only arguments, which keep passwords out of states, need it:
https://developer.hashicorp.com/terraform/language/resources/ephemeral/write-only"""
_NEED = ".".join(map(str, TERRAFORM_MINIMUM))
_ADVICE = "install it from https://developer.hashicorp.com/terraform/install."


def terraform_variables(base: Mapping[str, str]) -> dict[str, str]:
    """`base` with what Terraform needs to run in silence, with the providers set-up found."""
    # a provider mostly reads its own schema: collecting less often spares a fifth of the CPU
    environment = {"GOGC": "400", **base, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
    configuration = terraform_configuration()
    if configuration is not None:
        environment["TF_CLI_CONFIG_FILE"] = str(configuration)
    elif not Path(environment.get("TF_CLI_CONFIG_FILE", "")).is_file():
        # an inherited name of a file that is not there makes Terraform print warnings
        environment.pop("TF_CLI_CONFIG_FILE", None)
    return environment


def terraform_configuration() -> Path | None:
    """Terraform's configuration that the project's set-up wrote; None: the user's own counts."""
    project = find_project()
    file = project.folder / ".tools" / "terraform.rc" if project else None
    return file if file is not None and file.exists() else None


def any_terraform() -> str:
    """Terraform from PATH, of whatever version: for what others have made with theirs.

    Raises:
        CommandError: there is none.
    """
    path = shutil.which("terraform")
    if path is None:
        raise CommandError(f"Terraform {_NEED} or newer is needed and none is on PATH: {_ADVICE}")
    return path


def terraform() -> str:
    """Terraform from PATH, new enough for what this project synthesizes.

    Raises:
        CommandError: there is none, it does not start, or it is too old.
    """
    path = any_terraform()
    version = _version(path)
    if version is None:
        raise CommandError(
            f"Terraform {_NEED} or newer is needed and {path} does not tell its version: {_ADVICE}"
        )
    if tuple(int(part) for part in version.split("-")[0].split(".")[:2]) < TERRAFORM_MINIMUM:
        raise CommandError(
            f"Terraform {_NEED} or newer is needed and {path} is {version}: {_ADVICE}"
        )
    return path


@cache
def _version(path: str) -> str | None:
    try:
        ended = run(
            [path, "version", "-json"],
            process_environment=terraform_variables(os.environ),
            folder=Path.cwd(),
        )
        return str(json.loads(ended.output)["terraform_version"])
    except (ProgramError, ValueError, KeyError, TypeError):
        return None


def output_of(
    command: Sequence[str], *, process_environment: Mapping[str, str], folder: Path
) -> str:
    """What a program prints.

    Raises:
        StepFailedError: it failed; the message holds what it said.
    """
    ended = run(command, process_environment=process_environment, folder=folder)
    if ended.code != 0:
        said = ended.errors.strip() or ended.output.strip()
        raise StepFailedError(f"`{shown(command)}` failed:\n{said}")
    return ended.output


def shown(command: Sequence[str]) -> str:
    """A command as a user would write it."""
    return " ".join([Path(command[0]).name, *command[1:]])


def wants_colours() -> bool:
    """Whether a program may colour what it shows: https://no-color.org."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
