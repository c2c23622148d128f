"""Each trap of mysql-replication in which rows get lost or changed without a word."""

from collections.abc import Iterator
from itertools import takewhile

import pytest

from rehearsal.binary_log import (
    Begin,
    Commit,
    Idle,
    LogEntry,
    Row,
    RowChange,
    TableDdl,
    read_log,
)
from rehearsal.data_types import Value
from rehearsal.database import (
    Connection,
    LogPosition,
    connected,
    current_position,
    execute,
    variables,
)
from rehearsal.errors import ConnectionLostError, RefusedError, SourceError
from rehearsal.full_load import read_chunks
from rehearsal.source_table import read_tables
from tests.rehearsal.pipelines import (
    Source,
    numbers,
    purge_log,
    server,
    skip_without,
    skip_without_vector,
)

pytestmark = pytest.mark.rehearsal
SERVER_ID = 4_000_001

EVERY_TYPE = """
    id INT NOT NULL PRIMARY KEY, b1 BIT(1), b9 BIT(9), b64 BIT(64), f FLOAT, d DOUBLE,
    de DECIMAL(30,5), small DECIMAL(5,5), s SET('a','b','c'), e ENUM('x','y''z'), bi BINARY(8),
    vb VARBINARY(20), tb TINYBLOB, bl BLOB, lb LONGBLOB, tt TINYTEXT, t TEXT, mt MEDIUMTEXT,
    lt LONGTEXT, j JSON, dt DATETIME, dt3 DATETIME(3), dt6 DATETIME(6), ts TIMESTAMP NULL,
    ts6 TIMESTAMP(6) NULL, da DATE, ti TIME, ti3 TIME(3), ti6 TIME(6), y YEAR, c CHAR(5),
    l1 VARCHAR(20) CHARACTER SET latin1, g GEOMETRY, ti1 TINYINT, tu TINYINT UNSIGNED, si SMALLINT,
    su SMALLINT UNSIGNED, mi MEDIUMINT, mu MEDIUMINT UNSIGNED, bu BIGINT UNSIGNED, bs BIGINT
"""
ROWS = {
    "ordinary": """(1, b'1', b'100000001', b'1', 1.1, 1.1, -12345678901234567890.12345, 0.12345,
        'c,a', 'y''z', 'ab', X'787900', X'00ff', X'00fffe', X'01', 'tiny', 'té', 'm', 'l',
        '{"b": 1, "aa": [1, 2.5]}', '2024-01-02 03:04:05', '2024-01-02 03:04:05.12',
        '2024-01-02 03:04:05.123456', '2024-01-02 03:04:05', '2024-01-02 03:04:05.123456',
        '2024-02-29', '12:34:56', '12:34:56.5', '12:34:56.25', 2024, 'ab', 'é',
        ST_GeomFromText('POINT(1 2)'), -128, 255, -32768, 65535, -8388608, 16777215,
        18446744073709551615, -9223372036854775808)""",
    "edges": """(2, b'0', b'0', ~0, 16777217, -0.5, 0, 0, '', '', '', '', '', '', '', '', '', '',
        '', '[]', '0000-00-00', '2024-00-00', '0000-00-00', 0, 0, '0000-00-00', '-838:59:59',
        '-00:00:00.5', '-12:34:56.250000', 0, '', '', NULL, 127, 0, 32767, 0, 8388607, 0, 0,
        9223372036854775807)""",
    "nothing": "(3" + ", NULL" * 40 + ")",
}


def log(source: Source, start: LogPosition) -> Iterator[LogEntry]:
    """The log's entries up to where it is idle."""
    entries = read_log(source.dms, start, server_id=SERVER_ID)
    return takewhile(lambda entry: not isinstance(entry, Idle), entries)


def changes(source: Source, start: LogPosition) -> list[RowChange]:
    """The changed rows up to where the log is idle."""
    return [entry for entry in log(source, start) if isinstance(entry, RowChange)]


def refused(source: Source, start: LogPosition, told: str) -> list[Row]:
    """The rows before what is refused with such a message."""
    rows: list[Row] = []

    def read() -> None:
        for entry in log(source, start):
            if isinstance(entry, RowChange):
                rows.append(entry.row)

    with pytest.raises(RefusedError, match=told):
        read()
    return rows


