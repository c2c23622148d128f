"""What `check-source` says of its checks; with a database: tests/dms_stream/rehearsal/source."""

import json
from io import StringIO

import pytest
from rich.console import Console

from dms_stream.cli import check_source
from dms_stream.rehearsal.result import Check, CheckOutcome

URL = "mysql://user@host:3306"


@pytest.mark.parametrize(
    ("outcomes", "fits"), [(["pass", "warn"], True), (["pass", "fail", "warn"], False), ([], True)]
)
def test_a_source_fits_unless_a_check_fails(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    outcomes: list[CheckOutcome],
    fits: bool,
) -> None:
    checks = {
        Check(f"check {number}", each, "found", "fix"): ["tickets"]
        for number, each in enumerate(outcomes)
    }
    monkeypatch.setattr(check_source, "_checked", lambda *_: checks)
    monkeypatch.setattr(check_source, "source_name", str)
    said = StringIO()
    assert check_source.run_check_source(Console(file=said, width=80), URL) is fits
    assert all(check.name in said.getvalue() for check in checks)
    assert check_source.run_check_source(Console(file=StringIO()), URL, as_json=True) is fits
    told = json.loads(capsys.readouterr().out)["checks"]
    assert [(each["outcome"], each["fix"], each["pipelines"]) for each in told] == [
        (outcome, "fix", ["tickets"]) for outcome in outcomes
    ]
