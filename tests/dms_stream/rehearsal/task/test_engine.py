"""Where the engine begins, what it refuses, what it tells of itself; databases: test_faults.py."""

import re
from typing import Any

import pytest

from dms_stream.rehearsal.errors import RefusedError, SourceError
from dms_stream.rehearsal.source.table import SourceColumn, SourceTable
from dms_stream.rehearsal.task.engine import Engine, task_identity
from dms_stream.rehearsal.task.limits import Limits
from tests.support.pipelines import Json, selection
from tests.support.played_source import (
    ADDRESS,
    ANNOUNCED,
    FILE,
    MOMENT,
    Play,
    T,
    columns,
    table,
    task,
)


def test_a_task_begins_where_it_is_told_to(play: Play) -> None:
    def begun(deployed: Any, start_time: float | None = None) -> str:
        play.path.unlink(missing_ok=True)
        play.on(T)
        play.run(deployed, limits=Limits(start_time=start_time))
        (log,) = (call for call in play.source.asked if call[0] == "log")
        return str(log[1])

    here, found = f"{FILE}:100", f"{FILE}:42"
    assert begun(task(migration_type="cdc")) == here
    assert begun(task(migration_type="cdc", cdc_start_position=f"{FILE}:77")) == f"{FILE}:77"
    # the position counts, whatever the start's time
    assert begun(task(migration_type="cdc", cdc_start_position=f"{FILE}:77"), 5.0) == f"{FILE}:77"
    assert begun(task(migration_type="cdc"), 5.0) == found
    (asked,) = (call for call in play.source.asked if call[0] == "position at")
    assert (asked[1], asked[3]) == (5.0, here)
    start = task(migration_type="cdc", cdc_start_position="2024-01-31T10:00:00")
    assert begun(start) == found
    (asked,) = (call for call in play.source.asked if call[0] == "position at")
    assert asked[1] == MOMENT
    # a load begins where the log is
    assert begun(task(cdc_start_position=f"{FILE}:77"), 5.0) == here
    for call in play.source.asked:
        if call[0] == "log":
            # above those of other replicas, and each its own; what is captured is asked of the log
            assert 1_600_000_000 <= call[2] < 3_600_000_000
            assert call[3:] == (True, False)


def test_each_reader_has_a_number_of_its_own(play: Play) -> None:
    play.on(T)
    found = set()
    for _ in range(3):
        play.run()
        found |= {call[2] for call in play.source.asked if call[0] == "log"}
    assert len(found) == 3


def test_a_log_that_the_source_no_longer_has_is_told_by_name(play: Play) -> None:
    source = play.on(T)
    play.run()
    source.files = ["bin.000009", "bin.000010"]
    with pytest.raises(SourceError, match=r"log bin\.000007, .* \(the oldest is bin\.000009\)"):
        play.run()
    source.files = []
    with pytest.raises(SourceError, match="the oldest is none"):
        play.run()


def test_types_that_dms_does_not_map_are_refused_by_their_columns(play: Play) -> None:
    odd = SourceTable("shop", "t", (*columns("id"), SourceColumn("u", "uuid")), ("id",))
    play.on(odd, table("u"))
    with pytest.raises(RefusedError, match="of types that DMS does not map") as refused:
        play.run()
    assert refused.value.refusals == ("shop.t.u: DMS does not map uuid",)


def test_rules_that_match_no_table_are_told_with_what_there_is(play: Play) -> None:
    deployed = task(selection("shop", "x%"), selection("store", "y", number=2))
    play.on(*(table(f"t{number:02}") for number in range(12)))
    with pytest.raises(RefusedError, match="the task cdc captures nothing") as refused:
        play.run(deployed)
    (sentence,) = refused.value.refusals
    assert sentence.startswith(
        "no table of the source matches its selection rules: shop.x%, store.y; the source has "
        "shop.t00, shop.t01, "
    )
    assert sentence.endswith("shop.t09")
    play.on()
    with pytest.raises(RefusedError, match="the source has none"):
        play.run(deployed)

    def behavior(fails: bool) -> Json:
        return {"ErrorBehavior": {"FailOnNoTablesCaptured": fails}}

    with pytest.raises(RefusedError):
        play.run(task(settings=behavior(True)))
    with pytest.raises(RefusedError):
        play.run(task(settings={"ErrorBehavior": {}}))
    assert play.run(task(settings=behavior(False))).counts == {}


def test_a_source_is_told_from_others_by_its_server_or_its_folder(play: Play) -> None:
    deployed = task()
    stream = "arn:aws:kinesis:eu-west-1:123456789012:stream/changes 1706695200.0"
    identity = {"task": deployed.arn, "stream": stream}
    for server, known in (
        ({"server_uuid": "u", "datadir": "/d"}, "u"),
        ({"datadir": "/d"}, "/d"),
        ({}, ""),
    ):
        assert task_identity(deployed, play.stream, server) == {**identity, "source": known}

    source = play.on(T)
    source.rows = {"shop.t": [[1, 1]]}
    play.run()
    assert play.run().counts["shop.t"]["load"] == 1
    assert play.stream.told == []
    source.variables = {"server_uuid": "another"}
    play.run()
    assert play.stream.told == [*ANNOUNCED, "load t id=1 v=1"]


