"""Terraform on a copy of a configuration, against an embedded AWS."""

import shutil
import subprocess
from pathlib import Path

from dms_stream.cli.toolchain import terraform, tool_environment
from dms_stream.local_aws import process_environment

NO_CHANGES, CHANGES = 0, 2


class Terraform:
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
        shutil.copytree(configuration, folder)
        self._folder = folder
        self._environment = tool_environment(process_environment(url))
        for name, value in (variables or {}).items():
            self._environment[f"TF_VAR_{name}"] = value

    def run(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The outcome of a command, its output and errors together."""
        return subprocess.run(
            [terraform(), command, "-no-color", *arguments],
            cwd=self._folder,
            env=self._environment,
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

    def plans_nothing(self, *arguments: str) -> None:
        """Check that what is deployed is what the configuration says."""
        plan = self.run("plan", "-input=false", "-detailed-exitcode", *arguments)
        assert plan.returncode == NO_CHANGES, f"the second plan has changes:\n{plan.stdout}"
