"""Each trap of mysql-replication in which rows get lost or changed without a word."""

from collections.abc import Iterator
from itertools import takewhile
from typing import Any

import pytest

from dms_stream.rehearsal.errors import ConnectionLostError, RefusedError, SourceError
from dms_stream.rehearsal.source.binary_log.binary_json import double_text
from dms_stream.rehearsal.source.binary_log.ddl import TableDdl
from dms_stream.rehearsal.source.binary_log.reader import (
    Begin,
    Commit,
    Idle,
    LogEntry,
    Row,
    RowChange,
    read_log,
)
from dms_stream.rehearsal.source.data_types import Value
from dms_stream.rehearsal.source.database import (
    Connection,
    LogPosition,
    connected,
    current_position,
    execute,
    variables,
)
from dms_stream.rehearsal.source.row_chunks import read_chunks
from dms_stream.rehearsal.source.table import read_tables
from tests.support.pipelines import (
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


def log(source: Source, start: LogPosition, **more: Any) -> Iterator[LogEntry]:
    """The log's entries up to where it is idle."""
    return until_idle(read_log(source.dms, start, server_id=SERVER_ID, **more))


def until_idle(entries: Iterator[LogEntry]) -> Iterator[LogEntry]:
    """The entries up to where the log is idle."""
    return takewhile(lambda entry: not isinstance(entry, Idle), entries)


def changes(source: Source, start: LogPosition, **more: Any) -> list[RowChange]:
    """The changed rows up to where the log is idle."""
    return [entry for entry in log(source, start, **more) if isinstance(entry, RowChange)]


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


# of these MySQL's own JSON, and on MariaDB texts
JSON_VALUES = [
    "'null'",
    "'[null, true, false, 1, -1, 65535, 4294967296, 18446744073709551615]'",
    '\'{"b": {"aa": "é😀"}, "a": []}\'',
    "JSON_QUOTE(CONCAT('\"/', CHAR(92 USING utf8mb4), CHAR(8,9,10,12,13,31,127 USING utf8mb4)))",
    "JSON_ARRAY(1.10, -0.5, -12345678901234567890.12345, 100000000000000000000, 0.0)",
    "JSON_ARRAY(1e14, 1e15, 123456789012345678e3, -1e-15, 1e-16, 0.1e0 + 0.2e0, -0e0, 5e-324)",
    "JSON_ARRAY(CAST('2024-01-02' AS DATE), CAST('2024-01-02 03:04:05.5' AS DATETIME(6)))",
    "JSON_ARRAY(CAST('-12:34:56.5' AS TIME(6)), CAST('838:59:59' AS TIME), TIME '00:00:00')",
    "JSON_OBJECT('long', REPEAT('x', 70000), 'n', 70000, 'd', 1.5)",
]
OF_MYSQL_ONLY = [
    "CAST(CAST('2024-01-02' AS DATE) AS JSON)",
    "CAST(1.10 AS JSON)",
    "CAST(TIMESTAMP('2024-01-02 03:04:05') AS JSON)",
    "JSON_ARRAY(X'00ff', b'101')",
    "JSON_ARRAY(CAST(REPEAT('a', 57) AS BINARY), CAST(REPEAT('a', 58) AS BINARY), X'')",
    "JSON_ARRAY(ST_GeomFromText('POINT(1 2)'), CAST(2024 AS YEAR), CAST(1.1 AS FLOAT))",
]
VALUES = [
    *(
        (f"{type_} CHARACTER SET {name}", f"'{text}'")
        for name, text in (
            ("latin1", "é€ß"),
            ("latin1", "Ã©"),  # whose bytes are utf8, too
            ("latin2", "ł"),
            ("cp1251", "Жук"),
            ("cp866", "ж№²"),
            ("koi8r", "ж"),
            ("koi8u", "ї•"),
            ("cp932", "日本"),
            ("euckr", "한국"),
            ("gbk", "汉字"),
            ("ucs2", "aĀé"),
            ("utf16", "aĀé😀"),
            ("utf16le", "aĀé😀"),
            ("utf32", "aĀé😀"),
            ("utf8mb3", "é汉"),
            ("utf8mb4", "é😀"),
        )
        for type_ in ("CHAR(9)", "VARCHAR(9)", "TEXT", f"ENUM('x','{text}')", f"SET('x','{text}')")
    ),
    ("VARCHAR(9) CHARACTER SET latin1", "CONVERT(X'818d8f909d' USING latin1)"),
    ("VARCHAR(9) CHARACTER SET utf16", "''"),
    ("VARCHAR(300) CHARACTER SET utf32", "REPEAT('é', 300)"),
    ("CHAR(255) CHARACTER SET utf16", "REPEAT('é', 255)"),
    ("SET('é','b','ü') CHARACTER SET latin1", "'ü,é'"),
    ("ENUM('é','b') CHARACTER SET latin1", "''"),
    ("SET('é','b') CHARACTER SET latin1", "''"),
    *(("JSON", value) for value in JSON_VALUES),
    *((f"{type_} UNSIGNED", "1.5") for type_ in ("DECIMAL(5,2)", "FLOAT", "DOUBLE")),
    ("INT ZEROFILL", "7"),
    # what is stored is the neighbour of the double that is shown
    *(("DOUBLE(10,2)", value) for value in ("-1.43", "-0.29", "19.99", "1e0 / 3")),
    *(("FLOAT(8,3)", value) for value in ("-3.333", "0.57")),
]


def both_ways(source: Source, connection: Connection, type_: str, value: str) -> list[Row]:
    """The row with a value, selected and from the log."""
    execute(connection, "SET SESSION sql_mode = ''")
    execute(connection, f"CREATE TABLE t (id INT PRIMARY KEY, v {type_}, w {type_})")
    start = current_position(connection)
    # the library describes the table anew for each of them
    execute(connection, f"INSERT INTO t VALUES (1, NULL, {value})")
    execute(connection, f"UPDATE t SET v = {value}")
    (table,) = read_tables(connection, source.schema)
    (chunk,) = read_chunks(connection, table)
    found = changes(source, start)
    assert found[-1].table.table.signature == table.signature
    assert found[0].row[1] is None
    return [list(chunk.rows[0]), list(found[-1].row), [1, found[0].row[2], found[0].row[2]]]


@pytest.mark.parametrize(("type_", "value"), VALUES)
def test_a_value_reads_the_same_from_a_select_and_from_the_log(
    source: Source, connection: Connection, type_: str, value: str
) -> None:
    """Or the rehearsal would tell of differences that are none, or send what DMS would not."""
    selected, updated, inserted = both_ways(source, connection, type_, value)

    assert selected[1] is not None
    assert updated == selected
    assert inserted == selected


@pytest.mark.parametrize("name", ["utf8mb4", "utf16", "ucs2", "utf32"])
def test_a_text_of_a_collation_that_the_library_has_not_reads_the_same(
    source: Source, connection: Connection, name: str
) -> None:
    """It takes them for utf8."""
    collation = f"{name}_uca1400_ai_ci"
    wanted = f"WHERE Charset = '{name}' AND Collation IN ('{collation}', 'uca1400_ai_ci')"
    if not execute(connection, f"SHOW COLLATION {wanted}"):
        product, version = server(connection)
        pytest.skip(f"{product} {version} has no {collation}")
    type_ = f"VARCHAR(9) CHARACTER SET {name} COLLATE {collation}"
    selected, updated, inserted = both_ways(source, connection, type_, "'aĀé'")

    assert selected[1] == "aĀé"
    assert updated == inserted == selected


@pytest.mark.parametrize("value", OF_MYSQL_ONLY)
def test_a_value_of_mysqls_json_reads_the_same(
    source: Source, connection: Connection, value: str
) -> None:
    """What JSON has no types for: MySQL keeps the type, MariaDB has texts."""
    if server(connection)[0] != "MySQL":
        pytest.skip("MariaDB's JSON is a text")
    selected, updated, inserted = both_ways(source, connection, "JSON", value)

    assert updated == inserted == selected


def test_each_double_in_json_is_written_as_mysql_writes_it(connection: Connection) -> None:
    """Points and exponents stand elsewhere than Python would have them."""
    if server(connection)[0] != "MySQL":
        pytest.skip("MariaDB's JSON is a text")
    digits = ("1", "1.5", "9.007199254740993", "1.2345678901234567", "-7.25")
    doubles = [float(f"{digit}e{power}") for digit in digits for power in range(-320, 308)]
    asked = ", ".join(f"{value:.17e}" for value in doubles)

    ((told,),) = execute(connection, f"SELECT JSON_ARRAY({asked})")

    assert told == f"[{', '.join(map(double_text, doubles))}]"


def test_generated_columns_are_loaded_as_they_are_logged(
    source: Source, connection: Connection
) -> None:
    """Both servers log them, those that are computed when they are read, too."""
    execute(
        connection,
        "CREATE TABLE t (id INT PRIMARY KEY, v INT GENERATED ALWAYS AS (id + 1) VIRTUAL, "
        "s INT GENERATED ALWAYS AS (id * 2) STORED, last INT)",
    )
    start = current_position(connection)
    execute(connection, "INSERT INTO t (id, last) VALUES (1, 9)")
    (table,) = read_tables(connection, source.schema)
    (chunk,) = read_chunks(connection, table)
    (change,) = changes(source, start)

    assert list(chunk.rows[0]) == change.row == [1, 2, 2, 9]
    assert change.table.table.signature == table.signature


@pytest.mark.parametrize("checksum", ["NONE", "CRC32"])
@pytest.mark.parametrize("columns", ["v INT", "e ENUM('é') CHARACTER SET latin1"])
def test_a_description_is_read_to_its_end(
    source: Source, connection: Connection, columns: str, checksum: str
) -> None:
    """The library takes its last four bytes for a checksum, which often is not there."""
    before = variables(connection)["binlog_checksum"]
    execute(connection, f"SET GLOBAL binlog_checksum = '{checksum}'")
    try:
        execute(connection, f"CREATE TABLE t ({columns})")
        start = current_position(connection)
        execute(connection, "INSERT INTO t VALUES (1)")
        (table,) = read_tables(connection, source.schema)
        (chunk,) = read_chunks(connection, table)

        assert [change.row for change in changes(source, start)] == [list(chunk.rows[0])]
    finally:
        execute(connection, f"SET GLOBAL binlog_checksum = '{before}'")


@pytest.mark.parametrize("image", ["MINIMAL", "NOBLOB"])
@pytest.mark.parametrize(
    "statement", ["INSERT INTO t (id) VALUES (2)", "UPDATE t SET a = 3", "DELETE FROM t"]
)
def test_rows_without_all_columns_are_refused(
    source: Source, connection: Connection, image: str, statement: str
) -> None:
    """The library gives NULL for what a session left out."""
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY, a INT, b TEXT)")
    start = current_position(connection)
    execute(connection, "INSERT INTO t VALUES (1, 1, 'b')")
    execute(connection, f"SET SESSION binlog_row_image = '{image}'")
    execute(connection, statement)

    told = rf"rows of {source.schema}\.t without all their columns: SET GLOBAL binlog_row_image"
    assert refused(source, start, told) == [[1, 1, "b"]]


