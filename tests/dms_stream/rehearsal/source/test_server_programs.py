"""Which server is started, and how: no server runs here."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from dms_stream.rehearsal.errors import RehearsalError
from dms_stream.rehearsal.source import local_database
from dms_stream.rehearsal.source.database import DatabaseAddress
from dms_stream.rehearsal.source.local_database import (
    DMS_USER,
    LocalDatabase,
    ServerProgram,
    find_server,
)


def installed(folder: Path, *names: str) -> Path:
    """A folder of programs."""
    for name in names:
        program = folder / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    return folder


@pytest.fixture
def only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder that programs are looked for in."""
    folder = tmp_path / "bin"
    folder.mkdir()
    found = local_database.shutil.which  # type: ignore[attr-defined]
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(
        "shutil.which", lambda name, path: found(name, path=path.split(os.pathsep)[0])
    )
    return folder


def test_mariadb_comes_before_mysql(only: Path) -> None:
    installed(only, "mariadbd", "mariadb-install-db", "mysqld")
    assert find_server() == ServerProgram(
        only / "mariadbd", (str(only / "mariadb-install-db"),), dict(os.environ)
    )


def test_mysql_is_taken_where_mariadb_is_not_whole(only: Path) -> None:
    installed(only, "mariadbd", "mysqld")
    program = str(only / "mysqld")
    assert find_server() == ServerProgram(
        Path(program), (program, "--initialize-insecure"), dict(os.environ)
    )


def test_else_mariadb_is_unpacked(
    only: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not [*only.iterdir()]
    root = tmp_path / "unpacked"
    installed(root / "usr" / "lib", "libaio.so.1")
    asked: list[Path | None] = []

    def unpacked(cache: Path | None) -> Path:
        asked.append(cache)
        return root

    monkeypatch.setattr(local_database, "unpacked_mariadb", unpacked)
    monkeypatch.setattr(local_database, "library_folders", lambda _: [root / "a", root / "b"])
    assert find_server(tmp_path) == ServerProgram(
        root / "usr/sbin/mariadbd",
        (str(root / "usr/bin/mariadb-install-db"),),
        dict(os.environ) | {"LD_LIBRARY_PATH": f"{root / 'a'}{os.pathsep}{root / 'b'}"},
        root / "usr",
    )
    assert asked == [tmp_path]


MYSQL = ServerProgram(Path("/m/mysqld"), ("/m/mysqld", "--initialize-insecure"), {"A": "b"})
MARIADB = ServerProgram(Path("/m/mariadbd"), ("/m/install",), {"A": "b"}, Path("/m"))


@pytest.mark.parametrize(
    ("program", "command"),
    [
        (MYSQL, ["/m/mysqld", "--no-defaults", "--initialize-insecure", "--datadir={whole}"]),
        (
            MARIADB,
            [
                *("/m/install", "--no-defaults", "--datadir=./{name}", "--basedir=/m"),
                *("--auth-root-authentication-method=normal", "--skip-test-db"),
            ],
        ),
    ],
)
def test_data_is_made_with_no_settings_of_the_machines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: ServerProgram, command: list[str]
) -> None:
    """The machine's own may name another folder, plugins that are not there, or a port."""
    monkeypatch.setattr(local_database, "_user_flag", list)
    ran: list[tuple[list[str], dict[str, Any]]] = []

    def run(arguments: list[str], **options: Any) -> Any:
        ran.append((arguments, options))
        (flag,) = (each for each in arguments if each.startswith("--datadir="))
        made = tmp_path / flag.partition("=")[2]
        (made / "mysql").touch()
        return subprocess.CompletedProcess(arguments, 0, "", "")

    monkeypatch.setattr("subprocess.run", run)
    # of runs that were killed
    for old in ("data-old", "data"):
        (tmp_path / old).mkdir()
        (tmp_path / old / "old").touch()
    LocalDatabase(tmp_path)._make_data(program)
    ((arguments, options),) = ran
    made = arguments[-1 if program is MYSQL else 2].partition("=")[2]
    name = Path(made).name
    assert name.startswith("data-")
    filled = [each.format(whole=tmp_path / name, name=name) for each in command]
    assert arguments == filled
    assert (options["cwd"], options["env"]) == (
        tmp_path,
        {"A": "b", "TMPDIR": str(tmp_path / "tmp")},
    )
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["mysql"]


def test_data_that_cannot_be_made_is_told_in_the_programs_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(arguments: list[str], **_: Any) -> Any:
        return subprocess.CompletedProcess(arguments, 1, "x" * 2000 + "out", "y" * 2000 + "err")

    monkeypatch.setattr("subprocess.run", run)
    with pytest.raises(RehearsalError) as refused:
        LocalDatabase(tmp_path)._make_data(MYSQL)
    assert str(refused.value) == (
        "the database cannot be initialized:\n" + "x" * 997 + "out" + "y" * 997 + "err"
    )
    assert not (tmp_path / "data").exists()


def test_the_server_is_a_source_for_dms_on_loopback_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_database, "_user_flag", lambda: ["--user=me"])
    database = LocalDatabase(tmp_path, flags=("--more",))
    assert database._command(MARIADB, 3310) == [
        *("/m/mariadbd", "--no-defaults", "--basedir=/m", f"--datadir={tmp_path}/data"),
        *(f"--socket={database._socket}", f"--pid-file={tmp_path}/server.pid"),
        *("--bind-address=127.0.0.1", "--port=3310"),
        *("--log-bin=mysql-bin", "--binlog-format=ROW", "--binlog-row-image=FULL"),
        *("--binlog-row-metadata=FULL", "--binlog-checksum=NONE", "--server-id=1"),
        *("--innodb-buffer-pool-size=128M", "--innodb-flush-log-at-trx-commit=2"),
        *("--sync-binlog=0", "--performance-schema=OFF", "--max-binlog-size=256M"),
        *("--character-set-server=utf8mb4", "--loose-mysqlx=OFF"),
        *(f"--secure-file-priv={tmp_path}", "--user=me", "--more"),
    ]
    assert "--basedir=/m" not in database._command(MYSQL, 3310)


def test_a_folder_that_nothing_runs_in_has_no_server(tmp_path: Path) -> None:
    assert LocalDatabase.running_in(tmp_path) is None
    (tmp_path / "server.json").write_text("broken")
    assert LocalDatabase.running_in(tmp_path) is None
    # one that runs, but has no passwords that we know
    (tmp_path / "server.json").write_text(f'{{"pid": {os.getpid()}, "port": 1}}')
    assert LocalDatabase.running_in(tmp_path) is None
    (tmp_path / "secrets.json").write_text(f'{{"root": "r", "{DMS_USER}": "d"}}')
    # this process is no database
    assert LocalDatabase.running_in(tmp_path) is None


def test_a_socket_has_a_short_name_where_the_folders_is_too_long(tmp_path: Path) -> None:
    assert LocalDatabase(Path("/a"))._socket == Path("/a/server.sock")
    deep = Path("/", "b" * 88)
    assert len(str(deep / "server.sock")) == 101
    assert LocalDatabase(Path("/", "b" * 87))._socket == Path("/", "b" * 87, "server.sock")
    short = LocalDatabase(deep)._socket
    assert short.parent == Path(local_database.tempfile.gettempdir())  # type: ignore[attr-defined]
    assert short.name.startswith("dms-stream-")
    assert short != LocalDatabase(tmp_path / ("c" * 99))._socket
    assert LocalDatabase(tmp_path).address == DatabaseAddress("127.0.0.1", 0, "root", "")
