"""What S3's objects hold, in one file, so that the server's memory does not grow with them.

moto keeps each object in memory, or with a file of its own open for it.
"""

import os
from functools import cached_property
from pathlib import Path
from tempfile import mkstemp
from threading import RLock
from typing import IO


class _File:
    """A file without a name: it ends with the process. Its room comes back when nothing is left."""

    def __init__(self) -> None:
        # garbage is collected anywhere
        self._lock = RLock()
        self._end = self._in_use = 0

    @cached_property
    def _descriptor(self) -> int:
        descriptor, name = mkstemp(prefix="dms-stream-objects-")
        Path(name).unlink()
        return descriptor

    def add(self, content: bytes) -> int:
        """Add what an object holds; returns where it stands."""
        with self._lock:
            place = self._end
            written = 0
            while written < len(content):
                written += os.pwrite(
                    self._descriptor, memoryview(content)[written:], place + written
                )
            self._end += len(content)
            self._in_use += len(content)
        return place

    def read(self, place: int, size: int) -> bytes:
        """What stands somewhere."""
        parts = []
        while size and (part := os.pread(self._descriptor, size, place)):
            parts.append(part)
            place, size = place + len(part), size - len(part)
        return b"".join(parts)

    def forget(self, size: int) -> None:
        """So much is not needed any more."""
        with self._lock:
            self._in_use -= size
            if not self._in_use:
                os.ftruncate(self._descriptor, 0)
                self._end = 0


_file = _File()


class ObjectContent:
    """What an object holds, with the methods of a file that moto calls."""

    def __init__(self) -> None:
        self._place = self._size = self._at = 0

    def __del__(self) -> None:
        """Give its room back."""
        self.close()

    def seek(self, at: int) -> None:
        """Go to a byte."""
        self._at = at

    def read(self, size: int = -1) -> bytes:
        """The next bytes; all that follow, without a size."""
        left = max(self._size - self._at, 0)
        found = _file.read(self._place + self._at, left if size < 0 else min(size, left))
        self._at += len(found)
        return found

    def truncate(self) -> None:
        """Leave out what follows."""
        self._hold(self._before())

    def write(self, content: bytes) -> None:
        """Put this in place of what follows."""
        self._hold(self._before() + content)
        self._at = self._size

    def close(self) -> None:
        """Hold nothing."""
        self._hold(b"")

    def _before(self) -> bytes:
        return _file.read(self._place, min(self._at, self._size))

    def _hold(self, content: bytes) -> None:
        place = _file.add(content) if content else 0
        if self._size:
            _file.forget(self._size)
        self._place, self._size = place, len(content)


class ContentInFile:
    """In place of an attribute of moto's, whatever buffer moto gives it.

    Args:
        name: The attribute.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __set__(self, instance: object, buffer: IO[bytes]) -> None:
        """Begin with nothing."""
        buffer.close()
        vars(instance)[self._name] = ObjectContent()

    def __get__(self, instance: object, _owner: type) -> ObjectContent:
        """What the object holds."""
        content: ObjectContent = vars(instance)[self._name]
        return content
