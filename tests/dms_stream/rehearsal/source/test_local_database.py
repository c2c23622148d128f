"""A database of our own: several side by side, one that was left behind, and where it may stand."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from dms_stream.rehearsal.errors import RehearsalError
from dms_stream.rehearsal.source import local_database
from dms_stream.rehearsal.source.database import Connection, connected, execute
from dms_stream.rehearsal.source.local_database import LocalDatabase
from tests.support.checkout import ROOT
from tests.support.pipelines import Source

pytestmark = [
    pytest.mark.rehearsal,
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes by Linux's means"),
]

_START_AND_DIE = """
import os, pathlib, signal, sys
from dms_stream.rehearsal.source import local_database
die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[2] == "starting":
    local_database.LocalDatabase._answers_in_time = die
database = local_database.LocalDatabase(pathlib.Path(sys.argv[1]))
database.start()
die()
"""


def left_behind(folder: Path, *, when: str) -> int:
    """A server whose starter was killed.

    Returns:
        Its process.
    """
    done = subprocess.run([sys.executable, "-c", _START_AND_DIE, str(folder), when], cwd=ROOT)
    assert done.returncode == -9
    return int(json.loads((folder / "server.json").read_text())["pid"])


def runs(pid: int) -> bool:
    """Whether a process has not ended; one whose end nobody has asked for has no command line."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False


def test_a_second_server_leaves_the_temporary_tables_of_the_first_alone(
    source: Source, connection: Connection, tmp_path: Path
) -> None:
    """A server removes them all from its temporary folder when it starts."""
    execute(connection, "CREATE TEMPORARY TABLE t (a INT) ENGINE=MyISAM")
    with LocalDatabase(tmp_path) as second:
        assert second.address.port != source.administrator.port
    execute(connection, "DROP TEMPORARY TABLE t")
    assert execute(connection, "SHOW WARNINGS") == ()


def test_one_that_was_left_behind_is_taken_over(tmp_path: Path) -> None:
    """With what it holds, and ended like any other."""
    orphan = left_behind(tmp_path, when="running")

    with LocalDatabase(tmp_path) as database:
        assert database.pid == orphan
        with connected(database.dms_address) as connection:
            assert execute(connection, "SELECT 1") == ((1,),)

    assert not runs(orphan)


def test_one_that_was_left_behind_before_it_answered_is_replaced(tmp_path: Path) -> None:
    """Nobody knows its password, and a second one may not run on its folder."""
    orphan = left_behind(tmp_path, when="starting")

    with LocalDatabase(tmp_path) as database:
        assert database.pid != orphan
        assert not runs(orphan)
        with connected(database.dms_address) as connection:
            assert execute(connection, "SELECT 1") == ((1,),)


def test_a_port_that_somebody_else_was_faster_to_take_is_given_up(
    database: LocalDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between asking for a free one and the server's start others may take it."""
    free = local_database._free_port
    ports = [database.address.port]
    monkeypatch.setattr(local_database, "_free_port", lambda: ports.pop() if ports else free())

    with LocalDatabase(tmp_path) as second, connected(second.address) as connection:
        ((folder,),) = execute(connection, "SELECT @@datadir")

    assert Path(folder) == tmp_path / "data"


def test_a_folder_may_be_deeper_than_a_sockets_name_is_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project may stand anywhere, with blanks in its name."""
    folder = tmp_path / "a folder" / ("deep" * 25) / "database"
    # other databases have their sockets in the usual one; a test's own would be too deep itself
    with tempfile.TemporaryDirectory() as temporary:
        monkeypatch.setattr(tempfile, "tempdir", temporary)
        with LocalDatabase(folder) as database, connected(database.dms_address) as connection:
            assert execute(connection, "SELECT 1") == ((1,),)
        assert list(Path(temporary).iterdir()) == []


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"pid": "x", "port": 1}', "7"])
def test_a_damaged_note_of_where_it_runs_is_none(tmp_path: Path, text: str) -> None:
    for name in ("server.json", "server.pid"):
        (tmp_path / name).write_text("" if name == "server.pid" else text)
    database = LocalDatabase(tmp_path)
    assert not database._adopt()
    database._end_orphan()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"root": "x"}', "7"])
def test_damaged_passwords_are_told(tmp_path: Path, text: str) -> None:
    database = LocalDatabase(tmp_path)
    database._made.write_text(text)
    with pytest.raises(RehearsalError) as refused:
        database.start()
    assert str(refused.value) == (
        f"{database._made} does not hold the passwords of the database beside it: remove "
        f"{tmp_path}, and it is made anew"
    )
    assert database._made.read_text() == text
