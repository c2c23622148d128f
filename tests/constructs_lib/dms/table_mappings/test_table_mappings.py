"""Table mappings from Python, from YAML and from AWS's document are one model."""

import json
import subprocess
import sys
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from constructs_lib.dms.table_mappings import (
    AttributeMapping,
    Filter,
    FilterCondition,
    MappingParameters,
    ObjectMappingRule,
    SelectionRule,
    TableMappings,
    TransformationRule,
)
from constructs_lib.errors import InvalidPropsError

INCLUDE_ORDERS = {
    "rule-type": "selection",
    "rule-id": "1",
    "rule-name": "1",
    "object-locator": {"schema-name": "shop", "table-name": "orders"},
    "rule-action": "include",
}


def from_yaml(text: str) -> TableMappings:
    return TableMappings.model_validate(YAML(typ="safe", pure=True).load(text))


def test_python_yaml_and_aws_say_the_same() -> None:
    python = TableMappings(
        rules=(
            SelectionRule(schema_name="shop", table_name="orders"),
            ObjectMappingRule(
                rule_action="map-record-to-record",
                schema_name="shop",
                table_name="orders",
                mapping_parameters=MappingParameters(
                    partition_key_type="attribute-name",
                    partition_key_name="who",
                    attribute_mappings=(
                        AttributeMapping(target_attribute_name="who", value="${name}"),
                    ),
                ),
            ),
        )
    )
    in_yaml = from_yaml(
        """
        rules:
          - rule-type: selection
            schema-name: shop
            table-name: orders
          - rule-type: object-mapping
            rule-action: map-record-to-record
            object-locator: {schema-name: shop, table-name: orders}
            mapping-parameters:
              partition-key-type: attribute-name
              partition-key-name: who
              attribute-mappings:
                - target-attribute-name: who
                  value: ${name}
        """
    )

    assert in_yaml == python
    assert TableMappings.from_json(python.to_json()).to_json() == python.to_json()
    assert json.loads(python.to_json())["rules"][1] == {
        "rule-type": "object-mapping",
        "rule-id": "2",
        "rule-name": "2",
        "object-locator": {"schema-name": "shop", "table-name": "orders"},
        "rule-action": "map-record-to-record",
        "mapping-parameters": {
            "partition-key-type": "attribute-name",
            "partition-key-name": "who",
            "attribute-mappings": [{"target-attribute-name": "who", "value": "${name}"}],
        },
    }


def test_a_document_may_be_pasted_into_yaml_as_a_text() -> None:
    pasted = from_yaml("|\n  " + json.dumps({"rules": [INCLUDE_ORDERS]}))

    assert pasted.to_document() == {"rules": [INCLUDE_ORDERS]}


def test_the_short_list_includes_its_tables_before_the_rules() -> None:
    mappings = from_yaml("{tables: [shop.orders, 'shop.tmp%'], rules: []}")

    first, second = mappings.to_document()["rules"]
    assert first["object-locator"] == {"schema-name": "shop", "table-name": "orders"}
    assert second["object-locator"] == {"schema-name": "shop", "table-name": "tmp%"}
    assert {first["rule-action"], second["rule-action"]} == {"include"}
    assert first["rule-name"] == first["rule-id"]


def test_a_listed_table_keeps_its_id_whatever_else_is_listed() -> None:
    def id_of_orders(*tables: str, rules: tuple[SelectionRule, ...] = ()) -> str:
        selections = TableMappings(tables=tables, rules=rules).selections
        return next(rule.rule_id or "" for rule in selections if rule.table_name == "orders")

    alone = id_of_orders("shop.orders")
    other = SelectionRule(schema_name="shop", table_name="people", rule_id="1")

    assert id_of_orders("shop.people", "shop.orders") == alone
    assert id_of_orders("shop.orders", rules=(other,)) == alone


