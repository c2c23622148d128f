"""After a deployment what should run is started, unless DMS does not reach something."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dms_stream.cli.afterwards import look_afterwards, looking_afterwards
from dms_stream.cli.console import open_console
from dms_stream.cli.errors import StepFailedError
from dms_stream.operations.started import Finding, Outcome
from tests.dms_stream.operations.test_connections import break_target
from tests.support.operated import Operated

# each asks an embedded AWS or a stand-in of it
pytestmark = pytest.mark.slow

STACKS = ["local-tickets"]


def look(operated: Operated, stacks: list[str] = STACKS) -> list[Finding]:
    since = datetime.now(UTC) - timedelta(hours=1)
    return look_afterwards(operated.workspace, stacks, since=since, console=open_console())


def test_what_should_run_is_started(operated: Operated, capsys: pytest.CaptureFixture[str]) -> None:
    assert [found.outcome for found in look(operated)] == [Outcome.STARTED]
    assert capsys.readouterr().out == "tickets: started\n"
    assert operated.account.status() == "running"


def test_what_was_not_deployed_or_shall_not_run_is_left_alone(
    operated: Operated, capsys: pytest.CaptureFixture[str]
) -> None:
    assert look(operated, ["local-other"]) == []
    settings = operated.workspace.settings
    pipeline: Any = settings.pipelines["tickets"]
    replication = pipeline.replication.model_copy(update={"start_replication_task": False})
    changed = pipeline.model_copy(update={"replication": replication})
    operated.settings(pipelines={"tickets": changed})
    assert look(operated) == []
    assert capsys.readouterr().out == (
        "tickets stands still (ready), as replication.start_replication_task is false: "
        "`dms-stream start --env local --pipeline tickets` starts it\n"
    )
    operated.settings(pipelines=settings.pipelines)
    operated.client("s3").delete_object(
        Bucket=settings.state.bucket_name, Key="local/local-tickets.tfstate"
    )
    assert look(operated) == []
    assert operated.account.status() == "ready"


def test_connections_are_tested_before_the_start(
    operated: Operated, capsys: pytest.CaptureFixture[str]
) -> None:
    break_target(operated)
    assert [found.outcome for found in look(operated)] == [Outcome.STANDS_STILL]
    assert "tickets does not run: DMS does not reach its target" in capsys.readouterr().out
    assert operated.account.status() == "ready"


def test_why_a_deployment_failed_is_told_whatever_is_found_afterwards(
    operated: Operated, capsys: pytest.CaptureFixture[str]
) -> None:
    operated.client("s3").put_object(
        Bucket=operated.workspace.settings.state.bucket_name,
        Key="local/local-tickets.tfstate",
        Body=b"nonsense",
    )
    with (
        pytest.raises(StepFailedError, match="the apply"),
        looking_afterwards(operated.workspace, STACKS, console=open_console()),
    ):
        raise StepFailedError("the apply")
    assert "is not a Terraform state" in capsys.readouterr().out
