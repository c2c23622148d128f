"""The preflight of a source, against a real server that is made to fail it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from constructs_lib.dms.table_mappings import TableMappings
from constructs_lib.dms.task_settings import TargetMetadata, TaskSettings
from dms_stream.cli.app import app
from dms_stream.rehearsal.date_check import check_dates
from dms_stream.rehearsal.errors import RefusedError
from dms_stream.rehearsal.result import Check
from dms_stream.rehearsal.source.check import CaptureRules, check_source
from dms_stream.rehearsal.source.database import Connection, execute, variables
from dms_stream.rehearsal.source.local_database import LocalDatabase
from tests.support.filters import filtered
from tests.support.pipelines import (
    Json,
    Source,
    selection,
    server,
    skip_without,
    skip_without_vector,
)

pytestmark = pytest.mark.rehearsal


@contextmanager
def variable(connection: Connection, name: str, value: str) -> Iterator[None]:
    """A global variable with another value."""
    ((before,),) = execute(connection, f"SELECT @@GLOBAL.{name}")
    execute(connection, f"SET GLOBAL {name} = %s", [value])
    try:
        yield
    finally:
        execute(connection, f"SET GLOBAL {name} = %s", [before])


def checked(source: Source, *more: Json, settings: TaskSettings | None = None) -> dict[str, Check]:
    """The checks of this test's schema, by name."""
    mappings = TableMappings.from_json({"rules": [selection(source.schema), *more]})
    checks = [
        *check_source(
            source.dms, rules=CaptureRules(mappings, settings or TaskSettings()), for_rehearsal=True
        ),
        *check_dates(source.dms, mappings),
    ]
    return {check.name: check for check in checks}


def test_our_own_server_is_a_good_source(source: Source, connection: Connection) -> None:
    """With a table that DMS can read whole."""
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20))")

    found = checked(source)

    assert [check for check in found.values() if check.outcome == "fail"] == []
    warned = [name for name, check in found.items() if check.outcome == "warn"]
    assert warned in ([], ["the binary log is kept for 24 hours"])


@pytest.mark.parametrize(
    ("name", "value", "check", "outcome"),
    [
        ("binlog_format", "MIXED", "binlog_format is ROW", "fail"),
        ("binlog_row_image", "MINIMAL", "binlog_row_image is FULL", "fail"),
        ("binlog_checksum", "CRC32", "binlog_checksum is NONE", "warn"),
        ("log_bin_compress", "ON", "the binary log is not compressed", "fail"),
        ("binlog_transaction_compression", "ON", "the binary log is not compressed", "fail"),
        ("binlog_row_value_options", "PARTIAL_JSON", "JSON values are logged whole", "fail"),
        (
            "binlog_row_metadata",
            "MINIMAL",
            "the log names its columns (only the rehearsal needs it)",
            "fail",
        ),
    ],
)
def test_a_setting_that_dms_cannot_use_is_named_with_its_fix(
    source: Source, connection: Connection, name: str, value: str, check: str, outcome: str
) -> None:
    """Each by itself."""
    skip_without(connection, name)
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY)")
    with variable(connection, name, value):
        found = checked(source)[check]
    assert found.outcome == outcome
    assert f"SET GLOBAL {name} = " in found.fix


def test_tables_and_columns_that_dms_cannot_read_well_are_named(
    source: Source, connection: Connection
) -> None:
    """No key, a LOB with and without a unique one, a name that no rule can write."""
    execute(connection, "CREATE TABLE t (a INT, big LONGTEXT, `x-y` INT)")
    execute(connection, "CREATE TABLE u (a INT UNIQUE, big LONGTEXT)")
    schema = source.schema
    for kb, limit in ((None, "32 KB of it"), (600, "600 KB of it"), (0, "left out")):
        metadata = TargetMetadata(lob_max_size_kb=kb)
        found = checked(source, settings=TaskSettings(target_metadata=metadata))
        assert found["no column is a LOB"].detail == (
            f"{schema}.t.big (longtext, left out), {schema}.u.big (longtext, {limit})"
        )
    assert found["tables have a primary key"].detail == f"{schema}.t, {schema}.u"
    assert found["rules can name all columns"].detail == f"{source.schema}.t.x-y"


def test_a_type_that_dms_does_not_map_is_named(source: Source, connection: Connection) -> None:
    """Each server has its own."""
    column_type = "INET6"
    if server(connection)[0] == "MySQL":
        skip_without_vector(connection)
        column_type = "VECTOR"
    execute(connection, f"CREATE TABLE t (id INT PRIMARY KEY, strange {column_type})")
    found = checked(source)["DMS maps all column types"]
    assert found.outcome == "fail"
    assert found.detail == f"{source.schema}.t.strange ({column_type.lower()})"


