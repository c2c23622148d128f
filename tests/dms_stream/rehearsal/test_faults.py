"""The faults of docs/rehearsal.md: no row is lost, or the refusal has a name."""

import json
import resource
import sys
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from dms_stream.messages import ControlRecord, decode
from dms_stream.rehearsal.errors import RefusedError, RehearsalError, SourceError
from dms_stream.rehearsal.mapping.messages import Clock
from dms_stream.rehearsal.source.database import Connection, connected, current_position, execute
from dms_stream.rehearsal.source.local_database import LocalDatabase
from dms_stream.rehearsal.task.engine import Engine
from dms_stream.rehearsal.task.process import EngineProcess
from tests.support.pipelines import Json, Pipeline, Source, numbers, purge_log, selection, server
from tests.support.waiting import CEILING_SECONDS

pytestmark = pytest.mark.rehearsal

# what the task may grow by: batches on their way to the stream, and the log's events at hand
MEMORY_MIB = 48


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
        process_environment=pipeline.process_environment,
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


def test_a_killed_reader_loses_no_row_in_load_or_changes(
    pipeline: Pipeline, source: Source, connection: Connection, tmp_path: Path
) -> None:
    """Killed five times, wherever it is; what comes twice is the same."""
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY, v INT)")
    execute(connection, f"INSERT INTO t SELECT seq, 0 FROM {numbers(20_000)}")
    pipeline.deploy([selection(source.schema)])
    for number in range(5):
        is_on_its_way = Event()

        def seen(event: Json, is_on_its_way: Event = is_on_its_way) -> None:
            if event["event"] in ("checkpoint", "error"):
                is_on_its_way.set()

        with process(pipeline, source, tmp_path, on_event=seen) as engine:
            execute(connection, f"UPDATE t SET v = v + 1 WHERE id % 5 = {number}")
            execute(connection, f"INSERT INTO t VALUES ({30000 + number}, 0)")
            execute(connection, f"DELETE FROM t WHERE id = {number + 1}")
            assert is_on_its_way.wait(CEILING_SECONDS)
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
        with process(pipeline, source, tmp_path) as engine:
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


def test_a_database_killed_in_the_load_is_told_and_the_rerun_goes_on(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    """The load is taken up behind its last chunk."""
    database = LocalDatabase(tmp_path / "database")
    with database:
        execute_on(database, "CREATE DATABASE k", "CREATE TABLE k.t (id INT PRIMARY KEY, v INT)")
        execute_on(database, "USE k", f"INSERT INTO t SELECT seq, 0 FROM {numbers(50_000)}")
        pipeline.deploy([selection("k")])
        is_loading = Event()

        def seen(event: Json) -> None:
            if event["event"] in ("loaded", "error"):
                is_loading.set()

        source = Source(database.address, database.dms_address, "k")
        with process(pipeline, source, tmp_path, on_event=seen) as engine:
            assert is_loading.wait(CEILING_SECONDS)
            database.kill()
            with pytest.raises(RehearsalError, match=r"run it again|cannot connect"):
                engine.finish(None)

        database.start()
        source = Source(database.address, database.dms_address, "k")
        with connected(database.address) as connection:
            run(pipeline, source, connection, tmp_path)
    assert sorted(replayed(pipeline.records())) == list(range(1, 50_001))


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
    purge_log(connection)

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
        "create-table",  # of awsdms_apply_exceptions
        "drop-table",
        "create-table",
        "add-column",
        "rename-column",
        "drop-column",
        "truncate-table",
    ]


