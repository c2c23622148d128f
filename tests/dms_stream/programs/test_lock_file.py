"""Locks on files."""

from pathlib import Path
from threading import Event, Thread

import pytest

from dms_stream.programs.lock_file import LockedError, is_locked, locked
from tests.support.waiting import CEILING_SECONDS


def test_a_held_lock_is_waited_for_unless_told_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    failures: list[Exception] = []
    asks, has = Event(), Event()

    def hold_as_well() -> None:
        asks.set()
        try:
            with locked(path):
                has.set()
        except LockedError as error:
            failures.append(error)

    other = Thread(target=hold_as_well)
    with locked(path):
        assert is_locked(path)
        with (
            pytest.raises(LockedError, match=f"another process holds {path}"),
            locked(path, wait=False),
        ):
            pass
        other.start()
        assert asks.wait(CEILING_SECONDS)
        assert not has.is_set()
    other.join(CEILING_SECONDS)
    assert has.is_set()
    assert failures == []
    assert not is_locked(path)
