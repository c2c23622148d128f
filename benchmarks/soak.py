"""Whether the embedded AWS stays as it is while rows move: `python -m benchmarks.soak`.

A task captures changes that come at a bounded rate, a delivery brings them into S3, and the API is
asked all the while. Memory of each part is sampled: a part that is flat holds at the end what it
held after warming up. `--check` exits with 1 when one is not, which no load of the machine decides.

    --minutes N   how long (10); the first fifth warms up
    --rate N      changes a second (200)
"""

import os
import sys
import tempfile
import time
from argparse import ArgumentParser
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from threading import Event, Thread
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.process_parts import memory_mib, parts_of
from benchmarks.small_pipeline import client, deploy
from dms_stream import data_plane, local_aws
from dms_stream.local_aws.data_plane_client import DataPlaneClient
from dms_stream.rehearsal.result import RehearsalResult
from dms_stream.rehearsal.run import rehearse
from dms_stream.rehearsal.sample import make_changes
from dms_stream.rehearsal.source.database import DatabaseAddress, connected
from dms_stream.rehearsal.source.local_database import LocalDatabase

_TABLE = "ticket_purchase_hist"
_ROWS = 10_000
_SAMPLING_SECONDS = 2.0
_ASKING_SECONDS = 0.1
_ROUND_SECONDS = 0.5
_WARM_UP = 0.2
_AT_BOTH_ENDS = 0.1
# the allocator's arenas, and the counters of the last minutes
_MOST_GROWTH = 1.1
_MOST_GROWTH_MIB = 8.0


@dataclass
class Soaked:
    """What was seen.

    Attributes:
        memory: Of each part: seconds since the beginning, and MiB.
        answers: Seconds of each answer of the API, by call.
        changes: Changes made.
        result: What landed, compared with the source.
    """

    memory: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    answers: dict[str, list[float]] = field(default_factory=dict)
    changes: int = 0
    result: RehearsalResult | None = None


@dataclass(frozen=True)
class Trend:
    """Memory of a part over time, the warm-up left out.

    Attributes:
        warm_mib: Median of the first tenth.
        end_mib: Median of the last tenth.
        mib_an_hour: Slope of the line through all samples (Theil and Sen's median).
    """

    warm_mib: float
    end_mib: float
    mib_an_hour: float

    @property
    def is_flat(self) -> bool:
        """Whether the end is about what it was after warming up."""
        most = max(self.warm_mib * _MOST_GROWTH, self.warm_mib + _MOST_GROWTH_MIB)
        return self.end_mib <= most


def trend(samples: list[tuple[float, float]], seconds: float) -> Trend:
    """The trend of a part's samples.

    Args:
        samples: Seconds since the beginning, and MiB.
        seconds: How long it all took.
    """
    warm = [sample for sample in samples if sample[0] >= seconds * _WARM_UP]
    edge = max(1, round(len(warm) * _AT_BOTH_ENDS))
    half = len(warm) // 2
    slopes = [
        (later[1] - earlier[1]) / (later[0] - earlier[0])
        for earlier, later in zip(warm[:half], warm[len(warm) - half :], strict=True)
    ]
    return Trend(
        median(mib for _, mib in warm[:edge]),
        median(mib for _, mib in warm[-edge:]),
        median(slopes) * 3600 if slopes else 0.0,
    )


def main() -> int:
    """Soak and print; 1 when a part is not flat, or what landed is not what the source holds."""
    parser = ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rate", type=int, default=200, help="changes a second")
    parser.add_argument("--check", action="store_true", help="1 when a part is not flat")
    arguments = parser.parse_args()
    console = Console()
    console.print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start")
    seconds = arguments.minutes * 60
    soaked = soak(seconds, arguments.rate)
    console.print(
        f"{soaked.changes:,} changes in {seconds:.0f} s, load {os.getloadavg()[0]:.1f} at the end"
    )
    trends = {part: trend(samples, seconds) for part, samples in soaked.memory.items()}
    _show_memory(console, trends)
    _show_answers(console, soaked.answers)
    if soaked.result is None or not soaked.result.passed:
        console.print("FAILED: what landed is not what the source holds")
        return 1
    grown = [part for part, each in trends.items() if not each.is_flat]
    if grown:
        console.print(f"missed flat memory: {', '.join(grown)}")
    else:
        console.print("met    flat memory of every part")
    return int(arguments.check and bool(grown))


