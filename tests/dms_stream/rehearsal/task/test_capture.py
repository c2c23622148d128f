"""How the engine captures changes, and where it ends; on a played source."""

from collections.abc import Callable

import pytest

from dms_stream.rehearsal.errors import RefusedError
from dms_stream.rehearsal.source.binary_log.reader import Idle
from dms_stream.rehearsal.source.database import LogPosition
from dms_stream.rehearsal.task.limits import Limits
from tests.support.pipelines import selection
from tests.support.played_source import ANNOUNCED, FILE, MOMENT, OTHER, Play, T, task


def test_a_changes_place_among_others_is_told_also_over_a_restart(play: Play) -> None:
    source = play.on(T, OTHER)
    deployed = task(selection("shop", "t"), include_transaction_details=True)
    play.run(deployed)
    source.transaction(
        source.changed("insert", T, [1, 1]),
        # of a table that nobody captures
        source.changed("insert", OTHER, [1, 1]),
        source.changed("update", T, [1, 2], [1, 1]),
    )
    source.transaction(source.changed("delete", T, [1, 2]))
    engine = play.run(deployed)
    assert play.stream.told == ["insert t id=1 v=1", "update t id=1 v=2", "delete t id=1 v=2"]
    assert engine.counts == {"shop.t": {"control": 2, "insert": 1, "update": 1, "delete": 1}}

    def places() -> list[tuple[int, ...]]:
        return [
            tuple(
                record["metadata"][name]
                for name in (
                    *("transaction-id", "transaction-record-id"),
                    *("prev-transaction-id", "prev-transaction-record-id"),
                )
            )
            for record in play.stream.records
        ]

    assert places() == [(200, 1, 0, 0), (200, 2, 200, 1), (300, 1, 200, 2)]
    assert play.stream.records[0]["metadata"]["commit-timestamp"] == "2024-01-31T10:00:00.000000Z"
    assert play.stream.records[0]["metadata"]["stream-position"] == f"{FILE}:100:0"
    source.transaction(source.changed("insert", T, [5, 5]))
    play.run(deployed)
    assert places() == [(400, 1, 300, 1)]
    assert play.checkpoint["transaction"] == [400, 1]


def test_what_a_checkpoint_says_of_the_sources_time_and_place(play: Play) -> None:
    source = play.on(T)
    play.run()
    end = source.transaction(source.changed("insert", T, [1, 1], at=MOMENT + 5))
    play.run()
    last = play.values_of("checkpoint")[-1]
    assert (last["position"], last["source_time"]) == (str(end), MOMENT + 5)
    assert play.checkpoint["position"] == {"file": FILE, "offset": 200}


def test_a_run_ends_by_the_moment_of_a_commit(play: Play) -> None:
    """The change at it is captured, and the one behind it waits for the next run."""
    source = play.on(T)
    play.run()
    for number in (0, 1, 2):
        source.transaction(source.changed("insert", T, [number, 0], at=MOMENT + number))
    limits = Limits(stop_position="commit_time:2024-01-31T10:00:01")
    engine = play.run(limits=limits)
    assert play.stream.told == ["insert t id=0 v=0", "insert t id=1 v=0"]
    assert engine.stop_reason == "STOPPED_AT_COMMIT_TIME"
    assert play.run().stop_reason == "NORMAL"
    assert play.stream.told == ["insert t id=2 v=0"]


def test_a_run_ends_by_the_clock_between_two_transactions(play: Play) -> None:
    source = play.on(T)
    play.run()
    source.transaction(source.changed("insert", T, [1, 0]))
    source.transaction(source.changed("insert", T, [2, 0]))
    engine = play.run(limits=Limits(stop_position="server_time:2024-01-31T10:00:00"))
    assert play.stream.told == ["insert t id=1 v=0"]
    assert engine.stop_reason == "STOPPED_AT_SERVER_TIME"
    # whoever stops it then changes nothing about that reason, unless it comes first
    engine.stop()
    assert engine.stop_reason == "NORMAL"


def test_a_stop_ends_after_the_current_transaction(play: Play) -> None:
    source = play.on(T)
    play.run()
    engine = play.engine()
    source.transaction(source.changed("insert", T, [1, 0]), engine.stop)
    source.transaction(source.changed("insert", T, [2, 0]))
    play.stream.taken.clear()
    engine.run()
    assert play.stream.told == ["insert t id=1 v=0"]
    assert play.checkpoint["position"] == {"file": FILE, "offset": 200}


def test_a_stop_before_the_load_is_over_captures_nothing(play: Play) -> None:
    source = play.on(T)
    source.rows = {"shop.t": [[1, 1]]}
    engine = play.engine()
    engine.stop()
    engine.run()
    assert play.stream.told == [*ANNOUNCED]
    assert source.asked == []


def test_a_transaction_reaches_the_stream_whole_or_not_at_all(play: Play) -> None:
    source = play.on(T)
    play.run()

    def refuse() -> None:
        raise RefusedError("the log", ["it is broken"])

    source.transaction(source.changed("insert", T, [1, 0]))
    source.transaction(source.changed("insert", T, [2, 0]), refuse)
    with pytest.raises(RefusedError, match="it is broken"):
        play.run()
    assert play.checkpoint["position"] == {"file": FILE, "offset": 100}
    source.log = source.log[:3]
    play.run()
    assert play.stream.told == ["insert t id=1 v=0"]


def test_an_idle_log_is_told_once_for_each_place(play: Play) -> None:
    source = play.on(T)
    play.run()
    here = LogPosition(FILE, 150)
    source.end = LogPosition(FILE, 250)
    engine = play.engine()
    source.log += [Idle(here), Idle(here), Idle(source.end), engine.stop]
    play.events.clear()
    engine.run()
    assert play.values_of("idle") == [{"position": str(here)}, {"position": f"{FILE}:250"}]


def test_a_commit_is_a_checkpoint_where_half_a_second_has_passed(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    source = play.on(T)
    play.run()

    def later(seconds: float) -> Callable[[], None]:
        def wait() -> None:
            now[0] += seconds

        return wait

    first = source.transaction(source.changed("insert", T, [1, 0]), later(0.5))
    second = source.transaction(source.changed("insert", T, [2, 0]), later(0.125))
    third = source.transaction(source.changed("insert", T, [3, 0]), later(0.5))
    last = source.transaction(source.changed("insert", T, [4, 0]))
    play.run()
    places = [values["position"] for values in play.values_of("checkpoint")]
    assert str(first) not in places
    assert str(second) in places
    assert str(third) not in places
    assert places[-1] == str(last)
