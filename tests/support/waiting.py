"""Waiting for what other processes do: it decides nothing how long that takes."""

import time
from collections.abc import Callable

# for a test that would hang otherwise; a machine is never this busy
CEILING_SECONDS = 180.0


def until(is_true: Callable[[], bool]) -> None:
    """Wait for something that nothing tells of."""
    deadline = time.monotonic() + CEILING_SECONDS
    while not is_true():
        assert time.monotonic() < deadline, f"it did not happen within {CEILING_SECONDS:g} s"
        time.sleep(0.02)
