"""Which stacks `review` plans where it is given no plan."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dms_stream.cli import aws_access, deployment
from dms_stream.cli import review as reviewing
from dms_stream.cli.app import app
from dms_stream.review.plan import plan_of
from tests.dms_stream.cli.test_aws_access import workspace


@pytest.mark.parametrize(
    ("options", "stacks"),
    [
        ([], ["seed-bootstrap", "seed-tickets"]),
        (["--pipeline", "tickets"], ["seed-tickets"]),
    ],
)
def test_the_bootstrap_is_among_them_unless_pipelines_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], stacks: list[str]
) -> None:
    planned: list[str] = []

    def plan(_workspace: object, asked: Sequence[str], **_: object) -> list[Any]:
        planned.extend(asked)
        return [plan_of({"format_version": "1.2", "resource_changes": []}, "plan")]

    made = workspace(tmp_path)
    monkeypatch.setattr(aws_access, "open_deployable", lambda *_, **__: made)
    monkeypatch.setattr(deployment, "require_bootstrap", lambda _: None)
    monkeypatch.setattr(reviewing, "plan_environment", plan)
    result = CliRunner().invoke(app, ["review", *options])
    assert result.exit_code == 0, result.output
    assert planned == stacks
