"""Every example is a whole app that synthesizes, that Terraform plans, and that the docs show."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dms_stream.cli.toolchain import terraform_variables
from tests.support.checkout import ROOT
from tests.support.stack_folder import StackFolder

EXAMPLES = sorted(path for path in (ROOT / "examples").iterdir() if (path / "main.py").is_file())
PAGE = ROOT / "docs" / "examples.md"

# what each is about, which its plan must make
MADE = {
    "existing_database": {
        "aws_dms_replication_task": 1,
        "aws_vpc_endpoint": 4,
        "aws_rds_cluster": 0,
        "aws_vpc": 0,
    },
    "foreign_app": {
        "aws_dms_replication_task": 1,
        "aws_rds_cluster": 1,
        "aws_lambda_event_source_mapping": 1,
    },
    "parts_alone": {
        "aws_kinesis_firehose_delivery_stream": 1,
        "aws_kinesis_stream": 0,
        "aws_dms_replication_task": 0,
    },
}


def unindented(code: str) -> str:
    return re.sub(r"^ +", "", code, flags=re.MULTILINE)


def test_the_docs_show_every_example_as_it_is() -> None:
    page = PAGE.read_text(encoding="utf-8")
    # a page shows a part of an app without the app's own indentation
    apps = [unindented((example / "main.py").read_text(encoding="utf-8")) for example in EXAMPLES]
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(blocks) >= len(EXAMPLES)
    shown = [unindented(block) for block in blocks]
    assert [block for block in shown if not any(block in app for app in apps)] == []
    for example in EXAMPLES:
        assert f"(../examples/{example.name}/README.md)" in page
        assert (example / "README.md").is_file()
        assert (example / "cdktf.json").is_file()


@pytest.mark.plan
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_it_synthesizes_and_plans(example: Path, aws_url: str, tmp_path: Path) -> None:
    variables = terraform_variables(os.environ) | {
        "PYTHONPATH": str(ROOT),
        "CDKTF_OUTDIR": str(tmp_path / "out"),
    }
    done = subprocess.run(
        [sys.executable, "main.py"], cwd=example, env=variables, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    [stack] = (tmp_path / "out").glob("stacks/*/cdk.tf.json")
    changes = StackFolder(stack.parent, aws_url).planned()["resource_changes"]
    made = [change["type"] for change in changes if change["change"]["actions"] == ["create"]]
    expected = MADE[example.name]
    assert {type_: made.count(type_) for type_ in expected} == expected
