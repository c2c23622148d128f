"""What DMS would refuse, or silently do otherwise, is refused with where, what and why."""

from typing import Any

import pytest

from constructs_lib.dms.table_mappings import TableMappings
from constructs_lib.errors import InvalidPropsError
from tests.constructs_lib.dms.table_mappings.test_table_mappings_documents import (
    filtered,
    map_records,
    select,
    settings,
    transform,
    where,
)

KEY = {"name": "pk", "columns": ["id"]}
EXPLICIT = {"rule-action": "explicit"}
EQ = {"filter-operator": "eq", "value": "1"}


def attribute(name: str | None, **more: Any) -> dict[str, Any]:
    named = {"target-attribute-name": name} if name else {}
    return named | {"value": "${a}"} | {k.replace("_", "-"): v for k, v in more.items()}


REFUSALS: dict[str, tuple[list[dict[str, Any]], str, str]] = {
    "nothing selected": ([], "rules", "select nothing: DMS needs at least one selection rule"),
    "only excluded": (
        [select(**{"rule-action": "exclude"})],
        "rules",
        "select nothing: DMS needs at least one selection rule",
    ),
    "id twice": (
        [select("1"), select("01", table="x")],
        "rules[1] (rule-id 01), rule-id",
        "is already the rule-id of rules[0] (rule-id 1), and must be unique",
    ),
    "name twice": (
        [select("1"), select("2", table="x") | {"rule-name": "1"}],
        "rules[1] (rule-id 2), rule-name",
        "is already the rule-name of rules[0] (rule-id 1), and must be unique",
    ),
    "explicit with a wildcard": (
        [select(table="o%", **EXPLICIT)],
        "rules[0] (rule-id 1), object-locator.table-name",
        "must be an exact name, without % and [ ]: explicit selects exactly one table",
    ),
    "explicit with a set in the schema": (
        [select(schema="s[ab]", **EXPLICIT)],
        "rules[0] (rule-id 1), object-locator.schema-name",
        "must be an exact name",
    ),
    "load order of zero": (
        [select(load_order=0)],
        "rules[0] (rule-id 1), load-order",
        "must be a whole number from 1 to 2147483647",
    ),
    "load order beyond the most": (
        [select(load_order="2147483648")],
        "rules[0] (rule-id 1), load-order",
        "must be a whole number from 1 to 2147483647",
    ),
    "load order in words": (
        [select(load_order="first")],
        "rules[0] (rule-id 1), load-order",
        "must be a whole number",
    ),
    "filter on a pattern": (
        [select(table="o%", filters=[where("id", EQ)])],
        "rules[0] (rule-id 1), object-locator.table-name",
        "a rule with filters applies to one table",
    ),
    "filter where not included": (
        [select(**EXPLICIT, filters=[where("id", EQ)])],
        "rules[0] (rule-id 1), filters",
        "only work with the action include",
    ),
    "filter without conditions": (
        [filtered(where("id"))],
        "rules[0] (rule-id 1), filters[0].filter-conditions",
        "must contain at least one condition",
    ),
    "negative beside another": (
        [filtered(where("id", EQ, {"filter-operator": "noteq", "value": "2"}))],
        "rules[0] (rule-id 1), filters[0].filter-conditions",
        "contain 2 conditions, but noteq must be alone in its filter",
    ),
    "eq without a value": (
        [filtered(where("id", {"filter-operator": "eq"}))],
        "rules[0] (rule-id 1), filters[0].filter-conditions[0].value",
        "is missing: eq needs value",
    ),
    "between with one bound": (
        [filtered(where("id", {"filter-operator": "between", "start-value": "1"}))],
        "rules[0] (rule-id 1), filters[0].filter-conditions[0].end-value",
        "is missing: between needs start-value and end-value",
    ),
    "between with a value": (
        [
            filtered(
                where(
                    "id",
                    {"filter-operator": "between"} | {"start-value": 1, "end-value": 2, "value": 3},
                )
            )
        ],
        "rules[0] (rule-id 1), filters[0].filter-conditions[0].value",
        "is not used by between, which takes start-value and end-value",
    ),
    "null with a value": (
        [filtered(where("id", {"filter-operator": "null", "value": "x"}))],
        "rules[0] (rule-id 1), filters[0].filter-conditions[0].value",
        "is not used by null, which takes no value",
    ),
    "action of another target": (
        [select(), transform("table", "remove-column")],
        "rules[1] (rule-id 2), rule-action",
        "remove-column does not apply to the target table, only to column",
    ),
    "masking of a table": (
        [select(), transform("table", "data-masking-hash-mask")],
        "rules[1] (rule-id 2), rule-action",
        "data-masking-hash-mask does not apply to the target table, only to column",
    ),
    "key of a column": (
        [select(), transform("column", "define-primary-key", primary_key_def=KEY)],
        "rules[1] (rule-id 2), rule-action",
        "define-primary-key does not apply to the target column, only to table",
    ),
    "table without its name": (
        [select(), transform("table", "rename", value="x", locator={"table-name": None})],
        "rules[1] (rule-id 2), object-locator.table-name",
        "is missing: rename on the target table needs it",
    ),
    "column without its name": (
        [select(), transform("column", "remove-column", locator={"column-name": None})],
        "rules[1] (rule-id 2), object-locator.column-name",
        "is missing: remove-column on the target column needs it",
    ),
    "tablespace without its name": (
        [select(), transform("table-tablespace", "rename", value="x")],
        "rules[1] (rule-id 2), object-locator.table-tablespace-name",
        "is missing: rename on the target table-tablespace needs it",
    ),
    "two tablespaces": (
        [
            select(),
            transform(
                "table-tablespace",
                "rename",
                value="x",
                locator={"table-tablespace-name": "a", "index-tablespace-name": "b"},
            ),
        ],
        "rules[1] (rule-id 2), object-locator",
        "names both a table tablespace and an index tablespace, but a rule takes only one",
    ),
    "rename without a value": (
        [select(), transform("schema", "rename")],
        "rules[1] (rule-id 2), value",
        "is missing: rename needs it",
    ),
    "empty prefix": (
        [select(), transform("schema", "add-prefix", value="")],
        "rules[1] (rule-id 2), value",
        "must not be empty: add-prefix needs it",
    ),
    "replacement without the old value": (
        [select(), transform("table", "replace-prefix", value="a")],
        "rules[1] (rule-id 2), old-value",
        "is missing: replace-prefix needs it",
    ),
    "new column without a type": (
        [select(), transform("column", "add-column", value="op", expression="'x'")],
        "rules[1] (rule-id 2), data-type",
        "is missing: add-column needs it",
    ),
    "new type not given": (
        [select(), transform("column", "change-data-type")],
        "rules[1] (rule-id 2), data-type",
        "is missing: change-data-type needs it",
    ),
    "unknown type": (
        [select(), transform("column", "change-data-type", data_type={"type": "varchar"})],
        "rules[1] (rule-id 2), data-type.type",
        "must be one of bytes, date, time, datetime, int1",
    ),
    "key not given": (
        [select(), transform("table", "define-primary-key")],
        "rules[1] (rule-id 2), primary-key-def",
        "is missing: define-primary-key needs it",
    ),
    "key without columns": (
        [
            select(),
            transform("table", "define-primary-key", primary_key_def=KEY | {"columns": []}),
        ],
        "rules[1] (rule-id 2), primary-key-def.columns",
        "must name at least one column",
    ),
    "key of a pattern": (
        [
            select(),
            transform(
                "table", "define-primary-key", locator={"table-name": "%"}, primary_key_def=KEY
            ),
        ],
        "rules[1] (rule-id 2), object-locator.table-name",
        "define-primary-key applies to one table",
    ),
    "before image not given": (
        [select(), transform("column", "add-before-image-columns")],
        "rules[1] (rule-id 2), before-image-def",
        "is missing: add-before-image-columns needs it",
    ),
    "before image without a name": (
        [
            select(),
            transform(
                "column",
                "add-before-image-columns",
                before_image_def={"column-prefix": "", "column-filter": "all"},
            ),
        ],
        "rules[1] (rule-id 2), before-image-def",
        "must not leave both prefix and suffix empty",
    ),
    "before image twice": (
        [
            select(),
            transform("column", "add-before-image-columns", 2, before_image_def={}),
            transform("column", "add-before-image-columns", 3, before_image_def={}),
        ],
        "rules[2] (rule-id 3)",
        "transforms the same object as rules[1] (rule-id 2)",
    ),
    "one column transformed twice": (
        [
            select(),
            transform("column", "remove-column", 2),
            transform("column", "rename", 3, value="x"),
        ],
        "rules[2] (rule-id 3)",
        "transforms the same object as rules[1] (rule-id 2): DMS applies only the one with the "
        "lower rule-id",
    ),
    "one column added twice": (
        [
            select(),
            transform("column", "add-column", 2, value="x", data_type={"type": "int4"}),
            transform("column", "add-column", 3, value="x", data_type={"type": "int8"}),
        ],
        "rules[2] (rule-id 3)",
        "transforms the same object as rules[1] (rule-id 2)",
    ),
    "one column masked twice": (
        [
            select(),
            transform("column", "data-masking-hash-mask", 2),
            transform("column", "data-masking-digits-randomize", 3),
        ],
        "rules[2] (rule-id 3)",
        "transforms the same object as rules[1] (rule-id 2)",
    ),
    "mask of two characters": (
        [select(), transform("column", "data-masking-digits-mask", value="##")],
        "rules[1] (rule-id 2), value",
        "must be a single printable ASCII character other than a space",
    ),
    "mask of a space": (
        [select(), transform("column", "data-masking-digits-mask", value=" ")],
        "rules[1] (rule-id 2), value",
        "must be a single printable ASCII character other than a space",
    ),
    "mask not given": (
        [select(), transform("column", "data-masking-digits-mask")],
        "rules[1] (rule-id 2), value",
        "is missing: data-masking-digits-mask needs it",
    ),
    "settings of a pattern": (
        [
            select(),
            settings(parallel_load={"type": "partitions-auto"})
            | {"object-locator": {"schema-name": "shop", "table-name": "%"}},
        ],
        "rules[1] (rule-id 2), object-locator.table-name",
        "a table-settings rule applies to one table",
    ),
    "list of no partitions": (
        [select(), settings(parallel_load={"type": "partitions-list"})],
        "rules[1] (rule-id 2), parallel-load.partitions",
        "partitions-list needs partitions or subpartitions",
    ),
    "ranges without bounds": (
        [select(), settings(parallel_load={"type": "ranges", "columns": ["id"]})],
        "rules[1] (rule-id 2), parallel-load.boundaries",
        "is missing: ranges needs it",
    ),
    "ranges over too many columns": (
        [
            select(),
            settings(
                parallel_load={
                    "type": "ranges",
                    "columns": [f"c{n}" for n in range(11)],
                    "boundaries": [list(range(11))],
                }
            ),
        ],
        "rules[1] (rule-id 2), parallel-load.columns",
        "must name 1 to 10 columns for ranges",
    ),
    "bound without a value for every column": (
        [
            select(),
            settings(
                parallel_load={"type": "ranges", "columns": ["a", "b"], "boundaries": [[1, 2], [3]]}
            ),
        ],
        "rules[1] (rule-id 2), parallel-load.boundaries[1]",
        "must contain a value for each of the 2 columns",
    ),
    "full LOB mode": (
        [select(), settings(lob_settings={"mode": "unlimited", "bulk-max-size": "0"})],
        "rules[1] (rule-id 2), lob-settings.mode",
        "must not be unlimited: Kinesis targets have no full (unlimited) LOB mode",
    ),
    "LOBs without a size": (
        [select(), settings(lob_settings={"mode": "limited"})],
        "rules[1] (rule-id 2), lob-settings.bulk-max-size",
        "is missing: the mode limited needs a size in KB",
    ),
    "LOBs beyond a record": (
        [select(), settings(lob_settings={"bulk-max-size": 1025})],
        "rules[1] (rule-id 2), lob-settings.bulk-max-size",
        "must be a whole number from 1 to 1024 KB",
    ),
    "partition by no attribute": (
        [select(), map_records(partition_key_type="attribute-name")],
        "rules[1] (rule-id 2), mapping-parameters.partition-key-name",
        "is missing: the partition-key-type attribute-name needs it",
    ),
    "partition key of both forms": (
        [select(), map_records(partition_key={"value": "a", "attribute-name": "b"})],
        "rules[1] (rule-id 2), mapping-parameters.partition-key",
        "must contain either value (the same key for all records) or attribute-name",
    ),
    "constant partition key without the key": (
        [select(), map_records(partition_key_type="constant")],
        "rules[1] (rule-id 2), mapping-parameters.partition-key",
        "is missing: the partition-key-type constant needs the key of all records",
    ),
    "partition key of an attribute that nothing makes": (
        [select(), map_records(partition_key_type="attribute-name", partition_key_name="who")],
        "rules[1] (rule-id 2), mapping-parameters.partition-key-name",
        "names an attribute that no attribute-mapping makes",
    ),
    "older partition key of an attribute that nothing makes": (
        [
            select(),
            map_records(partition_key={"attribute-name": "b"}, attribute_mappings=[attribute("a")]),
        ],
        "rules[1] (rule-id 2), mapping-parameters.partition-key-name",
        "names an attribute that no attribute-mapping makes",
    ),
    "object mapping of a pattern": (
        [select(), map_records() | {"object-locator": {"schema-name": "s%", "table-name": "t"}}],
        "rules[1] (rule-id 2), object-locator.schema-name",
        "must be an exact name, without % and [ ]: DMS 3.5 refuses an object mapping of a pattern",
    ),
    "object mapping of a set": (
        [select(), map_records() | {"object-locator": {"schema-name": "s", "table-name": "t[ab]"}}],
        "rules[1] (rule-id 2), object-locator.table-name",
        "must be an exact name, without % and [ ]",
    ),
    "object mapping of a table that nothing selects": (
        [select(table="order"), map_records()],
        "rules[1] (rule-id 2), object-locator",
        "names a table that no selection rule captures, so the rule does nothing",
    ),
    "object mapping of a table that is excluded": (
        [
            select(table="%"),
            select("3", table="ord%", **{"rule-action": "exclude"}),
            map_records(),
        ],
        "rules[2] (rule-id 2), object-locator",
        "names a table that no selection rule captures",
    ),
    "filters outside a selection": (
        [select(), settings(filters=[where("id", EQ)])],
        "rules[1] (rule-id 2), filters",
        "only filter rows in selection rules",
    ),
    "attribute without a name": (
        [select(), map_records(attribute_mappings=[attribute(None)])],
        "rules[1] (rule-id 2), mapping-parameters.attribute-mappings[0].target-attribute-name",
        "is missing: it names the record's attribute",
    ),
    "attribute twice": (
        [select(), map_records(attribute_mappings=[attribute("a"), attribute("a")])],
        "rules[1] (rule-id 2), mapping-parameters.attribute-mappings[1].target-attribute-name",
        "a record has each attribute once",
    ),
    "scalar that is an object": (
        [
            select(),
            map_records(
                attribute_mappings=[attribute("a", attribute_type="scalar") | {"value": {"b": "c"}}]
            ),
        ],
        "rules[1] (rule-id 2), mapping-parameters.attribute-mappings[0].value",
        "must be a string for the attribute-type scalar",
    ),
}


