"""What a process takes of this machine, from Linux's /proc.

https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
"""

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# behind the name of the program, which may hold blanks
_USER_TICKS, _SYSTEM_TICKS = 11, 12
_KIB = 1024


@dataclass(frozen=True)
class ProcessUse:
    """What a process takes.

    Attributes:
        cpu_seconds: Time that its threads have run since its start.
        memory_bytes: What it holds, also where it was swapped out.
    """

    cpu_seconds: float
    memory_bytes: int


def process_use(pid: int) -> ProcessUse | None:
    """What a process takes; None: it has ended, or the system has no /proc."""
    folder = Path(f"/proc/{pid}")
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        status = (folder / "status").read_text()
    except OSError:
        return None
    ticks = int(fields[_USER_TICKS]) + int(fields[_SYSTEM_TICKS])
    return ProcessUse(
        ticks / os.sysconf("SC_CLK_TCK"),
        _status_bytes(status, "VmRSS") + _status_bytes(status, "VmSwap"),
    )


def _status_bytes(status: str, name: str) -> int:
    # a zombie has none
    found = re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) * _KIB if found else 0


def open_bytes(pid: int, folder: Path) -> int:
    """Size of the files below a folder that a process has open, deleted ones included.

    A server deletes its temporary files as soon as it has opened them.
    """
    sizes: dict[int, int] = {}
    with suppress(OSError):  # it has ended
        for opened in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):  # it has just been closed
                if opened.readlink().is_relative_to(folder):
                    found = opened.stat()
                    sizes[found.st_ino] = found.st_size
    return sum(sizes.values())


class CpuShares:
    """CPU that processes take, from one look to the next."""

    def __init__(self) -> None:
        self._before: dict[int, float] = {}
        self._at: float | None = None

    def percent(self, uses: dict[int, ProcessUse], *, at: float, processors: int) -> float | None:
        """How much of some processors they took since the last look; None: this is the first.

        A process that has come since then counts from its start, one that has ended not at all.

        Args:
            uses: The processes, by their ids.
            at: Now, in seconds.
            processors: How many processors are 100 percent.
        """
        before, since = self._before, self._at
        self._before, self._at = {pid: use.cpu_seconds for pid, use in uses.items()}, at
        if since is None or at <= since:
            return None
        # an id may have become another process's
        taken = sum(
            max(seconds - before.get(pid, 0.0), 0.0) for pid, seconds in self._before.items()
        )
        return min(100 * taken / (at - since) / processors, 100.0)