def test_its_pulse_says_how_far_it_is(play: Play) -> None:
    source = play.on(T)
    source.rows = {"shop.t": [[1, 1], [2, 2], [3, 3]]}
    engine = play.engine()
    engine.stop_at(source.end)
    before = engine.pulse
    assert (before["behind_since"], before["waiting_since"], before["sent"]) == (None, None, 0)
    assert (before["captured"], before["unaccepted"], before["is_loading"]) == (0, 0, False)
    while_loading: list[Any] = []
    play.heard = lambda name: while_loading.append(engine.pulse) if name == "loaded" else None
    engine.run()
    assert [pulse["is_loading"] for pulse in while_loading] == [True, True]
    assert while_loading[0]["behind_since"] > MOMENT
    after = engine.pulse
    assert (after["is_loading"], after["behind_since"], after["waiting_since"]) == (
        *(False, None, None),
    )
    assert (after["sent"], after["unaccepted"], after["captured"]) == (6, 0, 0)
    assert after["bytes"] > 0

    engine = play.engine()
    seen: list[Any] = []
    source.transaction(
        source.changed("insert", T, [4, 4], at=MOMENT + 1),
        source.changed("update", T, [4, 5], [4, 4], at=MOMENT + 2),
        source.changed("delete", T, [4, 5], at=MOMENT + 3),
        lambda: seen.append(engine.pulse),
    )
    engine.stop_at(source.end)
    while_sending: list[Any] = []
    play.stream.asked = lambda: while_sending.append(engine.pulse["waiting_since"])
    engine.run()
    assert while_sending == [MOMENT + 1]
    (during,) = seen
    # the last that was read, and the oldest that the stream has not accepted
    assert (during["behind_since"], during["waiting_since"]) == (MOMENT + 3, MOMENT + 1)
    assert (during["captured"], during["unaccepted"]) == (3, 3)
    after = engine.pulse
    assert (after["captured"], after["waiting_since"], after["unaccepted"]) == (3, None, 0)


def test_values_cut_and_keys_changed_are_counted_over_a_redefinition(play: Play) -> None:
    texts = (SourceColumn("id", "int"), SourceColumn("x", "longtext"))
    narrow = SourceTable("shop", "t", texts, ("id",))
    wide = SourceTable("shop", "t", (*texts, SourceColumn("w", "int")), ("id",))
    settings = {"TargetMetadata": {"LobMaxSize": 1, "LimitedSizeLobMode": True}}
    source = play.on(narrow)
    play.run(task(settings=settings))
    engine = play.engine(task(settings=settings))
    assert engine.facts["lobs_cut"] == engine.facts["key_changes"] == {}
    source.transaction(
        source.changed("insert", narrow, [1, "a" * 3000]),
        source.changed("update", narrow, [2, "a" * 3000], [1, "a" * 3000]),
        source.changed("insert", wide, [3, "a" * 3000, 1]),
    )
    source.tables = [wide]
    engine.stop_at(source.end)
    engine.run()
    assert engine.facts["lobs_cut"] == {"shop.t": 3}
    assert engine.facts["key_changes"] == {"shop.t": 1}


@pytest.mark.parametrize(("key", "named"), [(("id",), r"shop\.t {'id': 7}: "), ((), r"shop\.t: ")])
def test_a_record_too_large_is_told_by_its_key(
    play: Play, key: tuple[str, ...], named: str
) -> None:
    texts = (SourceColumn("id", "int"), SourceColumn("x", "varchar"))
    source = play.on(SourceTable("shop", "t", texts, key))
    source.rows = {"shop.t": [[7, "x" * 2**20]]}
    with pytest.raises(RefusedError, match="too large for Kinesis") as refused:
        play.run()
    assert re.match(named, refused.value.refusals[0])
    assert play.checkpoint["position"] == {"file": FILE, "offset": 100}


def test_a_change_too_large_is_told_by_its_key(play: Play) -> None:
    wide = SourceTable(
        "shop", "t", (SourceColumn("id", "int"), SourceColumn("x", "varchar")), ("id",)
    )
    source = play.on(wide)
    play.run()
    source.transaction(source.changed("insert", wide, [7, "x" * 2**20]))
    with pytest.raises(RefusedError, match="too large for Kinesis") as refused:
        play.run()
    assert refused.value.refusals[0].startswith("shop.t {'id': 7}: ")


def test_each_run_knows_when_those_before_it_began(play: Play) -> None:
    play.on(T)
    starts = [play.run().histories["run_starts"] for _ in "123"]
    assert [len(found) for found in starts] == [1, 2, 3]
    assert list(starts[2]) == sorted(starts[2])
    assert play.checkpoint["run_starts"] == list(starts[2])


def test_records_end_in_a_newline_where_dms_may_end_them_so(play: Play) -> None:
    play.on(T)
    play.run(ends_in_newline=True)
    assert all(text.endswith("}\n") for text in play.stream.taken)
    play.path.unlink()
    play.run()
    assert all(text.endswith("}") for text in play.stream.taken)


def test_an_engine_without_a_listener_works_alike(play: Play) -> None:
    source = play.on(T)
    source.rows = {"shop.t": [[1, 1]]}
    engine = Engine(task(), ADDRESS, play.stream, play.path)
    engine.stop_at(source.end)
    engine.run()
    assert play.stream.told == [*ANNOUNCED, "load t id=1 v=1"]
