"""A database of our own on this machine: loopback, its own data folder, stopped by its own id."""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from getpass import getuser
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pymysql

from constructs_lib.aurora_source.sql import PASSWORD_PLACEHOLDER, dms_user_sql
from rehearsal.database import DatabaseAddress, connected, execute
from rehearsal.debian_packages import library_folders, unpacked_mariadb
from rehearsal.errors import RehearsalError

HOST = "127.0.0.1"
ADMINISTRATOR = "root"
DMS_USER = "dms_user"
_START_SECONDS = 60.0
_STOP_SECONDS = 20.0
_POLL_SECONDS = 0.05
# what AWS asks of a source: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Source.MySQL.html
_SOURCE_FLAGS = (
    "--log-bin=mysql-bin",
    "--binlog-format=ROW",
    "--binlog-row-image=FULL",
    "--binlog-row-metadata=FULL",
    "--binlog-checksum=NONE",
    "--server-id=1",
)
_SMALL_AND_FAST_FLAGS = (
    "--innodb-buffer-pool-size=128M",
    # what is written is safe from the server's end, not from the machine's
    "--innodb-flush-log-at-trx-commit=2",
    "--sync-binlog=0",
    "--performance-schema=OFF",
    "--max-binlog-size=256M",
    "--character-set-server=utf8mb4",
)


@dataclass(frozen=True)
class ServerProgram:
    """A database server's program.

    Attributes:
        path: The program.
        make_data: The command that makes the first data folder, without its flags.
        environment: Variables it needs.
        base: Its base folder; None: built in.
    """

    path: Path
    make_data: tuple[str, ...]
    environment: Mapping[str, str]
    base: Path | None = None


def find_server(cache: Path | None = None) -> ServerProgram:
    """An installed MariaDB or MySQL, else MariaDB from Debian's packages.

    Raises:
        RehearsalError: there is neither.
    """
    search = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    environment = dict(os.environ)
    mariadb, install = (shutil.which(n, path=search) for n in ("mariadbd", "mariadb-install-db"))
    if mariadb and install:
        return ServerProgram(Path(mariadb), (install,), environment)
    mysql = shutil.which("mysqld", path=search)
    if mysql:
        return ServerProgram(Path(mysql), (mysql, "--initialize-insecure"), environment)
    root = unpacked_mariadb(cache)
    libraries = os.pathsep.join(str(folder) for folder in library_folders(root))
    return ServerProgram(
        root / "usr" / "sbin" / "mariadbd",
        (str(root / "usr" / "bin" / "mariadb-install-db"),),
        environment | {"LD_LIBRARY_PATH": libraries},
        root / "usr",
    )


