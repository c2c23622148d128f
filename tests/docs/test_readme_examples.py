"""Each construct's README holds an app that runs, and Terraform plans what it makes."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dms_stream.cli.toolchain import terraform_variables
from tests.support.checkout import ROOT
from tests.support.stack_folder import StackFolder
from tests.support.synth import Json

READMES = sorted((ROOT / "constructs_lib").glob("*/README.md"))


def app_of(readme: Path) -> str:
    blocks = re.findall(r"```python\n(.*?)```", readme.read_text(encoding="utf-8"), re.DOTALL)
    apps = [block for block in blocks if ".synth()" in block]
    assert apps, f"{readme.parent.name}/README.md holds no whole app"
    # stock imports take twelve times as long
    assert "from constructs_lib.bindings import" in apps[0]
    assert "\nimport cdktf\n" not in apps[0]
    return str(apps[0])


def test_every_construct_has_a_readme() -> None:
    packages = {path.parent for path in (ROOT / "constructs_lib").glob("*/construct.py")}
    assert {readme.parent for readme in READMES} >= packages


@pytest.mark.plan
def test_the_examples_run_and_plan(aws_url: str, tmp_path: Path) -> None:
    """Together, each a module of its own: one plan takes the provider's start once."""
    modules, imports, making = {}, [], set()
    for readme in READMES:
        stacks = synthesized(readme, tmp_path / "apps" / readme.parent.name)
        for stack, document in stacks.items():
            name = f"{readme.parent.name}_{stack}"
            # only a root has a backend, and imports
            document.get("terraform", {}).pop("backend", None)
            for each in document.pop("import", []):
                imports.append({**each, "to": f"module.{name}.{each['to']}"})
            # the state backend's second stack only keeps its state there
            making |= {f"module.{name}"} if "resource" in document else set()
            (tmp_path / name).mkdir()
            (tmp_path / name / "cdk.tf.json").write_text(json.dumps(document), encoding="utf-8")
            modules[name] = {"source": f"./{name}"}
    root = {"module": modules, "import": imports}
    (tmp_path / "main.tf.json").write_text(json.dumps(root), encoding="utf-8")

    plan = StackFolder(tmp_path, aws_url).planned()
    planned = {change["module_address"] for change in plan["resource_changes"]}
    assert planned == making


def synthesized(readme: Path, folder: Path) -> dict[str, Json]:
    """The stacks of a README's app."""
    folder.mkdir(parents=True)
    (folder / "app.py").write_text(app_of(readme), encoding="utf-8")
    certificate = "eu-west-1-bundle.pem"
    shutil.copy(ROOT / "environments" / "certificates" / certificate, folder / certificate)
    variables = terraform_variables(os.environ) | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "app.py"], cwd=folder, env=variables, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{readme.parent.name}: {done.stderr}"
    stacks = sorted(folder.glob("cdktf.out/stacks/*/cdk.tf.json"))
    assert stacks, readme.parent.name
    return {path.parent.name: json.loads(path.read_text()) for path in stacks}
