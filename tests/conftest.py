"""What all tests have in common."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# how long an example takes on a busy machine says nothing about the code
settings.register_profile("any-machine", deadline=None)
settings.load_profile("any-machine")

_LONGEST_FIRST = ("deploy", "rehearsal", "plan", "slow")
# those that take longest, in this order
_LONGEST_FILES = (
    *("test_deployments", "test_changes", "test_a_day", "test_pipeline", "test_interruptions"),
    *("test_deployment", "test_faults", "test_imported", "test_wheel", "test_bootstrap"),
    *("test_reporting", "test_bindings", "test_kinds_of_sources", "test_tasks"),
)
# a deployment mostly waits, and is what the suite waits for in the end: the others step aside
_NICENESS = 10


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest.

    A worker gets its second file together with its first, and would let a deployment wait there for
    another one, while other workers have nothing left to do: so its second file is a short one.
    """
    kinds: dict[Path, int] = {}
    for item in items:
        kinds[item.path] = min(_kind(item), kinds.get(item.path, len(_LONGEST_FIRST)))
    files = sorted(kinds, key=lambda path: (_length(path), kinds[path]))
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "0"))
    rest = files[workers:]
    places = {
        path: place
        for place, path in enumerate([*files[:workers], *rest[-workers:], *rest[:-workers]])
    }
    items.sort(key=lambda item: places[item.path])


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Give deployments the processor first."""
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    if is_worker and _kind(item) and os.nice(0) < _NICENESS:
        os.nice(_NICENESS - os.nice(0))


def _kind(item: pytest.Item) -> int:
    kinds = [place for place, m in enumerate(_LONGEST_FIRST) if item.get_closest_marker(m)]
    return min(kinds, default=len(_LONGEST_FIRST))


def _length(path: Path) -> int:
    return [*_LONGEST_FILES, path.stem].index(path.stem)