def test_a_date_in_mariadbs_old_format_is_a_type_that_nobody_reads(
    source: Source, connection: Connection
) -> None:
    skip_without(connection, "mysql56_temporal_format")
    with variable(connection, "mysql56_temporal_format", "OFF"):
        execute(
            connection,
            "CREATE TABLE t (id INT PRIMARY KEY, a DATETIME, b TIMESTAMP(3) NULL, c TIME, d DATE, "
            "e VARCHAR(9) COMMENT '/* mariadb-5.3 */')",
        )
    found = checked(source)["DMS maps all column types"]
    assert found.outcome == "fail"
    assert found.detail == ", ".join(
        f"{source.schema}.t.{name} ({kind} in the format of MariaDB 5.3)"
        for name, kind in (("a", "datetime"), ("b", "timestamp"), ("c", "time"))
    )
    assert "ALTER TABLE … FORCE" in found.fix
    execute(connection, "ALTER TABLE t FORCE")
    assert checked(source)["DMS maps all column types"].outcome == "pass"


def test_a_foreign_key_that_changes_rows_is_named_where_the_log_lacks_them(
    source: Source, connection: Connection
) -> None:
    execute(connection, "CREATE TABLE p (id INT PRIMARY KEY)")
    keys = ", ".join(
        f"CONSTRAINT `a ({place}` FOREIGN KEY (p) REFERENCES p (id) {actions}"
        for place, actions in enumerate(
            ("ON DELETE CASCADE", "ON UPDATE SET NULL ON DELETE CASCADE", "ON DELETE RESTRICT", "")
        )
    )
    comment = "COMMENT 'ON DELETE CASCADE'"
    execute(connection, f"CREATE TABLE c (id INT PRIMARY KEY, p INT {comment}, {keys})")
    found = checked(source)["no foreign key changes rows that are not logged"]
    if variables(connection).get("innodb_native_foreign_keys") == "OFF":
        assert found.outcome == "pass"
        return
    assert found.outcome == "warn"
    assert sorted(found.detail.replace(f"{source.schema}.c.", "").split("), ")) == [
        "a (0 (ON DELETE CASCADE",
        "a (1 (ON DELETE CASCADE, ON UPDATE SET NULL)",
    ]


def test_a_generated_key_that_the_server_hides_is_named(
    source: Source, connection: Connection
) -> None:
    hides = "show_gipk_in_create_table_and_information_schema"
    skip_without(connection, hides)
    execute(connection, "SET sql_generate_invisible_primary_key = ON")
    execute(connection, "CREATE TABLE t (v INT)")
    execute(connection, "SET sql_generate_invisible_primary_key = OFF")
    execute(connection, "CREATE TABLE bare (v INT)")
    execute(connection, "CREATE TABLE own (id INT PRIMARY KEY)")
    with variable(connection, hides, "OFF"):
        found = checked(source)
    assert found["no primary key is hidden"].outcome == "fail"
    assert found["no primary key is hidden"].detail == f"{source.schema}.t.my_row_id"
    assert f"SET GLOBAL {hides} = ON" in found["no primary key is hidden"].fix
    assert found["tables have a primary key"].detail == f"{source.schema}.bare"
    execute(connection, "DROP TABLE t")
    with variable(connection, hides, "OFF"):
        assert "no primary key is hidden" not in checked(source)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("DATE", "0000-00-00"),
        ("DATE", "2024-02-31"),
        ("DATE", "2023-02-29"),
        ("DATE", "1900-02-29"),
        ("DATE", "2024-00-07"),
        ("DATE", "0000-01-01"),
        ("DATETIME", "2024-04-31 10:00:00"),
        ("DATETIME(3)", "2024-12-00 10:00:00.5"),
        ("TIMESTAMP NULL", "0000-00-00 00:00:00"),
    ],
)
def test_a_date_that_no_calendar_has_is_named(
    source: Source, connection: Connection, column: str, value: str
) -> None:
    """Before anything moves, as the reader would stumble over it."""
    execute(connection, "SET SESSION sql_mode = 'ALLOW_INVALID_DATES'")
    execute(connection, f"CREATE TABLE t (id INT PRIMARY KEY, d {column}, e DATE)")
    execute(connection, "INSERT INTO t VALUES (1, '2024-02-29', '2000-02-29')")
    execute(connection, "INSERT INTO t VALUES (2, '2024-12-31', NULL)")
    assert checked(source)["every date is one"].outcome == "pass"

    execute(connection, f"INSERT INTO t VALUES (3, '{value}', '2024-01-01')")
    found = checked(source)["every date is one"]
    assert found.outcome == "fail"
    assert found.detail.startswith(f"{source.schema}.t.d ({value[:10]}")
    # what is not moved does not matter
    assert checked(source, remove_column("d", source))["every date is one"].outcome == "pass"


def test_names_with_a_percent_sign_hide_no_date(source: Source, connection: Connection) -> None:
    """With filters that compare with a value, with none, and without a filter."""
    execute(connection, "SET SESSION sql_mode = ''")
    for table in ("t", "t%s"):
        execute(connection, f"CREATE TABLE `{table}` (id INT PRIMARY KEY, `d%s` DATE, `x%` INT)")
        execute(connection, f"INSERT INTO `{table}` VALUES (1, '0000-00-00', NULL)")

    def outcome(*rules: Json) -> str:
        (found,) = check_dates(source.dms, TableMappings.from_json({"rules": [*rules]}))
        return found.outcome

    def filtering(operator: str, **values: str) -> Json:
        return selection(source.schema, "t", filters=[filtered("x%", operator, **values)])

    assert outcome(filtering("null")) == "fail"
    assert outcome(filtering("notnull")) == "pass"
    assert outcome(filtering("eq", value="1")) == "pass"
    assert outcome(selection(source.schema, "t_%")) == "fail"


