"""How fast a rehearsal is, and how much memory it takes: `python -m benchmarks.rehearsal`.

The whole loop (real database → task → emulated Kinesis → delivery → S3 → query) on an embedded AWS
of its own, beside its two limits: putting records on the emulated stream from one client alone, and
reading the binary log with mysql-replication alone. The ratios hold on any machine, the rates only
on this one. `--growth` does it again with ten times the rows, for the memory. `--beside FOLDER`
measures another checkout in turn with this one, in rounds. `--check` exits with 1 when a target is
missed.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from threading import Event, Thread
from typing import Any

from botocore.config import Config
from rich.console import Console
from rich.table import Table

from benchmarks.process_parts import EMULATOR, cpu_seconds, memory_mib, parts_of, peak_mib
from benchmarks.small_pipeline import deploy
from dms_stream import data_plane, local_aws
from dms_stream.rehearsal.result import RehearsalResult
from dms_stream.rehearsal.run import rehearse
from dms_stream.rehearsal.sample import load_sample, make_changes
from dms_stream.rehearsal.source.binary_log.reader import Idle, RowChange, read_log
from dms_stream.rehearsal.source.database import connected, current_position
from dms_stream.rehearsal.source.local_database import LocalDatabase

TABLE = "ticket_purchase_hist"
_A_BATCH = 500
_SERVER_ID = 4_000_002
_SAMPLING_SECONDS = 0.1
_TIMES = 10

_LEAST_ROWS = 10_000
_LEAST_CHANGES = 5_000
# what the caches of the database and of the reconciliation's DuckDB hold when they are full
_MOST_GROWTH_MIB = 128

_RECONCILIATION = "reconciliation"
_BEFORE = f"before {_RECONCILIATION}"


@dataclass
class Part:
    """What one process took."""

    peak_mib: float = 0.0
    cpu_seconds: float = 0.0


@dataclass
class Measured:
    """What one run took.

    Attributes:
        rows: Rows of the full load.
        changes: Changes after it.
        seconds: Of each phase; `load in S3` is until the last loaded row was in the bucket.
        raw_put: Records a second from one client onto the emulated stream.
        raw_read: Changes a second that mysql-replication decodes.
        parts: Processes by name.
        passed: Whether what landed is what the source holds.
    """

    rows: int
    changes: int
    seconds: dict[str, float]
    raw_put: float
    raw_read: float
    parts: dict[str, Part] = field(default_factory=dict)
    passed: bool = False

    @property
    def query(self) -> float:
        """Seconds of the query for each record."""
        return self.seconds[_RECONCILIATION] / (self.rows + self.changes)

    @property
    def loading(self) -> dict[str, float]:
        """Rows a second of the full load, by how far they have come."""
        landed = self.seconds["load in S3"]
        return {
            "on the stream": self.rows / self.seconds["full load"],
            "in S3": self.rows / landed,
            "in S3 and queried": self.rows / (landed + self.query * self.rows),
        }

    @property
    def changing(self) -> dict[str, float]:
        """Changes a second, their making included, by how far they have come."""
        on_stream = self.seconds["changes"]
        landed = on_stream + self.seconds["delivery of the rest"]
        return {
            "on the stream": self.changes / on_stream,
            "in S3": self.changes / landed,
            "in S3 and queried": self.changes / (landed + self.query * self.changes),
        }

    @property
    def figures(self) -> dict[str, float]:
        """What is compared with another checkout's: rates, and processor time a row."""
        rows = self.rows + self.changes
        microseconds = {
            f"{name}, CPU µs a row": self.parts[name].cpu_seconds / rows * 1e6
            for name in (EMULATOR, "engine", "delivery", "database")
        }
        return {
            **{f"full load, {where}, a second": rate for where, rate in self.loading.items()},
            **{f"changes, {where}, a second": rate for where, rate in self.changing.items()},
            **microseconds,
            "all of them, CPU µs a row": sum(microseconds.values()),
        }


