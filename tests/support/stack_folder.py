"""Terraform on one synthesized stack: a plan of it, its state in a file of its own."""

import json
from pathlib import Path
from typing import Any

from tests.support.terraform import TerraformFolder


class StackFolder(TerraformFolder):
    """A folder with a stack's `cdk.tf.json`."""

    _PLAN = "plan.tfplan"

    def __init__(self, folder: Path, url: str, *, region: str = "eu-west-1") -> None:
        super().__init__(folder, url, region=region)
        # an override file is Terraform's own way to use another backend
        override: dict[str, Any] = {"terraform": {"backend": {"local": {}}}}
        (folder / "backend_override.tf.json").write_text(json.dumps(override))

    def plan(self) -> None:
        """`terraform init` and `plan`, which must find nothing to say."""
        self.succeed("init", "-input=false")
        # it validates first, and a plan without a mistake may still warn
        said = self.succeed("plan", "-input=false", f"-out={self._PLAN}")
        assert "Warning:" not in said, said

    def planned(self) -> dict[str, Any]:
        """The plan as JSON."""
        self.plan()
        plan: dict[str, Any] = json.loads(self.succeed("show", "-json", self._PLAN))
        return plan