def test_a_dropped_table_is_told_and_another_of_its_name_is_followed(
    pipeline: Pipeline, source: Source, connection: Connection, tmp_path: Path
) -> None:
    """Without the control record the rows of the first would stay for ever."""
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY, a INT)")
    pipeline.deploy([selection(source.schema)])
    run(pipeline, source, connection, tmp_path)
    execute(connection, "INSERT INTO t VALUES (1, 10)")
    execute(connection, "DROP TABLE t")
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY, b VARCHAR(9))")
    execute(connection, "INSERT INTO t VALUES (2, 'x')")
    run(pipeline, source, connection, tmp_path)

    history = [
        (record["metadata"]["operation"], record.get("data")) for record in pipeline.records()
    ]
    first = history.index(("insert", {"id": 1, "a": 10}))
    assert history[first + 1 :] == [
        ("drop-table", None),
        ("create-table", None),
        ("insert", {"id": 2, "b": "x"}),
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


ANSI = "SET SESSION sql_mode = 'ANSI_QUOTES'"
TABLE_ = "(id INT PRIMARY KEY, v INT)"


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        (["RENAME /* x */ TABLE t TO t9", f"CREATE TABLE t {TABLE_}"], r"\.t was renamed to"),
        (["RENAME TABLE z TO z2, t TO told"], r"\.t was renamed to"),
        (["DROP TABLE t", "RENAME TABLE z TO t"], r"\.z was renamed to \w+\.t\b"),
        (["DROP TABLE t", "ALTER TABLE z RENAME t"], r"\.z was renamed to \w+\.t\b"),
        (["rename /* gh-ost */ table t to _t_del, z to t"], "as gh-ost does"),
        (["RENAME TABLE t TO _t_old, z TO t"], "as pt-online-schema-change does"),
        (["ALTER TABLE p TRUNCATE PARTITION p0"], r"\.p was altered by TRUNCATE PARTITION"),
        ([ANSI, 'ALTER TABLE "p" DROP PARTITION "p0"'], r"\.p was altered by DROP PARTITION"),
        (
            [
                "ALTER TABLE z PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10))",
                "ALTER TABLE z EXCHANGE PARTITION p0 WITH TABLE t",
            ],
            r"\.t was altered by EXCHANGE PARTITION",
        ),
    ],
)
def test_changes_of_tables_that_no_reader_can_follow_are_refused_by_name(
    pipeline: Pipeline,
    source: Source,
    connection: Connection,
    tmp_path: Path,
    statements: list[str],
    told: str,
) -> None:
    execute(connection, f"CREATE TABLE t {TABLE_}")
    execute(connection, f"CREATE TABLE z {TABLE_}")
    execute(
        connection,
        "CREATE TABLE p (id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS "
        "THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE)",
    )
    rules = [selection(source.schema, table, number=n) for n, table in enumerate("tp", 1)]
    pipeline.deploy(rules)
    run(pipeline, source, connection, tmp_path)
    for statement in statements:
        execute(connection, statement)

    with pytest.raises(RefusedError, match=told):
        run(pipeline, source, connection, tmp_path)


