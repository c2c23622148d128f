"""The time a rehearsal takes: its phases, and rates over time."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dms_stream.rehearsal.result import Phase, Sample

_STEP_SECONDS = 0.5


@dataclass
class Moved:
    """What a phase moves, filled in while it runs."""

    records: int = 0


class Stopwatch:
    """Runs from the rehearsal's start.

    Args:
        on_progress: Called with a sentence when a phase ends.

    Attributes:
        started: When it started.
        phases: Those that ended.
    """

    def __init__(self, on_progress: Callable[[str], None]) -> None:
        self._on_progress = on_progress
        self._started_monotonic = time.monotonic()
        self.started = datetime.now(UTC)
        self.phases: list[Phase] = []

    @property
    def elapsed(self) -> timedelta:
        """Time since the start."""
        return timedelta(seconds=time.monotonic() - self._started_monotonic)

    def at(self, timestamp: float) -> timedelta:
        """Time from the start to a moment, given in seconds since 1970."""
        return datetime.fromtimestamp(timestamp, UTC) - self.started

    @contextmanager
    def phase(self, name: str) -> Iterator[Moved]:
        """Time a phase; one that fails is left out."""
        start, moved = self.elapsed, Moved()
        yield moved
        phase = Phase(name, self.elapsed - start, moved.records)
        self.phases.append(phase)
        rate = f", {phase.records_per_second:,.0f}/s" if phase.records else ""
        self._on_progress(f"{name}: {phase.wall.total_seconds():.1f} s{rate}")


def rates(totals: Sequence[Sample]) -> tuple[Sample, ...]:
    """Rates between the totals, each over at least half a second."""
    found: list[Sample] = []
    last = Sample(timedelta(0), 0)
    for sample in totals:
        seconds = (sample.at - last.at).total_seconds()
        if seconds >= _STEP_SECONDS:
            found.append(Sample(sample.at, (sample.value - last.value) / seconds))
            last = sample
    return tuple(found)
