"""A database of our own on this machine: on loopback, with its own data folder."""

import hashlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from getpass import getuser
from pathlib import Path
from typing import Any, Self

import pymysql

from constructs_lib.aurora_source.sql import PASSWORD_PLACEHOLDER, dms_user_sql
from dms_stream.programs import process_id
from dms_stream.programs.child import Child
from dms_stream.rehearsal.errors import RehearsalError
from dms_stream.rehearsal.source.database import DatabaseAddress, connected, execute
from dms_stream.rehearsal.source.debian_packages import library_folders, unpacked_mariadb
from dms_stream.whole_file import write_whole

HOST = "127.0.0.1"
ADMINISTRATOR = "root"
DMS_USER = "dms_user"
# what reading a file gives that was cut off, or that somebody has changed
_DAMAGED = (ValueError, KeyError, TypeError)
# a ceiling for a busy machine: a server that ends or answers is not waited for
_START_SECONDS = 180.0
_POLL_SECONDS = 0.05
_STARTS = 3
_PORT_IS_TAKEN = "Address already in use"
# bytes of a socket's name: https://man7.org/linux/man-pages/man7/unix.7.html, and macOS has 104
_LONGEST_SOCKET = 100
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
    # data survives the server's end, but not the machine's
    "--innodb-flush-log-at-trx-commit=2",
    "--sync-binlog=0",
    "--performance-schema=OFF",
    "--max-binlog-size=256M",
    "--character-set-server=utf8mb4",
    # MySQL's X protocol would be open to the network
    "--loose-mysqlx=OFF",
)


@dataclass(frozen=True)
class ServerProgram:
    """A database server's program.

    Attributes:
        path: The program.
        make_data: The command that makes the first data folder, without its flags.
        process_environment: The whole environment it runs in.
        base: Its base folder; None: built in.
    """

    path: Path
    make_data: tuple[str, ...]
    process_environment: Mapping[str, str]
    base: Path | None = None


