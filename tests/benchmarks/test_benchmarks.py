"""What the benchmarks are made of."""

import ast
from pathlib import Path

import pytest

from benchmarks.plans import plan_json
from dms_stream.review import parse_plan, review_plans
from tests.support.checkout import ROOT


@pytest.mark.parametrize(
    "file", sorted(ROOT.glob("benchmarks/**/*.py")), ids=lambda file: file.name
)
def test_a_benchmark_imports_no_test(file: Path) -> None:
    modules = [
        name
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [])
        + [alias.name for alias in node.names]
    ]
    assert not [name for name in modules if name.partition(".")[0] == "tests"]


def test_a_plan_to_review_holds_findings_of_several_rules() -> None:
    review = review_plans([parse_plan(plan_json(14), "plan.json")])
    assert {
        "stream-retention-lowered",
        "versioning-suspended",
    } < {finding.rule for finding in review.findings}
