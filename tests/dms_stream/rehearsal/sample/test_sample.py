"""The sample's rows and changes: the same ones for the same seed, and as many as are asked for."""

from functools import partial
from types import MappingProxyType
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from dms_stream.rehearsal.sample import (
    TABLES,
    ChangeMix,
    SampleNames,
    load_sample,
    loaded_purchases,
    make_changes,
)
from dms_stream.rehearsal.source.database import Connection, execute
from tests.support.pipelines import Source

pytestmark = pytest.mark.rehearsal


@pytest.fixture
def names(source: Source) -> SampleNames:
    """Under which the sample stands in a schema of the test's."""
    return SampleNames(MappingProxyType({table: (source.schema, table) for table in TABLES}))


def content(connection: Connection, names: SampleNames) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    found = {}
    for table in TABLES:
        rows = execute(connection, f"SELECT * FROM {names.quoted(table)} ORDER BY 1, 2")
        found[table] = list(rows)
    return found


def test_the_same_seed_and_size_give_the_same_rows(
    connection: Connection, names: SampleNames, snapshot: SnapshotAssertion
) -> None:
    assert loaded_purchases(connection, names) is None
    counts = load_sample(connection, purchases=21, names=names)
    rows = content(connection, names)
    assert {table: len(of) for table, of in rows.items()} == counts
    assert loaded_purchases(connection, names) == 21
    assert rows == snapshot
    load_sample(connection, purchases=21, seed=2, names=names)
    others = content(connection, names)
    assert all(others[table] != of for table, of in rows.items())


def test_more_rows_than_a_statement_takes_are_as_many(
    connection: Connection, names: SampleNames
) -> None:
    counts = load_sample(connection, purchases=4_001, names=names)
    assert counts == {
        "persons": 500,
        "events": 10,
        "seats": 2_000,
        "tickets": 2_000,
        "ticket_purchase_hist": 4_001,
    }
    assert {table: len(of) for table, of in content(connection, names).items()} == counts


def recorded(connection: Connection, names: SampleNames) -> None:
    """Let the server write down each change of a purchase."""
    execute(connection, "CREATE TABLE done (kind VARCHAR(9), purchase BIGINT)")
    for kind, row in {"insert": "NEW", "update": "NEW", "delete": "OLD"}.items():
        execute(
            connection,
            f"CREATE TRIGGER on_{kind} AFTER {kind} ON {names.quoted('ticket_purchase_hist')} "
            f"FOR EACH ROW INSERT INTO done VALUES ('{kind}', {row}.purchase_id)",
        )


@pytest.mark.parametrize(
    ("mix", "kinds"),
    [
        (ChangeMix(rows_a_transaction=9), {"insert", "update", "delete"}),
        (ChangeMix(inserts=1, updates=0, rows_a_transaction=9), {"insert"}),
        (ChangeMix(inserts=0, updates=1, rows_a_transaction=9), {"update"}),
        (ChangeMix(inserts=0, updates=0, rows_a_transaction=9), {"delete"}),
    ],
)
def test_as_many_rows_change_as_are_told(
    connection: Connection, names: SampleNames, mix: ChangeMix, kinds: set[str]
) -> None:
    load_sample(connection, purchases=150, names=names)
    recorded(connection, names)
    done = make_changes(connection, changes=101, purchases=150, mix=mix, names=names)
    assert sum(done.values()) == 101
    assert {kind for kind, count in done.items() if count} == kinds
    counted = execute(connection, "SELECT kind, COUNT(*) FROM done GROUP BY kind")
    assert {str(kind): int(count) for kind, count in counted} == {
        kind: count for kind, count in done.items() if count
    }
    ((left,),) = execute(connection, f"SELECT COUNT(*) FROM {names.quoted('ticket_purchase_hist')}")
    assert left == 150 + done["insert"] - done["delete"]
    ((autocommit,),) = execute(connection, "SELECT @@autocommit")
    assert autocommit == 1


def test_it_changes_in_transactions_until_it_is_stopped_and_is_the_same_again(
    connection: Connection, names: SampleNames
) -> None:
    found = []
    for seed in (1, 1, 2):
        load_sample(connection, purchases=150, names=names)
        looks = iter([False, False, True])
        done = make_changes(
            connection,
            changes=10_000,
            purchases=150,
            seed=seed,
            mix=ChangeMix(rows_a_transaction=5),
            names=names,
            is_stopped=partial(next, looks),
        )
        assert 2 <= sum(done.values()) <= 10
        found.append((done, content(connection, names)))
    assert found[0] == found[1]
    assert found[0] != found[2]


def test_changes_go_on_where_everything_was_deleted(
    connection: Connection, names: SampleNames
) -> None:
    load_sample(connection, purchases=4, names=names)
    execute(connection, f"DELETE FROM {names.quoted('ticket_purchase_hist')}")
    done = make_changes(
        connection, changes=1, purchases=4, mix=ChangeMix(inserts=0, updates=0), names=names
    )
    assert done == {"insert": 1, "update": 0, "delete": 0}
