"""MariaDB's packages in the cache: whole or not at all, whoever asks at the same time."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from dms_stream.rehearsal.errors import RehearsalError
from dms_stream.rehearsal.source import debian_packages
from dms_stream.rehearsal.source.debian_packages import unpacked_mariadb


class Tools:
    """apt-get and dpkg, which note what they are asked and how many ask at once."""

    def __init__(self, *, program: str = "usr/sbin/mariadbd") -> None:
        self.said: list[str] = []
        self.missing: set[str] = set()
        self._program = program

    def run(self, command: list[str], folder: Path) -> None:
        """What `_run` would do."""
        self.said.append(f"{command[0]} {command[-1]}")
        match command:
            case ["apt-get", "download", "--quiet", name]:
                if name in self.missing:
                    raise RehearsalError(f"{name} is not to be had")
                (folder / f"{name}.deb").touch()
            case ["dpkg", "-x", package, root]:
                assert (folder / package).exists()
                (folder / root / self._program).parent.mkdir(parents=True, exist_ok=True)
                (folder / root / self._program).touch()
            case _:
                raise AssertionError(command)


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> Tools:
    """In place of the real ones."""
    tools = Tools()
    monkeypatch.setattr(debian_packages, "_run", tools.run)
    monkeypatch.setattr("shutil.which", lambda name: name)
    return tools


def test_of_several_that_ask_one_downloads(tools: Tools, tmp_path: Path) -> None:
    """The others wait and find it made."""
    together = Barrier(4)

    def ask(_: int) -> Path:
        together.wait()
        return unpacked_mariadb(tmp_path)

    with ThreadPoolExecutor(4) as pool:
        roots = set(pool.map(ask, range(4)))

    assert roots == {tmp_path / "mariadb"}
    assert (tmp_path / "mariadb/usr/sbin/mariadbd").exists()
    downloads = [said for said in tools.said if said.startswith("apt-get")]
    assert downloads == [f"apt-get {name}" for name in debian_packages.PACKAGES]


@pytest.mark.usefixtures("tools")
def test_what_a_killed_one_left_is_replaced(tmp_path: Path) -> None:
    """Half an unpacked root, and a folder of half the packages."""
    (tmp_path / "mariadb/usr").mkdir(parents=True)
    (tmp_path / "mariadb-killed").mkdir()

    unpacked_mariadb(tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["mariadb", "mariadb.lock"]


def test_packages_without_the_server_are_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Instead of a cache that never works."""
    monkeypatch.setattr(debian_packages, "_run", Tools(program="usr/bin/other").run)
    monkeypatch.setattr("shutil.which", lambda name: name)

    with pytest.raises(RehearsalError, match=r"do not contain usr/sbin/mariadbd: give the address"):
        unpacked_mariadb(tmp_path)
    assert not (tmp_path / "mariadb").exists()


def test_a_system_without_the_tools_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With what to do instead."""
    monkeypatch.setattr("shutil.which", lambda _: None)

    with pytest.raises(RehearsalError, match=r"apt-get and dpkg is missing here: give the address"):
        unpacked_mariadb(tmp_path)


def test_a_package_that_was_renamed_is_taken_by_its_new_name(tools: Tools, tmp_path: Path) -> None:
    tools.missing.add("libaio1")
    unpacked_mariadb(tmp_path)
    assert "apt-get libaio1t64" in tools.said
    assert "dpkg root" in tools.said


def test_a_package_that_is_not_to_be_had_leaves_no_cache(tools: Tools, tmp_path: Path) -> None:
    tools.missing.add("libnuma1")
    with pytest.raises(RehearsalError, match="libnuma1 is not to be had"):
        unpacked_mariadb(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mariadb.lock"]


@pytest.mark.parametrize(
    ("script", "reason"),
    [("echo first >&2; echo last >&2; exit 3", "last"), ("exit 3", "it printed nothing")],
)
def test_a_tool_that_fails_is_told_with_its_last_words(
    tmp_path: Path, script: str, reason: str
) -> None:
    with pytest.raises(RehearsalError) as refused:
        debian_packages._run(["sh", "-c", script], tmp_path)
    assert str(refused.value) == (
        f"no mariadbd or mysqld is installed, and `sh -c {script}` failed ({reason}): run "
        "`apt-get update`, or give the address of a MySQL-compatible database with --database "
        "mysql://user@host:3306, or install mariadb-server"
    )
    debian_packages._run(["sh", "-c", "touch here"], tmp_path)
    assert (tmp_path / "here").exists()