@pytest.mark.parametrize("row", ROWS)
def test_the_log_gives_what_select_gives(source: Source, connection: Connection, row: str) -> None:
    """BIT, SET, zero dates, FLOAT, BINARY, YEAR 0 and negative TIMEs differ without repair."""
    execute(connection, "SET SESSION sql_mode = ''")
    execute(connection, f"CREATE TABLE every ({EVERY_TYPE})")
    start = current_position(connection)
    execute(connection, f"INSERT INTO every VALUES {ROWS[row]}")

    (table,) = read_tables(connection, source.schema)
    (chunk,) = read_chunks(connection, table)
    (change,) = changes(source, start)

    def shown(values: object) -> dict[str, Value]:
        assert isinstance(values, list | tuple)
        return dict(zip(table.positions, values, strict=True))

    assert shown(list(change.row)) == shown(list(chunk.rows[0]))
    assert change.table.table.signature == table.signature


def test_reading_goes_on_after_a_commit_with_every_row_of_the_next_statement(
    source: Source, connection: Connection
) -> None:
    """A statement of 2,897 rows spans several events; in its middle most would be lost."""
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY, filler VARCHAR(100))")
    start = current_position(connection)
    execute(connection, "INSERT INTO t VALUES (0, 'first')")
    execute(connection, f"INSERT INTO t SELECT seq, REPEAT('x', 90) FROM {numbers(2897)}")

    first = next(entry for entry in log(source, start) if isinstance(entry, Commit))
    ids = [change.row[0] for change in changes(source, first.position)]

    assert ids == list(range(1, 2898))


def test_reading_begins_at_the_position_and_not_at_the_logs_start(
    source: Source, connection: Connection
) -> None:
    """With is_mariadb the library would give everything again."""
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY)")
    execute(connection, "INSERT INTO t VALUES (1)")
    start = current_position(connection)
    execute(connection, "INSERT INTO t VALUES (2)")

    assert [change.row for change in changes(source, start)] == [[2]]


def test_a_broken_connection_is_told_and_never_mended_in_silence(
    source: Source, connection: Connection
) -> None:
    """The library itself would reconnect, in the middle of a statement if need be."""
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY)")
    start = current_position(connection)
    execute(connection, "INSERT INTO t VALUES (1)")
    entries = read_log(source.dms, start, server_id=SERVER_ID)
    assert any(isinstance(entry, Commit) for entry in entries)
    for number, *_, command in (row[:5] for row in execute(connection, "SHOW PROCESSLIST")):
        if command == "Binlog Dump":
            execute(connection, f"KILL {number}")

    with pytest.raises(ConnectionLostError, match="run it again to go on from the last complete"):
        list(entries)


@pytest.mark.parametrize("variable", ["log_bin_compress", "binlog_transaction_compression"])
def test_a_compressed_log_is_refused(source: Source, connection: Connection, variable: str) -> None:
    """By default its rows are dropped; what stands before it is read."""
    skip_without(connection, variable)
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY, filler TEXT)")
    start = current_position(connection)
    execute(connection, "INSERT INTO t VALUES (0, 'plain')")
    execute(connection, f"SET GLOBAL {variable} = ON")
    try:
        with connected(source.administrator) as anew:
            execute(anew, f"INSERT INTO {source.schema}.t VALUES (1, REPEAT('x', 5000))")
    finally:
        execute(connection, f"SET GLOBAL {variable} = OFF")

    assert refused(source, start, "it is compressed") == [[0, "plain"]]


def test_rows_logged_as_a_statement_are_refused(source: Source, connection: Connection) -> None:
    """They arrive as text only, which MySQL's newest write in a form of their own."""
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY)")
    start = current_position(connection)
    execute(connection, "INSERT INTO t VALUES (0)")
    execute(connection, "SET SESSION binlog_format = 'STATEMENT'")
    execute(connection, "INSERT INTO t VALUES (1)")

    told = r"rows as a statement \('INSERT INTO t VALUES"
    if server(connection)[0] == "MySQL":
        told += "|mysql-replication does not know, as MySQL 9.7 writes rows that are logged as"
    assert refused(source, start, told) == [[0]]


