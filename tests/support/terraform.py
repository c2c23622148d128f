"""Terraform in a folder, against an embedded AWS."""

import shutil
import subprocess
from pathlib import Path

from dms_stream.cli.toolchain import terraform, terraform_variables
from dms_stream.local_aws import REGION, process_environment

NO_CHANGES, CHANGES = 0, 2


class TerraformFolder:
    """Terraform in a folder, on an embedded AWS.

    Args:
        folder: The folder.
        url: The embedded AWS.
        region: Region to work in.
    """

    def __init__(self, folder: Path, url: str, *, region: str = REGION) -> None:
        self.folder = folder
        self._process_environment = terraform_variables(process_environment(url, region=region))

    def run(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The outcome of a command, its output and errors together."""
        return subprocess.run(
            [terraform(), command, "-no-color", *arguments],
            cwd=self.folder,
            env=self._process_environment,
            check=False,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def succeed(self, command: str, *arguments: str) -> str:
        """What a command prints that has to succeed."""
        done = self.run(command, *arguments)
        assert done.returncode == 0, f"terraform {command} failed:\n{done.stdout}"
        return done.stdout


class Terraform(TerraformFolder):
    """A configuration in a folder of its own.

    Args:
        configuration: Folder with the configuration.
        folder: Where it is copied to.
        url: The embedded AWS.
        variables: Values of its variables.
    """

    def __init__(
        self, configuration: Path, folder: Path, url: str, variables: dict[str, str] | None = None
    ) -> None:
        super().__init__(folder, url)
        shutil.copytree(configuration, folder)
        for name, value in (variables or {}).items():
            self._process_environment[f"TF_VAR_{name}"] = value

    def plans_nothing(self, *arguments: str) -> None:
        """Check that what is deployed is what the configuration says."""
        plan = self.run("plan", "-input=false", "-detailed-exitcode", *arguments)
        assert plan.returncode == NO_CHANGES, f"the second plan has changes:\n{plan.stdout}"