@pytest.mark.parametrize("type_", ["VARCHAR(9)", "ENUM('x')", "SET('x')"])
def test_a_character_set_that_python_has_not_is_refused(
    source: Source, connection: Connection, type_: str
) -> None:
    """Where the table is captured."""
    execute(connection, "CREATE TABLE u (id INT PRIMARY KEY)")
    execute(connection, f"CREATE TABLE t (id INT PRIMARY KEY, v {type_} CHARACTER SET dec8)")
    start = current_position(connection)
    execute(connection, "INSERT INTO t VALUES (1, 'x')")
    execute(connection, "INSERT INTO u VALUES (2)")

    assert refused(source, start, rf"{source.schema}\.t\.v has the character set dec8, which") == []
    entries = read_log(
        source.dms, start, server_id=SERVER_ID, captures=lambda _, table: table == "u"
    )
    rows = [entry.row for entry in until_idle(entries) if isinstance(entry, RowChange)]
    assert rows == [[2]]


def test_a_text_that_is_none_in_its_character_set_is_refused(
    source: Source, connection: Connection
) -> None:
    """MySQL takes any byte for cp1251, and selects a question mark."""
    execute(connection, "CREATE TABLE t (v VARCHAR(9) CHARACTER SET cp1251)")
    start = current_position(connection)
    execute(connection, "INSERT INTO t VALUES (X'98')")

    assert (
        refused(source, start, rf"a row of {source.schema}\.t holds text that is not valid") == []
    )


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

    with pytest.raises(
        ConnectionLostError, match="run it again to continue from the last complete"
    ):
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
        told += "|cannot read, which is how MySQL 9.7 logs rows as statements"
    assert refused(source, start, told) == [[0]]


