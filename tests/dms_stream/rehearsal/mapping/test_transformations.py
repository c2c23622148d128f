"""What each transformation rule makes of a table's names, columns, types and key."""

import hashlib
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from constructs_lib.dms.table_mappings import TransformationRule
from dms_stream.rehearsal.errors import RefusedError
from dms_stream.rehearsal.mapping.transformations import TransformedTable, transform
from dms_stream.rehearsal.source.data_types import DmsType, Value
from dms_stream.rehearsal.source.table import SourceColumn, SourceTable
from tests.support.pipelines import Json

TABLE = SourceTable(
    "shop",
    "order_old",
    (
        SourceColumn("id", "int"),
        SourceColumn("Name", "varchar", length=40),
        SourceColumn("price", "decimal", precision=9, scale=2),
        SourceColumn("bio", "longtext"),
    ),
    ("id",),
)


def rule(action: str, target: str = "column", number: int = 7, **more: Any) -> TransformationRule:
    """A rule about every table; underscores in names of keys are dashes."""
    named = {name.replace("_", "-"): value for name, value in more.items()}
    where = {"schema": {"schema-name": "%"}, "table": {"schema-name": "%", "table-name": "%"}}.get(
        target, {"schema-name": "%", "table-name": "%", "column-name": "%"}
    )
    return TransformationRule.model_validate(
        {
            "rule-type": "transformation",
            "rule-id": str(number),
            "rule-name": f"n{number}",
            "rule-action": action,
            "rule-target": target,
            **named,
            "object-locator": {**where, **named.get("object-locator", {})},
        },
        context={"lint": False},
    )


def at(column: str, **more: str) -> Json:
    """Where a rule about a column applies."""
    return {"column-name": column, **more}


def made(*rules: TransformationRule, table: SourceTable = TABLE) -> TransformedTable:
    """The table after these rules."""
    return transform(table, rules)


def names(table: TransformedTable) -> list[str]:
    """Its columns."""
    return [column.name for column in table.columns]


OWN = {"schema": "Shop_Old", "table": "Order_Old", "column": "Name_Old"}
NAMED = SourceTable(OWN["schema"], OWN["table"], (SourceColumn(OWN["column"], "int"),))
VARIABLES = {
    "schema": "$SCHEMA_NAME_VAR",
    "table": "$TABLE_NAME_VAR",
    "column": "$COLUMN_NAME_VAR",
}


def name_of(table: TransformedTable, target: str) -> str:
    """What is called so on the target."""
    found = {"schema": table.schema_name, "table": table.table_name, "column": names(table)[0]}
    return found[target]


@pytest.mark.parametrize("target", ["schema", "table", "column"])
@pytest.mark.parametrize(
    ("action", "more", "new"),
    [
        ("rename", {"value": "new"}, {"schema": "new", "table": "new", "column": "new"}),
        ("rename", {"expression": "'x_' || "}, {name: f"x_{own}" for name, own in OWN.items()}),
        ("convert-lowercase", {}, {name: own.lower() for name, own in OWN.items()}),
        ("convert-uppercase", {}, {name: own.upper() for name, own in OWN.items()}),
        ("add-prefix", {"value": "a_"}, {name: f"a_{own}" for name, own in OWN.items()}),
        ("add-suffix", {"value": "_z"}, {name: f"{own}_z" for name, own in OWN.items()}),
        (
            "remove-suffix",
            {"value": "_Old"},
            {"schema": "Shop", "table": "Order", "column": "Name"},
        ),
        ("remove-suffix", {"value": "_old"}, OWN),
        ("remove-prefix", {"value": "Sh"}, {**OWN, "schema": "op_Old"}),
        (
            "replace-prefix",
            {"old_value": "Or", "value": "B"},
            {**OWN, "table": "Bder_Old"},
        ),
        (
            "replace-suffix",
            {"old_value": "me_Old", "value": "vy"},
            {**OWN, "column": "Navy"},
        ),
    ],
)
def test_names(target: str, action: str, more: Json, new: dict[str, str]) -> None:
    if "expression" in more:
        more = {"expression": more["expression"] + VARIABLES[target]}
    table = made(rule(action, target, **more), table=NAMED)
    assert name_of(table, target) == new[target]
    for other in OWN:
        if other != target:
            assert name_of(table, other) == OWN[other]


def test_the_lowest_rule_that_covers_a_name_decides() -> None:
    first = rule("rename", number=3, value="first", object_locator=at("Name"))
    second = rule("add-prefix", number=12, value="p_")
    assert names(made(second, first)) == ["p_id", "first", "p_price", "p_bio"]


