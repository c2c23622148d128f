"""The records of a shard, in a file, so that the server's memory does not grow with them."""

import sqlite3
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import takewhile
from time import time
from typing import NamedTuple

from moto.kinesis.models import Record

_MOST_RECORDS_A_SECOND, _MOST_BYTES_A_SECOND, _MOST_READS_A_SECOND = 1000, 1024 * 1024, 5


class StoredRecord(NamedTuple):
    """A record as the shard keeps it.

    Attributes:
        number: Its sequence number; they have no gaps.
        arrived: When it came, in seconds since 1970.
        partition_key: Its partition key.
        data: What it holds, in base64.
    """

    number: int
    arrived: float
    partition_key: str
    data: str


@dataclass
class Traffic:
    """What went in and out of a shard since it was last asked.

    Attributes:
        records_in: Records that were put.
        bytes_in: Their size.
        records_out: Records that were read, by all readers.
        bytes_out: Their size.
        reads: Calls that read.
        iterator_age_millis: The greatest age of the last record of a call that left some unread.
        refused_records: Records that were refused, as the shard took as much as it can.
        refused_reads: Calls that were refused, as the shard answered as many as it can.
    """

    records_in: int = 0
    bytes_in: int = 0
    records_out: int = 0
    bytes_out: int = 0
    reads: int = 0
    iterator_age_millis: float = 0
    refused_records: int = 0
    refused_reads: int = 0


@dataclass
class ShardLimits:
    """What a shard has taken and answered within this second.

    https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
    """

    second: int = 0
    records: int = 0
    bytes: int = 0
    reads: int = 0

    def takes(self, size: int) -> bool:
        """Whether it takes one more record of so many bytes."""
        self._begin()
        if self.records >= _MOST_RECORDS_A_SECOND or self.bytes + size > _MOST_BYTES_A_SECOND:
            return False
        self.records, self.bytes = self.records + 1, self.bytes + size
        return True

    def answers(self) -> bool:
        """Whether it answers one more read."""
        self._begin()
        self.reads += 1
        return self.reads <= _MOST_READS_A_SECOND

    def _begin(self) -> None:
        if (now := int(time())) != self.second:
            self.second, self.records, self.bytes, self.reads = now, 0, 0, 0


class ShardRecords(Mapping[int, Record]):
    """Records by their sequence number, as moto asks for them, and as they are read.

    Attributes:
        last: The newest one's number; 0 without records.
        last_arrived: When it came.
        traffic: What went in and out.
        limits: What it takes and answers, where that is enforced.
    """

    def __init__(self) -> None:
        # without a name it is SQLite's own temporary file, which ends with the connection; nobody
        # else sees it, so that all of it is one transaction that never ends
        self._database = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute(
            "CREATE TABLE records (number INTEGER PRIMARY KEY, arrived REAL, partition_key TEXT, "
            "hash_key TEXT, data TEXT)"
        )
        self._database.execute("BEGIN")
        self.last = 0
        self.last_arrived = 0.0
        self.traffic = Traffic()
        self.limits = ShardLimits()

    def __del__(self) -> None:
        """Remove the file."""
        self._database.close()

    def append(self, partition_key: str, data: str, hash_key: str | None) -> int:
        """Add a record, and give its number."""
        (number,) = self.extend([(partition_key, data, hash_key)])
        return number

    def extend(self, records: Sequence[tuple[str, str, str | None]]) -> range:
        """Add records, each its partition key, its data and its hash key; give their numbers."""
        numbers = range(self.last + 1, self.last + 1 + len(records))
        self.last += len(records)
        self.last_arrived = arrived = max(self.last_arrived, time())
        self._database.executemany(
            "INSERT INTO records VALUES (?, ?, ?, ?, ?)",
            [
                (number, arrived, partition_key, hash_key, data)
                for number, (partition_key, data, hash_key) in zip(numbers, records, strict=True)
            ],
        )
        self.traffic.records_in += len(records)
        self.traffic.bytes_in += sum(size_of(data) for _, data, _ in records)
        return numbers

    def after(self, number: int, *, most: int, most_bytes: int) -> list[StoredRecord]:
        """The records after a number: as many as fit into one answer, but at least one."""
        size = 0

        def fits(row: tuple[int, float, str, str]) -> bool:
            nonlocal size
            before, size = size, size + size_of(row[3])
            return before <= most_bytes

        rows = self._database.execute(
            "SELECT number, arrived, partition_key, data FROM records WHERE number > ? "
            "ORDER BY number LIMIT ?",
            (number, most),
        )
        with closing(rows):
            found = [StoredRecord(*row) for row in takewhile(fits, rows)]
        self.traffic.reads += 1
        self.traffic.records_out += len(found)
        self.traffic.bytes_out += size
        if found and found[-1].number < self.last:
            age = (time() - found[-1].arrived) * 1000
            self.traffic.iterator_age_millis = max(self.traffic.iterator_age_millis, age)
        return found

    def take_traffic(self) -> Traffic:
        """What went in and out since the last time."""
        taken, self.traffic = self.traffic, Traffic()
        return taken

    def last_before(self, moment: float) -> int:
        """Number of the last record that arrived before a moment; 0 without one."""
        # later records have later times
        return bisect_left(range(1, self.last + 1), moment, key=self._arrived)

    def _arrived(self, number: int) -> float:
        query = "SELECT arrived FROM records WHERE number = ?"
        ((arrived,),) = self._database.execute(query, (number,))
        return float(arrived)

    def __getitem__(self, number: int) -> Record:
        """One record."""
        query = "SELECT partition_key, data, hash_key FROM records WHERE number = ?"
        for partition_key, data, hash_key in self._database.execute(query, (number,)):
            return Record(partition_key, data, number, hash_key)
        raise KeyError(number)

    def __iter__(self) -> Iterator[int]:
        """The numbers, the oldest first."""
        return iter(range(1, self.last + 1))

    def __len__(self) -> int:
        """How many there are."""
        return self.last


def size_of(data: str) -> int:
    """Bytes of what base64 text stands for."""
    return len(data) * 3 // 4 - data.endswith("=") - data.endswith("==")
