"""The processes of an embedded AWS, by what they do; on Linux."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

EMULATOR = "emulator"
_PARTS = {
    "dms_stream.rehearsal.task": "engine",
    "dms_stream.rehearsal.delivery": "delivery",
    "dms_stream.data_plane.own_database": "keeper of the database",
    "mariadbd": "database",
    "mysqld": "database",
}
_PAGES_PER_MIB = 256


def parts_of(emulator: int) -> dict[str, int]:
    """Process ids of an embedded AWS and of all that it starts."""
    found = {EMULATOR: emulator}
    for pid in _descendants(emulator):
        if name := _part(pid):
            found[name] = pid
    return found


def memory_mib(pid: int | str) -> float:
    """Resident memory; 0 of one that has ended."""
    fields = _read(f"/proc/{pid}/statm").split()
    return int(fields[1]) / _PAGES_PER_MIB if fields else 0.0


def peak_mib(pid: int) -> float:
    """The highest resident memory; 0 of one that has ended."""
    _, _, rest = _read(f"/proc/{pid}/status").partition("VmHWM:")
    return int(rest.split()[0]) / 1024 if rest else 0.0


def cpu_seconds(pid: int) -> float:
    """Processor time; 0 of one that has ended."""
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def _descendants(pid: int) -> Iterator[int]:
    with suppress(OSError):  # it has just ended
        for task in Path("/proc", str(pid), "task").iterdir():
            for child in _read(task / "children").split():
                yield int(child)
                yield from _descendants(int(child))


def _part(pid: int) -> str | None:
    words = [Path(word).name for word in _read(f"/proc/{pid}/cmdline").split("\0")]
    return next((_PARTS[word] for word in words if word in _PARTS), None)


def _read(path: str | Path) -> str:
    try:
        return Path(path).read_text()
    except OSError:  # it has just ended
        return ""
