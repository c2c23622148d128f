"""What a rehearsed task tells of itself is what DMS's own calls show."""

from typing import Any

import pytest

from dms_stream.local_aws import LocalAws
from dms_stream.rehearsal.deployed_task import read_task
from dms_stream.rehearsal.errors import RehearsalError
from dms_stream.rehearsal.task.table_statistics import Event, TableStatistics
from tests.support.dms_account import DmsAccount

LOADED = {"s.seats": {"load": 300, "control": 2}, "s.events": {"load": 1, "control": 2}}
CHANGED = {
    "s.seats": {"load": 300, "insert": 5, "update": 7, "delete": 2, "ddl": 1},
    "s.events": {"load": 1},
}
READY = {"event": "ready", "tables": ["s.seats", "s.events"]}
COLUMNS = ("TableState", "FullLoadRows", "Inserts", "Updates", "Deletes", "Ddls")


def reported(account: DmsAccount, aws: LocalAws, arn: str) -> TableStatistics:
    """Reports of a task."""
    return TableStatistics(read_task(account.dms, arn), aws.url)


def broken(statistics: TableStatistics, error: BaseException, *events: Event) -> None:
    """A task that ends with an error after these events."""
    with statistics:
        for event in events:
            statistics.take(event)
        raise error


def table(account: DmsAccount, arn: str, name: str, *columns: str) -> tuple[Any, ...]:
    """Columns of a table's statistics."""
    (found,) = account.dms.describe_table_statistics(
        ReplicationTaskArn=arn, Filters=[{"Name": "table-name", "Values": [name]}]
    )["TableStatistics"]
    return tuple(found.get(column) for column in columns or COLUMNS)


def task(account: DmsAccount) -> Any:
    """The only task."""
    (found,) = account.dms.describe_replication_tasks()["ReplicationTasks"]
    return found


def test_the_figures_follow_the_task(account: DmsAccount, aws: LocalAws) -> None:
    arn = account.task()
    with reported(account, aws, arn) as statistics:
        assert task(account)["Status"] == "ready"

        statistics.take(READY)
        assert task(account)["Status"] == "running"
        assert table(account, arn, "seats") == ("Before load", 0, 0, 0, 0, 0)
        assert task(account)["ReplicationTaskStats"]["TablesQueued"] == 2

        statistics.take({"event": "loaded", "table": "s.seats", "rows": 300})
        statistics.take({"event": "full-load-done", "counts": LOADED})
        assert table(account, arn, "seats") == ("Table completed", 300, 0, 0, 0, 0)
        stats = task(account)["ReplicationTaskStats"]
        assert (stats["TablesLoaded"], stats["FullLoadProgressPercent"]) == (2, 100)
        assert stats["StartDate"] <= stats["FullLoadStartDate"] <= stats["FullLoadFinishDate"]
        first = table(account, arn, "events", "LastUpdateTime")

        statistics.take({"event": "done", "counts": CHANGED})
        assert table(account, arn, "seats") == ("Table completed", 300, 5, 7, 2, 1)
        applied = ("AppliedInserts", "AppliedUpdates", "AppliedDeletes", "ValidationState")
        assert table(account, arn, "seats", *applied) == (5, 7, 2, "Not enabled")
        # nothing came for this one
        assert table(account, arn, "events", "LastUpdateTime") == first
    assert (task(account)["Status"], task(account)["StopReason"]) == (
        "stopped",
        "Stop Reason NORMAL",
    )
    assert task(account)["ReplicationTaskStats"]["StopDate"] >= stats["StartDate"]


def test_a_rehearsed_task_is_resumed_and_not_started(account: DmsAccount, aws: LocalAws) -> None:
    arn = account.task()
    with reported(account, aws, arn) as statistics:
        statistics.take(READY)
        statistics.take({"event": "done", "counts": CHANGED})
    fresh = task(account)["ReplicationTaskStats"]["FreshStartDate"]
    account.start(arn, "resume-processing")
    assert table(account, arn, "seats", "Inserts") == (5,)
    assert task(account)["ReplicationTaskStats"]["FreshStartDate"] == fresh
    assert "StopReason" not in task(account)
    account.dms.stop_replication_task(ReplicationTaskArn=arn)
    account.start(arn, "reload-target")
    statistics_now = account.dms.describe_table_statistics(ReplicationTaskArn=arn)
    assert statistics_now["TableStatistics"] == []