@pytest.mark.parametrize(
    ("statements", "controls"),
    [
        (["TRUNCATE /* app */ TABLE t"], ["truncate-table"]),
        ([ANSI, 'TRUNCATE "t"'], ["truncate-table"]),
        (["DROP TABLE z, t", f"CREATE TABLE t {TABLE_}"], ["drop-table", "create-table"]),
        (["DROP DATABASE {}", "CREATE DATABASE {}", "USE {}", f"CREATE TABLE t {TABLE_}"], None),
        (["CREATE OR REPLACE TABLE t " + TABLE_], None),
        (["ALTER TABLE t COMMENT = 'please rename me'"], []),
        (["ALTER TABLE t ADD INDEX i (v) COMMENT 'rename to x'"], []),
        (["RENAME TABLE z TO _z_old"], []),
        (["CREATE TEMPORARY TABLE t (id INT)", "DROP TEMPORARY TABLE t"], []),
    ],
)
def test_changes_of_tables_are_followed_however_they_are_written(
    pipeline: Pipeline,
    source: Source,
    connection: Connection,
    tmp_path: Path,
    statements: list[str],
    controls: list[str] | None,
) -> None:
    if "OR REPLACE" in statements[0] and server(connection)[0] == "MySQL":
        pytest.skip("MySQL has no CREATE OR REPLACE TABLE")
    for table in "tz":
        execute(connection, f"CREATE TABLE {table} {TABLE_}")
    execute(connection, "INSERT INTO t VALUES (1, 1)")
    pipeline.deploy([selection(source.schema, "t")])
    run(pipeline, source, connection, tmp_path)
    before = len(pipeline.records())
    for statement in statements:
        execute(connection, statement.replace("{}", source.schema))
    execute(connection, "INSERT INTO t VALUES (5, 5)")
    run(pipeline, source, connection, tmp_path)

    found = [record["metadata"]["operation"] for record in pipeline.records()[before:]]
    wanted = ["drop-table", "create-table"] if controls is None else controls
    assert found == [*wanted, "insert"]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("DATE", "2021-02-30"),
        ("DATE", "0000-00-00"),
        ("DATETIME", "2021-02-30 10:00:00"),
        ("DATETIME(6)", "0000-00-00 00:00:00"),
        ("TIMESTAMP(3) NULL", "0000-00-00 00:00:00"),
    ],
)
def test_a_date_that_no_calendar_has_is_refused_where_a_record_would_hold_it(
    pipeline: Pipeline,
    source: Source,
    connection: Connection,
    tmp_path: Path,
    column: str,
    value: str,
) -> None:
    execute(connection, f"CREATE TABLE t (id INT PRIMARY KEY, d {column})")
    execute(connection, f"CREATE TABLE other (id INT PRIMARY KEY, d {column})")
    pipeline.deploy([selection(source.schema, "t")])
    run(pipeline, source, connection, tmp_path)
    execute(connection, "SET SESSION sql_mode = 'ALLOW_INVALID_DATES'")
    execute(connection, f"INSERT INTO other VALUES (1, '{value}')")
    execute(connection, "INSERT INTO t VALUES (1, '2021-02-28')")
    run(pipeline, source, connection, tmp_path)
    assert len(pipeline.data("insert")) == 1
    execute(connection, f"INSERT INTO t VALUES (2, '{value}')")
    with pytest.raises(RefusedError, match=rf"{source.schema}\.t\.d holds {value[:10]}"):
        run(pipeline, source, connection, tmp_path)


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        (
            [
                "ALTER TABLE t MODIFY v VARCHAR(1000) COMPRESSED",
                "INSERT INTO t VALUES (1, REPEAT('a', 500))",
            ],
            r"\.t has a column of a type",
        ),
        (
            [
                "SET GLOBAL mysql56_temporal_format = OFF",
                "ALTER TABLE t ADD a DATETIME(1)",
                "SET GLOBAL mysql56_temporal_format = ON",
                "INSERT INTO t VALUES (1, '', '2024-01-01')",
                "ALTER TABLE t DROP a",
            ],
            r"\.t has a column of a type .*\(mysql56_temporal_format\)",
        ),
        (
            [
                "ALTER TABLE t ADD u UUID",
                "INSERT INTO t VALUES (1, '', UUID())",
                "ALTER TABLE t DROP u",
            ],
            r"\.t got a column of the type UUID",
        ),
        (
            ["CREATE TABLE n (i INET6)", "INSERT INTO n VALUES ('::1')", "DROP TABLE n"],
            r"\.n got a column of the type INET6",
        ),
        (
            [
                "CREATE TABLE n (id INT PRIMARY KEY, v INT WITH SYSTEM VERSIONING)",
                "INSERT INTO n VALUES (1, 1)",
                "UPDATE n SET v = 2",
                "ALTER TABLE n DROP SYSTEM VERSIONING",
            ],
            r"\.n got SYSTEM VERSIONING",
        ),
    ],
    ids=["compressed", "old format", "column", "table", "versions"],
)
def test_what_mariadb_logs_in_its_own_way_is_refused_by_its_table_also_where_it_is_gone_again(
    pipeline: Pipeline,
    source: Source,
    connection: Connection,
    tmp_path: Path,
    statements: list[str],
    told: str,
) -> None:
    if server(connection)[0] == "MySQL":
        pytest.skip("only MariaDB has these")
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(1000))")
    pipeline.deploy([selection(source.schema)])
    run(pipeline, source, connection, tmp_path)
    for statement in statements:
        execute(connection, statement)
    with pytest.raises(RefusedError, match=told) as refusal:
        run(pipeline, source, connection, tmp_path)
    assert source.schema in str(refusal.value)


