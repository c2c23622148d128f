"""Documents of the kinds found on real Kinesis tasks are accepted and keep their meaning."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from constructs_lib.dms.table_mappings import TableMappings


def select(
    rule_id: str | int = "1", schema: str = "shop", table: str = "orders", **more: Any
) -> dict[str, Any]:
    return {
        "rule-type": "selection",
        "rule-id": rule_id,
        "rule-name": str(rule_id),
        "object-locator": {"schema-name": schema, "table-name": table},
        "rule-action": "include",
    } | {key.replace("_", "-"): value for key, value in more.items()}


def transform(target: str, action: str, rule_id: str | int = "2", **more: Any) -> dict[str, Any]:
    locator = {"schema-name": "shop"}
    if target != "schema":
        locator["table-name"] = "orders"
    if target == "column" and action not in ("add-column", "add-before-image-columns"):
        locator["column-name"] = "note"
    return {
        "rule-type": "transformation",
        "rule-id": rule_id,
        "rule-name": f"transform-{rule_id}",
        "rule-target": target,
        "object-locator": locator | more.pop("locator", {}),
        "rule-action": action,
    } | {key.replace("_", "-"): value for key, value in more.items()}


def map_records(action: str = "map-record-to-record", **parameters: Any) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "rule-type": "object-mapping",
        "rule-id": "2",
        "rule-name": "to-kinesis",
        "rule-action": action,
        "object-locator": {"schema-name": "shop", "table-name": "orders"},
    }
    named = {key.replace("_", "-"): value for key, value in parameters.items()}
    return rule | ({"mapping-parameters": named} if named else {})


def settings(**more: Any) -> dict[str, Any]:
    return {
        "rule-type": "table-settings",
        "rule-id": "2",
        "rule-name": "2",
        "object-locator": {"schema-name": "shop", "table-name": "orders"},
    } | {key.replace("_", "-"): value for key, value in more.items()}


def filtered(*filters: dict[str, Any]) -> dict[str, Any]:
    return select(filters=list(filters))


def where(column: str, *conditions: dict[str, Any]) -> dict[str, Any]:
    return {
        "filter-type": "source",
        "column-name": column,
        "filter-conditions": list(conditions),
    }


DOCUMENTS: dict[str, list[dict[str, Any]]] = {
    "one table": [select()],
    "whole schema": [select(table="%")],
    "everything": [select(schema="%", table="%")],
    "numeric id": [select(7)],
    "ids of the console": [select("542485267"), select("447422326", table="people")],
    "as the console writes it": [
        select(filters=[], parallel_load=None, isAutoSegmentationChecked=False)
    ],
    "include and exclude": [
        select(table="%"),
        select("2", table="tmp[_]%", **{"rule-action": "exclude"}),
    ],
    "exclude before include": [
        select(table="audit%", **{"rule-action": "exclude"}),
        select("2", table="%"),
    ],
    "explicit with underscores": [select(table="order_lines", **{"rule-action": "explicit"})],
    "wildcard sets": [select(table="orders_[a-d]%"), select("2", table="part[ab]")],
    "load order as text and number": [
        select(load_order="1"),
        select("2", "shop", "x", load_order=2),
    ],
    "views": [
        select()
        | {"object-locator": {"schema-name": "shop", "table-name": "v%", "table-type": "view"}}
    ],
    "filter by number": [filtered(where("id", {"filter-operator": "gte", "value": 100}))],
    "filter with three conditions": [
        filtered(
            where(
                "id",
                {"filter-operator": "ste", "value": "10"},
                {"filter-operator": "between", "start-value": "50", "end-value": "75"},
                {"filter-operator": "gte", "value": "100"},
            )
        )
    ],
    "two filters with negatives": [
        filtered(
            where("id", {"filter-operator": "notbetween", "start-value": 5, "end-value": 7.5}),
            where("dept", {"filter-operator": "notnull"}),
        )
    ],
    "filter on null and on empty text": [
        filtered(where("dept", {"filter-operator": "null"}, {"filter-operator": "eq", "value": ""}))
    ],
    "filter on an escaped exact name": [
        select(
            table="order[_]lines", filters=[where("id", {"filter-operator": "eq", "value": "1"})]
        )
    ],
    "rename all levels": [
        select(table="%"),
        transform("schema", "rename", 2, value="lake"),
        transform("table", "rename", 3, value="sales"),
        transform("column", "rename", 4, value="remark", old_value=None),
    ],
    "lower-case all levels": [
        select(table="%"),
        transform("schema", "convert-lowercase", 2, locator={"schema-name": "%"}),
        transform("table", "convert-lowercase", 3, locator={"schema-name": "%", "table-name": "%"}),
        transform(
            "column",
            "convert-lowercase",
            4,
            locator={"schema-name": "%", "table-name": "%", "column-name": "%"},
            value=None,
        ),
    ],
    "prefixes and suffixes": [
        select(),
        transform("schema", "add-prefix", 2, value="raw_"),
        transform("table", "replace-suffix", 3, value="_new", old_value="_old"),
        transform("column", "replace-prefix", 4, value="", old_value="tmp_"),
    ],
    "columns added with expressions": [
        select(),
        transform(
            "column",
            "add-column",
            2,
            value="op",
            expression="operation_indicator('D', 'U', 'I')",
            data_type={"type": "string", "length": 50},
        ),
        transform(
            "column",
            "add-column",
            3,
            value="position",
            expression="$AR_H_STREAM_POSITION",
            data_type={"type": "string", "length": "64", "scale": "", "precision": ""},
        ),
        transform(
            "column", "add-column", 4, value="at", data_type={"type": "datetime", "precision": 6}
        ),
    ],
    "columns kept and removed": [
        select(),
        transform("column", "include-column", 2, locator={"column-name": "id"}),
        transform("column", "include-column", 3, locator={"column-name": "total"}),
        transform("column", "remove-column", 4, locator={"column-name": "secret%"}),
    ],
    "retyped by existing type": [
        select(),
        transform(
            "column",
            "change-data-type",
            locator={"column-name": "%", "data-type": "date"},
            data_type={"type": "string", "length": "10", "scale": ""},
        ),
    ],
    "retyped, then hashed": [
        select(),
        transform("column", "change-data-type", 2, data_type={"type": "string", "length": "64"}),
        transform("column", "data-masking-hash-mask", 3),
    ],
    "digits masked and randomised": [
        select(),
        transform("column", "data-masking-digits-mask", 2, value="#"),
        transform("column", "data-masking-digits-randomize", 3, locator={"column-name": "phone"}),
    ],
    "primary key with dashes": [
        select(),
        transform(
            "table",
            "define-primary-key",
            primary_key_def={"name": "pk-orders", "columns": ["ORDER-NO", "LINE-NO"]},
        ),
        transform(
            "table",
            "define-primary-key",
            3,
            locator={"table-name": "lines"},
            primary_key_def={"name": "ux", "origin": "unique-index", "columns": ["id"]},
        ),
    ],
    "before images of two tables": [
        select(table="%"),
        transform(
            "column",
            "add-before-image-columns",
            2,
            before_image_def={
                "column-prefix": "BI_",
                "column-suffix": "",
                "column-filter": "pk-only",
            },
        ),
        transform(
            "column",
            "add-before-image-columns",
            3,
            locator={"table-name": "lines"},
            before_image_def={"column-suffix": "_old", "column-filter": "all"},
        ),
    ],
    "tablespaces": [
        select(),
        transform(
            "table-tablespace", "rename", 2, locator={"table-tablespace-name": "A"}, value="B"
        ),
        transform(
            "index-tablespace", "add-prefix", 3, locator={"index-tablespace-name": "%"}, value="X"
        ),
    ],
    "plain object mapping": [select(), map_records()],
    "document mapping": [
        select(),
        map_records("map-record-to-document", exclude_columns=["phone", "address"]),
    ],
    "partition by primary key": [select(), map_records(partition_key_type="primary-key")],
    "partition by attribute": [
        select(),
        map_records(
            partition_key_type="attribute-name",
            partition_key_name="who",
            exclude_columns=["first", "last"],
            attribute_mappings=[
                {
                    "target-attribute-name": "who",
                    "attribute-type": "scalar",
                    "attribute-sub-type": "string",
                    "value": "${last}, ${first}",
                },
                {
                    "target-attribute-name": "contact",
                    "attribute-type": "document",
                    "attribute-sub-type": "json",
                    "value": {"home": {"phone": "${phone}", "fax": None}, "tags": ["${tag}", 1]},
                },
            ],
        )
        | {"target-table-name": "people"},
    ],
    "older form of the partition key": [
        select(),
        map_records(
            partition_key={"value": "constant"},
            attribute_mappings=[{"attribute-name": "who", "value": "${first}"}],
        ),
    ],
    "parallel load by partitions": [
        select(),
        settings(parallel_load={"type": "partitions-list", "partitions": ["p1", "p2"]}),
    ],
    "parallel load by ranges": [
        select(),
        settings(
            parallel_load={
                "type": "ranges",
                "columns": ["id", "region"],
                "boundaries": [["1000", "NORTH"], [3000, "WEST"]],
            }
        ),
    ],
    "limited LOBs": [select(), settings(lob_settings={"bulk-max-size": "64"})],
    "LOBs as the task says": [
        select(),
        settings(lob_settings={"mode": "none", "bulk-max-size": "100000"}),
    ],
    "unicode and quotes": [select(schema="größe", table='o"r\\ders')],
}


def meaning(document: dict[str, Any]) -> dict[str, Any]:
    """What is documented to be the same: an absent key and null, an id as number and as text."""
    rules = [without_nulls(rule) for rule in document["rules"]]
    return {"rules": [rule | {"rule-id": str(rule["rule-id"])} for rule in rules]}


def without_nulls(value: Any, key: str = "") -> Any:
    if key == "attribute-mappings":
        return value
    if isinstance(value, dict):
        return {k: without_nulls(v, k) for k, v in value.items() if v is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("rules", DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_document_keeps_its_meaning(rules: list[dict[str, Any]]) -> None:
    document = {"rules": rules}

    once = TableMappings.from_json(json.dumps(document)).to_json()

    assert json.loads(once) == meaning(document)
    assert TableMappings.from_json(once).to_json() == once


@pytest.mark.parametrize("rules", DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_document_is_read_without_lint_too(rules: list[dict[str, Any]]) -> None:
    mappings = TableMappings.from_json({"rules": rules}, lint=False)

    assert mappings.faults() == []
    assert json.loads(mappings.to_json()) == meaning({"rules": rules})


@pytest.mark.parametrize("rules", DOCUMENTS.values(), ids=DOCUMENTS)
def test_editors_take_a_document_too(rules: list[dict[str, Any]]) -> None:
    Draft202012Validator(TableMappings.model_json_schema()).validate({"rules": rules})
