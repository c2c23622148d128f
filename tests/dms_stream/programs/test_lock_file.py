"""Locks on files."""

import fcntl
from pathlib import Path
from typing import IO

import pytest

from dms_stream.programs import lock_file
from dms_stream.programs.lock_file import LockedError, is_locked, locked


def test_a_held_lock_is_waited_for_unless_told_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system is asked to wait, which no other thread can watch without a race."""
    path, flock, asked = tmp_path / "lock", fcntl.flock, list[int]()

    def asks(file: IO[bytes], operation: int) -> None:
        asked.append(operation)
        flock(file, operation)

    monkeypatch.setattr(lock_file.fcntl, "flock", asks)  # type: ignore[attr-defined]
    with locked(path):
        with (
            pytest.raises(LockedError, match=f"another process holds {path}"),
            locked(path, wait=False),
        ):
            pass
        assert asked == [fcntl.LOCK_EX, fcntl.LOCK_EX | fcntl.LOCK_NB]
        assert is_locked(path)
    assert not is_locked(path)