@pytest.mark.parametrize(("rules", "place", "problem"), REFUSALS.values(), ids=REFUSALS)
def test_is_refused(rules: list[dict[str, Any]], place: str, problem: str) -> None:
    with pytest.raises(InvalidPropsError) as refused:
        TableMappings.from_json({"rules": rules})

    (fault,) = refused.value.faults
    assert fault.where == place
    assert problem in fault.problem
    assert "https://docs.aws.amazon.com/dms/" in fault.problem


GUIDE = "https://docs.aws.amazon.com/dms/latest/userguide/"
RULES = f"{GUIDE}CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation."
EXCLUDE = {"rule-action": "exclude"}


def faults_of(*rules: dict[str, Any]) -> list[str]:
    return [str(fault) for fault in TableMappings.from_json({"rules": rules}, lint=False).faults()]


@pytest.mark.parametrize("excluded", ["%", "o%", "order[s]", "orders", "_rders"])
def test_what_is_excluded_again_is_not_selected(excluded: str) -> None:
    assert faults_of(select(table="orders"), select("2", table=excluded, **EXCLUDE)) == [
        "  - rules: select nothing: rules[1] (rule-id 2) excludes all that they include, and "
        "exclude "
        f"wins over include ({RULES}Selections.html). Narrow the exclude rule or remove it\n"
        "      given: 2 rules"
    ]


