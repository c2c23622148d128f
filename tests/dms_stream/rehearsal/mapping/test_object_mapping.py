"""What each part of an object mapping makes of a table's records and their shards."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from constructs_lib.dms.table_mappings import ObjectMappingRule
from dms_stream.rehearsal.errors import RefusedError
from dms_stream.rehearsal.mapping.object_mapping import Mapping, mapping_of
from dms_stream.rehearsal.mapping.transformations import transform
from dms_stream.rehearsal.source.data_types import Value
from dms_stream.rehearsal.source.table import SourceColumn, SourceTable
from tests.dms_stream.rehearsal.mapping.test_transformations import at, rule
from tests.support.pipelines import Json

TABLE = SourceTable(
    "shop",
    "t",
    (
        SourceColumn("id", "int"),
        SourceColumn("name", "varchar", length=9),
        SourceColumn("price", "decimal", precision=9, scale=2),
        SourceColumn("day", "date"),
    ),
    ("id",),
)
ROW: list[Value] = [7, "Ädä", Decimal("1.50"), date(2024, 1, 2)]


def mapping(
    number: int = 7, action: str = "map-record-to-record", table: str = "t", **parameters: Any
) -> ObjectMappingRule:
    """A rule; underscores in names of keys are dashes."""
    given = {name.replace("_", "-"): value for name, value in parameters.items()}
    return ObjectMappingRule.model_validate(
        {
            "rule-type": "object-mapping",
            "rule-id": str(number),
            "rule-name": f"n{number}",
            "rule-action": action,
            "object-locator": {"schema-name": "shop", "table-name": table},
            **({"mapping-parameters": given} if given else {}),
        },
        context={"lint": False},
    )


def made(*rules: ObjectMappingRule, transformations: Any = ()) -> Mapping:
    """The table's mapping."""
    return mapping_of(TABLE, transform(TABLE, transformations), rules)


def attribute(value: Any, name: str = "a", **more: Any) -> Json:
    """An attribute."""
    return {"target-attribute-name": name, "value": value, **more}


def text_of(value: Any, row: list[Value] = ROW, transformations: Any = ()) -> str:
    """What an attribute is in a record."""
    found = made(mapping(attribute_mappings=[attribute(value)]), transformations=transformations)
    return found.attributes[0].json_text(row)


def test_a_table_without_a_rule_has_dmss_own() -> None:
    nothing = Mapping(False, frozenset(), (), None, None, None)
    assert made() == made(mapping(table="other")) == nothing
    assert made(mapping()) == nothing
    assert made(mapping(action="map-record-to-document")).as_document


def test_the_lowest_rule_that_covers_a_table_counts() -> None:
    rules = [mapping(n, exclude_columns=[c]) for n, c in ((12, "id"), (3, "name"), (5, "price"))]
    assert made(*rules).excluded == {"name"}
    assert made(mapping(1, table="u"), *rules).excluded == {"name"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("${name} (${id})", '"Ädä (7)"'),
        ("${price} on ${day}", '"1.50 on 2024-01-02"'),
        ("plain", '"plain"'),
        ({"a": {"b": "${id}"}, "c": ["${name}", 5, None]}, '{"a":{"b":"7"},"c":["Ädä",5,null]}'),
        (5, "5"),
    ],
)
def test_an_attribute_is_filled_with_the_rows_values(value: Any, text: str) -> None:
    assert text_of(value) == text


def test_a_null_is_nothing_in_a_text() -> None:
    assert text_of("<${name}>", [7, None, None, None]) == '"<>"'
    mask = rule("data-masking-digits-mask", value="#", object_locator=at("id"))
    assert text_of("<${id}>", transformations=[mask]) == '"<#>"'
    assert text_of("<${id}>", [None, None, None, None], transformations=[mask]) == '"<>"'


def test_a_column_is_named_as_in_the_source_or_on_the_target() -> None:
    renamed = rule("rename", value="pk", object_locator=at("id"))
    assert text_of("${pk} ${id}", transformations=[renamed]) == '"7 7"'
    # the source's name counts where both are names
    swapped = [
        rule("rename", number=number, value=new, object_locator=at(old))
        for number, (old, new) in enumerate((("id", "name"), ("name", "id")), 1)
    ]
    assert text_of("${id}", transformations=swapped) == '"7"'


def test_columns_that_are_not_there_are_named() -> None:
    values = {"a": ["${no}", {"b": "${id} ${never}"}], "c": 5}
    with pytest.raises(RefusedError, match="rule 7") as refused:
        text_of(values)
    assert refused.value.refusals == tuple(
        f"its attribute a names ${{{name}}}, but shop.t has no such column"
        for name in ("never", "no")
    )


def test_an_attributes_name() -> None:
    old = {"attribute-name": "b", "value": "${id}"}
    found = made(mapping(attribute_mappings=[attribute("${id}"), old])).attributes
    assert [each.name for each in found] == ["a", "b"]


@pytest.mark.parametrize(
    ("given", "kind", "name", "constant"),
    [
        ({"partition_key_type": "schema-table"}, "schema-table", None, None),
        (
            {"partition_key_type": "attribute-name", "partition_key_name": "a"},
            *("attribute-name", "a", None),
        ),
        (
            {"partition_key_type": "constant", "partition_key_name": "c"},
            *("constant", "c", "c"),
        ),
        ({"partition_key": {"attribute-name": "a"}}, "attribute-name", "a", None),
        ({"partition_key": {"value": "c"}}, "constant", None, "c"),
        (
            {"partition_key": {"value": "c"}, "partition_key_type": "constant"},
            *("constant", None, "c"),
        ),
    ],
)
def test_what_decides_the_shard(
    given: Json, kind: str, name: str | None, constant: str | None
) -> None:
    found = made(mapping(**given))
    assert (found.partition_key_type, found.partition_key_name, found.constant) == (
        *(kind, name, constant),
    )


def test_an_attribute_is_json() -> None:
    assert json.loads(text_of({"a": 'x"${name}'})) == {"a": 'x"Ädä'}
