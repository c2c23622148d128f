"""A task's calls, and those of DMS Serverless: what is asked, and what its states mean."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.stub import Stubber

from dms_stream.rehearsal.errors import RehearsalError
from dms_stream.rehearsal.task import control
from dms_stream.rehearsal.task.control import TaskControl
from tests.support.nobodys_client import nobodys_client

TASK = "arn:aws:dms:eu-central-1:123456789012:task:ABC"
SERVERLESS = "arn:aws:dms:eu-central-1:123456789012:replication-config:ABC"


class Played:
    """DMS, which says what a test tells it to."""

    def __init__(self, arn: str) -> None:
        self.client: Any = nobodys_client("dms")
        self.stub = Stubber(self.client)
        self.task = TaskControl(self.client, arn)
        self._arn, self._is_serverless = arn, arn == SERVERLESS

    def says(self, *statuses: str, **more: Any) -> None:
        """One after another."""
        for status in statuses:
            self._described([{"Status": status, **more}])

    def knows_nothing(self) -> None:
        """It does not exist."""
        self._described([])

    def _described(self, found: list[dict[str, Any]]) -> None:
        kind = "replication-config-arn" if self._is_serverless else "replication-task-arn"
        call, key = (
            ("describe_replications", "Replications")
            if self._is_serverless
            else ("describe_replication_tasks", "ReplicationTasks")
        )
        asked = {"Filters": [{"Name": kind, "Values": [self._arn]}]}
        self.stub.add_response(call, {key: found}, asked)

    def is_started(self, kind: str) -> None:
        """It is started so."""
        if self._is_serverless:
            asked = {"ReplicationConfigArn": self._arn, "StartReplicationType": kind}
            self.stub.add_response("start_replication", {}, asked)
        else:
            asked = {"ReplicationTaskArn": self._arn, "StartReplicationTaskType": kind}
            self.stub.add_response("start_replication_task", {}, asked)

    def is_stopped(self) -> None:
        """It is told to stop."""
        if self._is_serverless:
            self.stub.add_response("stop_replication", {}, {"ReplicationConfigArn": self._arn})
        else:
            asked = {"ReplicationTaskArn": self._arn}
            self.stub.add_response("stop_replication_task", {}, asked)


@pytest.fixture(params=[TASK, SERVERLESS])
def dms(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Played]:
    """Each of its calls is expected, and each one expected is made."""
    monkeypatch.setattr(control, "_POLL_SECONDS", 0)
    played = Played(request.param)
    with played.stub:
        yield played
        played.stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("status", "is_started"),
    [
        *(("ready", False), ("created", False), ("stopped", False), ("failed", False)),
        *(("starting", True), ("running", True), ("stopping", True)),
    ],
)
def test_it_is_started_unless_it_stands_still(dms: Played, status: str, is_started: bool) -> None:
    dms.says(status)
    assert dms.task.is_started is is_started


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *(("ready", "start-replication"), ("created", "start-replication")),
        *(("stopped", "resume-processing"), ("failed", "resume-processing")),
    ],
)
def test_it_begins_once_and_goes_on_after_that(dms: Played, status: str, kind: str) -> None:
    dms.says(status)
    dms.is_started(kind)
    dms.task.start()


@pytest.mark.parametrize("status", ["ready", "created", "stopped"])
def test_one_that_stands_still_is_not_told_to_stop(dms: Played, status: str) -> None:
    dms.says(status, status)
    dms.task.stop()


def test_one_that_runs_is_stopped_and_waited_for(dms: Played) -> None:
    dms.says("running")
    dms.is_stopped()
    dms.says("stopping", "stopping", "stopped")
    dms.task.stop()
    dms.says("stopping", "stopping", "stopped")
    dms.task.stop()  # somebody else told it


def test_one_that_has_failed_says_why(dms: Played) -> None:
    why = (
        {"FailureMessages": ["no room", "no way"]}
        if dms.task._is_serverless
        else {"LastFailureMessage": "no room; no way"}
    )
    dms.says("failed", "failed", **why)
    with pytest.raises(RehearsalError, match=r"^no room; no way$"):
        dms.task.stop()


def test_one_that_is_not_there_is_told(dms: Played) -> None:
    dms.knows_nothing()
    with pytest.raises(RehearsalError, match=r"^DMS does not know arn:.*: deploy the pipeline"):
        dms.task.described()


@pytest.mark.parametrize(
    "task",
    [
        {"Status": "running"},
        {"Status": "ready"},
        {"Status": "stopped", "StopReason": "Stop Reason FULL_LOAD_ONLY_FINISHED"},
    ],
)
def test_what_has_not_ended_or_is_at_its_end_is_not_refused(
    dms: Played, task: dict[str, str]
) -> None:
    dms.task.refuse_ended(task)


@pytest.mark.parametrize("reason", [{}, {"StopReason": "Stop Reason NORMAL"}])
def test_one_that_somebody_stopped_is_not_waited_for(dms: Played, reason: dict[str, str]) -> None:
    with pytest.raises(RehearsalError) as refused:
        dms.task.refuse_ended({"Status": "stopped", **reason})
    assert str(refused.value) == (
        "somebody has stopped the task: run it again to continue from the last checkpoint"
    )
