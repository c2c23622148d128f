"""Terraform on one synthesized stack: validate and plan, its state in a file of its own."""

import json
from pathlib import Path
from typing import Any

from tests.support.terraform import TerraformFolder


class StackFolder(TerraformFolder):
    """A folder with a stack's `cdk.tf.json`."""

    def __init__(self, folder: Path, url: str, *, region: str = "eu-west-1") -> None:
        super().__init__(folder, url, region=region)
        # an override file is Terraform's own way to use another backend
        override: dict[str, Any] = {"terraform": {"backend": {"local": {}}}}
        (folder / "backend_override.tf.json").write_text(json.dumps(override))

    def validate(self) -> None:
        """`terraform init` and `validate`, which must find nothing to say."""
        self.succeed("init", "-input=false")
        verdict = json.loads(self.succeed("validate", "-json"))
        assert verdict["diagnostics"] == []

    def plan(self) -> dict[str, Any]:
        """The plan as JSON."""
        self.succeed("plan", "-input=false", "-out=plan.tfplan")
        plan: dict[str, Any] = json.loads(self.succeed("show", "-json", "plan.tfplan"))
        return plan
