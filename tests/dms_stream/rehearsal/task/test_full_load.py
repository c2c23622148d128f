"""What the engine loads, in which order, and how it goes on after a stop; on a played source."""

import pytest

from tests.support.pipelines import Json, selection
from tests.support.played_source import ANNOUNCED, EXCEPTIONS, FILE, OTHER, Play, T, table, task


def test_the_position_is_written_down_before_the_first_row_is_read(play: Play) -> None:
    """Then what changes while the load goes on is captured behind it."""
    source = play.on(T)
    source.rows = {"shop.t": [[1, 10], [2, 20], [3, 30]]}
    began = str(source.end)
    during = source.changed("insert", T, [4, 40])
    kept: list[Json] = []

    def a_row_comes() -> None:
        if "create-table t" in play.stream.told and not source.log:
            kept.append(play.checkpoint)
            source.transaction(during)

    play.stream.asked = a_row_comes
    engine = play.run()
    rows = ["load t id=1 v=10", "load t id=2 v=20", "load t id=3 v=30"]
    assert play.stream.told == [*ANNOUNCED, *rows, "insert t id=4 v=40"]
    assert [found["position"] for found in kept] == [{"file": FILE, "offset": 100}]
    assert kept[0]["announced"] == ["awsdms_apply_exceptions", "shop.t"]
    assert [call[-1] for call in source.asked if call[0] == "load"] == [None]
    assert [call[:2] for call in source.asked if call[0] == "log"] == [("log", began)]
    assert engine.counts == {"shop.t": {"control": 2, "load": 3, "insert": 1}}
    assert list(engine.loaded) == ["shop.t"]
    assert engine.stop_reason == "NORMAL"

    play.run()
    assert play.stream.told == []


def test_what_is_told_while_tables_load(play: Play) -> None:
    source = play.on(T)
    source.rows = {"shop.t": [[1, 10], [2, 20], [3, 30]]}
    play.run()
    assert [(name, values) for name, values in play.events if name in ("control", "loaded")] == [
        ("control", {"operation": "drop-table", "table": "shop.t"}),
        ("control", {"operation": "create-table", "table": "shop.t"}),
        ("loaded", {"table": "shop.t", "rows": 2}),
        ("loaded", {"table": "shop.t", "rows": 1}),
    ]
    counts = {"shop.t": {"control": 2, "load": 3}}
    assert play.values_of("full-load-done") == [{"counts": counts}]
    first, *_, last = play.values_of("checkpoint")
    assert (first["position"], first["sent"], first["loaded"]) == (f"{FILE}:100", 3, ())
    assert (last["position"], last["sent"], last["loaded"]) == (f"{FILE}:100", 6, ("shop.t",))
    assert last["bytes"] == sum(len(data.encode()) for data in play.stream.taken)
    assert (last["counts"], last["waiting"], last["source_time"]) == (counts, 0, None)
    assert last["facts"]["names"] == {"shop.t": ["id", "v"]}
    assert last["facts"]["keys"] == {"shop.t": [("", ("id",))]}
    assert len(last["facts"]["run_starts"]) == 1
    assert last["facts"]["alterations"] == {}
    assert play.values_of("idle") == [{"position": f"{FILE}:100"}]


@pytest.mark.parametrize(
    ("migration_type", "mode", "told"),
    [
        ("full-load-and-cdc", None, [*ANNOUNCED]),
        ("full-load", "DROP_AND_CREATE", [*ANNOUNCED]),
        ("full-load", "DO_NOTHING", [EXCEPTIONS, "create-table t"]),
        ("full-load", "TRUNCATE_BEFORE_LOAD", [EXCEPTIONS, "create-table t"]),
        ("cdc", None, [EXCEPTIONS, "create-table t"]),
        ("cdc", "DROP_AND_CREATE", [EXCEPTIONS, "create-table t"]),
    ],
)
def test_a_table_is_dropped_first_where_it_is_loaded_anew(
    play: Play, migration_type: str, mode: str | None, told: list[str]
) -> None:
    play.on(T)
    settings = {"FullLoadSettings": {"TargetTablePrepMode": mode} if mode else {}}
    deployed = task(migration_type=migration_type, settings=settings)
    engine = play.run(deployed)
    assert play.stream.told == told
    assert set(play.stream.keys) == {"TASKID"}
    is_load_alone = migration_type == "full-load"
    assert engine.stop_reason == ("FULL_LOAD_ONLY_FINISHED" if is_load_alone else "NORMAL")
    assert any(call[0] == "log" for call in play.source.asked) is not is_load_alone
    assert (play.checkpoint["position"] is None) is is_load_alone


