"""The faults of docs/rehearsal.md: no row is lost, or the refusal has a name."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rehearsal.database import Connection, connected, current_position, execute, log_files
from rehearsal.engine import Engine
from rehearsal.engine_process import EngineProcess
from rehearsal.errors import RefusedError, RehearsalError, SourceError
from rehearsal.local_database import LocalDatabase
from rehearsal.messages import Clock
from tests.rehearsal.pipelines import Json, Pipeline, Source, selection

pytestmark = pytest.mark.rehearsal


def run(pipeline: Pipeline, source: Source, connection: Connection, folder: Path) -> Engine:
    """Run the task up to where the log ends now."""
    engine = Engine(pipeline.task, source.dms, pipeline.clients.kinesis, folder / "task.json")
    engine.stop_at(current_position(connection))
    engine.run()
    return engine


def process(pipeline: Pipeline, source: Source, folder: Path, **more: Any) -> EngineProcess:
    """The task in a process of its own."""
    return EngineProcess(
        pipeline.arn,
        source.dms,
        progress_path=folder / "task.json",
        env=pipeline.environment,
        log_path=folder / "log",
        **more,
    )


def replayed(records: list[Json]) -> dict[int, Json]:
    """The rows that the history leaves."""
    rows: dict[int, Json] = {}
    for record in records:
        kind = record["metadata"]["operation"]
        if record["metadata"]["record-type"] == "control":
            continue
        if kind == "delete":
            rows.pop(record["data"]["id"], None)
        else:
            rows[record["data"]["id"]] = record["data"]
    return rows


def until(is_true: Callable[[], bool]) -> None:
    """Wait for something another process does."""
    deadline = time.monotonic() + 30
    while not is_true():
        assert time.monotonic() < deadline, "it did not happen within 30 s"
        time.sleep(0.02)


def test_a_killed_reader_loses_no_row_in_load_or_changes(
    pipeline: Pipeline, source: Source, connection: Connection, tmp_path: Path
) -> None:
    """Killed five times, wherever it is; what comes twice is the same."""
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY, v INT)")
    execute(connection, "INSERT INTO t SELECT seq, 0 FROM seq_1_to_20000")
    pipeline.deploy([selection(source.schema)])
    for number in range(5):
        seen: list[str] = []
        engine = process(
            pipeline,
            source,
            tmp_path,
            on_event=lambda event, seen=seen: seen.append(event["event"]),
        )
        execute(connection, f"UPDATE t SET v = v + 1 WHERE id % 5 = {number}")
        execute(connection, f"INSERT INTO t VALUES ({30000 + number}, 0)")
        execute(connection, f"DELETE FROM t WHERE id = {number + 1}")
        until(lambda seen=seen: "checkpoint" in seen)  # type: ignore[misc]
        engine.kill()
    with process(pipeline, source, tmp_path) as engine:
        engine.finish(current_position(connection))

    expected = {
        row[0]: {"id": row[0], "v": row[1]} for row in execute(connection, "SELECT * FROM t")
    }
    assert replayed(pipeline.records()) == expected


def test_a_killed_database_is_told_and_the_rerun_goes_on(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    """The task ends with a sentence; the restarted server still has its log."""
    database = LocalDatabase(tmp_path / "database")
    with database:
        execute_on(database, "CREATE DATABASE k", "CREATE TABLE k.t (id INT PRIMARY KEY, v INT)")
        execute_on(database, "INSERT INTO k.t VALUES (1, 0), (2, 0)")
        pipeline.deploy([selection("k")])
        source = Source(database.address, database.dms_address, "k")
        engine = process(pipeline, source, tmp_path)
        engine.wait_until_loaded()
        execute_on(database, "UPDATE k.t SET v = 1 WHERE id = 1")
        database.kill()
        with pytest.raises(RehearsalError, match=r"run it again|cannot connect"):
            engine.finish(None)

        database.start()
        execute_on(database, "UPDATE k.t SET v = 2 WHERE id = 2")
        source = Source(database.address, database.dms_address, "k")
        with connected(database.address) as connection:
            run(pipeline, source, connection, tmp_path)
    assert replayed(pipeline.records()) == {1: {"id": 1, "v": 1}, 2: {"id": 2, "v": 2}}


def execute_on(database: LocalDatabase, *statements: str) -> None:
    """Run statements as the administrator."""
    with connected(database.address) as connection:
        for statement in statements:
            execute(connection, statement)


def test_a_log_purged_while_the_task_stood_still_is_told(
    pipeline: Pipeline, source: Source, connection: Connection, tmp_path: Path
) -> None:
    """With the file it needs, and what to do."""
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY)")
    pipeline.deploy([selection(source.schema)])
    run(pipeline, source, connection, tmp_path)
    execute(connection, "INSERT INTO t VALUES (1)")
    execute(connection, "FLUSH BINARY LOGS")
    now = current_position(connection).file

    def is_purged() -> bool:
        # the server keeps what it still sends to a reader that is gone
        execute(connection, f"PURGE BINARY LOGS TO '{now}'")
        return log_files(connection) == [now]

    until(is_purged)

    with pytest.raises(SourceError, match=r"where this task left off .* retention is too short"):
        run(pipeline, source, connection, tmp_path)


def test_columns_come_go_and_change_their_names_while_rows_keep_coming(
    pipeline: Pipeline, source: Source, connection: Connection, tmp_path: Path
) -> None:
    """The log's own description of each moment counts, however late it is read."""
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY, a INT)")
    pipeline.deploy(
        [selection(source.schema)],
        kinesis={"IncludeTableAlterOperations": True, "IncludeControlDetails": True},
    )
    run(pipeline, source, connection, tmp_path)
    for statement in (
        "INSERT INTO t VALUES (1, 10)",
        "ALTER TABLE t ADD COLUMN b VARCHAR(10)",
        "INSERT INTO t VALUES (2, 20, 'x')",
        "ALTER TABLE t RENAME COLUMN a TO z",
        "INSERT INTO t VALUES (3, 30, 'y')",
        "ALTER TABLE t DROP COLUMN b",
        "INSERT INTO t VALUES (4, 40)",
        "TRUNCATE TABLE t",
    ):
        execute(connection, statement)
    run(pipeline, source, connection, tmp_path)

    assert pipeline.data("insert") == [
        {"id": 1, "a": 10},
        {"id": 2, "a": 20, "b": "x"},
        {"id": 3, "z": 30, "b": "y"},
        {"id": 4, "z": 40},
    ]
    controls = [
        record["metadata"]["operation"]
        for record in pipeline.records()
        if record["metadata"]["record-type"] == "control"
    ]
    assert controls == [
        "drop-table",
        "create-table",
        "add-column",
        "rename-column",
        "drop-column",
        "truncate-table",
    ]


