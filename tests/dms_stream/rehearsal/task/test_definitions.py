"""Tables that come, or are defined otherwise, while their rows are captured; on a played source."""

import json
from dataclasses import replace

from dms_stream.rehearsal.source.table import SourceColumn, SourceTable
from tests.support.pipelines import selection
from tests.support.played_source import OTHER, Play, T, ddl, table, task


def test_a_table_that_comes_later_is_captured_and_not_loaded(play: Play) -> None:
    source = play.on(T)
    play.run()
    later = table("later")
    source.tables.append(later)
    source.rows = {"shop.later": [[1, 1]]}
    source.transaction(source.changed("insert", later, [1, 1]))
    engine = play.run()
    assert play.stream.told == ["create-table later", "insert later id=1 v=1"]
    assert list(engine.loaded) == ["shop.t", "shop.later"]
    play.run()
    assert play.stream.told == []


def test_a_checkpoint_that_knows_no_rules_stands_for_those_of_today(play: Play) -> None:
    """As an earlier version wrote it."""
    source = play.on(T)
    play.run()
    play.path.write_text(json.dumps({**play.checkpoint, "mappings": ""}))
    source.tables.append(OTHER)
    source.rows = {"shop.u": [[1, 1]]}
    play.run()
    assert play.stream.told == []


def test_a_table_that_only_a_new_rule_selects_is_loaded(play: Play) -> None:
    source = play.on(T, OTHER)
    source.rows = {"shop.t": [[1, 1]], "shop.u": [[2, 2]]}
    play.run(task(selection("shop", "t")))
    play.run(task())
    assert play.stream.told == ["drop-table u", "create-table u", "load u id=2 v=2"]


def test_columns_that_come_go_and_get_other_names_are_told(play: Play) -> None:
    source = play.on(T)
    deployed = task(include_table_alter_operations=True, include_control_details=True)
    play.run(deployed)
    renamed = table("t", "id", "w")
    wider = table("t", "id", "w", "x")
    narrow = table("t", "id", "x")
    typed = SourceTable(
        "shop", "t", (SourceColumn("id", "int"), SourceColumn("x", "bigint")), ("id",)
    )
    steps = [(T, [1, 1]), (renamed, [2, 2]), (wider, [3, 3, 3]), (narrow, [4, 4]), (typed, [5, 5])]
    for of, row in steps:
        source.transaction(ddl("ALTER"), source.changed("insert", of, row))
    source.tables = [typed]
    engine = play.run(deployed)
    assert play.stream.told == [
        "insert t id=1 v=1",
        *("rename-column t", "insert t id=2 w=2"),
        *("add-column t", "insert t id=3 w=3 x=3"),
        *("drop-column t", "insert t id=4 x=4"),
        *("change-columns t", "insert t id=5 x=5"),
    ]
    details = [
        {name: value for name, value in record["control"].items() if name != "table-def"}
        for record in play.stream.records
        if "control" in record
    ]
    assert details == [
        {"old-name": "v", "new-name": "w"},
        {"column-name": "x"},
        {"column-name": "w"},
        {"column-name": "x"},
    ]
    told = [
        *("column v renamed to w", "column x added", "column w dropped"),
        "column x has another type",
    ]
    assert [
        each.removeprefix("shop.t: ")
        for each in engine.facts["alterations"]["shop.t"]
        if "ALTER" not in each
    ] == told
    assert engine.counts["shop.t"]["ddl"] == 5
    assert engine.facts["names"] == {"shop.t": ["id", "v", "w", "x"]}

    play.path.unlink()
    play.on(T)
    play.run()
    source = play.source
    source.transaction(source.changed("insert", renamed, [2, 2]))
    source.tables = [renamed]
    play.run()
    assert play.stream.told == ["insert t id=2 w=2"]


def test_one_column_for_another_is_no_new_name_where_its_place_or_type_differs(play: Play) -> None:
    texts = (SourceColumn("id", "int"), SourceColumn("w", "varchar", length=9))
    for other in (
        SourceTable("shop", "t", texts, ("id",)),
        table("t", "id", "x", "w"),
        table("t", "w", "id"),
    ):
        play.path.unlink(missing_ok=True)
        source = play.on(T)
        deployed = task(include_table_alter_operations=True)
        play.run(deployed)
        source.tables = [other]
        source.transaction(source.changed("insert", other, [1] * len(other.columns)))
        if other.columns[1].data_type == "varchar":
            source.log[-2] = source.changed("insert", other, [1, "a"])
        play.run(deployed)
        told = [each.split()[0] for each in play.stream.told]
        assert "rename-column" not in told
        assert told[0] == "drop-column"
        assert told.count("add-column") == len(other.columns) - 1


