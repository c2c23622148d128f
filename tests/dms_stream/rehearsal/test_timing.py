"""The time that a rehearsal says it took, and its rates."""

from datetime import timedelta

import pytest

from dms_stream.rehearsal.result import Sample
from dms_stream.rehearsal.timing import Stopwatch, rates


def samples(*pairs: tuple[float, float]) -> tuple[Sample, ...]:
    """Values at seconds."""
    return tuple(Sample(timedelta(seconds=at), value) for at, value in pairs)


@pytest.mark.parametrize(
    ("totals", "found"),
    [
        ([], []),
        ([(0.0, 5)], []),
        # half a second is the least
        ([(0.5, 5)], [(0.5, 10.0)]),
        ([(0.4, 5)], []),
        ([(0.4, 5), (1.0, 8), (3.0, 8), (3.2, 9)], [(1.0, 8.0), (3.0, 0.0)]),
        ([(1.0, 4), (2.0, 10)], [(1.0, 4.0), (2.0, 6.0)]),
    ],
)
def test_rates_are_of_what_came_since_the_one_before(
    totals: list[tuple[float, float]], found: list[tuple[float, float]]
) -> None:
    assert rates(samples(*totals)) == samples(*found)


def test_phases_are_kept_and_told_but_not_those_that_fail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = iter([100.0, 101.0, 103.0, 104.0, 104.5, 105.0])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    told: list[str] = []
    watch = Stopwatch(told.append)
    with watch.phase("full load") as moved:
        moved.records = 3000
    with watch.phase("check"):
        pass
    with pytest.raises(KeyError), watch.phase("changes"):
        raise KeyError
    assert told == ["full load: 2.0 s, 1,500/s", "check: 0.5 s"]
    assert [(each.name, each.wall, each.records) for each in watch.phases] == [
        ("full load", timedelta(seconds=2), 3000),
        ("check", timedelta(seconds=0.5), 0),
    ]


def test_a_moment_is_told_by_its_time_since_the_start() -> None:
    watch = Stopwatch(lambda _: None)
    assert watch.at(watch.started.timestamp() + 2.5) == timedelta(seconds=2.5)
    assert timedelta(0) < watch.elapsed < timedelta(hours=1)