def test_a_renamed_table_is_refused_by_name(
    pipeline: Pipeline, source: Source, connection: Connection, tmp_path: Path
) -> None:
    """Its rows would go on under a name that no rule was written for."""
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY)")
    pipeline.deploy([selection(source.schema)])
    run(pipeline, source, connection, tmp_path)
    execute(connection, "ALTER TABLE t RENAME TO u")

    with pytest.raises(RefusedError, match=rf"{source.schema}\.t was renamed"):
        run(pipeline, source, connection, tmp_path)


def test_a_transaction_of_any_size_streams_through(
    pipeline: Pipeline, source: Source, connection: Connection, tmp_path: Path
) -> None:
    """50,000 rows in one transaction: it is never held as a whole."""
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY, filler CHAR(200))")
    pipeline.deploy([selection(source.schema)])
    run(pipeline, source, connection, tmp_path)
    execute(connection, "INSERT INTO t SELECT seq, REPEAT('x', 200) FROM seq_1_to_50000")
    engine = run(pipeline, source, connection, tmp_path)

    assert engine.counts[f"{source.schema}.t"]["insert"] == 50_000


def test_a_record_over_one_mebibyte_is_refused_by_its_key(
    pipeline: Pipeline, source: Source, connection: Connection, tmp_path: Path
) -> None:
    """Two LOBs of 600 KB each are within LobMaxSize, and together too much."""
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY, a LONGTEXT, b LONGTEXT)")
    execute(connection, "INSERT INTO t VALUES (7, REPEAT('x', 600000), REPEAT('y', 600000))")
    settings = {"TargetMetadata": {"LobMaxSize": 1024, "LimitedSizeLobMode": True}}
    pipeline.deploy([selection(source.schema)], settings=settings)

    with pytest.raises(RefusedError, match=r"t {'id': 7}: 1,200,\d+ bytes, and Kinesis takes"):
        run(pipeline, source, connection, tmp_path)


def test_a_table_without_a_key_sends_whole_deletes(
    pipeline: Pipeline, source: Source, connection: Connection, tmp_path: Path
) -> None:
    """As nothing less would say which row is gone."""
    execute(connection, "CREATE TABLE t (a INT, b VARCHAR(9))")
    execute(connection, "INSERT INTO t VALUES (1, 'x'), (2, 'y')")
    pipeline.deploy([selection(source.schema)])
    run(pipeline, source, connection, tmp_path)
    execute(connection, "DELETE FROM t WHERE a = 2")
    run(pipeline, source, connection, tmp_path)

    assert pipeline.data("load") == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]
    assert pipeline.data("delete") == [{"a": 2, "b": "y"}]


def test_rules_that_match_no_table_are_refused(
    pipeline: Pipeline, source: Source, connection: Connection, tmp_path: Path
) -> None:
    """As DMS fails such a task, unless FailOnNoTablesCaptured is false."""
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY)")
    pipeline.deploy([selection("nowhere")])

    with pytest.raises(RefusedError, match=r"no table of the source matches .*: nowhere\.%"):
        run(pipeline, source, connection, tmp_path)


def test_a_clock_that_is_set_back_does_not_turn_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stamps only grow, within a run and over a restart."""
    monkeypatch.setattr("rehearsal.messages.time_ns", lambda: 5_000_000_000)
    clock = Clock()
    first = clock.stamp()
    monkeypatch.setattr("rehearsal.messages.time_ns", lambda: 1_000_000_000)

    assert first < clock.stamp() < Clock(clock.last).stamp()
