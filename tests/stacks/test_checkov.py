"""checkov finds nothing in any stack but what `.checkov.yaml` gives a reason for."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from dms_stream.cli.toolchain import terraform_variables
from dms_stream.settings.environment import environment_file, environment_names, load_environment
from tests.stacks.test_plans import synthesize
from tests.support.checkout import ROOT

CHECKOV = ROOT / ".tools" / "checkov" / "bin" / "checkov"
CONFIGURATION = ROOT / ".checkov.yaml"


def scan(folder: Path) -> dict[str, Any]:
    """What checkov says of every stack below a folder, nothing skipped."""
    done = subprocess.run(
        [str(CHECKOV), "-d", str(folder), "--framework", "terraform_json", "-o", "json"],
        cwd=folder,
        env=terraform_variables(os.environ),
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
            path.write_text(json.dumps(document, indent=1))
    report = scan(tmp_path)
    assert report["summary"]["parsing_errors"] == 0
    assert report["summary"]["passed"] > 350
    found: dict[tuple[str, str], list[str]] = {}
    for finding in report["results"]["failed_checks"]:
        found.setdefault((finding["check_id"], resource_type(finding)), []).append(
            f"{finding['check_name']}: {finding['resource']}"
        )
    reasoned = reasoned_findings(CONFIGURATION.read_text())
    assert {pair: where for pair, where in found.items() if pair not in reasoned} == {}
    assert reasoned - set(found) == set(), "no finding needs these any more"


def resource_type(finding: dict[str, Any]) -> str:
    """Type of the resource, which stands in the file above its name: reports may leave it out."""
    lines = Path(finding["file_abs_path"]).read_text().splitlines()
    above = "\n".join(lines[: finding["file_line_range"][0]])
    return str(re.findall(r'^  "(aws_\w+)": \{$', above, re.MULTILINE)[-1])


def reasoned_findings(configuration: str) -> set[tuple[str, str]]:
    """Check and resource type of each finding that the configuration gives a reason for."""
    lines = re.findall(r"^  - (CKV\w+)  # (.+)$", configuration, re.MULTILINE)
    assert [check for check, _ in lines] == YAML(typ="safe").load(configuration)["skip-check"]
    return {(check, type_) for check, types in lines for type_ in types.split(", ")}


def test_a_reason_holds_for_the_types_of_resources_it_names() -> None:
    configuration = "skip-check:\n  # why\n  - CKV_AWS_18  # aws_s3_bucket, aws_alb\n"
    assert reasoned_findings(configuration) == {
        ("CKV_AWS_18", "aws_s3_bucket"),
        ("CKV_AWS_18", "aws_alb"),
    }


def test_a_reason_without_types_of_resources_is_refused() -> None:
    with pytest.raises(AssertionError):
        reasoned_findings("skip-check:\n  - CKV_AWS_18\n")
