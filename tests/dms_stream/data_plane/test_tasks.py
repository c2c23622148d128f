"""A started task moves rows, and DMS's own calls say what it does."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from dms_stream.local_aws import Endpoint
from dms_stream.rehearsal.source.database import Connection, current_position, execute
from tests.support.alive import LivePipeline
from tests.support.pipelines import Json, Source, numbers, selection
from tests.support.waiting import until

pytestmark = pytest.mark.rehearsal


def seats(connection: Connection, rows: int) -> None:
    """A table of seats."""
    execute(connection, "CREATE TABLE seats (id INT PRIMARY KEY, price INT)")
    execute(connection, f"INSERT INTO seats SELECT seq, 0 FROM {numbers(rows)}")


def test_a_task_loads_captures_stops_and_resumes(
    pipeline: LivePipeline, source: Source, connection: Connection
) -> None:
    """With true figures at each step, and no row twice."""
    seats(connection, 500)
    pipeline.deploy_task([selection(source.schema)])
    assert pipeline.statistics() == {}

    pipeline.start()
    running = pipeline.until_status("running")
    assert "StopReason" not in running
    pipeline.until_counted("seats", TableState="Table completed", FullLoadRows=500)
    stats = pipeline.described()["ReplicationTaskStats"]
    assert (stats["FullLoadProgressPercent"], stats["TablesLoaded"]) == (100, 1)
    assert stats["FullLoadStartDate"] <= stats["FullLoadFinishDate"]

    execute(connection, "INSERT INTO seats VALUES (501, 1), (502, 2)")
    execute(connection, "UPDATE seats SET price = 9 WHERE id <= 30")
    execute(connection, "DELETE FROM seats WHERE id > 499")
    pipeline.until_counted("seats", Inserts=2, Updates=30, Deletes=3)
    position = str(current_position(connection))
    until(lambda: position in pipeline.described()["RecoveryCheckpoint"])

    stopped = pipeline.stop()
    assert stopped["StopReason"] == "Stop Reason NORMAL"
    assert stopped["ReplicationTaskStats"]["StopDate"] >= stats["StartDate"]
    execute(connection, "UPDATE seats SET price = 7 WHERE id = 40")
    pipeline.start("resume-processing")
    pipeline.until_counted("seats", FullLoadRows=500, Updates=31)
    resumed = pipeline.described()["ReplicationTaskStats"]
    assert resumed["FreshStartDate"] == stats["FreshStartDate"] < resumed["StartDate"]

    rows = {
        row[0]: {"id": row[0], "price": row[1]}
        for row in execute(connection, "SELECT * FROM seats")
    }
    assert pipeline.replayed() == rows
    assert len(pipeline.data("load")) == 500


def test_what_is_written_lands_in_the_bucket(
    pipeline: LivePipeline, source: Source, connection: Connection
) -> None:
    seats(connection, 40)
    pipeline.deploy([selection(source.schema)])
    pipeline.start()
    pipeline.until_counted("seats", FullLoadRows=40)
    execute(connection, "UPDATE seats SET price = 1 WHERE id = 1")
    pipeline.until_counted("seats", Updates=1)
    operations = [record["metadata"]["operation"] for record in pipeline.landed()]
    assert operations.count("load") == 40
    assert operations.count("update") == 1


def test_tables_are_loaded_again_beside_changes(
    pipeline: LivePipeline, source: Source, connection: Connection
) -> None:
    seats(connection, 30)
    execute(connection, "CREATE TABLE others (id INT PRIMARY KEY)")
    execute(connection, "INSERT INTO others VALUES (1)")
    pipeline.deploy_task([selection(source.schema)])
    pipeline.start()
    pipeline.until_counted("seats", FullLoadRows=30)
    pipeline.until_counted("others", FullLoadRows=1)
    execute(connection, "ALTER TABLE seats ADD COLUMN note VARCHAR(9) DEFAULT 'new'")
    execute(connection, "DELETE FROM seats WHERE id > 10")

    pipeline.reload((source.schema, "seats"))
    pipeline.until_counted(
        "seats", TableState="Table completed", FullLoadRows=10, FullLoadReloaded=True
    )
    execute(connection, "INSERT INTO seats VALUES (99, 9, 'x')")
    pipeline.until_counted("seats", Inserts=1)
    assert pipeline.statistics()["others"]["FullLoadReloaded"] is False
    assert [row["id"] for row in pipeline.data("load")].count(1) == 3  # seats twice, others once
    assert {"id": 10, "price": 0, "note": "new"} in pipeline.data("load")

    unknown = pytest.raises(ClientError, match=rf"has no tables {source.schema}\.none")
    with unknown:
        pipeline.reload((source.schema, "none"))
    pipeline.stop()
    with pytest.raises(ClientError, match="is not running"):
        pipeline.reload((source.schema, "seats"))


def test_reload_target_begins_anew(
    pipeline: LivePipeline, source: Source, connection: Connection
) -> None:
    seats(connection, 20)
    pipeline.deploy_task([selection(source.schema)])
    pipeline.start()
    pipeline.until_counted("seats", FullLoadRows=20)
    pipeline.stop()
    execute(connection, "DELETE FROM seats WHERE id > 5")

    pipeline.start("reload-target")
    pipeline.until_counted("seats", FullLoadRows=5, Deletes=0)
    assert len(pipeline.data("load")) == 25


def test_a_full_load_stops_by_itself(
    pipeline: LivePipeline, source: Source, connection: Connection
) -> None:
    seats(connection, 20)
    pipeline.deploy_task([selection(source.schema)], migration_type="full-load")
    pipeline.start()
    ended = pipeline.until_status("stopped")
    assert ended["StopReason"] == "Stop Reason FULL_LOAD_ONLY_FINISHED"
    assert ended["ReplicationTaskStats"]["FullLoadProgressPercent"] == 100
    assert "RecoveryCheckpoint" not in ended
    assert len(pipeline.data("load")) == 20


def test_a_killed_engine_is_a_failed_task_and_resuming_loses_nothing(
    pipeline: LivePipeline, source: Source, connection: Connection
) -> None:
    seats(connection, 20_000)
    pipeline.deploy_task([selection(source.schema)])
    pipeline.start()
    pipeline.until_status("running")
    failed = pipeline.kill_engine()
    assert failed["StopReason"] == "Stop Reason FATAL_ERROR"
    assert failed["LastFailureMessage"].startswith("the task was killed by SIGKILL; ")

    pipeline.start("resume-processing")
    pipeline.until_counted("seats", FullLoadRows=20_000)
    assert "LastFailureMessage" not in pipeline.described()
    execute(connection, "UPDATE seats SET price = 1 WHERE id <= 3000")
    pipeline.kill_engine()
    execute(connection, "DELETE FROM seats WHERE id <= 10")
    pipeline.start("resume-processing")
    pipeline.until_counted("seats", Deletes=10)

    rows = {
        row[0]: {"id": row[0], "price": row[1]}
        for row in execute(connection, "SELECT * FROM seats")
    }
    assert pipeline.replayed() == rows


def test_what_is_not_reproduced_is_a_failed_task_that_says_so(
    pipeline: LivePipeline, source: Source, connection: Connection
) -> None:
    seats(connection, 1)
    pipeline.deploy_task(
        [selection(source.schema)], settings={"ControlTablesSettings": {"StatusTableEnabled": True}}
    )
    pipeline.start()
    until(lambda: pipeline.described()["Status"] == "failed")
    assert (
        "ControlTablesSettings.StatusTableEnabled: true"
        in (pipeline.described()["LastFailureMessage"])
    )
    assert list(pipeline.texts()) == []


def test_a_task_that_selects_nothing_fails(pipeline: LivePipeline, source: Source) -> None:
    pipeline.deploy_task([selection(source.schema, "none")])
    pipeline.start()
    until(lambda: pipeline.described()["Status"] == "failed")
    assert "no table of the source matches" in pipeline.described()["LastFailureMessage"]


def test_a_running_task_is_not_changed_or_deleted_and_a_deleted_one_is_gone(
    pipeline: LivePipeline, source: Source, connection: Connection
) -> None:
    seats(connection, 3)
    pipeline.deploy_task([selection(source.schema)])
    pipeline.start()
    pipeline.until_status("running")
    with pytest.raises(ClientError, match="is currently running"):
        pipeline.dms.modify_replication_task(ReplicationTaskArn=pipeline.arn, TaskData="")
    with pytest.raises(ClientError, match="is currently running"):
        pipeline.dms.delete_replication_task(ReplicationTaskArn=pipeline.arn)
    _resize(pipeline, apply_immediately=False)
    pipeline.until_counted("seats", FullLoadRows=3, TableState="Table completed")
    engine = pipeline.engine()
    # at once, it stops for the change, and resumes
    _resize(pipeline, apply_immediately=True)
    execute(connection, "INSERT INTO seats VALUES (9, 9)")
    pipeline.until_counted("seats", FullLoadRows=3, Inserts=1)
    assert pipeline.described()["Status"] == "running"
    assert pipeline.engine() != engine
    pipeline.stop()
    pipeline.dms.delete_replication_task(ReplicationTaskArn=pipeline.arn)
    assert pipeline.plane.task(pipeline.arn) is None
    pipeline.arn = ""


def _resize(pipeline: LivePipeline, *, apply_immediately: bool) -> None:
    instance = pipeline.described()["ReplicationInstanceArn"]
    pipeline.dms.modify_replication_instance(
        ReplicationInstanceArn=instance,
        ReplicationInstanceClass="dms.t3.large",
        ApplyImmediately=apply_immediately,
    )


def test_changes_are_captured_between_two_moments(
    pipeline: LivePipeline, source: Source, connection: Connection
) -> None:
    """The log knows whole seconds."""
    seats(connection, 3)

    def a_second_later() -> datetime:
        now = datetime.now(UTC)
        until(lambda: datetime.now(UTC) >= now.replace(microsecond=0) + timedelta(seconds=1))
        return datetime.now(UTC).replace(microsecond=0)

    execute(connection, "INSERT INTO seats VALUES (11, 0)")
    first = a_second_later()
    execute(connection, "INSERT INTO seats VALUES (12, 0)")
    execute(connection, "FLUSH BINARY LOGS")
    last = a_second_later()
    execute(connection, "INSERT INTO seats VALUES (13, 0)")
    a_second_later()
    execute(connection, "INSERT INTO seats VALUES (14, 0)")
    pipeline.deploy_task([selection(source.schema)], migration_type="cdc")

    pipeline.start(CdcStartTime=first, CdcStopPosition=f"commit_time:{last:%Y-%m-%dT%H:%M:%S}")
    ended = pipeline.until_status("stopped")
    assert ended["StopReason"] == "Stop Reason STOPPED_AT_COMMIT_TIME"
    assert [row["id"] for row in pipeline.data("insert")] == [12, 13]


def test_a_recovery_checkpoint_is_where_another_task_starts(
    pipeline: LivePipeline, alive: Endpoint, alive_role: str, source: Source, connection: Connection
) -> None:
    seats(connection, 3)
    pipeline.deploy_task([selection(source.schema)])
    pipeline.start()
    pipeline.until_counted("seats", FullLoadRows=3)
    checkpoint = pipeline.stop()["RecoveryCheckpoint"]
    execute(connection, "INSERT INTO seats VALUES (11, 0)")

    second = LivePipeline(alive.url, alive_role)
    second.deploy_task([selection(source.schema)], migration_type="cdc")
    moment = datetime.fromtimestamp(time.time() + 2, UTC)
    second.start(CdcStartPosition=checkpoint, CdcStopPosition=f"server_time:{moment.isoformat()}")
    ended = second.until_status("stopped")
    second.remove()
    assert ended["StopReason"] == "Stop Reason STOPPED_AT_SERVER_TIME"
    assert second.data("load", "insert") == [{"id": 11, "price": 0}]


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ({"CdcStopPosition": "tomorrow"}, "CdcStopPosition must be server_time: or commit_time:"),
        (
            {"CdcStartPosition": "mysql-bin.000001:4", "CdcStartTime": 1},
            "CdcStartTime and CdcStartPosition cannot both be given",
        ),
    ],
)
def test_a_start_with_limits_that_make_no_sense_is_refused(
    pipeline: LivePipeline, source: Source, asked: Json, problem: str
) -> None:
    pipeline.deploy_task([selection(source.schema)], migration_type="cdc")
    with pytest.raises(ClientError, match=problem):
        pipeline.start(**asked)
    assert pipeline.described()["Status"] == "ready"


def test_a_serverless_replication_goes_through_its_states(
    pipeline: LivePipeline, source: Source, connection: Connection
) -> None:
    seats(connection, 10)
    pipeline.deploy_task([selection(source.schema)], is_serverless=True)
    started = pipeline.dms.start_replication(
        ReplicationConfigArn=pipeline.arn, StartReplicationType="start-replication"
    )["Replication"]
    assert started["Status"] == "initializing"
    with pytest.raises(ClientError, match="is currently"):
        pipeline.start()
    pipeline.until_status("running")
    pipeline.until_counted("seats", FullLoadRows=10)
    pipeline.reload((source.schema, "seats"))
    pipeline.until_counted("seats", FullLoadReloaded=True, TableState="Table completed")
    stopped = pipeline.stop()
    assert stopped["StopReason"] == "Stop Reason NORMAL"
    assert stopped["ReplicationStats"]["TablesLoaded"] == 1
    assert len(pipeline.data("load")) == 20


def test_tasks_run_side_by_side(
    pipeline: LivePipeline, alive: Endpoint, alive_role: str, source: Source, connection: Connection
) -> None:
    seats(connection, 50)
    others = [LivePipeline(alive.url, alive_role) for _ in range(2)]
    every = [pipeline, *others]
    try:
        for each in every:
            each.deploy_task([selection(source.schema)])
            each.start()
        for each in every:
            each.until_counted("seats", FullLoadRows=50)
        execute(connection, "UPDATE seats SET price = 1 WHERE id = 1")
        for each in every:
            each.until_counted("seats", Updates=1)
        assert len({each.engine() for each in every}) == 3
    finally:
        for each in others:
            each.remove()
