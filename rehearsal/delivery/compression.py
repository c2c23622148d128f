"""How the bytes of an object are stored.

Extensions, Content-Encoding and the entry of a ZIP are those seen on AWS:
https://github.com/floci-io/floci/pull/2410
"""

import gzip
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import IO, Protocol

# above it an object under construction lies on disk: hundreds of partitions may be open at once
_MOST_IN_MEMORY = 256 * 1024
_READ_SIZE = 64 * 1024


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
        """Let go of it."""


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
        """Let go of it."""
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

    def write(self, data: bytes) -> None:
        """Append."""
        self._gzip.write(data)

    def finish(self) -> IO[bytes]:
        """The finished object, at its start."""
        self._gzip.close()
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


ENCODERS: dict[str, type[PlainEncoder]] = {
    "UNCOMPRESSED": PlainEncoder,
    "GZIP": GzipEncoder,
    "ZIP": ZipEncoder,
}
"""By the name that Firehose has for it."""

NO_ENCODERS = ("Snappy", "HADOOP_SNAPPY")
"""Those that need a Snappy library, of which this project has none."""


def chunks(file: IO[bytes]) -> Iterator[bytes]:
    """What is left of a file, piece by piece."""
    while chunk := file.read(_READ_SIZE):
        yield chunk


def _temporary_file() -> IO[bytes]:
    return SpooledTemporaryFile(max_size=_MOST_IN_MEMORY)  # closed by its encoder


@contextmanager
def finished(encoder: Encoder) -> Iterator[IO[bytes]]:
    """The finished object, let go of at the end."""
    try:
        yield encoder.finish()
    finally:
        encoder.close()