@pytest.mark.parametrize(
    "exclude",
    [
        select("2", table="tmp[_]%", **EXCLUDE),
        select("2", table="_%", **EXCLUDE),
        select("2", schema="other", table="%", **EXCLUDE),
        select("2", **EXCLUDE)
        | {"object-locator": {"schema-name": "shop", "table-name": "%", "table-type": "view"}},
    ],
)
def test_what_is_excluded_in_part_only_is_selected(exclude: dict[str, Any]) -> None:
    assert faults_of(select(table="%"), exclude) == []


def test_one_table_is_left_where_another_is_excluded() -> None:
    orders, people = select(table="orders"), select("2", table="people")
    assert faults_of(orders, people, select("3", table="orders", **EXCLUDE)) == []


def test_two_rules_may_not_say_how_one_table_is_handled() -> None:
    mapping, load = map_records(), settings(lob_settings={"mode": "none"})
    again = [
        mapping | {"rule-id": "4", "rule-name": "4"},
        load | {"rule-id": "5", "rule-name": "5"},
    ]
    load |= {"rule-id": "3", "rule-name": "3"}

    table = "is about the same table as {first}"
    assert faults_of(select(), mapping, load, *again) == [
        "  - rules[3] (rule-id 4), object-locator: "
        + table.format(first="rules[1] (rule-id 2)")
        + f" ({GUIDE}CHAP_Target.Kinesis.html): merge the two rules\n"
        "      given: shop.orders",
        "  - rules[4] (rule-id 5), object-locator: "
        + table.format(first="rules[2] (rule-id 3)")
        + f" ({RULES}Tablesettings.html): merge the two rules\n"
        "      given: shop.orders",
    ]