def test_a_listed_table_yields_an_id_that_a_rule_has() -> None:
    taken = TableMappings(tables=("shop.orders",)).to_document()["rules"][0]["rule-id"]
    rule = SelectionRule(schema_name="a", table_name="b", rule_id=taken, rule_name="mine")

    rules = TableMappings(tables=("shop.orders",), rules=(rule,)).to_document()["rules"]

    assert [rule["rule-id"] for rule in rules] == [str(int(taken) + 1), taken]


def test_rules_without_ids_count_on_from_the_rule_before() -> None:
    # DMS applies the lower id first: a mask after a change of type must stay after it
    mappings = TableMappings(
        tables=("shop.orders",),
        rules=(
            TransformationRule(
                rule_id="40",
                rule_target="column",
                rule_action="remove-column",
                schema_name="shop",
                table_name="orders",
                column_name="a",
            ),
            TransformationRule(
                rule_target="column",
                rule_action="data-masking-hash-mask",
                schema_name="shop",
                table_name="orders",
                column_name="b",
            ),
            SelectionRule(schema_name="a", table_name="b", rule_id="41"),
        ),
    )

    assert [rule.rule_id for rule in mappings.all_rules[1:]] == ["40", "42", "41"]


def test_what_is_captured_can_be_asked() -> None:
    mappings = TableMappings(
        tables=("shop.order_%",),
        rules=(
            SelectionRule(schema_name="shop", table_name="%[_]tmp", rule_action="exclude"),
            SelectionRule(schema_name="hr", table_name="a_b", rule_action="explicit"),
        ),
    )

    assert [rule.rule_action for rule in mappings.selections] == ["include", "exclude", "explicit"]
    assert mappings.captures("shop", "order_lines")
    assert mappings.captures("shop", "order1")
    assert not mappings.captures("shop", "order_tmp")
    assert not mappings.captures("shop", "people")
    assert not mappings.captures("SHOP", "order_lines")
    assert mappings.captures("hr", "a_b")
    assert not mappings.captures("hr", "axb")


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ("a[bc]d", "abd", "aed"),
        ("a[b-d]", "ac", "ae"),
        ("a[_]b", "a_b", "axb"),
        ("a.b", "a.b", "axb"),
        ("a[", "a[", "a"),
        ("[^a]", "^", "b"),
        ("%\n", "x\n", "x"),
    ],
)
def test_wildcards_match_as_dms_does(pattern: str, matching: str, other: str) -> None:
    mappings = TableMappings(rules=(SelectionRule(schema_name="s", table_name=pattern),))

    assert mappings.captures("s", matching)
    assert not mappings.captures("s", other)


def test_masking_needs_an_engine_that_masks() -> None:
    mask = TransformationRule(
        rule_target="column",
        rule_action="data-masking-digits-mask",
        schema_name="shop",
        table_name="orders",
        column_name="phone",
        value="*",
    )

    assert TableMappings(tables=("shop.orders",)).requires_engine() is None
    assert TableMappings(tables=("shop.orders",), rules=(mask,)).requires_engine() == "3.5.4"


def test_dates_in_yaml_become_the_text_dms_compares() -> None:
    mappings = from_yaml(
        """
        rules:
          - rule-type: selection
            object-locator: {schema-name: shop, table-name: orders}
            filters:
              - column-name: sold
                filter-conditions:
                  - {filter-operator: gte, value: 2024-01-31}
                  - {filter-operator: eq, value: 2023-05-01 10:20:30}
        """
    )

    conditions = mappings.to_document()["rules"][0]["filters"][0]["filter-conditions"]
    assert [condition["value"] for condition in conditions] == ["2024-01-31", "2023-05-01 10:20:30"]


def test_without_lint_a_faulty_document_is_read_and_its_faults_are_told() -> None:
    document = {"rules": [INCLUDE_ORDERS, INCLUDE_ORDERS]}

    mappings = TableMappings.from_json(document, lint=False)

    assert mappings.to_document() == document
    assert [fault.where for fault in mappings.faults()] == [
        "rules[1] (rule-id 1), rule-id",
        "rules[1] (rule-id 1), rule-name",
    ]


