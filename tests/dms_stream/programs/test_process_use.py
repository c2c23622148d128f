"""What processes take of the machine."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from dms_stream.programs.process_use import CpuShares, process_use

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")


def test_what_a_process_takes_grows_with_its_work_and_ends_with_it() -> None:
    before = process_use(os.getpid())
    assert before is not None
    assert before.resident_bytes > 1024 * 1024
    assert before.swapped_bytes >= 0
    while True:
        sum(range(100_000))
        now = process_use(os.getpid())
        assert now is not None
        if now.cpu_seconds > before.cpu_seconds:
            break
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert process_use(child.pid) is None


def test_a_share_of_the_processors_is_of_the_time_since_the_last_look() -> None:
    use = process_use(os.getpid())
    assert use is not None
    old, young, shares = 1, 2, CpuShares()

    def percent(at: float, seconds: dict[int, float]) -> float | None:
        uses = {pid: replace(use, cpu_seconds=taken) for pid, taken in seconds.items()}
        return shares.percent(uses, at=at, processors=2)

    assert percent(100.0, {old: 50.0}) is None
    assert percent(110.0, {old: 55.0}) == 25.0
    assert percent(120.0, {old: 57.0, young: 2.0}) == 20.0
    assert percent(130.0, {young: 2.0}) == 0.0
