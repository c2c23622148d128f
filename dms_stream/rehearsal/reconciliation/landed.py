"""The objects of the bucket, copied to this machine: DuckDB's S3 extension would be a download."""

import gzip
import os
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

from dms_stream.rehearsal.result import RecordKind, SampleRecord
from dms_stream.rehearsal.snappy_formats import JAVA_START, snappy_blocks

_KINDS: tuple[RecordKind, ...] = ("load", "insert", "update", "delete", "control")
# https://www.rfc-editor.org/rfc/rfc1952#page-5
_GZIP_LENGTH_BYTES = 4
_CONTROL = re.compile(rb'"record-type"\s*:\s*"control"')
_OPERATION = re.compile(rb'"operation"\s*:\s*"(load|insert|update|delete)"')


@dataclass(frozen=True)
class LandedFile:
    """A copy of an object.

    Attributes:
        key: The object's name.
        bytes: The object's size.
        path: The copy.
        format: `json` or `parquet`, by its content, whatever its name says.
    """

    key: str
    bytes: int
    path: Path
    format: Literal["json", "parquet"]

    @property
    def stem(self) -> str:
        """The copy's name without its endings: each has another one."""
        return self.path.name.partition(".")[0]


def fetch_landed(
    s3: Any, bucket: str, folder: Path, *, wanted: Callable[[str], bool] = lambda _key: True
) -> list[LandedFile]:
    """Copy the objects of a bucket, those with the older names first.

    Args:
        s3: A boto3 client.
        bucket: Name of the bucket.
        folder: Where the copies go; it exists and is empty.
        wanted: Whether an object of this name is data, not errors.
    """
    found: list[LandedFile] = []
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    for page in pages:
        for listed in page.get("Contents", []):
            key = listed["Key"]
            if key.endswith("/") or not wanted(key):
                continue
            path = folder / f"{len(found):08d}"
            with path.open("wb") as file:
                body = s3.get_object(Bucket=bucket, Key=key)["Body"]
                shutil.copyfileobj(body, file)
            found.append(_landed(key, listed["Size"], path))
    return found


def sample_records(files: list[LandedFile]) -> tuple[SampleRecord, ...]:
    """One record of each kind, exactly as in its object; from objects with JSON lines only."""
    found: dict[RecordKind, SampleRecord] = {}
    for file in files:
        if file.format != "json" or len(found) == len(_KINDS):
            continue
        with _open(file.path) as lines:
            for line in lines:
                kind = _kind(line)
                if kind is not None and kind not in found:
                    text = line.decode(errors="replace").strip()
                    found[kind] = SampleRecord(kind, file.key, text)
                    if len(found) == len(_KINDS):
                        break
    return tuple(found[kind] for kind in _KINDS if kind in found)


def lines_of(file: LandedFile) -> Iterator[bytes]:
    """The lines of an object with JSON."""
    with _open(file.path) as lines:
        yield from lines


def unpacked_bytes(file: LandedFile) -> int:
    """How long the lines of an object are; GZIP tells it of a member below 4 GiB."""
    if file.path.suffix != ".gz":
        return file.path.stat().st_size
    with file.path.open("rb") as packed:
        packed.seek(-_GZIP_LENGTH_BYTES, os.SEEK_END)
        return int.from_bytes(packed.read(), "little")


def _landed(key: str, size: int, path: Path) -> LandedFile:
    with path.open("rb") as file:
        start = file.read(8)
    if start[:4] == b"PAR1":
        return LandedFile(key, size, path.rename(path.with_suffix(".parquet")), "parquet")
    if start[:2] == b"\x1f\x8b":
        return LandedFile(key, size, path.rename(path.with_suffix(".json.gz")), "json")
    # no text begins like a Hadoop block, whose size below 16 MiB starts with a zero byte
    if start == JAVA_START or (len(start) == 8 and start[0] == 0):
        unpacked = path.with_suffix(".json")
        with path.open("rb") as packed, unpacked.open("wb") as target:
            target.writelines(snappy_blocks(packed))
        path.unlink()
        return LandedFile(key, size, unpacked, "json")
    if start[:4] == b"PK\x03\x04":
        unpacked = path.with_suffix(".json")
        with zipfile.ZipFile(path) as archive, unpacked.open("wb") as target:
            for name in archive.namelist():
                with archive.open(name) as entry:
                    shutil.copyfileobj(entry, target)
        path.unlink()
        return LandedFile(key, size, unpacked, "json")
    return LandedFile(key, size, path.rename(path.with_suffix(".json")), "json")


def _open(path: Path) -> IO[bytes]:
    if path.suffix == ".gz":
        return gzip.open(path)  # type: ignore[return-value]
    return path.open("rb")


def _kind(line: bytes) -> RecordKind | None:
    if _CONTROL.search(line):
        return "control"
    # a column may be called operation, too: the last one is the metadata's
    operations = _OPERATION.findall(line)
    return operations[-1].decode() if operations else None
