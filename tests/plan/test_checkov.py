"""checkov finds nothing in any stack but what `.checkov.yaml` gives a reason for."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from cli.toolchain import ROOT, tool_environment
from stacks.settings import environment_file, environment_names, load_environment
from tests.plan.test_environments import synthesize

CHECKOV = ROOT / ".tools" / "checkov" / "bin" / "checkov"
CONFIGURATION = ROOT / ".checkov.yaml"


def scan(folder: Path) -> dict[str, Any]:
    """What checkov says of every stack below a folder, nothing skipped."""
    done = subprocess.run(
        [str(CHECKOV), "-d", str(folder), "--framework", "terraform_json", "-o", "json"],
        cwd=folder,
        env=tool_environment(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    report: dict[str, Any] = json.loads(done.stdout)
    return report


@pytest.mark.plan
def test_every_finding_has_a_reason_and_every_reason_a_finding(tmp_path: Path) -> None:
    if not CHECKOV.exists():
        pytest.fail("checkov is not installed: run `python3 scripts/set_up.py checkov`")
    real = [
        name
        for name in environment_names()
        if not load_environment(environment_file(name)).emulated
    ]
    assert len(real) >= 2
    for name in real:
        for folder in synthesize(name, tmp_path / name):
            path = folder / "cdk.tf.json"
            document = json.loads(path.read_text())
            # checkov's parser stops at import blocks
            document.pop("import", None)
            path.write_text(json.dumps(document))
    report = scan(tmp_path)
    assert report["summary"]["parsing_errors"] == 0
    assert report["summary"]["passed"] > 350
    reasoned = set(YAML(typ="safe").load(CONFIGURATION.read_text())["skip-check"])
    found: dict[str, list[str]] = {}
    for finding in report["results"]["failed_checks"]:
        found.setdefault(finding["check_id"], []).append(
            f"{finding['check_name']}: {finding['resource']}"
        )
    assert {check: where for check, where in found.items() if check not in reasoned} == {}
    assert reasoned - set(found) == set(), "no finding needs these any more"
