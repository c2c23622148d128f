"""What a task's process says is what DMS's own calls show."""

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from dms_stream.data_plane.task_state import TaskState
from dms_stream.local_aws.dms_progress import report
from tests.support.dms_account import DmsAccount

# on an embedded AWS
pytestmark = pytest.mark.slow

LOADED = {"s.seats": {"load": 300, "control": 2}, "s.events": {"load": 1, "control": 2}}
CHANGED = {
    "s.seats": {"load": 300, "insert": 5, "update": 7, "delete": 2, "ddl": 1},
    "s.events": {"load": 1},
}
READY = {
    "event": "ready",
    "tables": ["s.seats", "s.events"],
    "targets": {},
    "loads": True,
    "captures": True,
    "loaded": [],
}
CHECKPOINT = {
    "event": "checkpoint",
    "position": "bin.000002:120",
    "sent": 100,
    "bytes": 5000,
    "waiting": 0,
    "source_time": 1_700_000_000,
    "facts": {},
    "loaded": ["s.events"],
}
COLUMNS = ("TableState", "FullLoadRows", "Inserts", "Updates", "Deletes", "Ddls")


class Running:
    """A started task whose process says what a test makes it say."""

    def __init__(self, account: DmsAccount, arn: str) -> None:
        self.account, self.arn = account, arn
        self.state = TaskState(arn, "task")

    def says(self, event: str | Mapping[str, Any], **values: Any) -> None:
        """An event of the process."""
        told = {"event": event, **values} if isinstance(event, str) else {**event, **values}
        self.state.take(told)
        report(self.state.report())

    def ends(self, message: str = "") -> None:
        """The process ends."""
        self.state.end(message)
        report(self.state.report())

    @property
    def task(self) -> Any:
        """What DMS says of it."""
        (found,) = self.account.dms.describe_replication_tasks()["ReplicationTasks"]
        return found

    def table(self, name: str, *columns: str) -> tuple[Any, ...]:
        """Columns of a table's statistics."""
        (found,) = self.account.dms.describe_table_statistics(
            ReplicationTaskArn=self.arn, Filters=[{"Name": "table-name", "Values": [name]}]
        )["TableStatistics"]
        return tuple(found.get(column) for column in columns or COLUMNS)


@pytest.fixture
def running(account: DmsAccount) -> Running:
    """A task that was started."""
    arn = account.task()
    account.start(arn)
    return Running(account, arn)


def test_the_figures_follow_the_task(running: Running) -> None:
    running.says(READY)
    assert running.task["Status"] == "running"
    assert running.table("seats") == ("Before load", 0, 0, 0, 0, 0)
    assert running.task["ReplicationTaskStats"]["TablesQueued"] == 2

    running.says("loaded", table="s.seats", rows=100)
    running.says(CHECKPOINT, counts={"s.seats": {"load": 100}})
    assert running.table("seats") == ("Full load", 100, 0, 0, 0, 0)
    stats = running.task["ReplicationTaskStats"]
    assert (stats["TablesLoading"], stats["TablesLoaded"]) == (1, 1)
    assert stats["FullLoadProgressPercent"] == 50
    assert "FullLoadFinishDate" not in stats

    running.says("full-load-done", counts=LOADED)
    assert running.table("seats") == ("Table completed", 300, 0, 0, 0, 0)
    stats = running.task["ReplicationTaskStats"]
    assert (stats["TablesLoaded"], stats["FullLoadProgressPercent"]) == (2, 100)
    assert stats["StartDate"] <= stats["FullLoadStartDate"] <= stats["FullLoadFinishDate"]
    first = running.table("events", "LastUpdateTime")

    running.says("done", counts=CHANGED, stop_reason="NORMAL")
    assert running.table("seats") == ("Table completed", 300, 5, 7, 2, 1)
    applied = ("AppliedInserts", "AppliedUpdates", "AppliedDeletes", "ValidationState")
    assert running.table("seats", *applied) == (5, 7, 2, "Not enabled")
    # nothing came for this one
    assert running.table("events", "LastUpdateTime") == first
    running.ends()
    assert running.task["Status"] == "stopped"
    assert running.task["StopReason"] == "Stop Reason NORMAL"
    assert running.task["ReplicationTaskStats"]["StopDate"] >= stats["StartDate"]


def test_the_checkpoint_is_where_it_would_go_on(running: Running) -> None:
    running.says(READY)
    assert "RecoveryCheckpoint" not in running.task
    running.says(CHECKPOINT)
    assert running.task["RecoveryCheckpoint"] == (
        "checkpoint:V1#1#bin.000002:120:-1:120:0:bin.000002:120#0#0#*#0#0"
    )
    running.says("idle", position="bin.000003:4")
    assert ":bin.000003:4#" in running.task["RecoveryCheckpoint"]