def test_all_faults_are_told_at_once_with_their_rule() -> None:
    document = {
        "rules": [
            INCLUDE_ORDERS | {"fliters": []},
            {"rule-type": "post-processing", "rule-id": "9"},
            INCLUDE_ORDERS | {"rule-id": 2, "rule-action": "explicit", "load-order": 0},
            7,
        ]
    }

    with pytest.raises(InvalidPropsError) as refused:
        TableMappings.from_json(document)

    assert [fault.where for fault in refused.value.faults] == [
        "rules[0] (rule-id 1), fliters",
        "rules[1] (rule-id 9)",
        "rules[3]",
        "rules[2] (rule-id 2), load-order",
        "rules[2] (rule-id 2), rule-name",
    ]
    assert "did you mean filters?" in str(refused.value)
    assert "post-processing is for S3 targets only, never for Kinesis" in str(refused.value)


def test_what_is_there_twice_is_told_beside_rules_of_the_wrong_shape() -> None:
    document = {
        "tables": ["shop.people", 7, "shop.people"],
        "rules": [
            INCLUDE_ORDERS | {"rule-name": "orders"},
            INCLUDE_ORDERS | {"rule-id": "01", "rule-name": "wrong", "fliters": []},
        ],
    }

    with pytest.raises(InvalidPropsError) as refused:
        TableMappings.from_json(document)

    selections = (
        "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks."
        "TableMapping.SelectionTransformation.Selections.html"
    )
    assert str(refused.value).splitlines() == [
        "TableMappings: 4 mistakes",
        "  - tables.1: must be text: put it in quotes",
        "      given: 7",
        "  - rules[1] (rule-id 01), fliters: unknown setting; did you mean filters? Allowed: "
        "filters, isAutoSegmentationChecked, load-order, parallel-load, rule-action, rule-id, "
        "rule-name, rule-type, schema-name, table-name, table-type",
        "      given: []",
        "  - tables[2]: is already listed as tables[0]: remove one of them",
        "      given: shop.people",
        "  - rules[1] (rule-id 01), rule-id: is already the rule-id of rules[0] (rule-id 1), and "
        f"must be unique ({selections}): change one of them, or omit it to get a free one",
        "      given: 1",
    ]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ('{"rules": }', "is not valid JSON: Expecting value: line 1 column 11"),
        ("", "is not valid JSON"),
        (b"\xff\xfe\xfd", "is not valid JSON"),
        ('{"rules": [NaN]}', "NaN is not a JSON value"),
        ("[]", 'must be an object: {"rules": [...]} as AWS writes it'),
        ("null", "must be an object"),
        ({"rules": {}}, "rules: must be a list"),
        ({"rules": None}, "rules: has no value: give one"),
        ({"hello": "world"}, "hello: unknown setting"),
        ({"rules": [[]]}, r"rules\[0\]: must be an object whose rule-type is"),
        ({"rules": [{"rule-type": ["selection"]}]}, "must be an object whose rule-type is"),
        ("[" * 200_000, "is nested too deeply"),
        ('{"rules":' * 5_000, "is nested too deeply|is not valid JSON"),
        ('{"rules": [' + "9" * 10_000 + "]}", "is not valid JSON"),
    ],
)
def test_what_is_no_such_document_is_refused_plainly(document: Any, message: str) -> None:
    with pytest.raises(InvalidPropsError, match=message.replace("[...]", r"\[...\]")):
        TableMappings.from_json(document)


def test_a_bottomless_value_is_refused_plainly() -> None:
    bottomless: dict[str, Any] = {}
    for _ in range(100_000):
        bottomless = {"a": bottomless}
    mapping = {
        "rule-type": "object-mapping",
        "rule-id": "2",
        "rule-action": "map-record-to-record",
        "object-locator": {"schema-name": "shop", "table-name": "orders"},
        "mapping-parameters": {
            "attribute-mappings": [{"attribute-name": "a", "value": bottomless}]
        },
    }

    with pytest.raises(InvalidPropsError):
        TableMappings.from_json({"rules": [INCLUDE_ORDERS, mapping]})