def find_server(cache: Path | None = None) -> ServerProgram:
    """An installed MariaDB or MySQL, else MariaDB from Debian's packages.

    Raises:
        RehearsalError: there is neither.
    """
    search = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    process_environment = dict(os.environ)
    mariadb, install = (shutil.which(n, path=search) for n in ("mariadbd", "mariadb-install-db"))
    if mariadb and install:
        return ServerProgram(Path(mariadb), (install,), process_environment)
    mysql = shutil.which("mysqld", path=search)
    if mysql:
        return ServerProgram(Path(mysql), (mysql, "--initialize-insecure"), process_environment)
    root = unpacked_mariadb(cache)
    libraries = os.pathsep.join(str(folder) for folder in library_folders(root))
    return ServerProgram(
        root / "usr" / "sbin" / "mariadbd",
        (str(root / "usr" / "bin" / "mariadb-install-db"),),
        process_environment | {"LD_LIBRARY_PATH": libraries},
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
        self._child: Child | None = None
        self._passwords: dict[str, str] = {}
        self.pid = 0
        self.address = DatabaseAddress(HOST, 0, ADMINISTRATOR, "")

    @property
    def dms_address(self) -> DatabaseAddress:
        """The same, as a user with the privileges of DMS and no others."""
        return DatabaseAddress(HOST, self.address.port, DMS_USER, self._passwords[DMS_USER])

    @classmethod
    def running_in(cls, folder: Path) -> "LocalDatabase | None":
        """The server that another process runs in a folder; None where none answers."""
        database = cls(folder)
        return database if database._adopt() else None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it, making its data folder if there is none.

        Raises:
            RehearsalError: it does not start; the message holds the end of its log.
        """
        if self._adopt():
            return
        self._end_orphan()
        self.folder.mkdir(parents=True, exist_ok=True)
        # a server that starts removes the temporary tables of all others with the same folder
        self._temporary.mkdir(exist_ok=True)
        program = find_server(self._cache)
        self._passwords = self._read_passwords()
        is_first = not self._passwords
        if is_first:
            self._make_data(program)
            self._passwords = {n: secrets.token_urlsafe(18) for n in (ADMINISTRATOR, DMS_USER)}
        try:
            self._launch(program)
            if is_first:
                self._make_users()
                self._write_passwords()
        except BaseException:
            self.stop()
            raise

    def _launch(self, program: ServerProgram) -> None:
        for left in reversed(range(_STARTS)):
            self._socket.unlink(missing_ok=True)  # of one that was killed
            port = _free_port()
            self._child = child = Child(
                self._command(program, port),
                process_environment=self._process_environment(program),
                log_path=self._log,
                # Ctrl-C is for us: we stop the task first, then this
                has_own_session=True,
            )
            self.pid = child.pid
            self._write_state(port)
            self.address = DatabaseAddress(
                HOST, port, ADMINISTRATOR, self._passwords[ADMINISTRATOR]
            )
            if self._answers_in_time(child):
                return
            self.stop()
            # nothing holds a free port until the server does
            if _PORT_IS_TAKEN not in child.log_tail() or not left:
                raise RehearsalError(f"the database did not start: it {child.how_it_ended()}")

    def _command(self, program: ServerProgram, port: int) -> list[str]:
        return [
            str(program.path),
            "--no-defaults",
            *([f"--basedir={program.base}"] if program.base else []),
            self._data_flag,
            f"--socket={self._socket}",
            f"--pid-file={self._pid_file}",
            f"--bind-address={HOST}",
            f"--port={port}",
            *_SOURCE_FLAGS,
            *_SMALL_AND_FAST_FLAGS,
            # MySQL's packages name a folder here that only their own server may see
            f"--secure-file-priv={self.folder}",
            *_user_flag(),
            *self._flags,
        ]

    def _process_environment(self, program: ServerProgram) -> dict[str, str]:
        return {**program.process_environment, "TMPDIR": str(self._temporary)}

    def stop(self) -> None:
        """End it and wait; fine when it has ended."""
        if self._child is not None:
            # a starting server ignores SIGTERM; after SIGKILL its log lets it recover
            self._child.stop()
            self._child = None
        elif self.pid:
            process_id.end(self.pid, kill_after_seconds=Child.kill_after_seconds)
        self.pid = 0
        self._state.unlink(missing_ok=True)

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        if self._child is not None:
            return self._child.is_alive
        return bool(self.pid) and process_id.is_alive(self.pid)

    def kill(self) -> None:
        """End it at once, as a crash would: for the tests of faults."""
        if self._child is not None:
            self._child.kill()
            self._child = None
        else:
            process_id.end(self.pid, kill_after_seconds=0)
        self.pid = 0

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _data_flag(self) -> str:
        return f"--datadir={self._data}"

    @property
    def _temporary(self) -> Path:
        return self.folder / "tmp"

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
        path = self.folder / "server.sock"
        if len(os.fsencode(path)) <= _LONGEST_SOCKET:
            return path
        name = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"dms-stream-{name}.sock"

    def _adopt(self) -> bool:
        try:
            state = json.loads(self._state.read_text())
            pid, port = int(state["pid"]), int(state["port"])
        except (FileNotFoundError, *_DAMAGED):
            return False
        passwords = self._read_passwords()
        if not passwords or not process_id.is_alive(pid):
            return False
        address = DatabaseAddress(HOST, port, ADMINISTRATOR, passwords[ADMINISTRATOR])
        # only our own server knows our password and this data folder
        try:
            with connected(address) as connection:
                ((folder,),) = execute(connection, "SELECT @@datadir")
        except RehearsalError:
            return False
        if Path(folder).resolve() != self._data:
            return False
        self.pid, self.address, self._passwords = pid, address, passwords
        return True

    def _end_orphan(self) -> None:
        """End a server that a killed run left behind in this folder before it answered."""
        for file in (self._state, self._pid_file):
            try:
                found = json.loads(file.read_text())
                pid = int(found["pid"] if isinstance(found, dict) else found)
            except (FileNotFoundError, *_DAMAGED):
                continue
            if self._data_flag in process_id.command_line(pid):
                process_id.end(pid, kill_after_seconds=0)

    def _make_data(self, program: ServerProgram) -> None:
        # under another name, as a process of a killed run may still write into it
        for partial in self.folder.glob("data-*"):
            shutil.rmtree(partial, ignore_errors=True)
        made = Path(tempfile.mkdtemp(dir=self.folder, prefix="data-"))
        is_mysql = "--initialize-insecure" in program.make_data
        # MariaDB's script trips over blanks in the folder's path
        flags = [f"--datadir={made if is_mysql else f'./{made.name}'}", *_user_flag()]
        if program.base:
            flags.append(f"--basedir={program.base}")
        if not is_mysql:
            flags += ["--auth-root-authentication-method=normal", "--skip-test-db"]
        first, *rest = program.make_data
        done = subprocess.run(
            [first, "--no-defaults", *rest, *flags],
            cwd=self.folder,
            env=self._process_environment(program),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RehearsalError(
                f"the database cannot be initialized:\n{done.stdout[-1000:]}{done.stderr[-1000:]}"
            )
        shutil.rmtree(self._data, ignore_errors=True)
        made.rename(self._data)

    def _read_passwords(self) -> dict[str, str]:
        try:
            found = json.loads(self._made.read_text())
            return {user: str(found[user]) for user in (ADMINISTRATOR, DMS_USER)}
        except FileNotFoundError:
            return {}
        except _DAMAGED:
            raise RehearsalError(
                f"{self._made} does not hold the passwords of the database beside it: remove "
                f"{self.folder}, and it is made anew"
            ) from None

    def _write_passwords(self) -> None:
        write_whole(self._made, json.dumps(self._passwords), mode=0o600)

    def _write_state(self, port: int) -> None:
        write_whole(self._state, json.dumps({"pid": self.pid, "port": port}))

    def _answers_in_time(self, child: Child) -> bool:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and child.is_alive:
            if self._socket.exists() and self._answers():
                return True
            time.sleep(_POLL_SECONDS)
        return False

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
        with closing(self._administrator()) as connection:
            for statement in (
                # none of this belongs to what a task reads
                "SET SESSION sql_log_bin = 0",
                f"ALTER USER '{ADMINISTRATOR}'@'localhost' IDENTIFIED BY '{self.address.password}'",
                *(
                    sql.replace(PASSWORD_PLACEHOLDER, self._passwords[DMS_USER])
                    for sql in dms_user_sql(user=DMS_USER, tls_required=False)
                ),
            ):
                execute(connection, statement)


def _user_flag() -> list[str]:
    # the server refuses to run as root unless it is told to
    return [f"--user={getuser()}"] if os.geteuid() == 0 else []


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
