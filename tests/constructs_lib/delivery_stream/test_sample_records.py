"""A partition key must give one value for each kind of record that DMS writes."""

import json

import jsonschema
import pytest

from constructs_lib.delivery_stream import DeliveryStreamProps
from constructs_lib.delivery_stream.sample_records import check_partition_key, sample_kinds
from constructs_lib.errors import InvalidPropsError
from dms_stream.messages import message_schema
from dms_stream.rehearsal.delivery.partitioning import MetadataExtraction


@pytest.mark.parametrize(
    "expression",
    [
        ".metadata.operation",
        '.metadata["record-type"]',
        ".metadata.timestamp[0:10]",
        '.data.region // "unnamed"',
        '.data["ship to"] // "unnamed"',
        '(.data.name | ascii_downcase)? // "unnamed"',
        '.data._doc.region // "unnamed"',
        '{"insert": "new", "load": "new"}[.metadata.operation] // "other"',
        'if .metadata["record-type"] == "control" then "control" else .data.region end',
        "(.data.amount > 5) // false",
        '.metadata["schema-name"] | if . == "" then "unnamed" else . end',
        '(.data.at | strptime("%Y-%m-%dT%H:%M:%SZ") | strftime("%Y"))? // "unnamed"',
        '.["before-image"].region // "unnamed"',
    ],
)
def test_one_value_for_each_record_is_taken(expression: str) -> None:
    check_partition_key(expression)


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        (".data.region", r"gives null for a control record \(create-table\), and"),
        (
            '.metadata["schema-name"]',
            "gives an empty text for the control record of awsdms_apply_exceptions",
        ),
        ('.control["table-def"]["primary-key"][0] // empty', "gives no value for a data record"),
        ('.metadata["transaction-id"]', r"gives null for a data record \(load\)"),
        (".data | ascii_downcase", r"gives an error for a data record \(load\)"),
        (".data.name | ascii_downcase", "gives an error for a control record"),
        (".data[]?", r"gives several values for a data record \(load\)"),
        (".metadata.operation, .metadata.timestamp", "gives several values"),
        (".metadata", "gives an object for"),
        ("[.metadata.operation]", "gives an array for"),
        (
            'if .metadata["record-type"] == "control" then "c" else .metadata.nothing end',
            r"gives null for a data record \(load\)",
        ),
        (
            'if .metadata.operation == "update" then .["before-image"].id else "x" end',
            r"gives null for a data record \(update\), and",
        ),
        ('.control | if . == {} then null else "x" end', "create-table.* with an empty body"),
        ('.metadata.operation | if . == "delete" then "" else . end', r"text .* \(delete\)"),
    ],
)
def test_a_record_without_one_is_named(expression: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        check_partition_key(expression)


@pytest.mark.parametrize(
    "expression", [".data.region", '.metadata["schema-name"]', ".data.name | ascii_downcase"]
)
def test_the_advice_is_right(expression: str) -> None:
    with pytest.raises(ValueError, match="Give a value there too") as caught:
        check_partition_key(expression)
    advice = str(caught.value).partition("there too: ")[2].rpartition(" (https")[0]
    check_partition_key(advice)


def test_the_advice_for_several_is_right() -> None:
    with pytest.raises(ValueError, match=r"such as first\(\.metadata\.operation, 1\)"):
        check_partition_key(".metadata.operation, 1")
    check_partition_key("first(.metadata.operation, 1)")


def test_the_settings_say_where() -> None:
    partitioning = {"kind": "custom", "keys": {"region": ".data.region"}}
    with pytest.raises(InvalidPropsError, match=r"- partitioning\.keys\.region: gives null for"):
        DeliveryStreamProps(partitioning=partitioning)


@pytest.mark.parametrize("expression", [".metadata.operation # of the row", "# nothing\\n 1"])
def test_a_comment_would_hide_the_keys_behind_it(expression: str) -> None:
    keys = {"operation": expression, "kind": '.metadata["record-type"]'}
    with pytest.raises(InvalidPropsError, match=r"partitioning\.keys\.operation"):
        DeliveryStreamProps(partitioning={"kind": "custom", "keys": keys})


@pytest.mark.parametrize("expression", ["1), other:(2", "1} | {key:(2"])
def test_an_expression_cannot_reach_out_of_its_brackets(expression: str) -> None:
    with pytest.raises(InvalidPropsError, match="is not a valid jq expression"):
        DeliveryStreamProps(partitioning={"kind": "custom", "keys": {"a": expression}})


def test_by_table_has_a_value_for_every_kind() -> None:
    props = DeliveryStreamProps(partitioning={"kind": "by-table"})
    expressions = props.partitioning.expressions
    query = "{" + ",".join(f"{key}:{jq}" for key, jq in expressions.items()) + "}"
    extraction = MetadataExtraction(query, list(expressions))
    records = [record for kind in sample_kinds() for record in kind.records]
    found = extraction.partitions([json.dumps(record).encode() for record in records])
    assert set(found) == {("shop", "orders"), ("unnamed", "awsdms_apply_exceptions")}


def test_the_samples_are_records_as_dms_writes_them() -> None:
    schema = message_schema()
    for kind in sample_kinds():
        for record in kind.records:
            jsonschema.validate(record, schema)


@pytest.mark.parametrize(
    "expression",
    [
        "[range(1e9)] | length",
        "last(repeat(1))",
        "1 | until(false; .)",
        "[recurse(.)] | length",
        "def f: f; f",
        '"a" * 1000000000 | length',
        "[][1000000000] = 1 | length",
    ],
)
def test_what_may_run_without_end_is_never_run(expression: str) -> None:
    with pytest.raises(InvalidPropsError, match=r"may run without end|may grow too long"):
        DeliveryStreamProps(partitioning={"kind": "custom", "keys": {"a": expression}})


def test_what_ends_is_taken() -> None:
    DeliveryStreamProps(partitioning={"kind": "custom", "keys": {"a": "[..] | length"}})
