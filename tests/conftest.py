"""What all tests have in common."""

import pytest
from hypothesis import settings

# how long an example takes on a busy machine says nothing about the code
settings.register_profile("any-machine", deadline=None)
settings.load_profile("any-machine")

_LONGEST_FIRST = ("deploy", "rehearsal", "plan", "slow")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what waits longest, and keep a file's slow tests on one worker."""

    def rank(item: pytest.Item) -> int:
        marks = [
            position for position, m in enumerate(_LONGEST_FIRST) if item.get_closest_marker(m)
        ]
        return min(marks, default=len(_LONGEST_FIRST))

    items.sort(key=rank)
    for item in items:
        if rank(item) < len(_LONGEST_FIRST) and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