@pytest.mark.parametrize("character", list("#\\/-"))
def test_columns_that_dms_cannot_transform_are_refused(character: str) -> None:
    rule = transform("column", "remove-column", locator={"column-name": f"a{character}b"})

    with pytest.raises(InvalidPropsError, match="and DMS cannot transform such columns"):
        TableMappings.from_json({"rules": [select(), rule]})


def test_the_dash_of_a_set_is_no_part_of_a_column_name() -> None:
    rule = transform("column", "remove-column", locator={"column-name": "col[a-d]"})

    assert TableMappings.from_json({"rules": [select(), rule]}).faults() == []


def test_a_rename_may_be_an_expression() -> None:
    rule = transform("table", "rename", expression="lower($AR_M_SOURCE_TABLE_NAME)")

    assert TableMappings.from_json({"rules": [select(), rule]}).faults() == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"rule-action": "Include"}, "rule-action: must be 'include', 'exclude' or"),
        ({"rule-id": "one"}, "rule-id: must be a number of 1 to 18 digits"),
        ({"rule-id": -1}, "rule-id: must be a number of 1 to 18 digits"),
        ({"rule-id": True}, "rule-id: must be a number of 1 to 18 digits"),
        ({"rule-id": 10**30}, "rule-id: must be a number of 1 to 18 digits"),
        ({"rule-type": "select"}, "must be an object whose rule-type is selection"),
        ({"object-locator": None}, "schema-name: is required"),
        ({"object-locator": "shop.orders"}, "must be an object with the keys schema-name"),
        ({"object-locator": {"schema-name": "s", "table": "t"}}, "object-locator.table: unknown"),
        ({"filters": [{"column-name": "a", "filter-type": "target"}]}, "must be 'source'"),
    ],
)
def test_rules_of_another_shape_are_refused(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidPropsError) as refused:
        TableMappings.from_json({"rules": [select() | change]})

    assert problem in str(refused.value)


@pytest.mark.parametrize(
    "rule",
    [
        map_records(partition_key_type="constant", partition_key={"value": "all"}),
        map_records(
            partition_key_type="attribute-name",
            partition_key_name="who",
            attribute_mappings=[attribute("who")],
        ),
        map_records(partition_key_type="primary-key") | {"filters": []},
        settings() | {"filters": []},
        transform("column", "remove-column") | {"filters": []},
        select("2", table="x", **{"rule-action": "exclude"}) | {"filters": []},
        select("2", table="x", **{"rule-action": "explicit"}) | {"filters": []},
    ],
)
def test_is_taken_as_the_guide_writes_it(rule: dict[str, Any]) -> None:
    document = {"rules": [select() | {"filters": []}, rule]}
    assert TableMappings.from_json(document).to_document() == document
