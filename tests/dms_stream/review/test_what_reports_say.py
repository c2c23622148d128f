"""Each sentence of a report is true, tells no secret and leaves nothing out."""

import json
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from dms_stream.review import Plan, Review, Severity, review_plans
from dms_stream.review.redaction import HIDDEN, clean, hiding
from dms_stream.review.reports import json_report, markdown_report, print_report, sarif_report
from tests.support.small_plans import change, findings, plan, update

STREAM, MSK = "aws_kinesis_stream", "aws_msk_configuration"


def reports(*plans: Plan, **others: Any) -> dict[str, str]:
    """A review in each format."""
    review = review_plans(plans, **others)
    return {
        "terminal": terminal(review),
        "markdown": markdown_report(review),
        "json": json_report(review),
        "sarif": sarif_report(review),
    }


def terminal(review: Review) -> str:
    """A review as a terminal shows it."""
    text = StringIO()
    print_report(review, Console(file=text, width=500), fail_on=Severity.DATA_LOSS)
    return text.getvalue()


def said(*changes: dict[str, Any], **others: Any) -> list[str]:
    """What the findings say."""
    return [finding.what for finding in findings(*changes, **others)]


@pytest.mark.parametrize("name", ["ssl.keystore.password", "sasl.token", "connection.url"])
def test_a_secret_inside_a_text_is_shown_nowhere(name: str) -> None:
    old, new = ("jdbc://me:zqOLD@h", "jdbc://me:zqNEW@h") if "url" in name else ("zqOLD", "zqNEW")
    changed = update(MSK, "server_properties", f"{name}={old}", f"{name}={new}", name="x")
    for report in reports(plan(changed)).values():
        assert "zq" not in report
        assert f"{name} changes" in report.replace("\\", "")


def test_other_properties_of_a_broker_are_no_periods() -> None:
    old, new = "num.io.threads=8", "num.io.threads=4"
    (seen,) = findings(update(MSK, "server_properties", old, new))
    assert seen.what.endswith("num.io.threads: 8 → 4")
    assert "period" not in seen.instead


@pytest.mark.parametrize(
    ("secret", "changed", "what"),
    [
        (
            2,
            change("aws_x", {"a": 1, "b": 1}, {"a": 3, "b": 3}),
            "2 attributes change: a, b",
        ),
        (
            "engine",
            change("aws_x", {"engine": 1}, {"engine": 3}),
            "1 attribute changes: engine",
        ),
        (
            "database",
            change("aws_db_instance", {"identifier": "i"}, None),
            "i is destroyed. Lost: the database, with its automated backups.",
        ),
        (
            "hours",
            update(STREAM, "retention_period", 48, 24),
            "aws_kinesis_stream.it keeps records for 24 hours instead of 48",
        ),
        (
            "secret",
            change(STREAM, {"name": "secret"}, None),
            f"{HIDDEN} is destroyed. Lost: every record in it that no consumer has read yet, and "
            "the possibility to read it again.",
        ),
        (
            48,
            update(STREAM, "retention_period", 48, 24),
            f"aws_kinesis_stream.it keeps records for 24 hours instead of {HIDDEN}",
        ),
        (
            9,
            update("aws_secretsmanager_secret", "recovery_window_in_days", 30, 9),
            f"aws_secretsmanager_secret.it can be restored for {HIDDEN} days instead of 30",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_only_values_give_way_to_a_secret(secret: Any, changed: dict[str, Any], what: str) -> None:
    step = changed["change"]
    for side in ("before", "after"):
        if step[side] is not None:
            step[side] |= {"pin": secret}
            step[f"{side}_sensitive"] = {"pin": True}
    assert what in said(changed)


def test_a_secret_that_is_cut_is_hidden_whole() -> None:
    long = "zq" * 150
    with hiding(lambda: frozenset({long})):
        assert clean(f"{'x' * 100}-{long}") == f"{'x' * 100}-{HIDDEN}"
        assert clean(f"{long} {HIDDEN}", 30) == f"{HIDDEN} {HIDDEN}"[:29] + "…"
    assert clean("zqzq") == "zqzq"
