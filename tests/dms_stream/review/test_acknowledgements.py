"""What a team accepts, for how long, and what is said of it."""

import json
from datetime import date
from pathlib import Path

import pytest

from dms_stream.review import AcknowledgementsError, Severity, load_acknowledgements, review_plans
from dms_stream.review.acknowledgements import Acknowledgement
from dms_stream.review.reports import json_report, markdown_report, sarif_report
from tests.support.small_plans import plan, update

LOWERED = update("aws_kinesis_stream", "retention_period", 168, 24)
TODAY = date(2026, 6, 15)
WHAT = "aws_kinesis_stream.it keeps records for 24 hours instead of 168"


def accept(**others: object) -> Acknowledgement:
    """An acknowledgement of the finding above."""
    given: dict[str, object] = {
        "finding": "stream-retention-lowered",
        "address": "aws_kinesis_stream.it",
        "reason": "nobody reads back further",
        "expires": TODAY,
    }
    return Acknowledgement.model_validate({**given, **others})


def test_accepted_finding_counts_no_more_and_is_still_told() -> None:
    review = review_plans([plan(LOWERED)], acknowledgements=[accept()], today=TODAY)
    assert review.findings == ()
    assert [finding.what for finding, _ in review.accepted] == [WHAT]
    assert review.stale == ()
    assert "nobody reads back further" in markdown_report(review)
    assert '"nobody reads back further"' in json_report(review)
    assert json.loads(sarif_report(review))["runs"][0]["results"] == []


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"expires": date(2026, 6, 14)}, "expired on 2026-06-14: renew it or take it out"),
        ({"address": "aws_kinesis_stream.other"}, "fits nothing in these plans: take it out"),
        ({"finding": "shards-lowered"}, "fits nothing in these plans: take it out"),
        ({"what": "something else"}, "fits nothing in these plans: take it out"),
    ],
)
def test_what_does_not_fit_or_is_over_is_reported_and_accepts_nothing(
    given: dict[str, object], problem: str
) -> None:
    review = review_plans([plan(LOWERED)], acknowledgements=[accept(**given)], today=TODAY)
    assert [finding.severity for finding in review.findings] == [Severity.DATA_LOSS]
    assert [stale.problem for stale in review.stale] == [problem]
    assert problem in markdown_report(review).replace("\\", "")


def test_exact_words_narrow_it() -> None:
    review = review_plans([plan(LOWERED)], acknowledgements=[accept(what=WHAT)], today=TODAY)
    assert review.findings == ()


def test_one_of_another_stack_is_not_used_and_its_stack_is_named() -> None:
    review = review_plans([plan(LOWERED)], acknowledgements=[accept(stack="other")], today=TODAY)
    assert len(review.findings) == 1
    assert review.stale == ()
    assert review.other_stacks == ("other",)
    told = "entries for stacks that are not among these plans: other."
    assert told in markdown_report(review)
    assert json.loads(json_report(review))["other_stacks"] == ["other"]


def test_one_of_another_stack_expires_too() -> None:
    gone = accept(stack="other", expires=date(2026, 6, 14))
    review = review_plans([plan(LOWERED)], acknowledgements=[gone], today=TODAY)
    assert [stale.acknowledgement for stale in review.stale] == [gone]


def test_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "review.yaml"
    file.write_text(
        "accepted:\n"
        "  - finding: stream-retention-lowered\n"
        "    address: aws_kinesis_stream.it\n"
        "    reason: nobody reads back further\n"
        "    expires: 2026-06-15\n"
    )
    assert load_acknowledgements(file) == (accept(),)
    file.write_text("")
    assert load_acknowledgements(file) == ()


def test_all_mistakes_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "review.yaml"
    file.write_text(
        "accepted:\n"
        "  - finding: stream-retention-lowerd\n"
        "    address: aws_kinesis_stream.it\n"
        "    reason: ok\n"
        "  - {finding: shards-lowered, adress: x, reason: we know that, expires: soon}\n"
    )
    with pytest.raises(AcknowledgementsError) as refused:
        load_acknowledgements(file)
    told = str(refused.value).removeprefix(f"{file}: ")
    assert told.splitlines()[0] == "6 mistakes"
    assert (
        "accepted.0.finding: unknown rule: take its id from the report, or from "
        "docs/review-rules.md\n      given: 'stream-retention-lowerd'" in told
    )
    assert "accepted.0.reason: give a reason that somebody else understands, in a few words" in told
    assert "accepted.0.expires: is required and has no default: add it" in told
    assert "accepted.1.adress: unknown setting; did you mean address?" in told
    assert "accepted.1.address: is required and has no default: add it" in told
    assert "accepted.1.expires:" in told


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("accepted: [", "is not valid YAML"),
        ("- a\n", "must be a mapping with the key `accepted`"),
        ("accepted: []\naccepted: []\n", "is not valid YAML"),
    ],
)
def test_file_that_is_none_is_refused(tmp_path: Path, content: str, problem: str) -> None:
    file = tmp_path / "review.yaml"
    file.write_text(content)
    with pytest.raises(AcknowledgementsError, match=problem):
        load_acknowledgements(file)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AcknowledgementsError, match="cannot be read"):
        load_acknowledgements(tmp_path / "none.yaml")