def test_an_alteration_without_a_row_is_told_at_the_end(play: Play) -> None:
    source = play.on(T)
    deployed = task(include_table_alter_operations=True)
    play.run(deployed)
    source.transaction(ddl("ALTER"))
    source.tables = [table("t", "id", "v", "w")]
    play.run(deployed)
    assert play.stream.told == ["add-column t"]
    # one that changes nothing we write, or of a table that is gone again, is not
    source.transaction(ddl("ALTER"))
    play.run(deployed)
    assert play.stream.told == []
    source.transaction(ddl("ALTER"))
    source.tables = []
    play.run(task(settings={"ErrorBehavior": {"FailOnNoTablesCaptured": False}}))
    assert play.stream.told == []


def test_the_key_is_the_dictionarys_or_the_one_known_before(play: Play) -> None:
    """The log's own description has none; each with the columns that it was logged with."""
    collated = replace(T, collation="utf8mb4_bin", has_unique_key=True)
    source = play.on(collated)
    play.run()
    logged = table("t", "id", "v", "w", key=())
    later = table("t", "id", "v", "w", "x")
    # altered twice before it was read: the dictionary's key counts
    source.tables = [replace(later, primary_key=("v",))]
    source.transaction(source.changed("insert", logged, [1, 2, 3]))
    recipe = play.run().recipes["shop.t"]
    assert recipe.table.primary_key == ("v",)
    assert [column.name for column in recipe.table.columns] == ["id", "v", "w"]
    # a key that it did not have yet is not its own: what was known before counts
    source.tables = [replace(later, primary_key=("x",))]
    source.transaction(source.changed("insert", table("t", "id", "v", "z", key=()), [1, 2, 3]))
    recipe = play.run().recipes["shop.t"]
    assert recipe.table.primary_key == ("v",)
    # dropped since
    source.tables = []
    deployed = task(settings={"ErrorBehavior": {"FailOnNoTablesCaptured": False}})
    source.transaction(source.changed("insert", table("t", "id", "v", key=()), [1, 2]))
    recipe = play.run(deployed).recipes["shop.t"]
    assert recipe.table.primary_key == ("v",)
    # the one of its name in another schema has nothing to do with it
    source.tables = [table("t", "id", "v", "y", key=("y",), schema="elsewhere")]
    source.transaction(source.changed("insert", table("t", "id", "v", "y", key=()), [1, 2, 3]))
    recipe = play.run(deployed).recipes["shop.t"]
    assert recipe.table.primary_key == ("v",)
    # another of its name, of which nothing is known
    other = table("t", "q", key=())
    source.transaction(source.changed("insert", other, [1]))
    recipe = play.run(deployed).recipes["shop.t"]
    assert recipe.table == other


def test_what_is_known_of_a_table_beside_its_key_is_kept(play: Play) -> None:
    known = replace(T, collation="utf8mb4_bin", has_unique_key=True)
    source = play.on(known)
    play.run()
    source.transaction(source.changed("insert", table("t", "id", "v", "w", key=()), [1, 2, 3]))
    found = play.run().recipes["shop.t"].table
    assert (found.collation, found.has_unique_key, found.is_view) == ("utf8mb4_bin", True, False)
    assert found.full_name == "shop.t"


def test_a_key_that_changes_is_remembered_with_its_moment(play: Play) -> None:
    source = play.on(T)
    play.run()
    other = table("t", key=("v",))
    source.tables = [other]
    source.transaction(ddl("ALTER"), source.changed("insert", other, [1, 2]))
    first, second = play.run().facts["keys"]["shop.t"]
    assert first == ("", ("id",))
    assert second[1] == ("v",)
    assert second[0] > "2024"


def test_a_sequence_is_no_table(play: Play) -> None:
    names = (
        *("next_not_cached_value", "minimum_value", "maximum_value", "start_value", "increment"),
        *("cache_size", "cycle_option", "cycle_count"),
    )
    source = play.on(T)
    play.run()
    sequence = table("s", *names, key=())
    source.transaction(source.changed("insert", sequence, [1] * 8))
    play.run()
    assert play.stream.told == []