def test_a_rule_is_about_the_tables_that_it_names() -> None:
    for locator, is_its in (
        ({"schema-name": "shop", "table-name": "order%"}, True),
        ({"schema-name": "shop", "table-name": "other"}, False),
        ({"schema-name": "store", "table-name": "%"}, False),
    ):
        table = made(rule("rename", "table", value="new", object_locator=locator))
        assert table.table_name == ("new" if is_its else "order_old")
    # a rule about schemas has no table
    assert made(rule("rename", "schema", value="new")).schema_name == "new"


def test_the_settings_schema_is_what_rules_rename() -> None:
    assert transform(TABLE, [], "target").full_name == "target.order_old"
    assert transform(TABLE, [], "").full_name == "shop.order_old"
    prefixed = transform(TABLE, [rule("add-prefix", "schema", value="a_")], "target")
    assert prefixed.schema_name == "a_target"


@pytest.mark.parametrize(
    ("type_", "covered"),
    [
        *(("varchar", ["Name"]), ("WSTRING", ["Name"]), ("string", [])),
        *(("int4", ["id"]), ("int", ["id"]), ("numeric", ["price"]), ("nclob", ["bio"])),
    ],
)
def test_a_rule_may_be_about_a_type_of_mysql_or_of_dms(type_: str, covered: list[str]) -> None:
    table = made(rule("remove-column", object_locator=at("%", **{"data-type": type_})))
    assert [name for name in ("id", "Name", "price", "bio") if name not in names(table)] == covered


def test_columns_that_stay() -> None:
    include = [
        rule("include-column", number=n, object_locator=at(c)) for n, c in ((1, "id"), (2, "N%"))
    ]
    assert names(made(*include)) == ["id", "Name"]
    assert names(made(*include, rule("remove-column", object_locator=at("id")))) == ["Name"]
    assert [column.place for column in made(*include).columns] == [0, 1]


def test_a_name_given_twice_is_refused() -> None:
    with pytest.raises(RefusedError, match=r"the rules for shop\.order_old") as refused:
        made(rule("rename", value="same"))
    assert refused.value.refusals == ("they give the name same to more than one column",)
    added = rule("add-column", value="id", expression="1", data_type={"type": "int4"})
    with pytest.raises(RefusedError):
        made(added)


# Types and masks


def changed(column: str, value: Value, *rules: TransformationRule) -> tuple[Value, DmsType]:
    """A value after the rules, and its type."""
    found = next(c for c in made(*rules).columns if c.source.name == column)
    for change in found.changes:
        value = change(value)
    return value, found.kind


def test_a_type_is_changed_with_its_lengths() -> None:
    to = {"type": "NUMERIC", "precision": "12", "scale": "3"}
    change = rule("change-data-type", data_type=to, object_locator=at("price"))
    assert changed("price", Decimal("1.5"), change)[1] == DmsType("numeric", 0, 12, 3)
    text = rule(
        "change-data-type", data_type={"type": "string", "length": "9"}, object_locator=at("id")
    )
    assert changed("id", 7, text) == ("7", DmsType("string", 9))
    # then it is masked
    mask = rule("data-masking-digits-mask", number=9, value="#", object_locator=at("id"))
    assert changed("id", 7, text, mask) == ("#", DmsType("string", 9))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *(("a-12", "a-12"), (7, "7"), (Decimal("1.50"), "1.50"), (b"\x01\xff", "01ff")),
        *((timedelta(hours=9), "09:00:00"), (date(2024, 1, 2), "2024-01-02")),
    ],
)
def test_masks_see_a_values_text(value: Value, text: str) -> None:
    digest = hashlib.sha256(text.encode()).hexdigest()
    found = changed("Name", value, rule("data-masking-hash-mask", object_locator=at("Name")))
    assert found == (digest, DmsType("string", 40))
    mask = rule("data-masking-digits-mask", value="#", object_locator=at("Name"))
    hidden = "".join("#" if letter.isdigit() else letter for letter in text)
    assert changed("Name", value, mask) == (hidden, DmsType("string", 40))
    mask = rule("data-masking-digits-mask", value="\\", object_locator=at("Name"))
    assert changed("Name", value, mask)[0] == hidden.replace("#", "\\")


def test_random_digits_keep_what_a_number_is() -> None:
    randomize = rule("data-masking-digits-randomize")
    for column, value, kind in (
        ("id", 1234567, DmsType("int4")),
        ("price", Decimal("12345.67"), DmsType("numeric", 0, 9, 2)),
        ("Name", "a-1234567", DmsType("string", 40)),
    ):
        found, found_kind = changed(column, value, randomize)
        assert (type(found), found_kind) == (type(value), kind)
        assert found != value
        # so that what landed can be compared
        assert changed(column, value, randomize)[0] == found
    text, _ = changed("Name", "a-1234567", randomize)
    assert str(text).startswith("a-")
    assert len(str(text)) == len("a-1234567")


