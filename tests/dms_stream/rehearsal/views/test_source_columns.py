"""A view's columns and key, as the rules make them of the source's tables."""

import pytest

from dms_stream.rehearsal.deployed_task import DeployedTask
from dms_stream.rehearsal.mapping.messages import Clock
from dms_stream.rehearsal.mapping.table_recipe import TableRecipe
from dms_stream.rehearsal.source.table import SourceColumn, SourceTable
from dms_stream.rehearsal.views.source_columns import ViewedTable, hive_type, of_recipes
from tests.support.pipelines import Json, renamed_to, selection
from tests.support.played_source import table, task


def viewed(deployed: DeployedTask, *tables: SourceTable) -> list[ViewedTable]:
    """What these tables become."""
    return of_recipes([TableRecipe(deployed, each, Clock()) for each in tables])


def to_one(*names: str) -> DeployedTask:
    """A task that makes one table of them."""
    return task(selection("shop"), *renamed_to("one", names, schema="shop"))


def test_each_table_by_name_with_its_columns_and_key() -> None:
    assert viewed(task(), table("u", key=("v", "id")), table("t")) == [
        ViewedTable("shop.t", {"id": "int", "v": "int"}, ["id"], False, ""),
        ViewedTable("shop.u", {"id": "int", "v": "int"}, ["v", "id"], False, ""),
    ]


def test_tables_that_become_one_share_a_view_where_they_share_a_key() -> None:
    text = SourceTable("shop", "u", (SourceColumn("id", "int"), SourceColumn("v", "text")), ("id",))
    deployed = to_one("t", "u")
    assert viewed(deployed, table("t"), text) == [
        ViewedTable("shop.one", {"id": "int", "v": "string"}, ["id"], False, "")
    ]
    (found,) = viewed(deployed, table("t"), table("u", key=("v",)))
    assert (found.primary_key, found.why_no_view) == (
        [],
        "the tables that become one have different keys",
    )


def test_why_a_table_gets_no_view() -> None:
    (keyless,) = viewed(task(), table("t", key=()))
    assert keyless.why_no_view == "it has no primary key"
    assert ViewedTable("a", {"b": "int"}, ["b", "c", "d"], False).why_no_view == (
        "its records lack c, d of its key"
    )
    assert ViewedTable("a", {}, [], False, "another reason").why_no_view == "another reason"


def test_a_document_is_named_in_the_settings() -> None:
    mapping: Json = {
        "rule-type": "object-mapping",
        "rule-id": "7",
        "rule-name": "doc",
        "rule-action": "map-record-to-document",
        "object-locator": {"schema-name": "shop", "table-name": "t"},
    }
    (document,) = viewed(task(selection("shop"), mapping), table("t"))
    plain = {"columns": {"id": "int", "v": "int"}, "primary_key": ["id"]}
    assert document.settings() == {**plain, "in_document": True}
    (columns,) = viewed(task(), table("t"))
    assert columns.settings() == plain


@pytest.mark.parametrize(
    ("precision", "scale", "type_"),
    [(38, 2, "decimal(38,2)"), (1, 0, "decimal(1,0)"), (39, 2, "string"), (0, 0, "string")],
)
def test_decimals_beyond_what_hive_holds_are_texts(precision: int, scale: int, type_: str) -> None:
    assert hive_type("numeric", precision=precision, scale=scale) == type_


@pytest.mark.parametrize(
    ("dms_type", "type_"),
    [
        *(("int1", "tinyint"), ("int2", "smallint"), ("int4", "int"), ("int8", "bigint")),
        *(("uint1", "smallint"), ("uint2", "int"), ("uint4", "bigint")),
        *(("uint8", "decimal(20,0)"), ("real4", "double"), ("real8", "double")),
        *(("boolean", "boolean"), ("date", "date"), ("datetime", "timestamp")),
        *(("wstring", "string"), ("nclob", "string")),
    ],
)
def test_types(dms_type: str, type_: str) -> None:
    assert hive_type(dms_type) == type_
