"""The records that AWS DMS puts on a Kinesis stream: a decoder and their JSON Schema.

Needs nothing but pydantic, and this project's root of errors.
"""

from dms_stream.messages.messages import (
    ColumnDefinition,
    Control,
    ControlMetadata,
    ControlRecord,
    DataMetadata,
    DataRecord,
    MessageError,
    Metadata,
    Row,
    TableDefinition,
    Value,
    decode,
    message_schema,
    message_schema_text,
)

__all__ = [
    "ColumnDefinition",
    "Control",
    "ControlMetadata",
    "ControlRecord",
    "DataMetadata",
    "DataRecord",
    "MessageError",
    "Metadata",
    "Row",
    "TableDefinition",
    "Value",
    "decode",
    "message_schema",
    "message_schema_text",
]