def test_parts_of_json_values_are_refused(source: Source, connection: Connection) -> None:
    """Without the value before them they are nothing."""
    skip_without(connection, "binlog_row_value_options")
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY, v JSON)")
    start = current_position(connection)
    execute(connection, "INSERT INTO t VALUES (1, JSON_OBJECT('a', REPEAT('x', 300), 'b', 1))")
    execute(connection, "SET SESSION binlog_row_value_options = 'PARTIAL_JSON'")
    execute(connection, "UPDATE t SET v = JSON_SET(v, '$.b', 2)")

    rows = refused(source, start, "parts of JSON values: SET GLOBAL binlog_row_value_options = ''")
    assert [row[0] for row in rows] == [1]


def test_a_vector_is_refused(source: Source, connection: Connection) -> None:
    """The library cannot read its table's description."""
    skip_without_vector(connection)
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY)")
    execute(connection, "CREATE TABLE v (id INT PRIMARY KEY, v VECTOR(2))")
    start = current_position(connection)
    execute(connection, "INSERT INTO t VALUES (1)")
    execute(connection, "INSERT INTO v VALUES (1, TO_VECTOR('[1,2]'))")

    assert refused(source, start, "such as one with a VECTOR column") == [[1]]


def test_a_transaction_with_a_tag_is_read(source: Source, connection: Connection) -> None:
    """MySQL 8.4 and newer give the GTIDs of such ones as an event that the library lacks."""
    if variables(connection).get("gtid_mode") != "ON":
        product, version = server(connection)
        pytest.skip(f"{product} {version} gives transactions no tags by default")
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY)")
    start = current_position(connection)
    execute(connection, "SET SESSION gtid_next = 'AUTOMATIC:tag'")
    execute(connection, "INSERT INTO t VALUES (1)")

    assert [change.row for change in changes(source, start)] == [[1]]


def test_create_table_select_is_one_transaction(source: Source, connection: Connection) -> None:
    """Its table and its rows: to go on between them would be to go on within it."""
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY)")
    execute(connection, "INSERT INTO t VALUES (1)")
    start = current_position(connection)
    execute(connection, "CREATE TABLE u SELECT id FROM t")

    kinds = [type(entry) for entry in log(source, start)]
    assert kinds == [Begin, TableDdl, RowChange, Commit]


def test_rows_before_the_commit_of_an_xa_transaction_are_refused(
    source: Source, connection: Connection
) -> None:
    """They stand in the log though they may yet be rolled back."""
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY)")
    start = current_position(connection)
    for statement in ("XA START 'a'", "INSERT INTO t VALUES (1)", "XA END 'a'", "XA PREPARE 'a'"):
        execute(connection, statement)
    try:
        with pytest.raises(RefusedError, match="XA transaction"):
            changes(source, start)
    finally:
        execute(connection, "XA ROLLBACK 'a'")


def test_reading_follows_into_the_next_file(source: Source, connection: Connection) -> None:
    """A new file begins between two transactions."""
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY)")
    start = current_position(connection)
    execute(connection, "INSERT INTO t VALUES (1)")
    execute(connection, "FLUSH BINARY LOGS")
    execute(connection, "INSERT INTO t VALUES (2)")

    assert [change.row for change in changes(source, start)] == [[1], [2]]


def test_a_log_that_was_removed_is_told(source: Source, connection: Connection) -> None:
    """With what to do about it."""
    start = current_position(connection)
    execute(connection, "FLUSH BINARY LOGS")
    purge_log(connection)

    with pytest.raises(SourceError, match=f"no longer has its binary log from {start}"):
        changes(source, start)


def test_changes_of_tables_are_seen_with_their_schema(
    source: Source, connection: Connection
) -> None:
    """Whether the statement names it, quotes it, or relies on the session's."""
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY)")
    start = current_position(connection)
    execute(connection, "/* why */ ALTER TABLE t ADD COLUMN c INT")
    execute(connection, f"TRUNCATE `{source.schema}`.`t`")
    execute(connection, "RENAME TABLE t TO u")
    execute(connection, "DROP TABLE IF EXISTS u")

    found = [entry for entry in log(source, start) if isinstance(entry, TableDdl)]

    assert [(ddl.verb, ddl.schema, ddl.table) for ddl in found] == [
        ("ALTER", source.schema, "t"),
        ("TRUNCATE", source.schema, "t"),
        ("RENAME", source.schema, "t"),
        ("DROP", source.schema, "u"),
    ]
