"""What waits for the stream, in order: some batches in memory, what is beyond them on disk.

DMS keeps a transaction until it has read its commit, and what the stream does not take yet, in its
memory, and beyond that on its disk. So does this queue. Its files have no names: nothing is left of
them, however the process ends.
https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.ChangeProcessingTuning.html
"""

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from threading import Condition
from typing import IO, Any

Entry = dict[str, Any]
"""A record, as PutRecords takes it."""
Batch = list[Entry]
Work = Batch | Callable[[], None]
"""What is to be put, or what is to be called behind it."""

_MOST_BATCHES_IN_MEMORY = 8
# a file that was read to its end goes, so few batches share one
_SEGMENT_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Kept:
    """What the queue keeps.

    Attributes:
        source_memory: Rows in memory of a transaction whose commit was not read yet.
        source_disk: Those of it on disk.
        target_memory: Rows in memory that wait for the stream.
        target_disk: Those on disk.
        file_bytes: What its files take.
    """

    source_memory: int
    source_disk: int
    target_memory: int
    target_disk: int
    file_bytes: int


class _Segment:
    """A file of batches."""

    def __init__(self, folder: Path) -> None:
        self.file: IO[bytes] = TemporaryFile(dir=folder)  # noqa: SIM115  # closed when it is read
        self.size = 0
        self.unread = 0

    def write(self, batch: Batch) -> "_OnDisk":
        rows = [(entry["Data"].decode(), entry["PartitionKey"]) for entry in batch]
        text = json.dumps(rows, ensure_ascii=False).encode()
        self.file.seek(self.size)
        self.file.write(text)
        place = _OnDisk(self, self.size, len(text), len(batch))
        self.size += len(text)
        self.unread += 1
        return place


@dataclass(frozen=True)
class _OnDisk:
    """A batch in a file."""

    segment: _Segment
    offset: int
    size: int
    rows: int

    def read(self) -> Batch:
        self.segment.file.seek(self.offset)
        rows = json.loads(self.segment.file.read(self.size))
        return [{"Data": data.encode(), "PartitionKey": key} for data, key in rows]


class BatchQueue:
    """A queue with one who puts and one who takes.

    Args:
        folder: Where its files lie.

    Attributes:
        spools: Whether it goes on on disk when its memory is full; otherwise who puts waits.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.spools = True
        self._waiting: deque[Batch | _OnDisk | Callable[[], None]] = deque()
        self._released = 0
        self._in_memory = 0
        self._rows_on_disk = 0
        self._segments: list[_Segment] = []
        self._is_working = False
        self._is_closed = False
        self._changed = Condition()

    def put(self, work: Work) -> None:
        """Add work, which nobody takes before it is released."""
        with self._changed:
            if callable(work):
                self._waiting.append(work)
                return
            if not self.spools:
                self._release()
                self._changed.wait_for(lambda: self._in_memory < _MOST_BATCHES_IN_MEMORY)
            if self._in_memory < _MOST_BATCHES_IN_MEMORY:
                self._in_memory += 1
                self._waiting.append(work)
            else:
                self._waiting.append(self._segment().write(work))
                self._rows_on_disk += len(work)

    def release(self, *, most_rows_on_disk: int | None = None) -> None:
        """Let everything be taken that was put so far.

        Args:
            most_rows_on_disk: Wait until no more are left there; None: wait for nothing.
        """
        with self._changed:
            self._release()
            if most_rows_on_disk is not None:
                self._changed.wait_for(lambda: self._rows_on_disk <= most_rows_on_disk)

    def take(self) -> Work | None:
        """Wait for work; None: there will be no more. Say `done` when it is done."""
        with self._changed:
            self._changed.wait_for(lambda: self._released or self._is_closed)
            if not self._released:
                for segment in self._segments:
                    segment.file.close()
                return None
            work = self._waiting.popleft()
            self._released -= 1
            self._is_working = True
            if isinstance(work, _OnDisk):
                batch = work.read()
                self._rows_on_disk -= work.rows
                self._forget(work.segment)
                return batch
            self._in_memory -= not callable(work)
            self._changed.notify_all()
            return work

    def done(self) -> None:
        """What was taken is done."""
        with self._changed:
            self._is_working = False
            self._changed.notify_all()

    def join(self) -> None:
        """Release everything, and wait until it is done."""
        with self._changed:
            self._release()
            self._changed.wait_for(lambda: not self._waiting and not self._is_working)

    def close(self) -> None:
        """There will be no more, and what is not released is lost."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def kept(self) -> Kept:
        """What it keeps; what was taken is no longer there."""
        rows = {(on_disk, is_released): 0 for on_disk in (0, 1) for is_released in (0, 1)}
        with self._changed:
            for number, work in enumerate(self._waiting):
                if not callable(work):
                    on_disk = isinstance(work, _OnDisk)
                    count = work.rows if isinstance(work, _OnDisk) else len(work)
                    rows[on_disk, number < self._released] += count
            file_bytes = sum(segment.size for segment in self._segments)
        return Kept(
            source_memory=rows[0, 0],
            source_disk=rows[1, 0],
            target_memory=rows[0, 1],
            target_disk=rows[1, 1],
            file_bytes=file_bytes,
        )

    def _release(self) -> None:
        self._released = len(self._waiting)
        self._changed.notify_all()

    def _segment(self) -> _Segment:
        if not self._segments or self._segments[-1].size >= _SEGMENT_BYTES:
            self._segments.append(_Segment(self._folder))
        return self._segments[-1]

    def _forget(self, segment: _Segment) -> None:
        segment.unread -= 1
        if not segment.unread:
            self._segments.remove(segment)
            segment.file.close()
        self._changed.notify_all()
