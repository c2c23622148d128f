"""What the benchmarks are made of."""

import ast
from pathlib import Path

import pytest

from benchmarks.plans import plan_json
from benchmarks.soak import trend
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


def test_memory_that_grows_after_the_warm_up_is_not_flat() -> None:
    seconds = [2.0 * number for number in range(1, 301)]
    steady = trend([(at, 200.0 if at > 100 else 50.0) for at in seconds], 600)
    assert (steady.warm_mib, steady.end_mib, steady.mib_an_hour) == (200.0, 200.0, 0.0)
    assert steady.is_flat
    growing = trend([(at, 200.0 + at / 10) for at in seconds], 600)
    assert round(growing.mib_an_hour) == 360
    assert not growing.is_flat
