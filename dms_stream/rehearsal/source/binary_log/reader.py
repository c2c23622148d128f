"""Reading the source's binary log with mysql-replication, avoiding the traps that lose rows.

- It resumes only at the end of a transaction: in the middle of a statement the description of its
  table is missing, and rows vanish. So it never lets the library reconnect by itself.
- It names file and offset and never `is_mariadb`, with which the library ignores them and begins
  from the log's start.
- A table is described before each of its statements; only the first description is read, so that
  what `LogTable` corrects in it stays.
- A row with missing columns is refused: the library would fill them with NULLs.
- Events that the library does not know are checked, not dropped: compressed ones hold rows.
- Rows logged as statements are refused by name. So are captured rows of XA transactions that were
  prepared: they stand before a commit that may never come.

Tests: tests/dms_stream/rehearsal/source/test_binary_log.py.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

import pymysql
from pymysqlreplication import BinLogStreamReader
from pymysqlreplication.event import (
    BeginLoadQueryEvent,
    ExecuteLoadQueryEvent,
    GtidEvent,
    HeartbeatLogEvent,
    MariadbGtidEvent,
    NotImplementedEvent,
    QueryEvent,
    RotateEvent,
    XAPrepareEvent,
    XidEvent,
)
from pymysqlreplication.exceptions import StatusVariableMismatch
from pymysqlreplication.row_event import (
    DeleteRowsEvent,
    PartialUpdateRowsEvent,
    TableMapEvent,
    UpdateRowsEvent,
    WriteRowsEvent,
)

from dms_stream.rehearsal.errors import (
    ConnectionLostError,
    LogRefusedError,
    SourceError,
)
from dms_stream.rehearsal.source.binary_log.ddl import TableDdl, UnreadDdl, table_ddl
from dms_stream.rehearsal.source.binary_log.log_table import LogTable
from dms_stream.rehearsal.source.data_types import Value
from dms_stream.rehearsal.source.database import (
    DatabaseAddress,
    LogPosition,
    connected,
    log_files,
    reason,
)

Row = Sequence[Value]

_EVENTS = (
    BeginLoadQueryEvent,
    DeleteRowsEvent,
    ExecuteLoadQueryEvent,
    GtidEvent,
    HeartbeatLogEvent,
    MariadbGtidEvent,
    NotImplementedEvent,
    PartialUpdateRowsEvent,
    QueryEvent,
    RotateEvent,
    TableMapEvent,
    UpdateRowsEvent,
    WriteRowsEvent,
    XAPrepareEvent,
    XidEvent,
)
# how often an idle log is checked for a request to stop
_HEARTBEAT_SECONDS = 0.1
_READ_TIMEOUT_SECONDS = 60
_LOG_IS_GONE = 1236
# of the first event of a file: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_replication_binlog_event.html
_FIRST_OFFSET = 4
_LOST = (2006, 2013)

# https://mariadb.com/kb/en/2-binlog-event-header/ and MySQL's Log_event_type
_WITHOUT_ROWS = frozenset({0x05, 0x1C, 0x22, 0x29, 0x2A})
_COMPRESSED = frozenset({0x28, *range(0xA5, 0xAC)})
# https://mariadb.com/kb/en/gtid_event/
_PREPARED_XA = 64
_STANDS_ALONE = 1

_COMMENTS = re.compile(r"\A(\s+|/\*.*?\*/|--[^\n]*\n|#[^\n]*\n)+", re.DOTALL)
_XA_START = re.compile(r"\s*XA\s+(START|BEGIN)\b", re.IGNORECASE)
_ROWS_AS_TEXT = ("INSERT", "UPDATE", "DELETE", "REPLACE", "LOAD", "WITH", "CALL")


@dataclass(frozen=True)
class Begin:
    """A transaction begins; `number` grows along the log and is the same at every reading."""

    number: int


class RowChange(NamedTuple):
    """A row was changed.

    Attributes:
        table: Its table, as the log describes it there.
        operation: What happened.
        row: The row after it; for a delete the row before it.
        before: The row before an update.
        timestamp: When, in whole seconds since 1970.
        position: Its place in the log: file, offset and number of the row there.
    """

    table: LogTable
    operation: Literal["insert", "update", "delete"]
    row: Row
    before: Row | None
    timestamp: int
    position: str


@dataclass(frozen=True)
class Commit:
    """A transaction is complete: reading can resume from here."""

    position: LogPosition


@dataclass(frozen=True)
class Idle:
    """There is nothing more for now, up to a position after the last transaction."""

    position: LogPosition


LogEntry = Begin | RowChange | Commit | TableDdl | UnreadDdl | Idle


def read_log(
    address: DatabaseAddress,
    start: LogPosition,
    *,
    server_id: int,
    captures: Callable[[str, str], bool] | None = None,
) -> Iterator[LogEntry]:
    """The log's entries from a position on, without end.

    Args:
        address: The source.
        start: The end of a transaction.
        server_id: A number that no replica of the source has.
        captures: Whether the rows of a table are wanted, given schema and table; None: all. Others
            are neither read nor refused.

    Raises:
        SourceError: the source no longer has this part of its log.
        ConnectionLostError: the connection broke; read again from the last `Commit`.
        LogRefusedError: the log holds something that cannot be read without losing rows.
    """
    wanted = _Wanted(captures)
    stream = _stream(
        address,
        start,
        server_id=server_id,
        only_events=_EVENTS,
        # what nobody captures is not even described: it may have types that nobody reads
        only_tables=wanted.tables,
        only_schemas=wanted.schemas,
    )
    try:
        yield from _entries(stream)
    except StatusVariableMismatch:
        raise LogRefusedError(
            [
                f"after {_position(stream)} there is a statement in a form that mysql-replication "
                "cannot read, which is how MySQL 9.7 logs rows as statements: SET GLOBAL "
                "binlog_format = 'ROW', and let no session choose another; if none did, rehearse "
                "with an older server"
            ],
        ) from None
    except pymysql.MySQLError as error:
        code = error.args[0] if error.args else None
        if code == _LOG_IS_GONE:
            raise SourceError(
                f"the source no longer has its binary log from {start} on ({reason(error)}): keep "
                "it longer (on Aurora and RDS: CALL mysql.rds_set_configuration('binlog retention "
                "hours', 24)) and start over"
            ) from None
        raise _lost(error) from None
    finally:
        stream.close()


def position_at(
    address: DatabaseAddress, moment: float, *, server_id: int, end: LogPosition
) -> LogPosition:
    """Where the first transaction begins that was logged at a moment or later.

    Args:
        address: The source.
        moment: In seconds since 1970, by the source's clock; the log knows whole seconds.
        server_id: A number that no replica of the source has.
        end: Where the log ends now: the answer where nothing was logged since.

    Raises:
        SourceError: what was logged at that moment may be gone, or the source does not answer.
    """
    with connected(address) as connection:
        files = log_files(connection)
    found = end
    for file in reversed(files):
        before = False
        for logged, position in _begins(address, file, server_id):
            if logged >= int(moment):
                found = position
                break
            before = True
        if before:
            return found
    # the first log of a server has all that was ever logged
    if int(files[0].rpartition(".")[2]) == 1:
        return found
    raise SourceError(
        f"the source's oldest binary log, {files[0]}, begins after the start time "
        f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M:%S} UTC: choose a later one"
    )


def _begins(
    address: DatabaseAddress, file: str, server_id: int
) -> Iterator[tuple[int, LogPosition]]:
    """When and where each transaction of one file of the log begins."""
    stream = _stream(
        address,
        LogPosition(file, _FIRST_OFFSET),
        server_id=server_id,
        only_events=(GtidEvent, HeartbeatLogEvent, MariadbGtidEvent, QueryEvent, RotateEvent),
    )
    try:
        for event in stream:
            packet = event.packet
            match event:
                case HeartbeatLogEvent():
                    return
                case RotateEvent() if event.next_binlog != file:
                    return
                case GtidEvent() | MariadbGtidEvent():
                    yield event.timestamp, LogPosition(file, packet.log_pos - packet.event_size)
                case QueryEvent() if event.query.upper() == "BEGIN":
                    yield event.timestamp, LogPosition(file, packet.log_pos - packet.event_size)
    except pymysql.MySQLError as error:
        raise _lost(error) from None
    finally:
        stream.close()


def _stream(
    address: DatabaseAddress, start: LogPosition, *, server_id: int, **more: Any
) -> BinLogStreamReader:
    return BinLogStreamReader(
        connection_settings=address.settings | {"read_timeout": _READ_TIMEOUT_SECONDS},
        server_id=server_id,
        blocking=True,
        resume_stream=True,
        log_file=start.file,
        log_pos=start.offset,
        filter_non_implemented_events=False,
        is_mariadb=False,
        slave_heartbeat=_HEARTBEAT_SECONDS,
        pymysql_wrapper=_ConnectTwice(),
        freeze_schema=True,
        enable_logging=False,
        **more,
    )


def _lost(error: pymysql.MySQLError) -> ConnectionLostError:
    return ConnectionLostError(
        f"the connection to the source was lost ({reason(error)}); run it again to continue "
        "from the last complete transaction"
    )


class _ConnectTwice:
    """Connects once for the log and once for its queries, and refuses any reconnection."""

    def __init__(self) -> None:
        self._left = 2

    def __call__(self, **settings: Any) -> Any:
        if not self._left:
            raise pymysql.err.InterfaceError(_LOST[1], "Lost connection to the source")
        self._left -= 1
        if "db" in settings:  # the library writes it in a way that pymysql has given up
            settings["database"] = settings.pop("db")
        return pymysql.connect(**settings)


class _Wanted:
    """Which tables the library reads: it asks for the table's name, then for its schema's."""

    def __init__(self, captures: Callable[[str, str], bool] | None) -> None:
        self._captures = captures
        self._table = ""
        self.tables, self.schemas = _Asked(self._has_table), _Asked(self._has_schema)

    def _has_table(self, name: str) -> bool:
        self._table = name
        return True

    def _has_schema(self, name: str) -> bool:
        return self._captures is None or self._captures(name, self._table)


class _Asked:
    """A container that a function answers for."""

    def __init__(self, answer: Callable[[str], bool]) -> None:
        self._answer = answer

    def __contains__(self, name: str) -> bool:
        return self._answer(name)


def _entries(stream: BinLogStreamReader) -> Iterator[LogEntry]:
    tables: dict[int, LogTable] = {}
    in_transaction = False
    # rows of an XA transaction, until its end says whether it was only prepared
    xa_rows: list[RowChange] | None = None
    # CREATE TABLE … SELECT is not: its rows follow it
    is_alone = True
    # captured tables of which the transaction has rows
    written: set[str] = set()
    for event in _readable(stream):
        match event:
            case TableMapEvent():
                if not event.columns or event.columns[0].name is None:
                    raise LogRefusedError(
                        [
                            "it does not name its columns: SET GLOBAL binlog_row_metadata = "
                            "'FULL' (DMS does not need it, the rehearsal does)"
                        ],
                    )
                tables[event.table_id] = LogTable(event)
            # a subclass of the update below: it has to come first
            case PartialUpdateRowsEvent():
                raise LogRefusedError(
                    [
                        "it holds partial JSON values: SET GLOBAL binlog_row_value_options = '', "
                        "and let no session choose another"
                    ],
                )
            case WriteRowsEvent() | UpdateRowsEvent() | DeleteRowsEvent():
                table = tables.get(event.table_id)
                if table is not None:
                    written.add(table.table.full_name)
                if table is not None and xa_rows is not None:
                    xa_rows += _changes(event, table, _position(stream))
                elif table is not None:
                    yield from _changes(event, table, _position(stream))
            case XidEvent():
                in_transaction, is_alone = False, True
                yield Commit(_position(stream))
            case MariadbGtidEvent() | GtidEvent():
                is_mariadb = isinstance(event, MariadbGtidEvent)
                written.clear()
                xa_rows = [] if is_mariadb and event.flags & _PREPARED_XA else None
                yield Begin(_position(stream).number)
                in_transaction = True
                is_alone = isinstance(event, GtidEvent) or bool(event.flags & _STANDS_ALONE)
            case QueryEvent() if _XA_START.match(event.query):
                if not in_transaction:
                    yield Begin(_position(stream).number)
                written.clear()
                in_transaction, xa_rows = True, []
            case QueryEvent():
                if event.query.upper() == "BEGIN":
                    is_alone = False
                    written.clear()
                for entry in _statement_entries(
                    event, _position(stream), in_transaction, is_alone, written
                ):
                    in_transaction = isinstance(entry, Begin)
                    is_alone = is_alone or isinstance(entry, Commit)
                    yield entry
            case RotateEvent():
                # a server that restarts gives the same numbers to other tables; the library forgets
                # its own only if the one before it was shut down cleanly
                tables.clear()
                stream.table_map.clear()
            case HeartbeatLogEvent():
                yield Idle(_position(stream))
            case XAPrepareEvent():
                if xa_rows and not event.one_phase:
                    raise _xa_refusal(xa_rows[0].table.table.full_name)
                yield from xa_rows or ()
                xa_rows, in_transaction, is_alone = None, False, True
                yield Commit(_position(stream))
            case BeginLoadQueryEvent() | ExecuteLoadQueryEvent():
                raise _statement_refusal("LOAD DATA")
            case NotImplementedEvent() if event.event_type not in _WITHOUT_ROWS:
                raise _unknown_event_refusal(event.event_type)


def _readable(stream: BinLogStreamReader) -> Iterator[Any]:
    try:
        yield from stream
    except ValueError:
        raise LogRefusedError(
            [
                f"after {_position(stream)} a captured table is described in a form that "
                "mysql-replication cannot read: rehearse with a source without it"
            ],
        ) from None


def _position(stream: BinLogStreamReader) -> LogPosition:
    return LogPosition(stream.log_file, stream.log_pos)


def _changes(event: Any, table: LogTable, position: LogPosition) -> Iterator[RowChange]:
    _refuse_missing_columns(event, table)
    try:
        rows = event.rows
    except UnicodeDecodeError as error:
        raise LogRefusedError(
            [
                f"before {position} a row of {table.table.full_name} holds text that is not "
                f"valid in its character set ({error}): correct it in the source"
            ],
        ) from None
    for number, row in enumerate(rows):
        place = f"{position}:{number}"
        if isinstance(event, UpdateRowsEvent):
            before = table.row(row["before_values"], row["before_none_sources"])
            after = table.row(row["after_values"], row["after_none_sources"])
            yield RowChange(table, "update", after, before, event.timestamp, place)
            continue
        values = table.row(row["values"], row["none_sources"])
        operation: Literal["insert", "delete"] = (
            "insert" if isinstance(event, WriteRowsEvent) else "delete"
        )
        yield RowChange(table, operation, values, None, event.timestamp, place)


def _refuse_missing_columns(event: Any, table: LogTable) -> None:
    every = (1 << event.number_of_columns) - 1
    present = [event.columns_present_bitmap]
    if isinstance(event, UpdateRowsEvent):
        present.append(event.columns_present_bitmap2)
    if any(int.from_bytes(bitmap, "little") & every != every for bitmap in present):
        raise LogRefusedError(
            [
                f"it holds rows of {table.table.full_name} without all their columns: SET "
                "GLOBAL binlog_row_image = 'FULL', and let no session choose another"
            ],
        )


def _statement_entries(
    event: QueryEvent,
    position: LogPosition,
    in_transaction: bool,
    is_alone: bool,
    written: set[str],
) -> Iterator[LogEntry]:
    text = _COMMENTS.sub("", event.query)
    upper = text[:40].upper()
    if upper == "BEGIN":
        if not in_transaction:
            yield Begin(position.number)
        return
    if upper.startswith("XA END"):
        return
    if upper.startswith("ROLLBACK TO"):
        if written:
            raise _rollback_refusal(position, written)
        return
    if upper.startswith("SAVEPOINT"):
        return
    if upper.startswith(_ROWS_AS_TEXT):
        raise _statement_refusal(text)
    default = event.schema.decode() if isinstance(event.schema, bytes) else event.schema
    sql_mode = getattr(event, "sql_mode", None) or 0
    found = table_ddl(event.query, default, position, sql_mode=sql_mode)
    yield from found
    if found and not is_alone:
        return
    # a statement, COMMIT or ROLLBACK ends its own transaction
    yield Commit(position)


def _rollback_refusal(position: LogPosition, tables: set[str]) -> LogRefusedError:
    return LogRefusedError(
        [
            f"at {position} a transaction rolls back to a savepoint, behind which the log may "
            f"already hold rows of {', '.join(sorted(tables))}, as where a table without "
            "transactions (MyISAM, Aria) takes part: make that table ENGINE=InnoDB, use no "
            "savepoints there, and start over"
        ],
    )


def _xa_refusal(table: str) -> LogRefusedError:
    return LogRefusedError(
        [
            f"it holds rows of {table} from an XA transaction that was prepared, before its "
            "commit: use no such transactions on captured tables"
        ],
    )


def _statement_refusal(text: str) -> LogRefusedError:
    return LogRefusedError(
        [
            f"it holds rows as a statement ({text[:60]!r}…): SET GLOBAL binlog_format = 'ROW', and "
            "let no session choose another"
        ],
    )


def _unknown_event_refusal(event_type: int) -> LogRefusedError:
    if event_type in _COMPRESSED:
        return LogRefusedError(
            [
                "it is compressed, which DMS cannot read either: SET GLOBAL log_bin_compress = OFF "
                "(MySQL: binlog_transaction_compression = OFF), and let no session choose another"
            ],
        )
    return LogRefusedError([f"it holds an event of an unknown type, {event_type}"])