def test_control_records_say_what_the_endpoint_includes(play: Play) -> None:
    play.on(T)
    settings = {"ControlTablesSettings": {"ControlSchema": "dms"}}
    play.run(task(settings=settings, include_control_details=True, include_partition_value=True))
    exceptions, dropped, created = play.stream.records
    assert exceptions["metadata"]["schema-name"] == "dms"
    for record in (exceptions, dropped, created):
        assert record["metadata"]["partition-key-value"] == "TASKID"
    assert "control" not in exceptions
    assert "control" not in dropped
    assert list(created["control"]["table-def"]["columns"]) == ["id", "v"]
    assert created["control"]["table-def"]["primary-key"] == ["id"]

    play.path.unlink()
    play.run()
    for record in play.stream.records:
        assert "partition-key-value" not in record["metadata"]
        assert "control" not in record
    assert play.stream.records[0]["metadata"]["schema-name"] == ""


def test_tables_load_by_their_order_the_higher_first(play: Play) -> None:
    source = play.on(table("a"), table("b"), table("c"))
    orders = {"a": {}, "b": {"load-order": "2"}, "c": {"load-order": "3"}}
    rules = [
        selection("shop", name, number=number, **order)
        for number, (name, order) in enumerate(orders.items(), 1)
    ]
    # the highest of a table's rules counts
    rules.append(selection("shop", "%", number=9, **{"load-order": "1"}))
    play.run(task(*rules))
    assert [call[1] for call in source.asked if call[0] == "load"] == ["c", "b", "a"]


def test_a_load_goes_on_behind_the_last_row_that_the_stream_accepted(play: Play) -> None:
    source = play.on(T, OTHER)
    source.rows = {"shop.t": [[n, 0] for n in range(1, 6)], "shop.u": [[1, 1]]}
    engine = play.engine()
    chunks: list[str] = []

    def stop_after_the_second(name: str) -> None:
        if name == "loaded":
            chunks.append(name)
            if len(chunks) == 2:
                engine.stop()

    play.heard = stop_after_the_second
    engine.run()
    assert play.stream.told[-1] == "load t id=4 v=0"
    assert play.checkpoint["loading"] == {"shop.t": [4]}
    assert list(engine.loaded) == []
    assert play.values_of("full-load-done") == []

    engine = play.run()
    assert play.stream.told == ["load t id=5 v=0", "load u id=1 v=1"]
    assert [call[1:] for call in source.asked if call[0] == "load"] == [
        ("t", "", [], (4,)),
        ("u", "", [], None),
    ]
    assert play.checkpoint["loading"] == {}
    assert {name: counts["load"] for name, counts in engine.counts.items()} == {
        "shop.t": 5,
        "shop.u": 1,
    }


def test_a_table_that_cannot_be_resumed_counts_from_its_first_row_again(play: Play) -> None:
    keyless = table("t", key=())
    source = play.on(keyless)
    source.rows = {"shop.t": [[1, 1], [1, 1], [1, 1]]}
    engine = play.engine()

    play.heard = lambda name: name == "loaded" and engine.stop()  # type: ignore[func-returns-value]
    engine.run()
    assert engine.counts["shop.t"]["load"] == 2
    assert play.checkpoint["loading"] == {}

    engine = play.run()
    assert engine.counts["shop.t"]["load"] == 3


def test_a_filter_is_the_sources_condition_of_the_load_and_ours_of_the_changes(play: Play) -> None:
    """A row that it leaves out has no number in its transaction."""
    source = play.on(T)
    conditions = [{"filter-operator": "gte", "value": "5"}]
    rule = selection(
        "shop",
        "t",
        filters=[
            {"filter-type": "source", "column-name": "v", "filter-conditions": conditions},
        ],
    )
    deployed = task(rule, include_transaction_details=True)
    play.run(deployed)
    (load,) = (call for call in source.asked if call[0] == "load")
    assert load[2:4] == ("((`v` >= %s))", [5])

    source.transaction(
        source.changed("insert", T, [1, 5]),
        source.changed("insert", T, [2, 4]),
        source.changed("insert", T, [3, 6]),
    )
    engine = play.run(deployed)
    assert play.stream.told == ["insert t id=1 v=5", "insert t id=3 v=6"]
    assert [record["metadata"]["transaction-record-id"] for record in play.stream.records] == [1, 2]
    assert engine.counts["shop.t"]["insert"] == 2