def test_thousands_of_rules_are_no_matter() -> None:
    rules = [INCLUDE_ORDERS | {"rule-id": n, "rule-name": f"n{n}"} for n in range(1, 5_001)]

    assert len(TableMappings.from_json({"rules": rules}).to_document()["rules"]) == 5_000


def test_a_name_given_in_the_locator_and_beside_it_is_refused() -> None:
    with pytest.raises(InvalidPropsError, match="table-name is given both inside and outside"):
        TableMappings.from_json({"rules": [INCLUDE_ORDERS | {"table-name": "people"}]})


def test_a_listed_table_needs_schema_and_name() -> None:
    for wrong in ("orders", "shop.", ".orders", "a.b.c", ""):
        with pytest.raises(InvalidPropsError, match=r"must be schema\.table, such as"):
            TableMappings(tables=(wrong,))


def test_rules_are_refused_in_python_too() -> None:
    with pytest.raises(InvalidPropsError, match="must not be empty: write the name of the object"):
        SelectionRule(schema_name=" ", table_name="orders")
    with pytest.raises(InvalidPropsError, match="must be a number of 1 to 18 digits"):
        SelectionRule(schema_name="shop", table_name="orders", rule_id="first")
    with pytest.raises(InvalidPropsError, match=r"filter-conditions\[0\].value: is missing"):
        TableMappings(
            rules=(
                SelectionRule(
                    schema_name="shop",
                    table_name="orders",
                    filters=(
                        Filter(
                            column_name="id",
                            filter_conditions=(FilterCondition(filter_operator="eq"),),
                        ),
                    ),
                ),
            )
        )


def test_the_schema_for_editors_knows_awss_nested_form() -> None:
    schema = TableMappings.model_json_schema()["$defs"]["SelectionRule"]

    locator = schema["properties"]["object-locator"]
    assert list(locator["properties"]) == ["schema-name", "table-name", "table-type"]
    assert "schema-name" not in schema["required"]


AS_READ: dict[str, Any] = {
    "AWS's document": {"rules": [INCLUDE_ORDERS]},
    "a text": json.dumps({"rules": [INCLUDE_ORDERS]}),
    "a numeric id and name": {"rules": [INCLUDE_ORDERS | {"rule-id": 7, "rule-name": 8}]},
    "nulls as the console writes them": {
        "rules": [
            INCLUDE_ORDERS
            | {
                "rule-action": None,
                "filters": None,
                "tag-set": None,
                "object-locator": {
                    "schema-name": "shop",
                    "table-name": "orders",
                    "table-type": None,
                    "column-name": None,
                },
            }
        ]
    },
    "the flat form": {
        "rules": [{"rule-type": "selection", "schema-name": "shop", "table-name": "orders"}]
    },
}


@pytest.mark.parametrize("document", AS_READ.values(), ids=AS_READ)
def test_the_schema_for_editors_takes_what_is_read(document: Any) -> None:
    TableMappings.model_validate(document)

    Draft202012Validator(TableMappings.model_json_schema()).validate(document)


@pytest.mark.parametrize(
    "change", [{"fliters": []}, {"rule-id": "one"}, {"rule-type": None}, {"rule-action": "take"}]
)
def test_the_schema_for_editors_refuses_what_is_refused(change: dict[str, Any]) -> None:
    document = {"rules": [INCLUDE_ORDERS | change]}
    with pytest.raises(InvalidPropsError):
        TableMappings.from_json(document)

    assert not Draft202012Validator(TableMappings.model_json_schema()).is_valid(document)


def test_importing_the_package_starts_no_node() -> None:
    code = (
        "import sys, constructs_lib.dms.table_mappings, constructs_lib.dms.task_settings;"
        "sys.exit('jsii' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
