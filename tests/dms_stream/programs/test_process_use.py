"""What processes take of the machine."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from dms_stream.programs import process_use as module
from dms_stream.programs.process_use import CpuShares, ProcessUse, open_bytes, process_use

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
    # a look at the same moment says nothing, and what takes more than there is takes all
    assert percent(130.0, {young: 9.0}) is None
    assert percent(131.0, {young: 19.0}) == 100.0
    # an id has become another process's
    assert percent(133.0, {young: 1.0, old: 1.0}) == 25.0


STATUS = (
    "Name:\ta\nVmPeak:\t  999 kB\nVmRSS:\t    300 kB\nRssAnon:\t    1 kB\nVmSwap:\t      7 kB\n"
)


@pytest.mark.parametrize(
    ("status", "memory"),
    [
        (STATUS, 307 * 1024),
        (STATUS.replace("VmSwap", "Other"), 300 * 1024),
        ("Name:\ta\nState:\tZ (zombie)\n", 0),
    ],
)
def test_what_the_system_tells_is_added_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: str, memory: int
) -> None:
    process = tmp_path / "7"
    process.mkdir()
    monkeypatch.setattr(module, "Path", lambda text: tmp_path / text.removeprefix("/proc/"))
    assert process_use(7) is None
    # a name may hold blanks and brackets; user and system ticks are the 14th and 15th field
    fields = " ".join(str(number) for number in range(4, 53))
    (process / "stat").write_text(f"7 (a) b) S {fields}\n")
    assert process_use(7) is None
    (process / "status").write_text(status)
    seconds = (14 + 15) / os.sysconf("SC_CLK_TCK")
    assert process_use(7) == ProcessUse(seconds, memory)