def test_sequences_are_neither_loaded_nor_captured(
    pipeline: Pipeline, source: Source, connection: Connection, tmp_path: Path
) -> None:
    """MariaDB logs each as a table of one row."""
    if server(connection)[0] == "MySQL":
        pytest.skip("only MariaDB has these")
    execute(connection, "CREATE SEQUENCE s")
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY DEFAULT NEXTVAL(s), v INT)")
    pipeline.deploy([selection(source.schema)])
    run(pipeline, source, connection, tmp_path)
    for statement in (
        "INSERT INTO t (v) VALUES (1)",
        "ALTER SEQUENCE s RESTART 5000",
        "INSERT INTO t (v) VALUES (2)",
        "CREATE SEQUENCE gone",
        "DO NEXTVAL(gone)",
        "DROP SEQUENCE gone",
    ):
        execute(connection, statement)
    run(pipeline, source, connection, tmp_path)
    assert pipeline.data("insert") == [{"id": 1, "v": 1}, {"id": 5000, "v": 2}]
    named = {record["metadata"]["table-name"] for record in pipeline.records()}
    assert named == {"t", "awsdms_apply_exceptions"}


def test_two_tasks_may_read_one_source_at_once(
    pipeline: Pipeline, source: Source, connection: Connection, tmp_path: Path
) -> None:
    """Each is a replica with a number of its own: the server ends the older of two equal ones."""
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY)")
    pipeline.deploy([selection(source.schema)])
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    with (
        process(pipeline, source, folders[0]) as first,
        process(pipeline, source, folders[1]) as second,
    ):
        for engine in (first, second):
            engine.wait_until_loaded()
        for number in range(5):
            execute(connection, f"INSERT INTO t VALUES ({number})")
        for engine in (first, second):
            engine.finish(current_position(connection))
    assert len(pipeline.data("insert")) == 10


@pytest.mark.skipif(sys.platform != "linux", reason="limits another process by Linux's means")
def test_a_transaction_may_be_larger_than_the_tasks_memory(
    pipeline: Pipeline, source: Source, connection: Connection, tmp_path: Path
) -> None:
    """It is never held as a whole: the task is given a fraction of it to grow by."""
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY, filler VARCHAR(4000))")
    execute(connection, f"INSERT INTO t SELECT seq, REPEAT('x', 2500) FROM {numbers(2000)}")
    pipeline.deploy([selection(source.schema)])
    with process(pipeline, source, tmp_path) as engine:
        engine.wait_until_loaded()
        limit_growth(engine.pid, MEMORY_MIB)
        before = current_position(connection)
        execute(
            connection,
            f"INSERT INTO t SELECT 2000 + seq, REPEAT('y', 2500) FROM {numbers(50_000)}",
        )
        after = current_position(connection)
        assert (after.offset - before.offset) / 2**20 > 2.5 * MEMORY_MIB
        engine.finish(after)

    ids = [row["id"] for row in pipeline.data("insert")]
    assert ids == list(range(2001, 52001))


