"""The decoder and the schema of DMS's records, against captured shapes and hostile input."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from dms_stream.cli.app import app
from dms_stream.messages import (
    Control,
    ControlRecord,
    DataRecord,
    MessageError,
    decode,
    message_schema,
    message_schema_text,
)

BASE = {
    "timestamp": "2024-07-29T00:59:07.686557Z",
    "record-type": "data",
    "operation": "load",
    "partition-key-type": "primary-key",
    "schema-name": "dms_sample",
    "table-name": "t",
}
LOAD = {"data": {"id": 45, "name": None}, "metadata": BASE}
UPDATE = {
    "data": {"id": 45, "name": "Jane"},
    "before-image": {"id": 46},
    "metadata": {
        **BASE,
        "operation": "update",
        "partition-key-type": "schema-table",
        "transaction-id": 1141,
        "transaction-record-id": 1,
        "prev-transaction-id": 1140,
        "prev-transaction-record-id": 1,
        "commit-timestamp": "2024-07-29T00:59:07.678294Z",
        "stream-position": "mysql-bin.000003:1203:-1:1230:64:mysql-bin.000003:1090",
    },
}
DELETE = {
    "data": {"id": 45, "name": None},
    "before-image": None,
    "metadata": {**BASE, "operation": "delete", "transaction-id": 1142},
}
CONTROL_METADATA = {
    **BASE,
    "record-type": "control",
    "operation": "create-table",
    "partition-key-type": "task-id",
    "partition-key-value": "serv-res-id-1",
}
CREATE_TABLE = {
    "control": {
        "table-def": {
            "columns": {
                "id": {"type": "INT32", "nullable": False},
                "name": {"type": "WSTRING", "length": 50, "nullable": True},
            },
            "primary-key": ["id"],
        }
    },
    "metadata": CONTROL_METADATA,
}
APPLY_EXCEPTIONS = {
    "control": {"table-def": {"columns": {"TASK_NAME": {"type": "WSTRING", "length": 128}}}},
    "metadata": {**CONTROL_METADATA, "schema-name": "", "table-name": "awsdms_apply_exceptions"},
}
WITHOUT_BODY = {
    "metadata": {
        key: value
        for key, value in {**CONTROL_METADATA, "operation": "drop-table"}.items()
        if key not in ("schema-name", "table-name")
    }
}
CAPTURED = {
    "load": LOAD,
    "update": UPDATE,
    "delete": DELETE,
    "create-table": CREATE_TABLE,
    "apply exceptions": APPLY_EXCEPTIONS,
    "without body": WITHOUT_BODY,
    "document": {"data": {"_doc": {"id": 1}}, "metadata": BASE},
    "what DMS may add": {"data": {}, "metadata": {**BASE, "shard-hint": 3}},
}


def fits_schema(document: Any) -> bool:
    """Whether the shipped schema takes it."""
    return bool(jsonschema.Draft202012Validator(message_schema()).is_valid(document))


def changed(document: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """The record with other metadata, whose keys have `_` for `-`; ... removes one."""
    merged = document["metadata"] | {k.replace("_", "-"): v for k, v in metadata.items()}
    return document | {"metadata": {k: v for k, v in merged.items() if v is not ...}}


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(message_schema())


@pytest.mark.parametrize("name", CAPTURED)
@pytest.mark.parametrize("indent", [None, 2])
def test_captured_shapes_are_taken(name: str, indent: int | None) -> None:
    document = CAPTURED[name]
    assert fits_schema(document)
    text = json.dumps(document, indent=indent)
    record = decode(text)
    assert record == decode(text.encode())
    assert isinstance(record, ControlRecord) == (
        document["metadata"]["record-type"] == "control"  # type: ignore[index]
    )


def test_an_update() -> None:
    record = decode(json.dumps(UPDATE))
    assert isinstance(record, DataRecord)
    assert record.operation == "update"
    assert record.data == {"id": 45, "name": "Jane"}
    assert record.before_image == {"id": 46}
    assert record.metadata.schema_name == "dms_sample"
    assert record.metadata.table_name == "t"
    assert record.metadata.timestamp == datetime(2024, 7, 29, 0, 59, 7, 686557, UTC)
    assert record.metadata.commit_timestamp == datetime(2024, 7, 29, 0, 59, 7, 678294, UTC)
    assert (record.metadata.transaction_id, record.metadata.transaction_record_id) == (1141, 1)


def test_the_before_image_is_called_as_the_task_says() -> None:
    document = {**LOAD, "old": {"id": 1}}
    assert fits_schema(document)
    record = decode(json.dumps(document), before_image_field="old")
    assert isinstance(record, DataRecord)
    assert record.before_image == {"id": 1}
    with pytest.raises(
        MessageError, match=r"the record has the key 'old' .* as before_image_field"
    ):
        decode(json.dumps(document))


def test_a_table_definition() -> None:
    record = decode(json.dumps(CREATE_TABLE))
    assert isinstance(record, ControlRecord)
    assert record.control is not None
    assert record.control.table_def is not None
    assert record.control.table_def.primary_key == ("id",)
    assert record.control.table_def.columns["name"].length == 50
    assert record.control.table_def.columns["id"].nullable is False


def test_no_digit_is_lost() -> None:
    text = json.dumps(LOAD).replace("45", "12345678901234567890.1234567890")
    record = decode(text)
    assert isinstance(record, DataRecord)
    assert record.data["id"] == Decimal("12345678901234567890.1234567890")
    record = decode(json.dumps({**LOAD, "data": {"id": 2**64 - 1}}))
    assert isinstance(record, DataRecord)
    assert record.data["id"] == 18446744073709551615


def test_what_is_unknown_is_kept() -> None:
    record = decode(json.dumps(CAPTURED["what DMS may add"]))
    assert record.metadata.model_extra == {"shard-hint": 3}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"data": {}}, "metadata: is missing"),
        ({"data": [], "metadata": BASE}, "data: must be an object"),
        ({"data": None, "metadata": BASE}, "data: must be an object"),
        ({"metadata": BASE}, "data: is missing"),
        ({"data": {}, "metadata": []}, "metadata: must be an object"),
        (changed(LOAD, operation="create"), "metadata.operation: must be 'load', 'ins"),
        (changed(LOAD, operation=...), "metadata.operation: is missing"),
        (changed(LOAD, record_type="else"), "metadata.record-type: must be 'data'"),
        (changed(LOAD, schema_name=...), "metadata.schema-name: is missing"),
        (changed(LOAD, timestamp=1), "metadata.timestamp: must be a date and time"),
        (changed(LOAD, transaction_id=1.5), "metadata.transaction-id"),
        (changed(LOAD, transaction_record_id="1"), "metadata.transaction-record-id"),
        (
            changed(CREATE_TABLE, operation=""),
            "metadata.operation: must be 1 or more characters long",
        ),
        ({**CREATE_TABLE, "control": 1}, "control: must be an object"),
        (
            {**CREATE_TABLE, "control": {"table-def": {"columns": {"id": {}}}}},
            "control.table-def.columns.id.type: is missing",
        ),
        ({**LOAD, "before-image": 1}, "before-image: must be an object"),
    ],
)
def test_what_is_no_record_is_refused_by_both(document: Any, message: str) -> None:
    assert not fits_schema(document)
    with pytest.raises(MessageError) as refused:
        decode(json.dumps(document))
    assert message in str(refused.value)


def test_what_dms_leaves_out_is_none() -> None:
    metadata = decode(json.dumps(LOAD)).metadata.model_dump(exclude={*BASE, *_names(BASE)})
    assert len(metadata) == 7
    assert {*metadata.values()} == {None}
    loaded = DataRecord.model_validate(LOAD)
    assert loaded.before_image is None
    without_body = ControlRecord.model_validate(WITHOUT_BODY)
    assert without_body.control is None
    assert (without_body.metadata.schema_name, without_body.metadata.table_name) == (None, None)
    control = ControlRecord.model_validate(CREATE_TABLE).control
    assert control is not None
    assert control.table_def is not None
    column = control.table_def.columns["id"]
    assert (column.length, column.precision, column.scale) == (None, None, None)
    assert control.table_def.columns["name"].length == 50
    (without_key,) = [Control.model_validate(APPLY_EXCEPTIONS["control"]).table_def]
    assert without_key is not None
    assert without_key.primary_key == ()
    assert Control().table_def is None


def _names(keys: Iterable[str]) -> set[str]:
    return {key.replace("-", "_") for key in keys}


@pytest.mark.parametrize("document", [LOAD, CREATE_TABLE])
def test_a_record_is_not_changed(document: dict[str, Any]) -> None:
    record = decode(json.dumps(document))
    for of, name in ((record, "metadata"), (record.metadata, "operation")):
        with pytest.raises(ValidationError, match="frozen"):
            setattr(of, name, None)


def test_a_fault_is_told_with_what_was_given_and_many_are_counted() -> None:
    with pytest.raises(MessageError) as refused:
        decode(json.dumps(changed(LOAD, transaction_record_id="1")))
    assert str(refused.value) == (
        "the record is not one of DMS's: metadata.transaction-record-id: must be a whole number, "
        "without quotes or a unit (given: '1')"
    )
    for length, shown in ((118, repr("x" * 118)), (119, f"'{'x' * 118}…")):
        with pytest.raises(MessageError) as refused:
            decode(json.dumps(changed(LOAD, transaction_record_id="x" * length)))
        assert str(refused.value).endswith(f"(given: {shown})")
    columns: dict[str, dict[str, str]] = {f"c{number}": {} for number in range(6)}
    for number, more in ((5, ")"), (6, ") and 1 more")):
        few = dict([*columns.items()][:number])
        with pytest.raises(MessageError) as refused:
            decode(json.dumps({**CREATE_TABLE, "control": {"table-def": {"columns": few}}}))
        assert str(refused.value).count("is missing") == 5
        assert str(refused.value).endswith(f"(given: {{}}{more}")


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b"", "the record is not one JSON document"),
        (b"\xff", "the record is not UTF-8"),
        (b"[]", r"the record is no JSON object: \[\]"),
        (b"{} {}", "the record is not one JSON document: Extra data"),
        (b'{"data":{"a":NaN},"metadata":{}}', "NaN is no JSON"),
        (b"[" * 100_000, "the record is nested too deeply"),
        (b'{"a":' * 100_000, "the record is nested too deeply"),
        (b'"' + b"x" * 10_000 + b'"', "the record is no JSON object: .{1,120}$"),
    ],
)
def test_hostile_input_is_refused(message: bytes, reason: str) -> None:
    with pytest.raises(MessageError, match=reason):
        decode(message)


def test_message_schema_prints_it() -> None:
    result = CliRunner().invoke(app, ["message-schema"])
    assert result.exit_code == 0
    assert result.stdout == message_schema_text()
