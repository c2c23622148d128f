"""Sources of every kind end in the right verdict: neither a false difference nor a false refusal.

Each test rehearses twice: the first run loads, then the source changes, and the second captures.
"""

from collections.abc import Sequence
from pathlib import Path

import pytest

from dms_stream.rehearsal.result import RehearsalResult
from dms_stream.rehearsal.run import rehearse
from dms_stream.rehearsal.source.database import Connection, execute
from tests.support.alive import LivePipeline
from tests.support.pipelines import Source, renamed_to, selection, server, skip_without_vector

pytestmark = pytest.mark.rehearsal


def rehearsed(
    live_pipeline: LivePipeline,
    source: Source,
    connection: Connection,
    folder: Path,
    changes: Sequence[str],
) -> RehearsalResult:
    """The result after changes that a first run did not see."""
    rehearse(live_pipeline.rehearsal(folder, database=source.dms))
    for statement in changes:
        execute(connection, statement)
    return rehearse(live_pipeline.rehearsal(folder, database=source.dms))


def test_types_that_dms_does_not_map_matter_in_captured_tables_only(
    live_pipeline: LivePipeline, source: Source, connection: Connection, tmp_path: Path
) -> None:
    """Neither the dictionary nor the log of another table is read."""
    if server(connection)[0] == "MySQL":
        skip_without_vector(connection)
        columns, values = "v VECTOR(3)", "TO_VECTOR('[1,2,3]')"
    else:
        columns, values = "u UUID, c VARCHAR(1000) COMPRESSED", "UUID(), REPEAT('a', 500)"
    execute(connection, f"CREATE TABLE other (id INT PRIMARY KEY, {columns})")
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY)")
    live_pipeline.deploy([selection(source.schema, "t")])

    result = rehearsed(
        live_pipeline,
        source,
        connection,
        tmp_path,
        [f"INSERT INTO other VALUES (1, {values})", "INSERT INTO t VALUES (1)"],
    )

    assert result.passed, (result.tables, result.checks)
    assert result.tables[0].landed.insert == 1


def test_tables_that_become_one_and_share_keys_are_told(
    live_pipeline: LivePipeline, source: Source, connection: Connection, tmp_path: Path
) -> None:
    """Loads alone can still be counted; an update of one of two equal keys cannot be placed."""
    for number in (1, 2):
        execute(connection, f"CREATE TABLE t{number} (id INT PRIMARY KEY, v INT)")
        execute(connection, f"INSERT INTO t{number} VALUES (1, {number})")
    live_pipeline.deploy(
        [selection(source.schema), *renamed_to("t", ["t1", "t2"], schema=source.schema)]
    )

    assert rehearse(live_pipeline.rehearsal(tmp_path, database=source.dms)).passed
    execute(connection, "UPDATE t1 SET v = 9")
    (table,) = rehearse(live_pipeline.rehearsal(tmp_path, database=source.dms)).tables
    assert not table.passed
    assert "define-primary-key" in table.not_compared


def test_several_tables_may_become_one_whatever_their_types(
    live_pipeline: LivePipeline, source: Source, connection: Connection, tmp_path: Path
) -> None:
    """5 and 5.50 are numbers, "5" is none, whatever the other tables hold."""
    for number in (1, 2):
        execute(connection, f"CREATE TABLE t{number} (id INT PRIMARY KEY, v DECIMAL(8,2))")
        execute(connection, f"INSERT INTO t{number} VALUES ({number}, 1.5), ({number + 10}, 2)")
    for number, (type_, value) in enumerate(
        {"INT": "5", "VARCHAR(9)": "'5'", "DECIMAL(5,2)": "5.5", "BIT(1)": "1"}.items(), 1
    ):
        execute(connection, f"CREATE TABLE u{number} (id INT PRIMARY KEY, v {type_})")
        execute(connection, f"INSERT INTO u{number} VALUES ({number}, {value})")
    live_pipeline.deploy(
        [
            selection(source.schema),
            *renamed_to("t", ["t1", "t2"], schema=source.schema),
            *renamed_to("u", ["u1", "u2", "u3", "u4"], schema=source.schema, first=200),
        ]
    )

    result = rehearsed(
        live_pipeline,
        source,
        connection,
        tmp_path,
        [
            *(
                "UPDATE t1 SET v = 9",
                "DELETE FROM t2 WHERE id = 12",
                "INSERT INTO t2 VALUES (3, 3)",
            ),
            *("UPDATE u3 SET v = 1.2", "INSERT INTO u2 VALUES (12, '1.20'), (13, NULL)"),
        ],
    )

    assert result.passed, result.tables
    same_types, others = result.tables
    assert (same_types.source_rows, same_types.landed.load, same_types.landed.update) == (4, 4, 2)
    assert others.landed.load == 4