def test_checkpoints_show_how_far_it_is(
    account: DmsAccount, aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = account.task()
    with reported(account, aws, arn) as statistics:
        statistics.take(READY)
        statistics.take({"event": "loaded", "table": "s.seats", "rows": 100})
        checkpoint = {
            "event": "checkpoint",
            "counts": {"s.seats": {"load": 100}},
            "loaded": ["s.events"],
        }
        statistics.take(checkpoint)  # at once after the last: not told
        assert table(account, arn, "seats") == ("Before load", 0, 0, 0, 0, 0)
        monkeypatch.setattr("dms_stream.rehearsal.task.table_statistics._EVERY_SECONDS", 0)
        statistics.take(checkpoint)
        assert table(account, arn, "seats") == ("Full load", 100, 0, 0, 0, 0)
        stats = task(account)["ReplicationTaskStats"]
        assert (stats["TablesLoading"], stats["TablesLoaded"]) == (1, 1)
        assert stats["FullLoadProgressPercent"] == 50
        assert "FullLoadFinishDate" not in stats


def test_a_full_load_says_that_it_has_finished(account: DmsAccount, aws: LocalAws) -> None:
    arn = account.task(MigrationType="full-load")
    with reported(account, aws, arn) as statistics:
        statistics.take(READY)
        statistics.take({"event": "done", "counts": LOADED})
    assert task(account)["StopReason"] == "Stop Reason FULL_LOAD_ONLY_FINISHED"


def test_a_task_that_breaks_has_failed(account: DmsAccount, aws: LocalAws) -> None:
    arn = account.task()
    with pytest.raises(RehearsalError, match="gone"):
        broken(reported(account, aws, arn), RehearsalError("the database is gone"), READY)
    found = task(account)
    assert (found["Status"], found["StopReason"], found["LastFailureMessage"]) == (
        "failed",
        "Stop Reason FATAL_ERROR",
        "the database is gone",
    )
    with reported(account, aws, arn) as statistics:
        statistics.take(READY)
        assert "LastFailureMessage" not in task(account)


def test_an_interrupted_task_is_stopped_and_one_that_never_ran_is_not_touched(
    account: DmsAccount, aws: LocalAws
) -> None:
    arn = account.task()
    with pytest.raises(KeyboardInterrupt):
        broken(reported(account, aws, arn), KeyboardInterrupt())
    assert task(account)["Status"] == "ready"
    with pytest.raises(KeyboardInterrupt):
        broken(reported(account, aws, arn), KeyboardInterrupt(), READY)
    assert task(account)["Status"] == "stopped"


def test_tables_have_the_sources_names_unless_several_become_one(
    account: DmsAccount, aws: LocalAws
) -> None:
    arn = account.task()
    with reported(account, aws, arn) as statistics:
        targets = {"s.seats": "t.places", "s.a": "t.all", "s.b": "t.all"}
        statistics.take({"event": "ready", "tables": [*targets], "targets": targets})
        counts = {"t.places": {"load": 1}, "t.all": {"load": 2}, "t.made_since": {"insert": 3}}
        statistics.take({"event": "done", "counts": counts})
    found = account.dms.describe_table_statistics(ReplicationTaskArn=arn)["TableStatistics"]
    assert {(t["SchemaName"], t["TableName"], t["FullLoadRows"] + t["Inserts"]) for t in found} == {
        ("s", "seats", 1),
        ("t", "all", 2),
        ("t", "made_since", 3),
    }


def test_a_serverless_replication_shows_the_same(account: DmsAccount, aws: LocalAws) -> None:
    arn = account.config(ReplicationType="full-load-and-cdc")

    def replication() -> Any:
        (found,) = account.dms.describe_replications()["Replications"]
        return found

    with reported(account, aws, arn) as statistics:
        statistics.take(READY)
        assert replication()["Status"] == "running"
        statistics.take({"event": "done", "counts": CHANGED})
    assert (replication()["Status"], replication()["StopReason"]) == (
        "stopped",
        "Stop Reason NORMAL",
    )
    assert replication()["ReplicationStats"]["TablesLoaded"] == 2
    found = account.dms.describe_replication_table_statistics(ReplicationConfigArn=arn)
    seats = next(t for t in found["ReplicationTableStatistics"] if t["TableName"] == "seats")
    assert (seats["FullLoadRows"], seats["Inserts"]) == (300, 5)


def test_a_report_of_a_task_that_is_gone_is_left_out(account: DmsAccount, aws: LocalAws) -> None:
    arn = account.task()
    with reported(account, aws, arn) as statistics:
        account.dms.delete_replication_task(ReplicationTaskArn=arn)
        statistics.take(READY)
    assert account.dms.describe_replication_tasks()["ReplicationTasks"] == []


def test_a_rehearsal_does_without_reports(account: DmsAccount) -> None:
    deployed = read_task(account.dms, account.task())
    for url in (None, "http://127.0.0.1:1"):
        with TableStatistics(deployed, url) as statistics:
            statistics.take(READY)
    assert task(account)["Status"] == "ready"


def test_listeners_hear_of_every_event(account: DmsAccount, aws: LocalAws) -> None:
    heard: list[Any] = []
    with reported(account, aws, account.task()) as statistics:
        statistics.beside(heard.append)(READY)
    assert heard == [READY]
