"""Locks that processes hold on files; the system frees them however their holder ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from constructs_lib.errors import DmsStreamError


class LockedError(DmsStreamError):
    """Another process holds the lock."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"another process holds {path}")


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold the lock on a file, which is made if there is none.

    Args:
        path: The file; its folder exists.
        wait: Whether to wait for another holder.

    Raises:
        LockedError: another process holds it, and `wait` is false.
    """
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise LockedError(path) from None
        yield


def is_locked(path: Path) -> bool:
    """Whether a living process holds the lock on a file; its folder exists."""
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
