"""The records that AWS DMS puts on a Kinesis stream, as Python objects.

Shapes are those of the guide and of captured records:
https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Kinesis.html
"""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from importlib.resources import files
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from constructs_lib.error_words import sentence
from constructs_lib.errors import DmsStreamError

_SHOWN = 120
_MOST_FAULTS = 5

Value = None | bool | int | Decimal | str | list[Any] | dict[str, Any]
"""A column's value. A number with a point or an exponent is a Decimal: no digit is lost."""

Row = dict[str, Value]
"""A row: column → value."""


class MessageError(DmsStreamError, ValueError):
    """What was decoded is not a record of DMS; the message says what is wrong with it."""


def _to_alias(name: str) -> str:
    return name.replace("_", "-")


def _refuse_number(value: object) -> object:
    # pydantic would read a number as seconds since 1970
    if not isinstance(value, str | datetime):
        raise ValueError("must be a date and time as text")
    return value


Timestamp = Annotated[AwareDatetime, BeforeValidator(_refuse_number)]
"""A date and time with its zone."""


class _Strict(BaseModel):
    model_config = ConfigDict(
        frozen=True, strict=True, extra="allow", alias_generator=_to_alias, populate_by_name=True
    )


class Metadata(_Strict):
    """What DMS says about a record; keys that are unknown here are kept in `model_extra`."""

    timestamp: Annotated[Timestamp, Field(strict=False)]
    """When DMS made the record."""

    record_type: Literal["data", "control"]
    """A row, or a change of a table's definition."""

    operation: Annotated[str, Field(min_length=1)]
    """Of data `load`, `insert`, `update` or `delete`; of control `create-table` and alike."""

    partition_key_type: str
    """`schema-table`, `primary-key`, `transaction-id`, `constant`, `attribute-name`, `task-id`."""

    partition_key_value: str | None = None
    """The partition key on the Kinesis stream, where DMS tells it; of control the task's id."""

    schema_name: str | None = None
    """Schema; empty in control records of awsdms_apply_exceptions, None in some others."""

    table_name: str | None = None
    """Table; None in some control records."""

    transaction_id: int | str | None = None
    """Transaction of the source; None of a full load."""

    transaction_record_id: int | None = None
    """Position in its transaction; with IncludeTransactionDetails, as are the following."""

    prev_transaction_id: int | str | None = None
    """Transaction of the record before."""

    prev_transaction_record_id: int | None = None
    """Position of the record before in its transaction."""

    commit_timestamp: Annotated[Timestamp | None, Field(strict=False)] = None
    """When the source committed it."""

    stream_position: str | None = None
    """Position in the source's log."""


class DataMetadata(Metadata):
    """What DMS says about a row."""

    record_type: Literal["data"]
    operation: Literal["load", "insert", "update", "delete"]
    schema_name: str
    table_name: str


class ControlMetadata(Metadata):
    """What DMS says about a change of a table's definition."""

    record_type: Literal["control"]


class DataRecord(BaseModel):
    """A row of a table: loaded, inserted, updated or deleted."""

    model_config = ConfigDict(frozen=True, strict=True)

    data: Row
    """The row; of a deleted one, the row as it was."""

    before_image: Row | None = None
    """The row before the change; None where the task does not send it."""

    metadata: DataMetadata
    """What DMS says about it."""

    @property
    def operation(self) -> Literal["load", "insert", "update", "delete"]:
        """What happened to the row."""
        return self.metadata.operation


class ColumnDefinition(_Strict):
    """A column in a control record."""

    type: str
    """A DMS data type, such as `INT32` or `WSTRING`."""

    nullable: bool | None = None
    """Whether it may be null."""

    length: int | None = None
    """Characters or bytes."""

    precision: int | None = None
    """Digits of a decimal."""

    scale: int | None = None
    """Digits behind its point."""


class TableDefinition(_Strict):
    """A table in a control record."""

    columns: dict[str, ColumnDefinition]
    """Its columns."""

    primary_key: tuple[str, ...] = Field(default=(), strict=False)
    """Columns of its key; empty where it has none."""


class Control(_Strict):
    """The body of a control record; keys that are unknown here are kept in `model_extra`."""

    table_def: TableDefinition | None = None
    """The table as it is from now on."""


class ControlRecord(BaseModel):
    """A change of a table's definition."""

    model_config = ConfigDict(frozen=True, strict=True)

    control: Control | None = None
    """What changed; None where the record has no body."""

    metadata: ControlMetadata
    """What DMS says about it."""


def decode(
    message: bytes | str, *, before_image_field: str = "before-image"
) -> DataRecord | ControlRecord:
    """A record of DMS as an object.

    Args:
        message: One record: the data of a Kinesis record, or a line of a delivered object.
        before_image_field: Key of the row before the change: `FieldName` of the task's
            BeforeImageSettings.

    Raises:
        MessageError: it is no JSON, or no record of DMS.
    """
    document = _document(message)
    metadata = document.get("metadata")
    kind = metadata.get("record-type") if isinstance(metadata, dict) else None
    try:
        if kind == "control":
            return ControlRecord.model_validate(
                {"control": document.get("control"), "metadata": metadata}
            )
        known = {"data", "metadata", before_image_field}
        if others := sorted(document.keys() - known):
            raise MessageError(
                f"the record has the key {others[0]!r} beside data, metadata and "
                f"{before_image_field!r}: give the FieldName of the task's BeforeImageSettings as "
                "before_image_field"
            )
        rest = {key: document[key] for key in ("data", "metadata") if key in document}
        return DataRecord.model_validate({**rest, "before_image": document.get(before_image_field)})
    except ValidationError as error:
        raise MessageError(_explain(error)) from None


def message_schema() -> dict[str, Any]:
    """The JSON Schema of a record."""
    schema: dict[str, Any] = json.loads(message_schema_text())
    return schema


def message_schema_text() -> str:
    """The JSON Schema of a record, as text."""
    return files(__package__).joinpath("schema.json").read_text(encoding="utf-8")


def _document(message: bytes | str) -> dict[str, Any]:
    try:
        text = message if isinstance(message, str) else message.decode("utf-8")
        document = json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise MessageError(f"the record is not UTF-8: {error}") from None
    except RecursionError:
        raise MessageError("the record is nested too deeply") from None
    except ValueError as error:
        raise MessageError(f"the record is not one JSON document: {error}") from None
    if not isinstance(document, dict):
        raise MessageError(f"the record is no JSON object: {_shown(document)}")
    return document


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _explain(error: ValidationError) -> str:
    faults = error.errors(include_url=False)
    lines = [
        f"{'.'.join(str(part).replace('_', '-') for part in fault['loc'])}: {_problem(fault)} "
        f"(given: {_shown(fault['input'])})"
        for fault in faults[:_MOST_FAULTS]
    ]
    more = f" and {len(faults) - _MOST_FAULTS} more" if len(faults) > _MOST_FAULTS else ""
    return f"the record is not one of DMS's: {'; '.join(lines)}{more}"


def _problem(fault: Mapping[str, Any]) -> str:
    # a record is JSON, and nobody can write it anew: the settings' advice is not for it
    match fault["type"]:
        case "missing":
            return "is missing"
        case "dict_type" | "model_type" | "model_attributes_type":
            return "must be an object"
        case _:
            return sentence(fault)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
