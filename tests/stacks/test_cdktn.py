"""The same stacks from cdktn, which carries CDKTF on: the JSON differs in versions only.

It has an environment of its own, which `make cdktn` makes: 0.5 GB, since it brings provider 6's
bindings.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dms_stream.cli.toolchain import terraform_variables
from dms_stream.settings.environment import environment_names
from tests.support.checkout import ROOT

CDKTN_PYTHON = ROOT / ".tools" / "cdktn" / "bin" / "python"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not CDKTN_PYTHON.exists(), reason="cdktn is not installed: `make cdktn` does it"
    ),
]

COUNT_MODULES = """
process.on("exit", () => {
  const files = Object.keys(require.cache).filter((file) => /provider-aws.lib/.test(file));
  require("fs").writeFileSync(process.env.COUNT, `${files.length}`);
});
"""


def _synthesize(python: Path, name: str, output: Path) -> dict[str, Any]:
    """The Terraform JSON of an environment's stacks."""
    hook = output.with_suffix(".cjs")
    hook.write_text(COUNT_MODULES)
    environment = {
        **terraform_variables(os.environ),
        "ENV": name,
        "CDKTF_OUTDIR": str(output),
        "NODE_OPTIONS": f'--require "{hook}"',
        "COUNT": str(output.with_suffix(".count")),
    }
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        [python, "main.py"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return {
        file.parent.name: json.loads(file.read_text())
        for file in output.glob("stacks/*/cdk.tf.json")
    }


@pytest.mark.parametrize("name", environment_names())
def test_the_json_differs_in_versions_only(name: str, tmp_path: Path) -> None:
    from_cdktf = _synthesize(Path(sys.executable), name, tmp_path / "cdktf")
    from_cdktn = _synthesize(CDKTN_PYTHON, name, tmp_path / "cdktn")
    assert from_cdktn.keys() == from_cdktf.keys()
    for stack, document in from_cdktn.items():
        metadata, providers = (
            document["//"]["metadata"],
            document["terraform"]["required_providers"],
        )
        assert metadata["version"].startswith("0.24.")
        assert providers["aws"]["source"] == "hashicorp/aws"
        assert providers["aws"]["version"].startswith("6.")
        expected = from_cdktf[stack]
        metadata["version"] = expected["//"]["metadata"]["version"]
        providers["aws"] = expected["terraform"]["required_providers"]["aws"]
        assert document == expected
    # Node loads what is used, of 2,400 modules
    assert int((tmp_path / "cdktn.count").read_text()) < 150
