"""Whether a database can be a source of DMS: what is checked, what was found, what to do.

https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Source.MySQL.html
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import pymysql

from constructs_lib.dms.limits import LARGEST_LOB_KB, UNUSABLE_IN_COLUMN_NAMES
from constructs_lib.dms.table_mappings import TableMappings
from constructs_lib.dms.task_settings import TaskSettings
from constructs_lib.dms.task_settings.defaults import DEFAULT_LOB_MAX_SIZE_KB
from dms_stream.rehearsal.errors import SourceError
from dms_stream.rehearsal.result import Check
from dms_stream.rehearsal.source.data_types import SUPPORTED, dms_type
from dms_stream.rehearsal.source.database import (
    Connection,
    DatabaseAddress,
    connected,
    current_position,
    execute,
    identifier,
    reason,
    rows_by_name,
    variables,
)
from dms_stream.rehearsal.source.lob_limit import lob_limit_kb
from dms_stream.rehearsal.source.table import SourceTable, read_tables, selected_tables

GROUP = "source"
_SECONDS_AN_HOUR = 3600
_SECONDS_A_DAY = 86_400
# what AWS recommends, and what a stop overnight needs
_RETENTION_HOURS = 24
_MOST_NAMED = 5
_SHOWS_KEYS = "show_gipk_in_create_table_and_information_schema"
_CONSTRAINT = re.compile(
    r"^\s*CONSTRAINT (?P<name>.+?) FOREIGN KEY \(.+?\) REFERENCES .+?\)(?P<actions>[^)]*?),?$",
    re.MULTILINE,
)
_ACTION = re.compile(r"ON (?:DELETE|UPDATE) (?:CASCADE|SET NULL)")
_QUOTES = '`"'
_PARAMETER_GROUP = "in the (cluster) parameter group on AWS, then reboot"


@dataclass(frozen=True)
class CaptureRules:
    """What a task captures, and how.

    Args:
        mappings: Its table mappings.
        settings: Its settings.
    """

    mappings: TableMappings
    settings: TaskSettings


@dataclass(frozen=True)
class _Source:
    """What the checks look at."""

    connection: Connection
    variables: Mapping[str, str]
    tables: Sequence[SourceTable]
    is_rds: bool
    rules: CaptureRules | None


def check_source(
    address: DatabaseAddress, *, rules: CaptureRules | None = None, for_rehearsal: bool = False
) -> list[Check]:
    """Check a database as the user who will replicate.

    Args:
        address: The database and the user.
        rules: Only the tables that these capture are checked; None: all that the user sees.
        for_rehearsal: Whether to check what only the rehearsal needs, too.

    Raises:
        SourceError: the database cannot be reached.
    """
    with connected(address) as connection:
        tables = (
            read_tables(connection)
            if rules is None
            else selected_tables(connection, rules.mappings)
        )
        server = variables(connection)
        is_rds = "rdsadmin" in {row[0] for row in execute(connection, _USERS)} or any(
            name.startswith(("aurora_", "rds_")) for name in server
        )
        source = _Source(connection, server, tables, is_rds, rules)
        return [
            *_log(source),
            *_privileges(source),
            *_retention(source),
            *_tables(source),
            *(_rehearsal(source) if for_rehearsal else ()),
        ]


_USERS = "SELECT SUBSTRING_INDEX(grantee, '''', 2) FROM information_schema.user_privileges"


def source_name(address: DatabaseAddress) -> str:
    """The database for people, such as `MariaDB 10.11.18 on 127.0.0.1:40123`."""
    with connected(address) as connection:
        ((version,),) = execute(connection, "SELECT VERSION()")
    product = "MariaDB" if "MariaDB" in version else "MySQL"
    return f"{product} {version.split('-')[0]} on {address}"


def _log(source: _Source) -> Iterator[Check]:
    server = source.variables
    if server.get("log_bin", "OFF").upper() in ("OFF", "0"):
        yield _fail(
            "log_bin is on",
            "the server writes no binary log",
            "start it with --log-bin; on Aurora and RDS set binlog_format to ROW "
            f"{_PARAMETER_GROUP}, and on RDS keep automated backups on",
        )
        return
    yield _pass("log_bin is on", "ON")
    for name, wanted in (("binlog_format", "ROW"), ("binlog_row_image", "FULL")):
        given = server.get(name, wanted)
        if given.upper() == wanted:
            yield _pass(f"{name} is {wanted}", given)
        else:
            yield _fail(
                f"{name} is {wanted}",
                given,
                f"SET GLOBAL {name} = '{wanted}' and let clients reconnect; set it "
                f"{_PARAMETER_GROUP}",
            )
    checksum = server.get("binlog_checksum", "NONE")
    yield (
        _pass("binlog_checksum is NONE", checksum)
        if checksum.upper() == "NONE"
        else _warn(
            "binlog_checksum is NONE",
            f"{checksum}: AWS asks for NONE; newer DMS versions read {checksum} as well",
            f"SET GLOBAL binlog_checksum = 'NONE'; set it {_PARAMETER_GROUP}",
        )
    )
    for name in ("binlog_transaction_compression", "log_bin_compress"):
        given = server.get(name, "OFF")
        if given.upper() in ("OFF", "0"):
            continue
        yield _fail(
            "the binary log is not compressed",
            f"{name} is {given}, and DMS cannot read compressed transactions",
            f"SET GLOBAL {name} = OFF, and in sessions that set it",
        )
        break
    else:
        yield _pass("the binary log is not compressed", "OFF")
    options = server.get("binlog_row_value_options", "")
    if options:
        yield _fail(
            "JSON values are logged whole",
            f"binlog_row_value_options is {options}",
            "SET GLOBAL binlog_row_value_options = ''",
        )
    try:
        yield _pass("the log's position can be read", str(current_position(source.connection)))
    except SourceError as error:
        yield _fail(
            "the log's position can be read",
            str(error),
            "GRANT REPLICATION CLIENT ON *.* TO the user",
        )


def _privileges(source: _Source) -> Iterator[Check]:
    grants = [str(row[0]).upper() for row in execute(source.connection, "SHOW GRANTS")]
    everywhere = " ".join(grant for grant in grants if " ON *.* " in grant)
    for name, words in (
        # MariaDB renamed it
        ("REPLICATION CLIENT", ("REPLICATION CLIENT", "BINLOG MONITOR", "SUPER")),
        ("REPLICATION SLAVE", ("REPLICATION SLAVE",)),
    ):
        if "ALL PRIVILEGES" in everywhere or any(word in everywhere for word in words):
            yield _pass(f"the user has {name}", "granted")
        else:
            yield _fail(f"the user has {name}", "not granted", f"GRANT {name} ON *.* TO the user")
    if any("USAGE" not in g and re.search(r"\bROLE\b|^GRANT `", g) for g in grants):
        yield _warn(
            "privileges are granted directly",
            "the user has roles, which count only while they are active",
            "grant the privileges to the user itself, or SET DEFAULT ROLE",
        )
    unreadable = []
    for table in source.tables:
        try:
            execute(
                source.connection,
                f"SELECT 1 FROM `{table.schema.replace('`', '``')}`."
                f"`{table.name.replace('`', '``')}` LIMIT 1",
            )
        except pymysql.MySQLError as error:
            unreadable.append(f"{table.full_name} ({reason(error)})")
    if not source.tables:
        yield _fail(
            "there are tables to read",
            "the user sees none that the mappings capture"
            if source.rules is not None
            else "the user sees none",
            "GRANT SELECT on them to the user, or correct the selection rules"
            if source.rules is not None
            else "GRANT SELECT on the tables to the user",
        )
    elif unreadable:
        yield _fail("the user has SELECT", _named(unreadable), "GRANT SELECT on them to the user")
    else:
        yield _pass("the user has SELECT", f"on {_count(len(source.tables), 'table')}")


def _retention(source: _Source) -> Iterator[Check]:
    name = f"the binary log is kept for {_RETENTION_HOURS} hours"
    fix = (
        "CALL mysql.rds_set_configuration('binlog retention hours', 24)"
        if source.is_rds
        else f"SET GLOBAL binlog_expire_logs_seconds = {_RETENTION_HOURS * _SECONDS_AN_HOUR}"
    )
    hours = _rds_retention(source.connection) if source.is_rds else _own_retention(source.variables)
    if hours is None:
        yield _warn(
            name,
            "RDS removes it as soon as it can, unless told otherwise"
            if source.is_rds
            else "the server does not say how long",
            fix,
        )
    elif 0 < hours < _RETENTION_HOURS:
        yield _warn(name, f"{hours:g} hours: a task that is stopped for longer loses changes", fix)
    else:
        yield _pass(name, f"{hours:g} hours" if hours else "until it is purged")


def _own_retention(server: Mapping[str, str]) -> float | None:
    seconds = server.get("binlog_expire_logs_seconds")
    if seconds is not None and float(seconds) > 0:
        return float(seconds) / _SECONDS_AN_HOUR
    days = server.get("expire_logs_days")
    if days is not None:
        return float(days) * _SECONDS_A_DAY / _SECONDS_AN_HOUR
    return None if seconds is None else 0.0


def _rds_retention(connection: Connection) -> float | None:
    try:
        rows = rows_by_name(connection, "CALL mysql.rds_show_configuration")
    except pymysql.MySQLError:
        return None
    values = {row["name"]: row["value"] for row in rows}
    value = values.get("binlog retention hours")
    return None if value is None else float(value)


def _tables(source: _Source) -> Iterator[Check]:
    tables = len(source.tables)
    columns = sum(len(table.columns) for table in source.tables)
    bare = [t.full_name for t in source.tables if not t.primary_key and not t.is_view]
    shown = _hidden_keys(source) if bare else {}
    hidden = {name: shown[name] for name in bare if name in shown}
    if hidden:
        yield _fail(
            "no primary key is hidden",
            _named([f"{name}.{key}" for name, key in hidden.items()]),
            f"{_SHOWS_KEYS} is OFF, so that the server's dictionary lacks these keys and the log "
            f"has them: SET GLOBAL {_SHOWS_KEYS} = ON; set it {_PARAMETER_GROUP}",
        )
    yield from either(
        "tables have a primary key",
        [name for name in bare if name not in hidden],
        "warn",
        "without one a delete carries the whole row, duplicate records cannot be recognized, "
        "and DMS replicates LOBs only if another key is unique: add a key, or define one with a "
        "define-primary-key rule, which does not help LOBs",
        judged=sum(not table.is_view for table in source.tables),
    )
    unsupported = [
        f"{table.full_name}.{column.name} ({column.data_type})"
        for table in source.tables
        for column in table.columns
        if column.data_type not in SUPPORTED
    ]
    yield from either(
        "DMS maps all column types",
        unsupported,
        "fail",
        "leave the table out, or change the column's type in the source (where only its format is "
        "old: ALTER TABLE … FORCE)",
        judged=columns,
    )
    yield from either(
        "no column is stored compressed",
        [
            f"{table.full_name}.{column.name}"
            for table in source.tables
            for column in table.columns
            if column.is_compressed
        ],
        "fail",
        "MariaDB logs such columns in a form of its own: ALTER TABLE … MODIFY the column without "
        "COMPRESSED, or leave the table out",
        judged=columns,
    )
    yield from either(
        "no table keeps its former rows",
        [table.full_name for table in source.tables if table.is_versioned],
        "fail",
        "MariaDB logs former rows of a system-versioned table like present ones: ALTER TABLE … "
        "DROP SYSTEM VERSIONING, or leave the table out",
        judged=tables,
    )
    yield from either(
        "no foreign key changes rows that are not logged",
        [found for table in source.tables for found in _cascades(source, table)],
        "warn",
        "rows that the server itself changes by ON DELETE or ON UPDATE are not in its log before "
        "MySQL 9.6, nor in MariaDB's, so that DMS does not replicate them: make the constraint "
        "RESTRICT, and let the application change these rows",
        judged=tables,
    )
    yield from _lobs(source, columns)
    strange = [
        f"{table.full_name}.{column.name}"
        for table in source.tables
        for column in table.columns
        if re.search(f"[{re.escape(UNUSABLE_IN_COLUMN_NAMES.value)}]", column.name)
    ]
    yield from either(
        "rules can name all columns",
        strange,
        "warn",
        "transformation rules cannot name columns with # \\ / or -: rename them",
        judged=columns,
    )


def _hidden_keys(source: _Source) -> Mapping[str, str]:
    """Primary keys with those that the server generated and hides, by table.

    https://dev.mysql.com/doc/refman/8.4/en/create-table-gipks.html
    """
    if source.variables.get(_SHOWS_KEYS) != "OFF":
        return {}
    execute(source.connection, f"SET SESSION {_SHOWS_KEYS} = ON")
    tables = read_tables(source.connection)
    return {t.full_name: ", ".join(t.primary_key) for t in tables if t.primary_key}


def _cascades(source: _Source, table: SourceTable) -> Iterator[str]:
    # MySQL 9.6 has the variable, and logs these rows where it is off:
    # https://dev.mysql.com/doc/refman/9.6/en/innodb-parameters.html
    if table.is_view or source.variables.get("innodb_native_foreign_keys", "ON") == "OFF":
        return
    # MariaDB's dictionary shows constraints to those who may do more than read
    with suppress(pymysql.MySQLError):  # another check tells
        sql = f"SHOW CREATE TABLE {identifier(table.schema)}.{identifier(table.name)}"
        ((_, text),) = execute(source.connection, sql)
        for line in _CONSTRAINT.finditer(text):
            actions = _ACTION.findall(line["actions"])
            if actions:
                yield f"{table.full_name}.{line['name'].strip(_QUOTES)} ({', '.join(actions)})"


def _lobs(source: _Source, columns: int) -> Iterable[Check]:
    name = "no column is a LOB"
    found = [
        (table, f"{table.full_name}.{column.name} ({column.data_type}{{limit}})")
        for table in source.tables
        for column in table.columns
        if column.data_type in SUPPORTED and dms_type(column).is_lob
    ]
    if source.rules is None:
        fix = (
            "Kinesis targets take LOBs up to LobMaxSize "
            f"({DEFAULT_LOB_MAX_SIZE_KB} KB unless set) and cut what is longer: set "
            f"lob_max_size_kb to the longest value, at most {LARGEST_LOB_KB}"
        )
        return either(
            name, [text.format(limit="") for _, text in found], "warn", fix, judged=columns
        )
    offenders = []
    for table, text in found:
        limit_kb = lob_limit_kb(table, source.rules.mappings, source.rules.settings)
        limit = f", {limit_kb} KB of it" if limit_kb else ", left out"
        offenders.append(text.format(limit=limit))
    fix = (
        "this is what the task sends of each value, and the rest is cut: set lob_max_size_kb "
        "(task_settings.target_metadata) or the table's bulk-max-size (table-settings rule) to "
        f"the longest value, at most {LARGEST_LOB_KB}; a table needs a primary or unique key for it"
    )
    return either(name, offenders, "warn", fix, judged=columns)


def _rehearsal(source: _Source) -> Iterator[Check]:
    metadata = source.variables.get("binlog_row_metadata")
    name = "the log names its columns (only the rehearsal needs it)"
    if metadata is None:
        yield _fail(
            name,
            "this server is older than MySQL 8.0.1 or MariaDB 10.5",
            "rehearse against a newer one, such as the MariaDB that dms-stream unpacks itself",
        )
    elif metadata.upper() != "FULL":
        yield _fail(
            name,
            f"binlog_row_metadata is {metadata}",
            "SET GLOBAL binlog_row_metadata = 'FULL' (on AWS in the parameter group)",
        )
    else:
        yield _pass(name, metadata)


def either(
    name: str, offenders: Sequence[str], outcome: str, fix: str, *, judged: int
) -> Iterable[Check]:
    """A check that passes where there are no offenders.

    Args:
        name: What is checked.
        offenders: What does not pass.
        outcome: What they make it, `warn` or `fail`.
        fix: What to do about them.
        judged: How many there were to look at.
    """
    if not judged:
        return [_pass(name, "nothing to check")]
    if not offenders:
        return [_pass(name, "none found" if name.startswith("no ") else "all of them")]
    return [(_fail if outcome == "fail" else _warn)(name, _named(offenders), fix)]


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def _pass(name: str, detail: str) -> Check:
    return Check(name, "pass", detail, group=GROUP)


def _warn(name: str, detail: str, fix: str) -> Check:
    return Check(name, "warn", detail, fix, GROUP)


def _fail(name: str, detail: str, fix: str) -> Check:
    return Check(name, "fail", detail, fix, GROUP)
