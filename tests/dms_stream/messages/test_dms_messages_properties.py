"""Whatever DMS may write is decoded, and nothing that is decoded is refused by the schema."""

import json
from typing import Any

import jsonschema
from hypothesis import given
from hypothesis import strategies as st

from dms_stream.messages import DataRecord, MessageError, decode, message_schema

VALIDATOR = jsonschema.Draft202012Validator(message_schema())

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals(allow_nan=False).map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
rows = st.dictionaries(st.text(min_size=1), values, max_size=5)
timestamps = st.datetimes().map(lambda moment: moment.isoformat() + "Z")
metadata = st.fixed_dictionaries(
    {
        "timestamp": timestamps,
        "record-type": st.just("data"),
        "operation": st.sampled_from(["load", "insert", "update", "delete"]),
        "partition-key-type": st.sampled_from(["schema-table", "primary-key"]),
        "schema-name": st.text(),
        "table-name": st.text(),
    },
    optional={
        "transaction-id": st.integers() | st.uuids().map(str),
        "transaction-record-id": st.integers(),
        "commit-timestamp": timestamps,
        "stream-position": st.text(),
    },
)
records = st.fixed_dictionaries(
    {"data": rows, "metadata": metadata}, optional={"before-image": rows | st.none()}
)


@given(records)
def test_every_row_comes_back_as_it_was(document: dict[str, Any]) -> None:
    assert VALIDATOR.is_valid(document)
    record = decode(json.dumps(document))
    assert isinstance(record, DataRecord)
    assert record.data == document["data"]
    assert record.before_image == document.get("before-image")
    assert record.metadata.table_name == document["metadata"]["table-name"]


@given(st.binary() | values.map(json.dumps) | records.map(json.dumps), st.data())
def test_what_is_decoded_fits_the_schema(message: bytes | str, data: st.DataObject) -> None:
    if isinstance(message, str) and message:
        cut = data.draw(st.integers(0, len(message)))
        message = message[:cut] + data.draw(st.text(max_size=2)) + message[cut:]
    try:
        decode(message)
    except MessageError:
        return
    assert VALIDATOR.is_valid(json.loads(message))
