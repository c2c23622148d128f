"""Partition keys from the records, by Firehose's MetadataExtraction, with the real jq.

Firehose runs jq 1.6 and this is a later version: numbers beyond 2^53 keep their digits here but not
there. What came after 1.6 is refused, as Firehose does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jq

from constructs_lib.delivery_stream.jq_1_6 import compile_for_1_6

# one jq run for many records takes half the time of one run for each
_BATCH_BYTES = 1024 * 1024


@dataclass(frozen=True)
class NoPartition:
    """A record whose partition could not be found.

    Attributes:
        message: Why.
    """

    message: str


Partition = tuple[str, ...]
"""The partition keys' values, in the order of the prefix."""


class MetadataExtraction:
    """A compiled MetadataExtractionQuery.

    Args:
        query: Makes an object of partition keys from a record.
        keys: The keys that the prefix names.

    Raises:
        ValueError: jq 1.6 does not compile the query.
    """

    def __init__(self, query: str, keys: Sequence[str]) -> None:
        compile_for_1_6(query)
        self.query = query
        self._keys = tuple(keys)
        # each record gives one result, whatever the query does: so results match records
        self._program = jq.compile(f".[] | try [({query}\n)] catch {{error: (. | tostring)}}")

    def partitions(self, records: Sequence[bytes]) -> list[Partition | NoPartition]:
        """The partition of each record."""
        found: list[Partition | NoPartition] = []
        batch: list[str] = []
        size = 0
        for record in records:
            try:
                text = record.decode()
            except UnicodeDecodeError:
                found += self._batch(batch)
                found.append(NoPartition("the record is not UTF-8"))
                batch, size = [], 0
                continue
            batch.append(text)
            size += len(text)
            if size > _BATCH_BYTES:
                found += self._batch(batch)
                batch, size = [], 0
        return found + self._batch(batch)

    def _batch(self, records: list[str]) -> list[Partition | NoPartition]:
        if not records:
            return []
        try:
            results = self._program.input_text(f"[{','.join(records)}]").all()
        except ValueError as error:
            # one of them is not JSON
            if len(records) == 1:
                return [NoPartition(f"the record is not JSON: {error}")]
            return [one for record in records for one in self._batch([record])]
        if len(results) != len(records):
            if len(records) == 1:
                return [NoPartition("the record is not a single JSON value")]
            return [one for record in records for one in self._batch([record])]
        return [self._partition(result) for result in results]

    def _partition(self, result: Any) -> Partition | NoPartition:
        if isinstance(result, dict):
            return NoPartition(str(result["error"]))
        if len(result) != 1 or not isinstance(result[0], dict):
            return NoPartition("the query did not return an object")
        values: list[str] = []
        for key in self._keys:
            value = result[0].get(key)
            if value is None or value == "":
                # Firehose's own words
                return NoPartition("partitionKeys values must not be null or empty")
            if isinstance(value, dict | list):
                return NoPartition(f"the partition key {key} is not a single value")
            values.append(value if isinstance(value, str) else _text(value))
        return tuple(values)


def _text(value: bool | int | float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