def test_parts_of_json_values_are_refused(source: Source, connection: Connection) -> None:
    """Without the value before them they are nothing."""
    skip_without(connection, "binlog_row_value_options")
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY, v JSON)")
    start = current_position(connection)
    execute(connection, "INSERT INTO t VALUES (1, JSON_OBJECT('a', REPEAT('x', 300), 'b', 1))")
    execute(connection, "SET SESSION binlog_row_value_options = 'PARTIAL_JSON'")
    execute(connection, "UPDATE t SET v = JSON_SET(v, '$.b', 2)")

    rows = refused(source, start, "partial JSON values: SET GLOBAL binlog_row_value_options = ''")
    assert [row[0] for row in rows] == [1]


def test_a_vector_is_refused(source: Source, connection: Connection) -> None:
    """The library cannot read its table's description."""
    skip_without_vector(connection)
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY)")
    execute(connection, "CREATE TABLE v (id INT PRIMARY KEY, v VECTOR(2))")
    start = current_position(connection)
    execute(connection, "INSERT INTO t VALUES (1)")
    execute(connection, "INSERT INTO v VALUES (1, TO_VECTOR('[1,2]'))")

    assert refused(source, start, r"\.v has a column of a type that DMS does not map") == [[1]]


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


def xa(name: str, *statements: str, ending: str = "PREPARE") -> list[str]:
    """An XA transaction."""
    return [f"XA START '{name}'", *statements, f"XA END '{name}'", f"XA {ending}"]


