"""MariaDB from Debian's packages, unpacked into a cache folder; nothing is installed."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from dms_stream.programs.lock_file import locked
from dms_stream.rehearsal.errors import RehearsalError

# the server, what makes its first data folder, and the libraries that a small system lacks
PACKAGES = (
    "mariadb-server-core",
    "mariadb-client-core",
    "libmariadb3",
    "libaio1",
    "liburing2",
    "libnuma1",
)
# Debian 13 and Ubuntu 24.04 renamed it
_RENAMED = {"libaio1": "libaio1t64"}
_ADVICE = (
    "give the address of a MySQL-compatible database with --database mysql://user@host:3306, or "
    "install mariadb-server"
)


def cache_folder() -> Path:
    """The cache folder: `$XDG_CACHE_HOME/dms-stream`, else `~/.cache/dms-stream`."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "dms-stream"


def unpacked_mariadb(cache: Path | None = None) -> Path:
    """The root folder of an unpacked MariaDB, from the cache or made now.

    Of several callers at the same time one makes it, and the others wait.

    Raises:
        RehearsalError: this is not Debian or Ubuntu, or the packages are not available.
    """
    root = (cache or cache_folder()) / "mariadb"
    if _program(root).exists():
        return root
    missing = [tool for tool in ("apt-get", "dpkg") if shutil.which(tool) is None]
    if missing:
        raise RehearsalError(
            "no mariadbd or mysqld is installed, and MariaDB cannot be unpacked from Debian's "
            f"packages because {' and '.join(missing)} is missing here: {_ADVICE}"
        )
    root.parent.mkdir(parents=True, exist_ok=True)
    with locked(root.parent / "mariadb.lock"):
        if not _program(root).exists():
            _unpack(root)
    return root


def _program(root: Path) -> Path:
    return root / "usr" / "sbin" / "mariadbd"


def _unpack(root: Path) -> None:
    for left in root.parent.glob("mariadb-*"):
        shutil.rmtree(left, ignore_errors=True)  # of one that was killed
    with tempfile.TemporaryDirectory(dir=root.parent, prefix="mariadb-") as folder:
        partial = Path(folder)
        _download(partial)
        for package in sorted(partial.glob("*.deb")):
            _run(["dpkg", "-x", package.name, "root"], partial)
        if not _program(partial / "root").exists():
            raise RehearsalError(
                f"the packages {', '.join(PACKAGES)} do not contain usr/sbin/mariadbd: {_ADVICE}"
            )
        shutil.rmtree(root, ignore_errors=True)
        (partial / "root").rename(root)


def _download(folder: Path) -> None:
    for name in PACKAGES:
        try:
            _run(["apt-get", "download", "--quiet", name], folder)
        except RehearsalError:
            if name not in _RENAMED:
                raise
            _run(["apt-get", "download", "--quiet", _RENAMED[name]], folder)


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        errors = done.stderr.strip().splitlines()
        raise RehearsalError(
            f"no mariadbd or mysqld is installed, and `{' '.join(command)}` failed "
            f"({errors[-1] if errors else 'it printed nothing'}): run `apt-get update`, or "
            f"{_ADVICE}"
        )


def library_folders(root: Path) -> list[Path]:
    """Folders of the unpacked shared libraries."""
    return sorted(folder for folder in (root / "usr" / "lib").glob("*-linux-gnu*"))
