"""The source database: its address, connections and queries."""

import ssl
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from io import BytesIO
from typing import IO, Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pymysql
from pymysql.connections import Connection as Connection
from pymysql.constants import FIELD_TYPE
from pymysql.converters import conversions, convert_datetime

from dms_stream.rehearsal.errors import SourceError

DEFAULT_PORT = 3306
PASSWORD_VARIABLE = "MYSQL_PWD"
_CONNECT_TIMEOUT_SECONDS = 10
# an unbuffered read ends when the server has waited this long for the reader
_NET_WRITE_TIMEOUT_SECONDS = 3600
# The server's own mode may pad CHARs, read double quotes as names, or take NULL for an empty text.
# https://dev.mysql.com/doc/refman/8.4/en/sql-mode.html, https://mariadb.com/kb/en/sql-mode/
_SQL_MODE = "STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION"
_EXAMPLE = "mysql://user@host:3306"


@dataclass(frozen=True)
class DatabaseAddress:
    """Where a MySQL-compatible database is, and as whom to log in.

    Attributes:
        host: Name or address.
        port: TCP port.
        user: User.
        password: Its password; never shown.
        ssl_ca: File with the CA certificates to check the server with; None: no TLS.
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    ssl_ca: str | None = None

    @classmethod
    def from_url(cls, url: str, *, password: str | None = None) -> "DatabaseAddress":
        """Read `mysql://user:password@host:port?ssl-ca=FILE`.

        Args:
            url: The address.
            password: Password where the URL has none, which keeps it out of the shell's history.

        Raises:
            SourceError: it is not such a URL.
        """
        try:
            parts = urlsplit(url)
            # what is no name of a host at all is not looked up
            (parts.hostname or "").encode("idna")
        except ValueError:
            raise SourceError(f"the database's URL has no valid host: write {_EXAMPLE}") from None
        try:
            port = DEFAULT_PORT if parts.port is None else parts.port
            if port == 0:
                raise ValueError
        except ValueError:
            raise SourceError(f"the database's URL has no valid port: write {_EXAMPLE}") from None
        if parts.scheme not in ("mysql", "mariadb") or not parts.hostname or not parts.username:
            raise SourceError(
                "the database's URL must name a scheme, a user and a host: write "
                f"{_EXAMPLE} and give the password in the variable {PASSWORD_VARIABLE}"
            )
        options = dict(parse_qsl(parts.query))
        unknown = sorted(set(options) - {"ssl-ca"})
        if unknown:
            raise SourceError(
                f"the database's URL has unknown options: {', '.join(unknown)}; allowed: ssl-ca"
            )
        given = unquote(parts.password) if parts.password is not None else password
        return cls(
            parts.hostname, port, unquote(parts.username), given or "", options.get("ssl-ca")
        )

    @property
    def settings(self) -> dict[str, Any]:
        """The settings for pymysql and mysql-replication."""
        settings: dict[str, Any] = {
            "host": self.host,
            "port": self.port,
            "user": self.user,
            "password": self.password,
            "charset": "utf8mb4",
            "connect_timeout": _CONNECT_TIMEOUT_SECONDS,
        }
        return settings if self.ssl_ca is None else settings | {"ssl": {"ca": self.ssl_ca}}

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def _datetime(text: str) -> datetime | str:
    try:
        return datetime.fromisoformat(text)
    except ValueError:  # a zero date, which pymysql gives as text
        found: datetime | str = convert_datetime(text)
        return found


# pymysql's own takes longer than the rest of a row
_CONVERSIONS: dict[Any, Any] = {
    **conversions,
    FIELD_TYPE.DATETIME: _datetime,
    FIELD_TYPE.TIMESTAMP: _datetime,
}


@cache
def _unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class _PatientConnection(Connection):
    """Waits for an answer as long as it takes, but for the greeting as long as for the network."""

    _read_timeout: float | None
    _rfile: IO[bytes]

    def _create_ssl_ctx(self, sslp: Any) -> ssl.SSLContext:
        # pymysql reads the system's certificates for each connection, even where none is asked of
        # the server, which takes 15 ms
        if not sslp:
            return _unverified()
        context: ssl.SSLContext = super()._create_ssl_ctx(sslp)  # type: ignore[misc]  # no stub
        return context

    def connect(self, sock: Any = None) -> None:
        """Connect, and log in."""
        self._read_timeout = _CONNECT_TIMEOUT_SECONDS
        super().connect(sock)
        self._read_timeout = None

    def _force_close(self) -> None:
        # the end of an unbuffered read reads on, from nothing: pymysql's own would be no MySQLError
        super()._force_close()  # type: ignore[misc]  # no stub
        self._rfile = BytesIO()


@contextmanager
def connected(address: DatabaseAddress) -> Iterator[Connection]:
    """A connection in UTC that commits by itself, in a mode of its own.

    Raises:
        SourceError: nothing answers, or the login is refused.
    """
    try:
        connection = _PatientConnection(**address.settings, conv=_CONVERSIONS, autocommit=True)
    except pymysql.MySQLError as error:
        raise SourceError(
            f"cannot connect to {address} as {address.user}: {reason(error)}"
        ) from None
    with closing(connection):
        execute(
            connection,
            "SET SESSION time_zone = '+00:00', sql_mode = %s, net_write_timeout = %s",
            [_SQL_MODE, _NET_WRITE_TIMEOUT_SECONDS],
        )
        yield connection


def execute(
    connection: Connection, sql: str, arguments: Sequence[object] | None = None
) -> tuple[tuple[Any, ...], ...]:
    """Run a statement and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, arguments)
        return tuple(cursor.fetchall())