@pytest.mark.parametrize("outcome", ["COMMIT", "ROLLBACK"])
def test_captured_rows_of_a_prepared_xa_transaction_are_refused(
    source: Source, connection: Connection, outcome: str
) -> None:
    """They stand in the log though they may yet be rolled back."""
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY)")
    start = current_position(connection)
    for statement in xa("a", "INSERT INTO t VALUES (1)", ending="PREPARE 'a'"):
        execute(connection, statement)
    try:
        with pytest.raises(RefusedError, match=rf"{source.schema}\.t from an XA transaction"):
            changes(source, start)
    finally:
        execute(connection, f"XA {outcome} 'a'")
    with pytest.raises(RefusedError, match=rf"{source.schema}\.t from an XA transaction"):
        changes(source, start)


@pytest.mark.parametrize("outcome", ["COMMIT", "ROLLBACK"])
def test_an_xa_transaction_elsewhere_is_passed_over(
    source: Source, connection: Connection, outcome: str
) -> None:
    for table in ("t", "other"):
        execute(connection, f"CREATE TABLE {table} (id INT PRIMARY KEY)")
    start = current_position(connection)
    statements = xa("a", "INSERT INTO other VALUES (1)", ending="PREPARE 'a'")
    for statement in (*statements, f"XA {outcome} 'a'", "INSERT INTO t VALUES (2)"):
        execute(connection, statement)

    found = changes(source, start, captures=lambda _schema, table: table == "t")
    assert [change.row for change in found] == [[2]]


def test_an_xa_transaction_that_commits_in_one_phase_is_like_any_other(
    source: Source, connection: Connection
) -> None:
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY)")
    start = current_position(connection)
    statements = xa("a", "INSERT INTO t VALUES (1)", ending="COMMIT 'a' ONE PHASE")
    for statement in (*statements, "INSERT INTO t VALUES (2)"):
        execute(connection, statement)

    assert [change.row for change in changes(source, start)] == [[1], [2]]


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
