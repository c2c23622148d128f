"""Each construct's README holds an app that runs, and Terraform plans what it makes."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dms_stream.cli.toolchain import terraform_variables
from tests.support.checkout import ROOT
from tests.support.stack_folder import StackFolder

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
@pytest.mark.parametrize("readme", READMES, ids=lambda readme: readme.parent.name)
def test_the_example_runs_and_plans(readme: Path, aws_url: str, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(app_of(readme), encoding="utf-8")
    certificates = ROOT / "environments" / "certificates"
    (tmp_path / "eu-west-1-bundle.pem").write_bytes(
        (certificates / "eu-west-1-bundle.pem").read_bytes()
    )
    variables = terraform_variables(os.environ) | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "app.py"], cwd=tmp_path, env=variables, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    stacks = sorted(tmp_path.glob("cdktf.out/stacks/*/cdk.tf.json"))
    assert stacks
    for stack in stacks:
        StackFolder(stack.parent, aws_url).plan()