def test_a_filter_that_cannot_be_compared_is_refused_before_anything_moves(
    source: Source, connection: Connection
) -> None:
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY)")
    rules = [selection(source.schema, "t", filters=[filtered("id", "gte", value="NaN")])]
    with pytest.raises(RefusedError, match=r"\.t\.id \(int\) with 'NaN': write a number"):
        check_dates(source.dms, TableMappings.from_json({"rules": rules}))


def remove_column(name: str, source: Source) -> Json:
    """A rule."""
    return {
        "rule-type": "transformation",
        "rule-id": "9",
        "rule-name": "remove",
        "rule-target": "column",
        "rule-action": "remove-column",
        "object-locator": {"schema-name": source.schema, "table-name": "t", "column-name": name},
    }


def test_what_only_mariadb_logs_in_its_own_way_is_named(
    source: Source, connection: Connection
) -> None:
    if server(connection)[0] == "MySQL":
        pytest.skip("only MariaDB has these")
    execute(connection, "CREATE TABLE c (id INT PRIMARY KEY, v VARCHAR(99) COMPRESSED)")
    execute(connection, "CREATE TABLE b (id INT PRIMARY KEY, v MEDIUMBLOB COMPRESSED)")
    execute(connection, "CREATE TABLE v (id INT PRIMARY KEY) WITH SYSTEM VERSIONING")
    execute(connection, "CREATE TABLE e (id INT PRIMARY KEY, v ENUM('COMPRESSED'))")
    found = checked(source)
    schema = source.schema
    assert found["no column is stored compressed"].outcome == "fail"
    assert found["no column is stored compressed"].detail == f"{schema}.b.v, {schema}.c.v"
    assert found["no table keeps its former rows"].outcome == "fail"
    assert found["no table keeps its former rows"].detail == f"{schema}.v"


def test_the_command_shows_a_table_and_fails_without_privileges(
    database: LocalDatabase, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 1, with the grant to give."""
    execute(connection, "DROP USER IF EXISTS poor@'%'")
    execute(connection, "CREATE USER poor@'%' IDENTIFIED BY 'secret'")
    monkeypatch.setenv("MYSQL_PWD", "secret")
    monkeypatch.setenv("COLUMNS", "200")
    url = f"mysql://poor@127.0.0.1:{database.address.port}"

    done = CliRunner().invoke(app, ["check-source", "--database", url])

    assert done.exit_code == 1
    assert "GRANT REPLICATION SLAVE ON *.* TO the user" in done.output
    assert "secret" not in done.output
    assert "GRANT SELECT on the tables to the user" in done.output
    # it sees no table, so there is none to praise
    assert done.output.count("nothing to check") == 8
    assert "all of them" not in done.output


PIPELINE = """
    source: {kind: new, tls_required: false}
    replication:
      table_mappings: {tables: [SELECTED]}
      source_endpoint: {tls: {kind: none}}
"""


def test_an_environment_says_which_tables_are_judged(
    source: Source,
    connection: Connection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each pipeline's own; what holds for the whole server is said once."""
    execute(connection, "CREATE TABLE good (id INT PRIMARY KEY)")
    execute(connection, "CREATE TABLE bare (id INT)")
    settings = tmp_path / "shop.yaml"
    pipelines = "".join(
        f"\n  {name}:{PIPELINE.replace('SELECTED', f'{source.schema}.{name}')}"
        for name in ("good", "bare")
    )
    settings.write_text(
        f"region: eu-west-1\nstate: {{bucket_name: example-state}}\npipelines:{pipelines}"
    )
    monkeypatch.setenv("COLUMNS", "200")
    address = source.dms
    url = f"mysql://{address.user}:{address.password}@{address.host}:{address.port}"
    command = ["check-source", "--database", url, "--env", str(settings)]

    done = CliRunner().invoke(app, [*command, "--json"])

    assert done.exception is None, done.exception
    checks = json.loads(done.stdout)["checks"]
    keys = {
        tuple(check["pipelines"]): check["found"]
        for check in checks
        if check["check"] == "tables have a primary key"
    }
    assert keys == {("good",): "all of them", ("bare",): f"{source.schema}.bare"}
    (log,) = (check for check in checks if check["check"] == "log_bin is on")
    assert log["pipelines"] == ["good", "bare"]
    assert "warning: the URL holds the password" in done.stderr
    assert "MYSQL_PWD" in done.stderr

    good = CliRunner().invoke(app, [*command, "--pipeline", "good"])
    assert f"{source.schema}.bare" not in good.output
    assert "on 1 tables" not in good.output
    unknown = CliRunner().invoke(app, [*command, "--pipeline", "goood"])
    assert "no pipeline goood" in str(unknown.exception)