def limit_growth(pid: int, mebibytes: int) -> None:
    """Let a process have so much more memory than it has now."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (kibibytes,) = (int(line.split()[1]) for line in lines if line.startswith("VmData:"))
    limit = kibibytes * 2**10 + mebibytes * 2**20
    resource.prlimit(pid, resource.RLIMIT_DATA, (limit, limit))


@pytest.mark.parametrize("key", ["", ", PRIMARY KEY (a)"])
def test_deletes_carry_the_whole_row(
    pipeline: Pipeline, source: Source, connection: Connection, tmp_path: Path, key: str
) -> None:
    """As captured from MySQL; without a key nothing less would say which row is gone."""
    execute(connection, f"CREATE TABLE t (a INT, b VARCHAR(9){key})")
    execute(connection, "INSERT INTO t VALUES (1, 'x'), (2, 'y')")
    pipeline.deploy([selection(source.schema)])
    run(pipeline, source, connection, tmp_path)
    execute(connection, "DELETE FROM t WHERE a = 2")
    run(pipeline, source, connection, tmp_path)

    assert pipeline.data("load") == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]
    assert pipeline.data("delete") == [{"a": 2, "b": "y"}]


def test_control_records_are_as_captured(
    pipeline: Pipeline, source: Source, connection: Connection, tmp_path: Path
) -> None:
    """The task's id is their key; the first is of DMS's own table, without a schema or a body."""
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY)")
    pipeline.deploy(
        [selection(source.schema)],
        kinesis={"IncludePartitionValue": True, "IncludeControlDetails": True},
    )
    for _ in range(2):
        run(pipeline, source, connection, tmp_path)

    records = [record for record in pipeline.records() if "data" not in record]
    for record in records:
        assert isinstance(decode(json.dumps(record)), ControlRecord)
    assert {record["metadata"]["partition-key-value"] for record in records} == {
        pipeline.arn.rpartition(":")[2]
    }
    first, *others = records
    assert "control" not in first
    assert first["metadata"]["operation"] == "create-table"
    assert first["metadata"]["schema-name"] == ""
    assert first["metadata"]["table-name"] == "awsdms_apply_exceptions"
    assert [record["metadata"]["table-name"] for record in others] == ["t", "t"]


def test_a_transactions_id_is_its_place_in_the_log(
    pipeline: Pipeline, source: Source, connection: Connection, tmp_path: Path
) -> None:
    """The number of the file, and below it the offset: as captured ones read."""
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY)")
    pipeline.deploy([selection(source.schema)])
    run(pipeline, source, connection, tmp_path)
    execute(connection, "FLUSH BINARY LOGS")
    before = current_position(connection)
    execute(connection, "INSERT INTO t VALUES (1)")
    after = current_position(connection)
    run(pipeline, source, connection, tmp_path)

    (number,) = [
        record["metadata"]["transaction-id"]
        for record in pipeline.records()
        if record["metadata"]["operation"] == "insert"
    ]
    assert number >> 32 == int(before.file.rpartition(".")[2])
    assert before.offset <= number & 0xFFFFFFFF <= after.offset


def test_a_task_that_may_capture_nothing_waits_for_its_tables(
    pipeline: Pipeline, source: Source, connection: Connection, tmp_path: Path
) -> None:
    """With FailOnNoTablesCaptured false; rows of a table that comes later are captured."""
    settings = {"ErrorBehavior": {"FailOnNoTablesCaptured": False}}
    pipeline.deploy([selection(source.schema)], settings=settings)
    run(pipeline, source, connection, tmp_path)
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY)")
    execute(connection, "INSERT INTO t VALUES (1)")
    run(pipeline, source, connection, tmp_path)

    assert pipeline.data("insert") == [{"id": 1}]
    assert pipeline.data("load") == []


@pytest.mark.parametrize(
    ("before", "value", "after", "new_value", "records"),
    [
        ("BIT(1)", "1", "BIT(8)", "5", [True, "0x0000000000000005"]),
        ("BIT(8)", "1", "BIT(1)", "0", ["0x0000000000000001", False]),
        (
            *("DATETIME", "'2024-01-31 10:00:00'", "DATETIME(6)", "'2024-01-31 10:00:00.5'"),
            ["2024-01-31T10:00:00Z", "2024-01-31T10:00:00.500000Z"],
        ),
        ("INT", "1", "INT UNSIGNED", "4294967295", [1, 4294967295]),
        ("DECIMAL(5,2)", "1.5", "DECIMAL(8,4)", "1.5", [1.5, 1.5]),
    ],
)
def test_an_alteration_within_a_type_counts_from_its_place_in_the_log_on(
    pipeline: Pipeline,
    source: Source,
    connection: Connection,
    tmp_path: Path,
    before: str,
    value: str,
    after: str,
    new_value: str,
    records: list[object],
) -> None:
    execute(connection, f"CREATE TABLE t (id INT PRIMARY KEY, v {before})")
    pipeline.deploy([selection(source.schema)], kinesis={"IncludeTableAlterOperations": True})
    run(pipeline, source, connection, tmp_path)
    execute(connection, f"INSERT INTO t VALUES (1, {value})")
    execute(connection, f"ALTER TABLE t MODIFY v {after}")
    execute(connection, f"INSERT INTO t VALUES (2, {new_value})")
    engine = run(pipeline, source, connection, tmp_path)

    assert [data["v"] for data in pipeline.data("insert")] == records
    controls = [record["metadata"]["operation"] for record in pipeline.records()]
    assert controls.count("change-columns") == 1
    (alterations,) = engine.facts["alterations"].values()
    assert alterations[-1] == f"{source.schema}.t: column v has another type"


def test_tables_that_the_log_holds_whole_are_not_loaded_and_others_are(
    pipeline: Pipeline, source: Source, connection: Connection, tmp_path: Path
) -> None:
    """Those created while the task stands still or runs; not those that a new rule selects."""
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY)")
    execute(connection, "CREATE TABLE other (id INT PRIMARY KEY)")
    execute(connection, "INSERT INTO other VALUES (7)")
    pipeline.deploy([selection(source.schema, "t%")])
    run(pipeline, source, connection, tmp_path)
    execute(connection, "CREATE TABLE t2 (id INT)")
    execute(connection, "INSERT INTO t2 VALUES (1), (1)")
    rules = [selection(source.schema)]
    pipeline.dms.modify_replication_task(
        ReplicationTaskArn=pipeline.arn, TableMappings=json.dumps({"rules": rules})
    )
    run(pipeline, source, connection, tmp_path)
    run(pipeline, source, connection, tmp_path)

    assert pipeline.data("load") == [{"id": 7}]
    assert pipeline.data("insert") == [{"id": 1}, {"id": 1}]


def test_a_source_whose_clock_is_wrong_and_set_back_loses_no_row(
    pipeline: Pipeline, source: Source, connection: Connection, tmp_path: Path
) -> None:
    """The log's order counts; the source's time is told as its own and orders nothing."""
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY, v INT)")
    execute(connection, "INSERT INTO t VALUES (1, 0), (2, 0), (3, 0)")
    pipeline.deploy([selection(source.schema)], kinesis={"IncludeTransactionDetails": True})
    run(pipeline, source, connection, tmp_path)
    clock = {"2037-12-31T23:59:59": 4, "2001-01-01T00:00:00": 5, "1970-01-02T00:00:00": 6}
    for when, number in clock.items():
        seconds = int(datetime.fromisoformat(f"{when}+00:00").timestamp())
        execute(connection, f"SET SESSION timestamp = {seconds}")
        execute(connection, f"INSERT INTO t VALUES ({number}, 0)")
        execute(connection, f"UPDATE t SET v = {number}")
        execute(connection, f"DELETE FROM t WHERE id = {number - 3}")
        # what is taken up again is not ordered by the source's time either
        run(pipeline, source, connection, tmp_path)
    execute(connection, "SET SESSION timestamp = DEFAULT")

    records = pipeline.records()
    assert replayed(records) == {n: {"id": n, "v": 6} for n in (4, 5, 6)}
    inserts = [r["metadata"] for r in records if r["metadata"]["operation"] == "insert"]
    assert [m["commit-timestamp"] for m in inserts] == [f"{when}.000000Z" for when in clock]
    today = datetime.now(UTC).date().isoformat()
    assert {m["timestamp"][:10] for m in inserts} <= {started_on(tmp_path), today}


def started_on(folder: Path) -> str:
    """The day on which a test's folder was made, which midnight may divide from its end."""
    return datetime.fromtimestamp(folder.stat().st_ctime, UTC).date().isoformat()


def test_a_clock_that_is_set_back_does_not_turn_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stamps only grow, within a run and over a restart."""
    monkeypatch.setattr("dms_stream.rehearsal.mapping.messages.time_ns", lambda: 5_000_000_000)
    clock = Clock()
    first = clock.stamp()
    monkeypatch.setattr("dms_stream.rehearsal.mapping.messages.time_ns", lambda: 1_000_000_000)

    assert first < clock.stamp() < Clock(clock.last).stamp()
