"""Where a task begins and ends, as DMS's calls write it."""

import time

import pytest

from dms_stream.data_plane.task_state import TaskState
from dms_stream.rehearsal.source.database import LogPosition
from dms_stream.rehearsal.task.limits import NO_LIMITS, Limits, start_moment, start_position


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("mysql-bin-changelog.000024:373", LogPosition("mysql-bin-changelog.000024", 373)),
        # the example of AWS's guide: from the beginning of the oldest transaction that is open
        (
            "checkpoint:V1#27#mysql-bin-changelog.157832:1975:-1:2002:677883278264080:"
            "mysql-bin-changelog.157832:1876#0#0#*#0#93",
            LogPosition("mysql-bin-changelog.157832", 1876),
        ),
        ("checkpoint:V1#27#0000:1", None),
        ("2018-03-08T12:12:12", None),
        ("mysql-bin-changelog.000024", None),
        ("", None),
    ],
)
def test_start_positions(text: str, position: LogPosition | None) -> None:
    assert start_position(text) == position


def test_our_own_checkpoints_are_read_back() -> None:
    state = TaskState("arn", "task", position="mysql-bin.000007:42")
    assert state.recovery_checkpoint is not None
    assert start_position(state.recovery_checkpoint) == LogPosition("mysql-bin.000007", 42)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2018-03-08T12:12:12", 1520511132.0),
        ("2018-03-08T12:12:12Z", 1520511132.0),
        ("2018-03-08T13:12:12+01:00", 1520511132.0),
        ("2018-03-08", None),
        ("mysql-bin.000001:4", None),
    ],
)
def test_start_moments(text: str, moment: float | None) -> None:
    assert start_moment(text) == moment


def test_a_commit_time_ends_behind_its_second() -> None:
    limits = Limits(stop_position="commit_time:2018-03-08T12:12:12")
    assert not limits.ends_before(1520511132)
    assert limits.ends_before(1520511133)
    assert not limits.has_ended()


def test_a_server_time_ends_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = Limits(stop_position="server_time:2018-03-08T12:12:12Z")
    monkeypatch.setattr(time, "time", lambda: 1520511131.9)
    assert not limits.has_ended()
    monkeypatch.setattr(time, "time", lambda: 1520511132.0)
    assert limits.has_ended()
    assert not limits.ends_before(1520511133)


def test_without_limits_nothing_ends() -> None:
    assert not NO_LIMITS.has_ended()
    assert not NO_LIMITS.ends_before(1)
