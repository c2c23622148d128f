"""What the engine makes of statements in the log; on a played source."""

import re
from dataclasses import replace

import pytest

from dms_stream.rehearsal.errors import RefusedError
from dms_stream.rehearsal.source.binary_log.ddl import UnreadDdl
from dms_stream.rehearsal.source.database import LogPosition
from tests.support.pipelines import Json, selection
from tests.support.played_source import (
    FILE,
    OTHER,
    Play,
    T,
    ddl,
    table,
    task,
)


def policy(name: str, value: bool) -> Json:
    """A setting of what statements do."""
    return {"ChangeProcessingDdlHandlingPolicy": {name: value}}


@pytest.mark.parametrize(
    ("verb", "setting", "operation"),
    [
        ("TRUNCATE", "HandleSourceTableTruncated", "truncate-table t"),
        ("DROP", "HandleSourceTableDropped", "drop-table t"),
    ],
)
def test_statements_are_passed_on_unless_the_settings_say_otherwise(
    play: Play, verb: str, setting: str, operation: str
) -> None:
    for settings, told in (
        ({}, [operation]),
        (policy(setting, True), [operation]),
        (policy(setting, False), []),
    ):
        play.path.unlink(missing_ok=True)
        source = play.on(T)
        deployed = task(settings=settings)
        play.run(deployed)
        source.transaction(ddl(verb), ddl(verb, "not_captured_as_it_is_not_there"))
        engine = play.run(deployed)
        assert play.stream.told == told
        assert engine.facts["alterations"] == {
            "shop.t": [f"shop.t: {verb} TABLE at {FILE}:150"],
        }
        is_gone = verb == "DROP" and bool(told)
        assert ("shop.t" not in engine.recipes) is is_gone
        assert engine.unsupported == ({"shop.t": ["DROP TABLE"]} if is_gone else {})


def test_another_table_of_a_dropped_ones_name_is_announced(play: Play) -> None:
    source = play.on(T)
    play.run()
    other = table("t", "id", "w")
    source.tables = [other]
    source.transaction(ddl("ALTER"))
    source.transaction(ddl("DROP"))
    source.transaction(ddl("CREATE"), source.changed("insert", other, [1, 1]))
    play.run()
    assert play.stream.told == ["drop-table t", "create-table t", "insert t id=1 w=1"]
    play.run()
    assert play.stream.told == []


def test_a_dropped_schema_drops_its_tables(play: Play) -> None:
    elsewhere = table("t", schema="store")
    source = play.on(T, OTHER, elsewhere)
    deployed = task(selection("shop"), selection("store", number=2))
    play.run(deployed)
    source.transaction(ddl("DROP", ""))
    play.run(deployed)
    assert [record["metadata"]["schema-name"] for record in play.stream.records] == ["shop"] * 2
    assert play.stream.told == ["drop-table t", "drop-table u"]


def test_a_statement_that_makes_a_table_alters_nothing(play: Play) -> None:
    source = play.on(T)
    play.run()
    source.transaction(ddl("CREATE"))
    engine = play.run()
    assert engine.facts["alterations"] == {}
    assert engine.counts["shop.t"]["ddl"] == 1


def test_alterations_that_dms_does_not_support_are_told_by_table(play: Play) -> None:
    source = play.on(T)
    play.run()
    source.transaction(ddl("ALTER", alterations=("partition DDL",)))
    source.transaction(ddl("ALTER", alterations=("ADD COLUMN … FIRST or AFTER",)))
    source.transaction(ddl("ALTER", "other", "elsewhere", alterations=("partition DDL",)))
    assert play.run().unsupported == {
        "shop.t": ["ADD COLUMN … FIRST or AFTER", "partition DDL"],
    }


@pytest.mark.parametrize(
    ("alteration", "sentence"),
    [
        ("TRUNCATE PARTITION", r"altered by TRUNCATE PARTITION at .*:150, which changes rows"),
        ("SYSTEM VERSIONING", r"got SYSTEM VERSIONING at .*:150, and MariaDB logs former rows"),
        ("UUID", r"got a column of the type UUID at .*:150, which DMS does not map"),
    ],
)
@pytest.mark.parametrize("name", ["t", "not_there_any_more"])
def test_alterations_that_the_log_does_not_hold_are_refused(
    play: Play, alteration: str, sentence: str, name: str
) -> None:
    source = play.on(T)
    play.run()
    source.transaction(ddl("ALTER", "x", "elsewhere", alterations=(alteration,)))
    play.run()
    source.transaction(ddl("ALTER", name, alterations=(alteration,)))
    with pytest.raises(RefusedError, match="the source's tables changed") as refused:
        play.run()
    (told,) = refused.value.refusals
    assert told.startswith(f"shop.{name} ")
    assert re.search(sentence, told)


@pytest.mark.parametrize(
    ("old", "new", "tool"),
    [
        ("t", ("shop", "t2"), None),
        ("x", ("shop", "y"), None),
        ("_t_gho", ("shop", "t"), "gh-ost"),
        ("t", ("shop", "_t_del"), "gh-ost"),
        ("_t_new", ("shop", "t"), "pt-online-schema-change"),
        ("t", ("shop", "__t_old"), "pt-online-schema-change"),
        ("t", ("shop", "t_old"), None),
        ("t", ("elsewhere", "t"), None),
    ],
)
def test_a_renamed_table_is_refused_with_the_tool_that_does_so(
    play: Play, old: str, new: tuple[str, str], tool: str | None
) -> None:
    source = play.on(T)
    play.run()
    source.transaction(ddl("RENAME", old, new_name=new))
    with pytest.raises(RefusedError) as refused:
        play.run()
    (sentence,) = refused.value.refusals
    assert sentence.startswith(f"shop.{old} was renamed to {'.'.join(new)}, ")
    if tool is None:
        assert "write a rule for the new name" in sentence
    else:
        assert f"as {tool} does to put its copy in a table's place" in sentence


def test_a_table_that_becomes_a_captured_one_is_refused_and_others_are_not(play: Play) -> None:
    source = play.on(T)
    play.run()
    source.transaction(ddl("RENAME", "a", "elsewhere", new_name=("elsewhere", "b")))
    play.run()
    source.transaction(ddl("RENAME", "a", "elsewhere", new_name=("shop", "b")))
    with pytest.raises(RefusedError, match=r"elsewhere\.a was renamed to shop\.b"):
        play.run()


def test_a_statement_that_nobody_understands_is_refused_where_it_is_about_a_captured_table(
    play: Play,
) -> None:
    source = play.on(T, OTHER)
    play.run()
    text = "ALTER " + "x" * 200
    place = LogPosition(FILE, 150)
    source.transaction(UnreadDdl(text, frozenset({"other"}), place))
    play.run()
    source.transaction(UnreadDdl(text, frozenset({"u", "t", "other"}), place))
    with pytest.raises(RefusedError) as refused:
        play.run()
    (sentence,) = refused.value.refusals
    assert f"at {FILE}:150 there is a statement about shop.t, shop.u that" in sentence
    assert repr(text[:120]) in sentence


def test_the_last_ten_alterations_of_a_table_are_kept(play: Play) -> None:
    source = play.on(T)
    play.run()
    for number in range(12):
        position = LogPosition(FILE, 1000 + number)
        source.transaction(replace(ddl("TRUNCATE"), position=position))
    told = play.run().facts["alterations"]["shop.t"]
    assert told == [f"shop.t: TRUNCATE TABLE at {FILE}:{1000 + n}" for n in range(2, 12)]
    assert play.run().facts["alterations"]["shop.t"] == told