def test_a_table_that_is_loaded_again_says_so(running: Running) -> None:
    running.says(READY)
    running.says("full-load-done", counts=LOADED)
    first = running.table("seats", "FullLoadStartTime")
    running.says("reloading", tables=["s.seats"])
    running.says("loaded", table="s.seats", rows=10)
    assert running.table("seats", "TableState", "FullLoadReloaded") == (
        "Table is being reloaded",
        True,
    )
    assert running.table("seats", "FullLoadStartTime") >= first
    running.says("full-load-done", counts=LOADED)
    assert running.table("seats", "TableState") == ("Table completed",)
    assert running.table("events", "FullLoadReloaded") == (False,)


@pytest.mark.parametrize("says_why", [True, False])
def test_a_task_that_breaks_has_failed(running: Running, says_why: bool) -> None:
    running.says(READY)
    if says_why:
        running.says("error", message="the database is gone")
    running.ends("the database is gone")
    assert running.task["Status"] == "failed"
    assert running.task["StopReason"] == "Stop Reason FATAL_ERROR"
    assert running.task["LastFailureMessage"] == "the database is gone"

    running.account.start(running.arn, "resume-processing")
    assert "LastFailureMessage" not in running.task


def test_a_task_that_is_told_to_stop_stays_stopping_until_it_has_ended(running: Running) -> None:
    running.state.is_stopping()
    running.says(READY)
    assert running.task["Status"] == "stopping"
    running.ends()
    assert running.task["Status"] == "stopped"


def test_tables_have_the_sources_names_unless_several_become_one(running: Running) -> None:
    targets = {"s.seats": "t.places", "s.a": "t.all", "s.b": "t.all"}
    running.says(READY, tables=[*targets], targets=targets)
    counts = {"t.places": {"load": 1}, "t.all": {"load": 2}, "t.made_since": {"insert": 3}}
    running.says("full-load-done", counts=counts)
    found = running.account.dms.describe_table_statistics(ReplicationTaskArn=running.arn)
    assert {
        (t["SchemaName"], t["TableName"], t["FullLoadRows"] + t["Inserts"])
        for t in found["TableStatistics"]
    } == {("s", "seats", 1), ("t", "all", 2), ("t", "made_since", 3)}


def test_a_serverless_replication_shows_the_same(account: DmsAccount) -> None:
    arn = account.config(ReplicationType="full-load-and-cdc")
    account.dms.start_replication(
        ReplicationConfigArn=arn, StartReplicationType="start-replication"
    )
    running = Running(account, arn)

    def replication() -> Any:
        (found,) = account.dms.describe_replications()["Replications"]
        return found

    running.state.phase = "fetching_metadata"
    report(running.state.report())
    assert replication()["Status"] == "fetching_metadata"
    running.says(READY)
    assert replication()["Status"] == "running"
    running.says("full-load-done", counts=CHANGED)
    running.ends("it broke")
    assert (replication()["Status"], replication()["FailureMessages"]) == ("failed", ["it broke"])
    assert replication()["ReplicationStats"]["TablesLoaded"] == 2
    found = account.dms.describe_replication_table_statistics(ReplicationConfigArn=arn)
    seats = next(t for t in found["ReplicationTableStatistics"] if t["TableName"] == "seats")
    assert (seats["FullLoadRows"], seats["Inserts"]) == (300, 5)


def test_a_serverless_replication_loads_the_tables_again_that_it_has_while_it_runs(
    account: DmsAccount,
) -> None:
    arn = account.config(ReplicationType="full-load-and-cdc")
    account.dms.start_replication(
        ReplicationConfigArn=arn, StartReplicationType="start-replication"
    )
    running = Running(account, arn)

    def reload(table: str) -> Any:
        asked = [{"SchemaName": "s", "TableName": table}]
        return account.dms.reload_replication_tables(ReplicationConfigArn=arn, TablesToReload=asked)

    running.says(READY)
    assert reload("seats")["ReplicationConfigArn"] == arn
    with pytest.raises(ClientError, match=r"serverless has no tables s\.gone"):
        reload("gone")
    running.ends("it broke")
    with pytest.raises(ClientError, match=r"InvalidResourceStateFault.*serverless is not running"):
        reload("seats")


def test_what_is_said_of_a_deleted_task_is_left_out(running: Running) -> None:
    running.account.dms.stop_replication_task(ReplicationTaskArn=running.arn)
    running.account.dms.delete_replication_task(ReplicationTaskArn=running.arn)
    running.says(READY)
    assert running.account.dms.describe_replication_tasks()["ReplicationTasks"] == []
