"""Wall time and peak memory of a command together with all the processes it starts."""

import resource
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

_SAMPLING_PERIOD = timedelta(milliseconds=20)
_PAGES_PER_MIB = 256


@dataclass(frozen=True)
class Usage:
    """What one run took.

    Attributes:
        wall: From start to exit.
        cpu: Processor time, of all its processes together.
        peak_rss_mib: Highest sum of the resident memory of all its processes, sampled every 20 ms;
            pages that processes share count once for each. 0 where there is no /proc.
    """

    wall: timedelta
    cpu: timedelta
    peak_rss_mib: float


def measure(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    allowed: Sequence[int] = (),
) -> Usage:
    """Run a command to its end.

    Args:
        command: The command.
        cwd: Where it runs.
        env: Its environment variables.
        allowed: Exit codes beside 0 that are no failure.

    Raises:
        subprocess.CalledProcessError: it failed; what it printed is shown before.
    """
    started, cpu = time.perf_counter(), _cpu_of_children()
    process = subprocess.Popen(
        command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    ended = threading.Event()
    peaks = [0.0]

    def sample() -> None:
        while not ended.wait(_SAMPLING_PERIOD.total_seconds()):
            peaks.append(_tree_rss_mib(process.pid))

    sampler = threading.Thread(target=sample)
    sampler.start()
    output, _ = process.communicate()
    wall = timedelta(seconds=time.perf_counter() - started)
    ended.set()
    sampler.join()
    if process.returncode not in (0, *allowed):
        sys.stderr.write(output)
        raise subprocess.CalledProcessError(process.returncode, command)
    return Usage(wall, _cpu_of_children() - cpu, max(peaks))


def _cpu_of_children() -> timedelta:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return timedelta(seconds=used.ru_utime + used.ru_stime)


def _tree_rss_mib(pid: int) -> float:
    process = Path("/proc", str(pid))
    try:
        rss = int((process / "statm").read_text().split()[1]) / _PAGES_PER_MIB
        children = [
            int(child)
            for task in (process / "task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except OSError:  # it has just ended
        return 0.0
    return rss + sum(map(_tree_rss_mib, children))
