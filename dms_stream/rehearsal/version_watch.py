"""What becomes of a running task while another version of its settings is deployed.

A thread asks the data plane how the task and its delivery are, another one keeps changing the
sample, at a bounded rate. `Seen` is what came of it; nothing here knows what was announced.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

from dms_stream.local_aws.data_plane_client import DataPlaneClient
from dms_stream.rehearsal.errors import RehearsalError
from dms_stream.rehearsal.sample import SampleNames, make_changes
from dms_stream.rehearsal.source.database import DatabaseAddress, connected

_LOOK_SECONDS = 0.1
_CHANGES_A_ROUND = 50
_ROUND_SECONDS = 0.25


@dataclass(frozen=True)
class ChangingSample:
    """The sample, which is changed all the while.

    Attributes:
        database: As a user who may change it.
        names: Under which names its tables stand.
        purchases: Rows it was loaded with.
        seed: Of the changes.
    """

    database: DatabaseAddress
    names: SampleNames
    purchases: int
    seed: int


@dataclass
class Seen:
    """What was seen of a task and its delivery.

    Attributes:
        stops: Seconds of each time that the task did not run, in order.
        resumed_at: The place in the log at which it went on after the last of them.
        runs: Whether it runs at the end.
        message: Why it failed, where it did.
        loaded: Rows that were loaded meanwhile, by table: those of new tables and of tables that
            were loaded once more.
        loaded_again: Those of the tables that had been loaded before.
        delivery_restarts: How often the delivery began again with other settings.
        changes: Changes made to the sample meanwhile.
        longest_silence: Seconds in which no record reached the stream, at most.
    """

    stops: list[float] = field(default_factory=list)
    resumed_at: str = ""
    runs: bool = True
    message: str = ""
    loaded: dict[str, int] = field(default_factory=dict)
    loaded_again: dict[str, int] = field(default_factory=dict)
    delivery_restarts: int = 0
    changes: int = 0
    longest_silence: float = 0.0


class Watch:
    """Looks at a task and its delivery.

    Args:
        plane: The embedded AWS's data plane.
        task_arn: ARN of the task or of the replication config.
        delivery_stream: Name of its delivery stream.
    """

    def __init__(self, plane: DataPlaneClient, task_arn: str, delivery_stream: str) -> None:
        self._plane, self._arn, self._stream = plane, task_arn, delivery_stream
        self.seen = Seen()
        self._before = self._task()
        self._started: float = self._before["since"]
        self._changes: int = plane.delivery(delivery_stream)["changes"]
        self._stopped_at: float | None = None
        self._records = _records(self._before)
        self._records_at = time.monotonic()

    def look(self) -> None:
        """Take in how they are now."""
        task, now, seen = self._task(), time.monotonic(), self.seen
        seen.runs, seen.message = task["status"] == "running", task["message"]
        if not seen.runs:
            self._stopped_at = now if self._stopped_at is None else self._stopped_at
        elif self._stopped_at is not None or task["since"] != self._started:
            # one that was shorter than a look at least was there
            began = now if self._stopped_at is None else self._stopped_at
            seen.stops.append(max(now - began, _LOOK_SECONDS))
            seen.resumed_at = task["position"] or ""
            self._stopped_at, self._started = None, task["since"]
        if (records := _records(task)) != self._records:
            self._records, self._records_at = records, now
        seen.longest_silence = max(seen.longest_silence, now - self._records_at)
        seen.delivery_restarts = self._plane.delivery(self._stream)["changes"] - self._changes

    def settle(self, timeout_seconds: float) -> None:
        """Wait until records come again, or it is clear that the task does not run."""
        reached, until = self._records, time.monotonic() + timeout_seconds
        while self._records == reached and time.monotonic() < until:
            Event().wait(_LOOK_SECONDS)

    def end(self) -> None:
        """Take in what was loaded."""
        self.look()
        if self._stopped_at is not None:
            self.seen.stops.append(time.monotonic() - self._stopped_at)
        before, after = (_loads(task) for task in (self._before, self._task()))
        for table, rows in after.items():
            if rows == before.get(table, 0):
                continue
            self.seen.loaded[table] = rows
            if before.get(table):
                self.seen.loaded_again[table] = rows

    def _task(self) -> Mapping[str, Any]:
        found = self._plane.task(self._arn)
        assert found is not None  # it ran before
        return found


@contextmanager
def watched(watch: Watch, sample: ChangingSample | None) -> Iterator[None]:
    """Look at a task, and keep changing the sample, as long as the block lasts.

    Args:
        watch: Looks.
        sample: What is changed; None: somebody else changes the source.

    Raises:
        RehearsalError: (at the block's end) the source or the data plane stopped answering.
    """
    ended, failures = Event(), list[Exception]()

    def guarded(work: Any) -> None:
        try:
            work()
        except Exception as error:  # told to whoever waits
            failures.append(error)

    def look() -> None:
        while not ended.wait(_LOOK_SECONDS):
            watch.look()

    def change() -> None:
        assert sample is not None
        with connected(sample.database) as connection:
            while not ended.is_set():
                began = time.monotonic()
                made = make_changes(
                    connection,
                    changes=_CHANGES_A_ROUND,
                    purchases=sample.purchases,
                    seed=sample.seed + watch.seen.changes,
                    names=sample.names,
                    is_stopped=ended.is_set,
                )
                watch.seen.changes += sum(made.values())
                ended.wait(max(0.0, began + _ROUND_SECONDS - time.monotonic()))

    works = [look, *([change] if sample is not None else [])]
    threads = [Thread(target=guarded, args=[work], name=work.__name__) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    if failures:
        raise RehearsalError(
            "while another version was deployed, the source or the embedded AWS failed: "
            f"{failures[0]}; run the same command again to start over"
        ) from failures[0]
    watch.end()


def _records(task: Mapping[str, Any]) -> int:
    return sum(sum(table.values()) for table in task["counts"].values())


def _loads(task: Mapping[str, Any]) -> dict[str, int]:
    return {name: table.get("load", 0) for name, table in task["counts"].items()}
