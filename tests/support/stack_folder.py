"""Terraform on one synthesized stack: validate and plan, its state in a file of its own."""

import json
import subprocess
from pathlib import Path
from typing import Any

from dms_stream.cli.toolchain import terraform, tool_environment
from dms_stream.local_aws import process_environment


class StackFolder:
    """A folder with a stack's `cdk.tf.json`.

    Args:
        folder: The folder.
        url: The embedded AWS.
        region: Region to work in.
    """

    def __init__(self, folder: Path, url: str, *, region: str = "eu-west-1") -> None:
        self.folder = folder
        self._environment = tool_environment(process_environment(url, region=region))
        # an override file is Terraform's own way to use another backend
        override: dict[str, Any] = {"terraform": {"backend": {"local": {}}}}
        (folder / "backend_override.tf.json").write_text(json.dumps(override))

    def terraform(self, *arguments: str) -> str:
        """What a Terraform command prints that has to succeed."""
        done = subprocess.run(
            [terraform(), *arguments],
            cwd=self.folder,
            env=self._environment,
            check=False,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert done.returncode == 0, f"terraform {' '.join(arguments)} failed:\n{done.stdout}"
        return done.stdout

    def validate(self) -> None:
        """`terraform init` and `validate`, which must find nothing to say."""
        self.terraform("init", "-input=false", "-no-color")
        verdict = json.loads(self.terraform("validate", "-json"))
        assert verdict["diagnostics"] == []

    def plan(self) -> dict[str, Any]:
        """The plan as JSON."""
        self.terraform("plan", "-input=false", "-no-color", "-out=plan.tfplan")
        plan: dict[str, Any] = json.loads(self.terraform("show", "-json", "plan.tfplan"))
        return plan