def main() -> int:
    """Measure and print; 1 when what landed is not what the source holds, or a target is missed."""
    parser = ArgumentParser(prog="python -m benchmarks.rehearsal", description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--changes", type=int, default=50_000)
    parser.add_argument("--growth", action="store_true", help="again with ten times the rows")
    parser.add_argument("--beside", type=Path, help="another checkout, measured in turn")
    parser.add_argument("--rounds", type=int, default=3, help="of the two, 3")
    parser.add_argument("--check", action="store_true", help="1 when a target is missed")
    parser.add_argument("--measure", action="store_true", help="one run, as JSON")
    arguments = parser.parse_args()
    if arguments.measure:
        sys.stdout.write(json.dumps(asdict(_measured(arguments.rows, arguments.changes))))
        return 0
    console = Console()
    console.print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start")
    if arguments.beside:
        return _compare(console, arguments)
    small = _in_a_process(arguments.rows, arguments.changes)
    _show_rates(console, small)
    runs = [small]
    if arguments.growth:
        runs.append(_in_a_process(arguments.rows * _TIMES, arguments.changes))
        _show_rates(console, runs[-1])
    _show_parts(console, runs)
    targets = _targets(runs)
    for is_met, sentence in targets:
        console.print(f"{'met   ' if is_met else 'missed'} {sentence}")
    if not all(run.passed for run in runs):
        console.print("FAILED: what landed is not what the source holds")
        return 1
    return int(arguments.check and not all(is_met for is_met, _ in targets))


def _compare(console: Console, arguments: Namespace) -> int:
    """Measure two checkouts in turn; the ratio of each round is what the machine's load leaves."""
    here, beside = list[Measured](), list[Measured]()
    for _ in range(arguments.rounds):
        for runs, folder in ((beside, arguments.beside), (here, Path.cwd())):
            runs.append(_in_a_process(arguments.rows, arguments.changes, folder))
    table = Table(title=f"{arguments.rows:,} rows, {arguments.changes:,} changes, medians")
    for name in ("", "this checkout", "beside", "of beside", "in each round"):
        table.add_column(name, justify="left" if not name else "right")
    for name in here[0].figures:
        pairs = [(a.figures[name], b.figures[name]) for a, b in zip(here, beside, strict=True)]
        ratios = [one / other for one, other in pairs]
        table.add_row(
            name,
            f"{median(one for one, _ in pairs):,.0f}",
            f"{median(other for _, other in pairs):,.0f}",
            f"{median(ratios):.2f}",
            " ".join(f"{ratio:.2f}" for ratio in ratios),
        )
    console.print(table)
    console.print(f"load {os.getloadavg()[0]:.1f} at the end")
    if not all(run.passed for run in (*here, *beside)):
        console.print("FAILED: what landed is not what the source holds")
        return 1
    return 0


def _in_a_process(rows: int, changes: int, folder: Path | None = None) -> Measured:
    """A run in a process of its own, whose memory is that of the run alone."""
    command = [sys.executable, "-m", "benchmarks.rehearsal", "--measure"]
    output = subprocess.check_output(
        [*command, "--rows", str(rows), "--changes", str(changes)], cwd=folder
    )
    document = json.loads(output)
    parts = {name: Part(**part) for name, part in document.pop("parts").items()}
    return Measured(**document, parts=parts)


def _measured(rows: int, changes: int) -> Measured:
    with tempfile.TemporaryDirectory(prefix="dms-stream-bench-") as name:
        folder = Path(name)
        try:
            server = data_plane.start(folder / "aws")
            pipeline = deploy(server.url, schema="dms_sample", table=TABLE)
            rehearsal = pipeline.rehearsal(
                server.url, folder / "run", purchases=rows, changes=changes
            )
            began, said = time.monotonic(), dict[str, float]()

            def tell(text: str) -> None:
                said.setdefault(text.partition(":")[0], time.monotonic() - began)

            with _sampled(server.pid, said) as parts:
                result = rehearse(rehearsal, on_progress=tell)
            put = _raw_put(server.url, changes)
            read = _raw_read(folder / "raw", changes)
        finally:
            local_aws.stop(folder / "aws")
    seconds = {phase.name: phase.wall.total_seconds() for phase in result.phases}
    seconds["load in S3"] = _delivered(result, rows) - (said["full load"] - seconds["full load"])
    return Measured(rows, changes, seconds, put, read, parts, result.passed)


def _delivered(result: RehearsalResult, rows: int) -> float:
    """Seconds from the rehearsal's start until so many records were in the bucket."""
    (series,) = (series for series in result.throughput if series.name == "delivered")
    records, last = 0.0, 0.0
    for sample in series.samples:
        at = sample.at.total_seconds()
        records, last = records + sample.value * (at - last), at
        if records >= rows:
            break
    return last


def _raw_put(url: str, records: int) -> float:
    """Records a second that the emulated stream takes, from one client."""
    kinesis: Any = local_aws.session().client(
        "kinesis", endpoint_url=url, config=Config(parameter_validation=False)
    )
    kinesis.create_stream(StreamName="raw", ShardCount=1)
    batch = [{"Data": b"x" * 350, "PartitionKey": str(n)} for n in range(_A_BATCH)]
    began = time.perf_counter()
    for _ in range(records // _A_BATCH):
        kinesis.put_records(StreamName="raw", Records=batch)
    return records // _A_BATCH * _A_BATCH / (time.perf_counter() - began)


def _raw_read(folder: Path, changes: int) -> float:
    """Changes a second that mysql-replication decodes."""
    with LocalDatabase(folder) as database, connected(database.address) as connection:
        load_sample(connection, purchases=changes)
        start = current_position(connection)
        make_changes(connection, changes=changes, purchases=changes)
        count, began = 0, time.perf_counter()
        for entry in read_log(database.dms_address, start, server_id=_SERVER_ID):
            if isinstance(entry, RowChange):
                count += 1
            if isinstance(entry, Idle):
                break
        return count / (time.perf_counter() - began)


# Processes


@contextmanager
def _sampled(emulator: int, said: Mapping[str, float]) -> Iterator[dict[str, Part]]:
    """Memory and CPU of the emulator, of all that it starts, and of this process."""
    parts: dict[str, Part] = {}
    ended = Event()

    def sample() -> None:
        while not ended.wait(_SAMPLING_SECONDS):
            for name, pid in parts_of(emulator).items():
                part = parts.setdefault(name, Part())
                part.peak_mib = max(part.peak_mib, peak_mib(pid))
                part.cpu_seconds = max(part.cpu_seconds, cpu_seconds(pid))
            # this process makes the rows and the changes first, and reconciles at the end
            name = _RECONCILIATION if "delivery of the rest" in said else _BEFORE
            part = parts.setdefault(name, Part())
            part.peak_mib = max(part.peak_mib, memory_mib("self"))

    sampler = Thread(target=sample)
    sampler.start()
    try:
        yield parts
    finally:
        ended.set()
        sampler.join()


# What is shown


def _show_rates(console: Console, run: Measured) -> None:
    table = Table(title=f"{run.rows:,} rows, {run.changes:,} changes")
    for name in ("", "a second", "of raw put", "of raw read"):
        table.add_column(name, justify="left" if not name else "right")
    table.add_row("raw put on the stream, one client", f"{run.raw_put:,.0f}", "", "")
    table.add_row("raw read of the binary log", f"{run.raw_read:,.0f}", "", "")
    for where, rate in run.loading.items():
        table.add_row(f"full load, {where}", f"{rate:,.0f}", f"{rate / run.raw_put:.0%}", "")
    for where, rate in run.changing.items():
        ratios = [f"{rate / limit:.0%}" for limit in (run.raw_put, run.raw_read)]
        table.add_row(f"changes, {where}", f"{rate:,.0f}", *ratios)
    console.print(table)
    console.print(", ".join(f"{name} {seconds:.1f} s" for name, seconds in run.seconds.items()))


def _show_parts(console: Console, runs: list[Measured]) -> None:
    table = Table(title="Each part's process: peak memory by rows, processor time")
    table.add_column("")
    for run in runs:
        table.add_column(f"MiB at {run.rows:,}", justify="right")
        table.add_column("CPU s", justify="right")
    for name in runs[0].parts:
        cells = []
        for run in runs:
            part = run.parts[name]
            cells += [
                f"{part.peak_mib:,.0f}",
                f"{part.cpu_seconds:.1f}" if part.cpu_seconds else "",
            ]
        table.add_row(name, *cells)
    console.print(table)


def _targets(runs: list[Measured]) -> list[tuple[bool, str]]:
    small = runs[0]
    loaded, changed = small.loading["in S3 and queried"], small.changing["in S3 and queried"]
    found = [
        (
            loaded >= _LEAST_ROWS,
            f"full load, in S3 and queried: at least {_LEAST_ROWS:,} rows/s: {loaded:,.0f}",
        ),
        (
            changed >= _LEAST_CHANGES,
            f"changes, in S3 and queried: at least {_LEAST_CHANGES:,}/s: {changed:,.0f}",
        ),
    ]
    for large in runs[1:]:
        growth = {
            name: part.peak_mib - small.parts[name].peak_mib for name, part in large.parts.items()
        }
        worst = max(growth, key=lambda name: growth[name])
        found.append(
            (
                growth[worst] <= _MOST_GROWTH_MIB,
                f"{_TIMES} times the rows take at most {_MOST_GROWTH_MIB} MiB more of any part: "
                f"{worst} {growth[worst]:+.0f} MiB",
            )
        )
    return found


if __name__ == "__main__":
    sys.exit(main())