def rows_by_name(connection: Connection, sql: str) -> list[dict[str, Any]]:
    """Run a statement and return its rows by the columns' names in lower case."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        names = [column[0].lower() for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def variables(connection: Connection) -> dict[str, str]:
    """The server's global variables, names in lower case."""
    return {name.lower(): value for name, value in execute(connection, "SHOW GLOBAL VARIABLES")}


def identifier(name: str) -> str:
    """A name as SQL writes it."""
    return "`" + name.replace("`", "``") + "`"


def reason(error: pymysql.MySQLError) -> str:
    """What the server said, without its number."""
    return str(error.args[-1] if error.args else error)


@dataclass(frozen=True, order=True)
class LogPosition:
    """A place in the binary log.

    Attributes:
        file: Name of the file.
        offset: Bytes from its start.
    """

    file: str
    offset: int

    @property
    def number(self) -> int:
        """The file's number, and the offset below it: grows along the log."""
        return (int(self.file.rpartition(".")[2]) << 32) | self.offset

    def __str__(self) -> str:
        return f"{self.file}:{self.offset}"


def current_position(connection: Connection) -> LogPosition:
    """Where the binary log ends now.

    Raises:
        SourceError: there is no binary log, or the user may not query it.
    """
    # MySQL 8.4 dropped the older statement, MariaDB and 8.0 do not know the newer one
    for statement in ("SHOW BINARY LOG STATUS", "SHOW MASTER STATUS"):
        try:
            rows = execute(connection, statement)
        except pymysql.err.ProgrammingError:
            continue
        except pymysql.MySQLError as error:
            raise SourceError(f"cannot read the binary log's position: {reason(error)}") from None
        if rows:
            return LogPosition(rows[0][0], int(rows[0][1]))
    raise SourceError(
        "the source writes no binary log: start it with --log-bin (in Aurora set binlog_format to "
        "ROW in the cluster parameter group and reboot)"
    )


def log_files(connection: Connection) -> list[str]:
    """Names of the binary log's files that the source still has, oldest first."""
    return [row[0] for row in execute(connection, "SHOW BINARY LOGS")]
