"""Real plans of Terraform, and what must be found in each."""

import json

import pytest

from dms_stream.review import Severity, review_plans
from dms_stream.review.reports import json_report, markdown_report, sarif_report
from tests.dms_stream.review.cases import CASES, Case
from tests.dms_stream.review.corpus import PLANS, as_text, expectation, plan, plan_text


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.name))
def test_findings(case: Case) -> None:
    assert as_text(case.what, review_plans([plan(case.name)])) == expectation(case.name)


def test_corpus_is_whole() -> None:
    names = {case.name for case in CASES}
    assert len(names) >= 40
    assert {file.name.removesuffix(".json.gz") for file in PLANS.glob("*.gz")} == names
    assert {file.stem for file in PLANS.glob("*.txt")} == names


@pytest.mark.parametrize(
    "case", [case for case in CASES if "canary" in str(plan_text(case.name))], ids=lambda c: c.name
)
def test_secret_of_a_plan_is_in_no_report(case: Case) -> None:
    review = review_plans([plan(case.name)])
    assert any(finding.rule == "secret-in-state" for finding in review.findings)
    for report in (json_report(review), markdown_report(review), sarif_report(review)):
        assert "canary" not in report


def test_plan_is_read_without_what_the_corpus_leaves_out() -> None:
    document = json.loads(plan_text("retention-lowered"))
    assert not {"configuration", "prior_state", "planned_values"} & document.keys()
    assert review_plans([plan("retention-lowered")]).at_least(Severity.DATA_LOSS)
