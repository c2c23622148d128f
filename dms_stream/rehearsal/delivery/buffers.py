"""Records on their way to an object, and how far the delivery is once they are put."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dms_stream.rehearsal.delivery.checkpoint import Position
from dms_stream.rehearsal.delivery.compression import Encoder
from dms_stream.rehearsal.delivery.failures import ErrorType
from dms_stream.rehearsal.delivery.partitioning import Partition
from dms_stream.rehearsal.delivery.records import Record

Target = Partition | ErrorType
"""Where an object goes: to a partition of the data (`()` without partitions), or to the errors."""


@dataclass
class Buffer:
    """An object under construction.

    Attributes:
        target: Where it goes.
        encoder: Its bytes.
        opened: When its first record came, on the delivery's clock.
        oldest_arrival: When its oldest record arrived on the stream, in seconds since 1970.
        records: How many it holds.
        size: Their bytes, before compression.
        first: The first record of each shard that is in it.
    """

    target: Target
    encoder: Encoder
    opened: float
    oldest_arrival: float
    records: int = 0
    size: int = 0
    first: dict[str, int] = field(default_factory=dict)

    def add(self, record: Record, data: bytes) -> None:
        """Append a record.

        Args:
            record: Where it comes from.
            data: What is written of it.
        """
        self.encoder.write(data)
        self.records += 1
        self.size += len(data)
        self.oldest_arrival = min(self.oldest_arrival, record.arrival)
        if record.shard not in self.first:
            self.first[record.shard] = int(record.sequence_number)


class Progress:
    """How far each shard has been read, and where reading must resume.

    Args:
        positions: Where the delivery stands.
    """

    def __init__(self, positions: Mapping[str, Position]) -> None:
        self._positions = dict(positions)
        self._last: dict[str, str] = {}
        self._ended: set[str] = set()

    def take(self, record: Record) -> None:
        """Note a record that goes into a buffer now."""
        self._last[record.shard] = record.sequence_number

    def end(self, shard: str) -> None:
        """Note that a shard was closed and all its records were taken."""
        self._ended.add(shard)

    def positions(self, buffers: Iterable[Buffer]) -> dict[str, Position]:
        """Where to resume if these buffers are lost: at the first record in any of them."""
        first: dict[str, int] = {}
        for buffer in buffers:
            for shard, number in buffer.first.items():
                first[shard] = min(number, first.get(shard, number))
        found = dict(self._positions)
        for shard, number_text in self._last.items():
            found[shard] = Position("AFTER_SEQUENCE_NUMBER", number_text)
        for shard in self._ended:
            found[shard] = Position("SHARD_END", "")
        for shard, number in first.items():
            found[shard] = Position("AT_SEQUENCE_NUMBER", str(number))
        return found