def soak(seconds: float, rate: int) -> Soaked:
    """Let changes run through an embedded AWS of its own.

    Args:
        seconds: How long.
        rate: Changes a second, at most.
    """
    soaked = Soaked()
    with tempfile.TemporaryDirectory(prefix="dms-stream-bench-") as name:
        folder = Path(name)
        try:
            server = data_plane.start(folder / "aws")
            pipeline = deploy(server.url, schema="dms_sample", table=_TABLE)
            rehearsal = pipeline.rehearsal(server.url, folder / "run", purchases=_ROWS, changes=0)
            rehearse(rehearsal)  # loads, and stops the task again
            dms = client("dms", server.url)
            dms.start_replication_task(
                ReplicationTaskArn=pipeline.task_arn, StartReplicationTaskType="resume-processing"
            )
            at = DataPlaneClient(server.url).status()["database"]["folder"]
            ours = LocalDatabase.running_in(Path(at))
            assert ours is not None
            _run(soaked, server, ours.address, seconds, rate)
            soaked.result = rehearse(rehearsal)
        finally:
            local_aws.stop(folder / "aws")
    return soaked


def _run(
    soaked: Soaked, server: local_aws.Endpoint, database: DatabaseAddress, seconds: float, rate: int
) -> None:
    ended, began = Event(), time.monotonic()
    failures = list[Exception]()

    def sample() -> None:
        while not ended.wait(_SAMPLING_SECONDS):
            at = time.monotonic() - began
            for part, pid in parts_of(server.pid).items():
                soaked.memory.setdefault(part, []).append((at, memory_mib(pid)))

    def ask() -> None:
        calls = _calls(server.url)
        while not ended.is_set():
            for name, call in calls.items():
                asked = time.perf_counter()
                call()
                soaked.answers.setdefault(name, []).append(time.perf_counter() - asked)
                ended.wait(_ASKING_SECONDS)

    def guarded(work: Any) -> None:
        try:
            work()
        except Exception as error:  # whoever waits is told
            failures.append(error)

    threads = [Thread(target=guarded, args=[work]) for work in (sample, ask)]
    for thread in threads:
        thread.start()
    try:
        with connected(database) as connection:
            while (at := time.monotonic() - began) < seconds and not failures:
                made = make_changes(
                    connection,
                    changes=max(1, round(rate * _ROUND_SECONDS)),
                    purchases=_ROWS,
                    seed=soaked.changes,
                )
                soaked.changes += sum(made.values())
                ended.wait(max(0.0, began + at + _ROUND_SECONDS - time.monotonic()))
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    if failures:
        raise failures[0]


def _calls(url: str) -> dict[str, Any]:
    """What clients ask again and again."""
    services = ("dms", "kinesis", "firehose", "cloudwatch")
    dms, kinesis, firehose, cloudwatch = (client(service, url) for service in services)
    return {
        "DescribeReplicationTasks": dms.describe_replication_tasks,
        "DescribeStreamSummary": lambda: kinesis.describe_stream_summary(StreamName="bench"),
        "DescribeDeliveryStream": lambda: firehose.describe_delivery_stream(
            DeliveryStreamName="bench"
        ),
        "ListMetrics": cloudwatch.list_metrics,
    }


def _show_memory(console: Console, trends: dict[str, Trend]) -> None:
    table = Table(title="Resident memory, MiB")
    table.add_column("")
    for name in ("warm", "at the end", "ratio", "an hour"):
        table.add_column(name, justify="right")
    for part, each in trends.items():
        table.add_row(
            part,
            f"{each.warm_mib:,.1f}",
            f"{each.end_mib:,.1f}",
            f"{each.end_mib / each.warm_mib:.3f}",
            f"{each.mib_an_hour:+,.1f}",
        )
    console.print(table)


def _show_answers(console: Console, answers: dict[str, list[float]]) -> None:
    table = Table(title="Answers of the API while rows move, ms")
    table.add_column("")
    for name in ("calls", "p50", "p90", "p99", "longest"):
        table.add_column(name, justify="right")
    rows = {**answers, "all": [each for found in answers.values() for each in found]}
    for name, found in rows.items():
        cuts = quantiles(found, n=100)
        shown = (cuts[49], cuts[89], cuts[98], max(found))
        table.add_row(name, f"{len(found):,}", *(f"{each * 1000:.1f}" for each in shown))
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
