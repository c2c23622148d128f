"""What all tests have in common."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

# how long an example takes on a busy machine says nothing about the code
settings.register_profile("any-machine", deadline=None)
settings.load_profile("any-machine")

_LONGEST_FIRST = ("deploy", "rehearsal", "plan", "slow")
# deployments that take longest, in this order; the others are behind them
_LONGEST_DEPLOYMENTS = ("two-pipelines", "interruptions", "changes", "a-day", "imported")
# a deployment mostly waits, and is what the suite waits for in the end: the others step aside
_NICENESS = 10


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what waits longest, and keep a file's slow tests on one worker."""
    for item in items:
        if _marks(item) and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
    items.sort(key=_rank)
    items[:] = _spread(items)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Give deployments the processor first."""
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    if is_worker and "deploy" not in _marks(item) and os.nice(0) < _NICENESS:
        os.nice(_NICENESS - os.nice(0))


def _marks(item: pytest.Item) -> list[str]:
    return [mark for mark in _LONGEST_FIRST if item.get_closest_marker(mark)]


def _group(item: pytest.Item) -> str:
    marker = item.get_closest_marker("xdist_group")
    return str(marker.args[0]) if marker else item.nodeid


def _rank(item: pytest.Item) -> tuple[int, int]:
    marks = _marks(item)
    kind = _LONGEST_FIRST.index(marks[0]) if marks else len(_LONGEST_FIRST)
    longest = (*_LONGEST_DEPLOYMENTS, _group(item))
    return kind, longest.index(_group(item))


def _spread(items: list[pytest.Item]) -> Iterator[pytest.Item]:
    """Put a short test behind the first group of each worker.

    xdist gives a worker its second group together with the first, and a deployment would wait there
    for another one, while other workers have nothing left to do.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "0"))
    first = list(dict.fromkeys(map(_group, items)))[:workers]
    short = [item for item in items if not _marks(item)][-workers:] if workers else []
    yield from (item for item in items if _group(item) in first and item not in short)
    yield from short
    yield from (item for item in items if _group(item) not in first and item not in short)
