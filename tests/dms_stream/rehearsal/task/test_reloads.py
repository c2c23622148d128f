"""Tables that are loaded again beside changes; on a played source."""

import pytest

from dms_stream.rehearsal.errors import RefusedError
from dms_stream.rehearsal.source.binary_log.reader import Idle
from dms_stream.rehearsal.source.table import SourceColumn, SourceTable
from tests.support.played_source import ANNOUNCED, OTHER, Play, T, columns, table


def test_tables_are_loaded_again_between_two_transactions(play: Play) -> None:
    source = play.on(T, OTHER)
    source.rows = {"shop.t": [[1, 0]], "shop.u": [[7, 7]]}
    play.run()
    engine = play.engine()
    asked = [["shop.t", "shop.none"], ["elsewhere.t"]]
    source.transaction(
        source.changed("insert", T, [2, 0]),
        *(lambda names=names: engine.reload(names) for names in asked),
    )
    source.transaction(source.changed("insert", T, [3, 0]), engine.stop)
    source.rows["shop.t"] = [[1, 0], [2, 0], [3, 0]]
    play.stream.taken.clear()
    play.events.clear()
    engine.run()
    assert play.stream.told == [
        "insert t id=2 v=0",
        "drop-table t",
        "create-table t",
        *("load t id=1 v=0", "load t id=2 v=0", "load t id=3 v=0"),
        "insert t id=3 v=0",
    ]
    assert play.values_of("reloading") == [{"tables": ["shop.t"]}]
    assert len(play.values_of("full-load-done")) == 2
    assert sorted(engine.loaded) == ["shop.t", "shop.u"]
    assert engine.counts["shop.t"] == {"control": 4, "load": 3, "insert": 2}
    # the counts begin anew at the checkpoint before it is told
    names = [name for name, _ in play.events]
    reloading = names.index("reloading")
    before = [values for name, values in play.events[:reloading] if name == "checkpoint"][-1]
    assert before["counts"]["shop.t"]["load"] == 0
    assert before["loaded"] == ("shop.u",)


def test_a_reload_of_nothing_that_is_captured_changes_nothing(play: Play) -> None:
    source = play.on(T)
    play.run()
    engine = play.engine()
    engine.reload(["shop.none"])
    source.transaction(source.changed("insert", T, [2, 0]), engine.stop)
    play.stream.taken.clear()
    play.events.clear()
    engine.run()
    assert play.stream.told == ["insert t id=2 v=0"]
    assert play.values_of("reloading") == []


def test_a_reload_while_tables_load_comes_before_the_changes(play: Play) -> None:
    source = play.on(T)
    source.rows = {"shop.t": [[1, 0]]}
    engine = play.engine()
    engine.reload(["shop.t"])
    engine.stop_at(source.end)
    engine.run()
    assert play.stream.told == [*ANNOUNCED, "load t id=1 v=0", *ANNOUNCED[1:], "load t id=1 v=0"]
    assert engine.counts["shop.t"]["load"] == 1
    assert len(play.values_of("full-load-done")) == 1


def test_a_table_is_loaded_again_as_it_is_defined_now(play: Play) -> None:
    source = play.on(T)
    source.rows = {"shop.t": [[1, 0]]}
    play.run()
    wider = table("t", "id", "v", "w")
    source.tables = [wider]
    source.rows = {"shop.t": [[1, 0, 9]]}
    engine = play.engine()
    engine.reload(["shop.t"])
    engine.stop_at(source.end)
    play.stream.taken.clear()
    engine.run()
    assert play.stream.told[-1] == "load t id=1 v=0 w=9"
    assert engine.tables == [wider]

    source.tables = [SourceTable("shop", "t", (*columns("id"), SourceColumn("u", "uuid")), ("id",))]
    with pytest.raises(RefusedError, match="of types that DMS does not map"):
        play.run()


def test_tables_are_loaded_again_where_nothing_changes(play: Play) -> None:
    """What comes later is captured from where the log was."""
    source = play.on(T)
    source.rows = {"shop.t": [[1, 0]]}
    play.run()
    end = source.transaction(source.changed("insert", T, [2, 0]))
    play.run()
    engine = play.engine()
    source.log += [lambda: engine.reload(["shop.t"]), Idle(end), engine.stop]
    play.stream.taken.clear()
    play.events.clear()
    engine.run()
    assert play.stream.told == ["drop-table t", "create-table t", "load t id=1 v=0"]
    assert {values["position"] for values in play.values_of("checkpoint")} == {str(end)}
