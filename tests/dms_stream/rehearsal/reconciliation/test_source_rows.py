"""Which rows of a source are compared, and as what; on a database: test_rendered_rows.py."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest

from dms_stream.rehearsal.deployed_task import DeployedTask
from dms_stream.rehearsal.mapping.messages import Clock
from dms_stream.rehearsal.mapping.table_recipe import TableRecipe
from dms_stream.rehearsal.reconciliation import source_rows
from dms_stream.rehearsal.reconciliation.source_rows import RecipeRows
from dms_stream.rehearsal.result import Column
from dms_stream.rehearsal.source.row_chunks import Chunk
from dms_stream.rehearsal.source.table import SourceColumn, SourceTable
from tests.support.pipelines import Json, renamed_to, selection
from tests.support.played_source import ADDRESS, task


def table(name: str, *columns: SourceColumn, key: tuple[str, ...] = ("id",)) -> SourceTable:
    """A table of the schema shop."""
    return SourceTable("shop", name, columns, key)


ID, AMOUNT = SourceColumn("id", "int"), SourceColumn("amount", "decimal", precision=9, scale=2)
T = table("t", ID, AMOUNT)


class Source:
    """A database whose rows a test says.

    Attributes:
        rows: Rows by table, in chunks.
        asked: What was asked of it.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rows: dict[str, list[list[Any]]] = {}
        self.asked: list[Any] = []
        for name in ("connected", "read_chunks", "lines_of_rows"):
            monkeypatch.setattr(source_rows, name, getattr(self, name))

    @contextmanager
    def connected(self, address: object) -> Iterator[str]:
        """A connection."""
        assert address == ADDRESS
        yield "a connection"

    def read_chunks(
        self, connection: str, of: SourceTable, *, condition: str, arguments: Sequence[object]
    ) -> Iterator[Chunk]:
        """As the function of that name."""
        self.asked.append((connection, of.name, condition, list(arguments)))
        for rows in self.rows[of.name]:
            yield Chunk(rows, None)

    def lines_of_rows(
        self, connection: str, of: SourceTable, values: Sequence[str], **more: Any
    ) -> Iterator[bytes]:
        """As the function of that name."""
        self.asked.append((connection, of.name, list(values), more))
        yield f"{of.name}\n".encode()


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Source:
    """Nothing in it."""
    return Source(monkeypatch)


def rows_of(deployed: DeployedTask, *tables: SourceTable) -> RecipeRows:
    """The rows of what these tables become."""
    return RecipeRows(ADDRESS, [TableRecipe(deployed, each, Clock()) for each in tables])


def to_one(*names: str) -> list[Json]:
    """Rules that make one table of them."""
    return renamed_to("one", names, schema="shop")


def test_a_table_has_the_targets_names_columns_and_key() -> None:
    rows = rows_of(task(), T)
    assert (rows.schema_name, rows.table_name) == ("shop", "t")
    assert rows.columns == [Column("id", "BIGINT"), Column("amount", "DECIMAL(9,2)")]
    assert rows.primary_key == ("id",)
    assert rows_of(task(selection("shop"), *to_one("t")), T).table_name == "one"
    removed: Json = {
        **to_one("t")[0],
        "rule-action": "remove-column",
        "rule-target": "column",
        "object-locator": {"schema-name": "shop", "table-name": "t", "column-name": "id"},
    }
    del removed["value"]
    assert rows_of(task(selection("shop"), removed), T).primary_key == ()


def test_rows_are_read_by_the_rules_condition(source: Source) -> None:
    rule = selection(
        "shop",
        "t",
        filters=[
            {
                "filter-type": "source",
                "column-name": "id",
                "filter-conditions": [{"filter-operator": "gte", "value": "5"}],
            }
        ],
    )
    source.rows = {"t": [[[5, Decimal("1.50")]], [[6, None]]]}
    rows = rows_of(task(rule), T)
    assert list(rows.rows()) == [(5, Decimal("1.50")), (6, None)]
    assert source.asked == [("a connection", "t", "((`id` >= %s))", [5])]
    source.asked.clear()
    lines = rows.rendered()
    assert lines is not None
    assert list(lines) == [b"t\n"]
    ((connection, name, values, more),) = source.asked
    assert (connection, name, len(values)) == ("a connection", "t", 2)
    assert more == {
        "lobs": [],
        "lob_kb": 32,
        "condition": "((`id` >= %s))",
        "arguments": [5],
    }


def test_tables_that_become_one_have_the_columns_of_all(source: Source) -> None:
    more = table("u", ID, SourceColumn("note", "varchar", length=9))
    rows = rows_of(task(selection("shop"), *to_one("t", "u")), T, more)
    assert [column.name for column in rows.columns] == ["id", "amount", "note"]
    assert rows.primary_key == ("id",)
    source.rows = {"t": [[[1, Decimal(2)]]], "u": [[[3, "x"]]]}
    assert list(rows.rows()) == [(1, Decimal(2), None), (3, None, "x")]
    lines = rows.rendered()
    assert lines is not None
    assert list(lines) == [b"t\n", b"u\n"]
    assert [values.count("''") for _, _, values, _ in source.asked[-2:]] == [1, 1]
    other_key = table("u", ID, AMOUNT, key=("amount",))
    assert rows_of(task(selection("shop"), *to_one("t", "u")), T, other_key).primary_key == ()


@pytest.mark.parametrize(
    ("other", "type_", "is_rendered"),
    [
        (AMOUNT, "DECIMAL(9,2)", True),
        (SourceColumn("amount", "decimal", precision=10, scale=2), "NUMBER", False),
        (SourceColumn("amount", "int"), "NUMBER", False),
        (SourceColumn("amount", "varchar", length=9), "JSON", False),
    ],
)
def test_a_column_of_several_types_is_compared_as_what_holds_all(
    source: Source, other: SourceColumn, type_: str, is_rendered: bool
) -> None:
    rows = rows_of(task(selection("shop"), *to_one("t", "u")), T, table("u", ID, other))
    assert rows.columns[1] == Column("amount", type_)
    assert (rows.rendered() is not None) is is_rendered
    assert source.asked == []


def test_a_rule_that_decides_about_values_is_asked_row_by_row(source: Source) -> None:
    added: Json = {
        **to_one("t")[0],
        "rule-action": "add-column",
        "rule-target": "column",
        "value": "double",
        "expression": "$amount * 2",
        "data-type": {"type": "real8"},
    }
    rows = rows_of(task(selection("shop"), added), T)
    assert rows.rendered() is None
    source.rows = {"t": [[[1, Decimal("1.5")]]]}
    ((_, _, double),) = rows.rows()
    assert (double, type(double)) == (3.0, float)
    assert rows.columns[2] == Column("double", "DOUBLE")


def test_an_attribute_beside_the_columns_is_no_text_of_the_source() -> None:
    mapping: Json = {
        "rule-type": "object-mapping",
        "rule-id": "7",
        "rule-name": "more",
        "rule-action": "map-record-to-record",
        "object-locator": {"schema-name": "shop", "table-name": "t"},
        "mapping-parameters": {
            "attribute-mappings": [
                {
                    "target-attribute-name": "who",
                    "attribute-type": "scalar",
                    "attribute-sub-type": "string",
                    "value": "${id}",
                }
            ]
        },
    }
    who, *_ = rows_of(task(selection("shop"), mapping), T).columns
    assert who == Column("who", "VARCHAR", is_text=False)