# Keys


def key(*columns: str, number: int = 7) -> TransformationRule:
    """A rule that defines the key."""
    definition = {"name": "k", "columns": list(columns)}
    return rule("define-primary-key", "table", number, primary_key_def=definition)


def test_the_key_has_the_names_on_the_target() -> None:
    renamed = rule("rename", value="pk", object_locator=at("id"))
    assert made().primary_key == ("id",)
    assert made(renamed).primary_key == ("pk",)
    assert made(rule("remove-column", object_locator=at("id"))).primary_key == ()
    assert made(key("Name", "id"), renamed).primary_key == ("Name", "pk")
    assert made(key("pk"), renamed).primary_key == ("pk",)
    assert made(key("Name", number=9), key("price", number=8)).primary_key == ("price",)
    added = rule("add-column", value="x", expression="1", data_type={"type": "int4"})
    assert made(key("x"), added).primary_key == ("x",)


def test_a_key_of_columns_that_are_not_there_is_refused() -> None:
    with pytest.raises(RefusedError, match="rule 7") as refused:
        made(key("id", "nothing", "none"))
    assert refused.value.refusals == (
        "its key names nothing, but shop.order_old has no such column",
        "its key names none, but shop.order_old has no such column",
    )


# Added columns


def test_an_added_column() -> None:
    to = {"type": "numeric", "precision": "5", "scale": "1"}
    table = made(rule("add-column", value="x", expression="$price * 2", data_type=to))
    (column,) = table.computed
    assert (column.name, column.kind, column.is_comparable) == (
        "x",
        DmsType("numeric", 0, 5, 1),
        True,
    )
    assert column.expression.variables == ["price"]
    assert column.convert(2.5) == Decimal("2.5")
    assert column.convert(None) is None
    nothing = made(rule("add-column", value="x", data_type={"type": "string"})).computed[0]
    assert nothing.expression.evaluate({}) is None
    assert nothing.convert(b"ab") == "ab"


@pytest.mark.parametrize(
    ("expression", "is_comparable"),
    [
        *(("$id", True), ("1", True), ("$AR_M_SOURCE_SCHEMA", True), ("$BI__id", False)),
        *(("$AR_H_OPERATION", False), ("$AR_H_TIMESTAMP || $id", False)),
        ("operation_indicator(1, 2, 3)", False),
    ],
)
def test_what_follows_from_a_row_alone_is_compared(expression: str, is_comparable: bool) -> None:
    added = rule("add-column", value="x", expression=expression, data_type={"type": "string"})
    assert made(added).computed[0].is_comparable is is_comparable


def test_an_expression_about_columns_that_are_not_there_is_refused() -> None:
    added = rule(
        "add-column", value="x", expression="$no + $BI__never", data_type={"type": "string"}
    )
    with pytest.raises(RefusedError, match="rule 7") as refused:
        made(added)
    assert refused.value.refusals == (
        "its expression names $no, but shop.order_old has no such column",
        "its expression names $BI__never, but shop.order_old has no such column",
    )


# Columns of before images


@pytest.mark.parametrize(
    ("definition", "found"),
    [
        ({"column-filter": "pk-only"}, {"id": "BI_id"}),
        ({}, {"id": "BI_id"}),
        (
            {"column-filter": "non-lob", "column-prefix": "", "column-suffix": "_was"},
            {"id": "id_was", "Name": "Name_was", "price": "price_was"},
        ),
        (
            {"column-filter": "all", "column-prefix": "was_"},
            {"id": "was_id", "Name": "was_Name", "price": "was_price", "bio": "was_bio"},
        ),
    ],
)
def test_columns_of_before_images(definition: Json, found: dict[str, str]) -> None:
    image = rule("add-before-image-columns", before_image_def=definition)
    assert made(image).before_image_columns.names == found


def test_the_first_before_image_of_a_column_counts() -> None:
    images = [
        rule(
            "add-before-image-columns",
            number=number,
            before_image_def=definition,
            object_locator=at(column),
        )
        for number, column, definition in (
            (1, "id", {"column-prefix": "one_"}),
            (2, "%", {"column-prefix": "two_", "column-filter": "all"}),
        )
    ]
    assert made(*images).before_image_columns.names == {
        "id": "one_id",
        "Name": "two_Name",
        "price": "two_price",
        "bio": "two_bio",
    }
