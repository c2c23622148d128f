"""What Firehose writes under the error prefix for a record that it could not deliver.

https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-failure-handling.html
https://docs.aws.amazon.com/firehose/latest/dev/record-format-conversion-error-handling.html
"""

import base64
import json
from dataclasses import dataclass
from typing import Any, Literal

_PARTITION_COUNT = "DynamicPartitioning.PartitionCountExceeded"

ErrorType = Literal["processing-failed", "format-conversion-failed"]


@dataclass(frozen=True)
class Failure:
    """Why a record could not be delivered.

    Attributes:
        error_type: The value of `!{firehose:error-output-type}`.
        code: Firehose's error code.
        message: The reason.
        catalog_table: The Glue table, of a conversion that failed.
    """

    error_type: ErrorType
    code: str
    message: str
    catalog_table: dict[str, str] | None = None

    @property
    def kind(self) -> str:
        """What to count it as: its error type, or `too-many-partitions`."""
        return "too-many-partitions" if self.code == _PARTITION_COUNT else self.error_type

    def line(self, data: bytes, *, arrival: float, now: float, sequence_number: str) -> bytes:
        """The record as a line under the error prefix.

        Args:
            data: The record as it was on the stream.
            arrival: When it arrived there, in seconds since 1970.
            now: The present, in seconds since 1970.
            sequence_number: Its number on the stream.
        """
        raw = base64.b64encode(data).decode()
        times = {"arrivalTimestamp": int(arrival * 1000), "attemptEndingTimestamp": int(now * 1000)}
        document: dict[str, Any]
        if self.catalog_table is not None:
            document = {
                "attemptsMade": 1,
                "arrivalTimestamp": times["arrivalTimestamp"],
                "lastErrorCode": self.code,
                "lastErrorMessage": self.message,
                "attemptEndingTimestamp": times["attemptEndingTimestamp"],
                "rawData": raw,
                "sequenceNumber": sequence_number,
                "subSequenceNumber": None,
                "dataCatalogTable": self.catalog_table,
            }
        else:
            document = {
                "rawData": raw,
                "errorCode": self.code,
                "errorMessage": self.message,
                "attemptsMade": 1,
                **times,
            }
        return json.dumps(document, separators=(",", ":")).encode() + b"\n"


def extraction_failed(message: str) -> Failure:
    """No partition keys could be taken from a record."""
    return Failure("processing-failed", "DynamicPartitioning.MetadataExtractionFailed", message)


def too_many_partitions(limit: int) -> Failure:
    """All partitions that a delivery stream may have active are taken.

    https://docs.aws.amazon.com/firehose/latest/dev/limits.html; AWS publishes no error code, so it
    is named after the metric.
    """
    message = f"the delivery stream has {limit} active partitions, which is its limit"
    return Failure("processing-failed", _PARTITION_COUNT, message)
