"""How the bytes of an object are stored.

Extensions, Content-Encoding, the entry of a ZIP and both formats of Snappy are those seen on AWS:
https://github.com/floci-io/floci/issues/2328, https://github.com/floci-io/floci/pull/2410
"""

import gzip
import struct
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedWriter
from tempfile import SpooledTemporaryFile
from typing import IO, Protocol

from cramjam import snappy

from dms_stream.rehearsal.snappy_formats import JAVA_HEADER

# above it an object under construction lies on disk: hundreds of partitions may be open at once
_MOST_IN_MEMORY = 256 * 1024
_READ_SIZE = 64 * 1024

_SNAPPY_BLOCK_BYTES = 32 * 1024


class Encoder(Protocol):
    """An object under construction."""

    @property
    def content_encoding(self) -> str | None:
        """Its Content-Encoding; None where it has none."""

    def write(self, data: bytes) -> None:
        """Append."""

    def finish(self) -> IO[bytes]:
        """The finished object, at its start."""

    def close(self) -> None:
        """Close it."""


class PlainEncoder:
    """The bytes as they are."""

    extension: str = ""
    content_encoding: str | None = None

    def __init__(self) -> None:
        self._file = _temporary_file()

    def write(self, data: bytes) -> None:
        """Append."""
        self._file.write(data)

    def finish(self) -> IO[bytes]:
        """The finished object, at its start."""
        self._file.seek(0)
        return self._file

    def close(self) -> None:
        """Close it."""
        self._file.close()


class GzipEncoder(PlainEncoder):
    """One gzip stream, compressed as it grows."""

    extension = ".gz"
    content_encoding = "gzip"

    def __init__(self) -> None:
        super().__init__()
        # neither a name nor a time in the header: the same records make the same bytes
        self._gzip = gzip.GzipFile(
            filename="", mode="wb", compresslevel=6, fileobj=self._file, mtime=0
        )
        # calls with one record each would take half of the time
        self._lines = BufferedWriter(self._gzip)

    def write(self, data: bytes) -> None:
        """Append."""
        self._lines.write(data)

    def finish(self) -> IO[bytes]:
        """The finished object, at its start."""
        self._lines.close()
        return super().finish()


class ZipEncoder(PlainEncoder):
    """A ZIP archive with one entry."""

    extension = ".zip"
    content_encoding = "zip"

    def finish(self) -> IO[bytes]:
        """The finished object, at its start."""
        archive = _temporary_file()
        with (
            zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped,
            zipped.open(str(uuid.uuid4()), "w", force_zip64=True) as entry,
        ):
            for chunk in chunks(super().finish()):
                entry.write(chunk)
        self._file.close()
        self._file = archive
        return super().finish()


class SnappyEncoder(PlainEncoder):
    """snappy-java's stream of blocks, each after its size; not Snappy's own framing format."""

    extension = ".snappy"
    content_encoding = "snappy-java"
    _header = JAVA_HEADER

    def __init__(self) -> None:
        super().__init__()
        self._file.write(self._header)
        self._waiting = bytearray()

    def write(self, data: bytes) -> None:
        """Append."""
        self._waiting += data
        while len(self._waiting) >= _SNAPPY_BLOCK_BYTES:
            self._write_block(self._waiting[:_SNAPPY_BLOCK_BYTES])
            del self._waiting[:_SNAPPY_BLOCK_BYTES]

    def finish(self) -> IO[bytes]:
        """The finished object, at its start."""
        if self._waiting:
            self._write_block(self._waiting)
        return super().finish()

    def _write_block(self, block: bytearray) -> None:
        compressed = bytes(snappy.compress_raw(block))
        self._file.write(self._sizes(len(block), len(compressed)) + compressed)

    def _sizes(self, size: int, compressed_size: int) -> bytes:
        del size
        return struct.pack(">I", compressed_size)


class HadoopSnappyEncoder(SnappyEncoder):
    """Hadoop's blocks, each after its size before and after compression."""

    content_encoding = "hadoop-snappy"
    _header = b""

    def _sizes(self, size: int, compressed_size: int) -> bytes:
        return struct.pack(">II", size, compressed_size)


ENCODERS: dict[str, type[PlainEncoder]] = {
    "UNCOMPRESSED": PlainEncoder,
    "GZIP": GzipEncoder,
    "ZIP": ZipEncoder,
    "Snappy": SnappyEncoder,
    "HADOOP_SNAPPY": HadoopSnappyEncoder,
}
"""By the name that Firehose has for it."""


def chunks(file: IO[bytes]) -> Iterator[bytes]:
    """What is left of a file, piece by piece."""
    while chunk := file.read(_READ_SIZE):
        yield chunk


def _temporary_file() -> IO[bytes]:
    return SpooledTemporaryFile(max_size=_MOST_IN_MEMORY)  # closed by its encoder


@contextmanager
def finished(encoder: Encoder) -> Iterator[IO[bytes]]:
    """The finished object, closed at the end."""
    try:
        yield encoder.finish()
    finally:
        encoder.close()
