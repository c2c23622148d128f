"""What processes take of the machine."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from dms_stream.programs.process_use import CpuShares, open_bytes, process_use

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")


def test_what_a_process_takes_grows_with_its_work_and_ends_with_it() -> None:
    before = process_use(os.getpid())
    assert before is not None
    assert before.memory_bytes > 1024 * 1024
    while True:
        sum(range(100_000))
        now = process_use(os.getpid())
        assert now is not None
        if now.cpu_seconds > before.cpu_seconds:
            break
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert process_use(child.pid) is None


def test_open_files_below_a_folder_count_once_and_deleted_ones_too(tmp_path: Path) -> None:
    temporary, other = tmp_path / "tmp", tmp_path / "tmp-2"
    for folder in (temporary, other):
        folder.mkdir()
        (folder / "closed").write_bytes(b"n" * 1_000)
    with (
        (temporary / "kept").open("wb") as kept,
        (temporary / "kept").open("rb"),
        (temporary / "gone").open("wb") as gone,
        (other / "elsewhere").open("wb") as elsewhere,
    ):
        for number, file in enumerate((kept, gone, elsewhere)):
            file.write(b"n" * 10**number)
            file.flush()
        (temporary / "gone").unlink()
        assert open_bytes(os.getpid(), temporary) == 11
    assert open_bytes(os.getpid(), temporary) == 0
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert open_bytes(child.pid, temporary) == 0


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