MODES = "PAD_CHAR_TO_FULL_LENGTH,ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT"


@pytest.mark.parametrize("modes", [MODES, "ORACLE,EMPTY_STRING_IS_NULL"])
def test_the_servers_own_mode_changes_nothing(
    live_pipeline: LivePipeline, source: Source, connection: Connection, tmp_path: Path, modes: str
) -> None:
    if "ORACLE" in modes and server(connection)[0] == "MySQL":
        pytest.skip("modes of MariaDB's")
    execute(connection, "CREATE TABLE t (id CHAR(5) PRIMARY KEY, c CHAR(9), v TEXT)")
    execute(
        connection,
        "INSERT INTO t VALUES ('a', 'a', NULL), ('b', '', CHAR(92, 34)), ('d', '', NULL)",
    )
    live_pipeline.deploy([selection(source.schema)])
    ((former,),) = execute(connection, "SELECT @@GLOBAL.sql_mode")
    execute(connection, "SET GLOBAL sql_mode = %s", [modes])
    try:
        changes = ["INSERT INTO t VALUES ('c', 'a', '')", "UPDATE t SET v = '' WHERE id = 'a'"]
        result = rehearsed(live_pipeline, source, connection, tmp_path, changes)
    finally:
        execute(connection, "SET GLOBAL sql_mode = %s", [former])

    assert result.passed, result.tables


def test_what_altered_a_table_is_named_beside_its_differences(
    live_pipeline: LivePipeline, source: Source, connection: Connection, tmp_path: Path
) -> None:
    """A renamed key is followed: a row that changes afterwards is right, and no record is lost."""
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY, v INT)")
    execute(connection, "INSERT INTO t VALUES (1, 1), (2, 2)")
    live_pipeline.deploy([selection(source.schema)])

    changes = ["ALTER TABLE t CHANGE id pk INT", "UPDATE t SET v = 9 WHERE pk = 1"]
    result = rehearsed(live_pipeline, source, connection, tmp_path, changes)

    (table,) = result.tables
    assert (table.landed.load, table.replayed_rows, table.missing.total) == (2, 2, 0)
    (difference,) = table.differences
    assert difference.columns == {"pk": ("2", "null: it was called id")}
    (check,) = (check for check in result.checks if "defined alike" in check.name)
    assert "t: column id renamed to pk" in check.detail


@pytest.mark.parametrize("column_filter", ["pk-only", "all", None])
def test_a_key_that_an_alteration_changes_is_followed(
    live_pipeline: LivePipeline,
    source: Source,
    connection: Connection,
    tmp_path: Path,
    column_filter: str | None,
) -> None:
    execute(connection, "CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, PRIMARY KEY (a))")
    execute(connection, "INSERT INTO t VALUES (1, 10), (2, 20), (3, 30)")
    image = {"EnableBeforeImage": True, "FieldName": "before", "ColumnFilter": column_filter}
    live_pipeline.deploy(
        [selection(source.schema)], settings={"BeforeImageSettings": image} if column_filter else {}
    )

    result = rehearsed(
        live_pipeline,
        source,
        connection,
        tmp_path,
        [
            "UPDATE t SET b = 31 WHERE a = 3",
            "ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (b)",
            "DELETE FROM t WHERE b = 20",
            "UPDATE t SET a = 7 WHERE b = 10",
        ],
    )

    assert result.passed, result.tables
    assert [row["b"] for row in live_pipeline.data("delete")] == [20]


def test_reserved_names_and_long_decimals_are_compared_exactly_and_a_view_is_not(
    live_pipeline: LivePipeline, source: Source, connection: Connection, tmp_path: Path
) -> None:
    execute(
        connection,
        "CREATE TABLE t (id DECIMAL(40,10) PRIMARY KEY, operation VARCHAR(9), file VARCHAR(9), "
        "line INT, emitted DATETIME, copy INT, `old id` INT, step INT, amount DECIMAL(65,18))",
    )
    row = "'x', 'y', 1, '2020-01-01', 1, 1, 1"
    execute(connection, f"INSERT INTO t VALUES (1.5, {row}, 0), (0, {row}, 1.5)")
    execute(connection, "CREATE VIEW v AS SELECT * FROM t")
    live_pipeline.deploy([selection(source.schema)])

    result = rehearsed(
        live_pipeline,
        source,
        connection,
        tmp_path,
        [
            f"INSERT INTO t VALUES (-3, {row}, 12345678901234567890.123456789)",
            "UPDATE t SET step = 2, amount = amount + 0.000000000000000001",
        ],
    )

    assert result.passed, result.tables
    assert [table.table_name for table in result.tables] == ["t"]