class LocalDatabase:
    """A database server that lives as long as the `with` block; its data folder stays.

    A server that a killed run left behind in the same folder is taken over.

    Args:
        folder: Holds the data folder, the log and the passwords.
        flags: More flags for the server, after ours.
        cache: Where MariaDB is unpacked, if it has to be.

    Attributes:
        address: Where it is, as the administrator.
        pid: Its process.
    """

    def __init__(
        self, folder: Path, *, flags: tuple[str, ...] = (), cache: Path | None = None
    ) -> None:
        self.folder = folder.resolve()
        self._flags = flags
        self._cache = cache
        self._child: subprocess.Popen[bytes] | None = None
        self.pid = 0
        self.address = DatabaseAddress(HOST, 0, ADMINISTRATOR, "")

    @property
    def dms_address(self) -> DatabaseAddress:
        """The same, as a user who may do what DMS may and nothing else."""
        return DatabaseAddress(HOST, self.address.port, DMS_USER, self._secrets()[DMS_USER])

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start it, making its data folder if there is none.

        Raises:
            RehearsalError: it does not start; the message holds the end of its log.
        """
        if self._adopt():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        program = find_server(self._cache)
        if not self._made.exists():
            self._make_data(program)
        self._socket.unlink(missing_ok=True)  # of one that was killed
        port = _free_port()
        command = [
            str(program.path),
            "--no-defaults",
            *([f"--basedir={program.base}"] if program.base else []),
            f"--datadir={self._data}",
            f"--socket={self._socket}",
            f"--pid-file={self._pid_file}",
            f"--bind-address={HOST}",
            f"--port={port}",
            *_SOURCE_FLAGS,
            *_SMALL_AND_FAST_FLAGS,
            *_user_flag(),
            *self._flags,
        ]
        with self._log.open("ab") as log:
            self._child = subprocess.Popen(
                command,
                env=dict(program.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C is for us: the engine stops first, then this
                start_new_session=True,
            )
        self.pid = self._child.pid
        self._write_state(port)
        self.address = DatabaseAddress(HOST, port, ADMINISTRATOR, self._secrets()[ADMINISTRATOR])
        try:
            self._wait_until_it_answers()
            self._make_users()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End it and wait; fine when it has ended."""
        if self._child is not None:
            self._child.send_signal(signal.SIGTERM)
            try:
                self._child.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                # one that is still starting does not hear it; its log lets it recover
                self._child.kill()
                self._child.wait()
            self._child = None
        elif self.pid:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)
            while _is_alive(self.pid):
                time.sleep(_POLL_SECONDS)
        self.pid = 0
        self._state.unlink(missing_ok=True)

    def kill(self) -> None:
        """End it at once, as a crash would: for the tests of faults."""
        os.kill(self.pid, signal.SIGKILL)
        if self._child is not None:
            self._child.wait()
            self._child = None
        self.pid = 0

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _made(self) -> Path:
        return self.folder / "secrets.json"

    @property
    def _log(self) -> Path:
        return self.folder / "server.log"

    @property
    def _state(self) -> Path:
        return self.folder / "server.json"

    @property
    def _pid_file(self) -> Path:
        return self.folder / "server.pid"

    @property
    def _socket(self) -> Path:
        return self.folder / "server.sock"

    def _adopt(self) -> bool:
        try:
            state = json.loads(self._state.read_text())
        except (FileNotFoundError, ValueError):
            return False
        if not _is_alive(state["pid"]) or not self._made.exists():
            return False
        address = DatabaseAddress(
            HOST, state["port"], ADMINISTRATOR, self._secrets()[ADMINISTRATOR]
        )
        # only our own server knows our password and this data folder
        try:
            with connected(address) as connection:
                ((folder,),) = execute(connection, "SELECT @@datadir")
        except RehearsalError:
            return False
        if Path(folder).resolve() != self._data:
            return False
        self.pid, self.address = state["pid"], address
        return True

    def _make_data(self, program: ServerProgram) -> None:
        shutil.rmtree(self._data, ignore_errors=True)
        is_mysql = "--initialize-insecure" in program.make_data
        flags = [f"--datadir={self._data}", *_user_flag()]
        if program.base:
            flags.append(f"--basedir={program.base}")
        if not is_mysql:
            flags += ["--auth-root-authentication-method=normal", "--skip-test-db"]
        first, *rest = program.make_data
        done = subprocess.run(
            [first, "--no-defaults", *rest, *flags],
            env=dict(program.environment),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RehearsalError(
                f"the database's first data folder cannot be made:\n{done.stdout[-1000:]}"
                f"{done.stderr[-1000:]}"
            )
        passwords = {name: secrets.token_urlsafe(18) for name in (ADMINISTRATOR, DMS_USER)}
        partial = self._made.with_suffix(".partial")
        partial.touch(mode=0o600)
        partial.write_text(json.dumps(passwords))
        partial.replace(self._made)

    def _secrets(self) -> dict[str, str]:
        passwords: dict[str, str] = json.loads(self._made.read_text())
        return passwords

    def _write_state(self, port: int) -> None:
        partial = self._state.with_suffix(".partial")
        partial.write_text(json.dumps({"pid": self.pid, "port": port}))
        partial.replace(self._state)

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._child is not None and self._child.poll() is not None:
                break
            if self._socket.exists() and self._answers():
                return
            time.sleep(_POLL_SECONDS)
        tail = self._log.read_text(errors="replace")[-2000:].strip()
        raise RehearsalError(f"the database did not start; the end of {self._log}:\n{tail}")

    def _answers(self) -> bool:
        try:
            self._administrator().close()
        except pymysql.MySQLError:
            return False
        return True

    def _administrator(self) -> Any:
        settings: dict[str, Any] = {
            "unix_socket": str(self._socket),
            "user": ADMINISTRATOR,
            "autocommit": True,
        }
        try:
            return pymysql.connect(**settings, password=self.address.password)
        except pymysql.err.OperationalError:
            return pymysql.connect(**settings, password="")  # the first start

    def _make_users(self) -> None:
        connection = self._administrator()
        try:
            if not execute(connection, "SELECT 1 FROM mysql.user WHERE user = %s", [DMS_USER]):
                statements = [
                    f"ALTER USER '{ADMINISTRATOR}'@'localhost' IDENTIFIED BY "
                    f"'{self.address.password}'",
                    *(
                        sql.replace(PASSWORD_PLACEHOLDER, self._secrets()[DMS_USER])
                        for sql in dms_user_sql(user=DMS_USER, tls_required=False)
                    ),
                    # none of this belongs to what a task reads
                    "RESET MASTER",
                ]
                for statement in statements:
                    execute(connection, statement)
        finally:
            connection.close()


def _user_flag() -> list[str]:
    # the server refuses to run as root unless it is told to
    return [f"--user={getuser()}"] if os.geteuid() == 0 else []


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state != "Z"
