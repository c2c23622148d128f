"""What has landed in the bucket: objects, sizes, a sample; and why records did not.

https://docs.aws.amazon.com/firehose/latest/dev/s3-object-name.html
"""

import base64
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

_SAMPLE_BYTES = 64 * 1024
_MOST_OBJECTS = 100_000
_WITH_A_HEADER = 16 + zlib.MAX_WBITS
_GZIP, _PARQUET, _ORC = b"\x1f\x8b", b"PAR1", b"ORC"


@dataclass(frozen=True)
class LandedObject:
    """An object of the bucket.

    Attributes:
        key: Its name.
        bytes: Its size.
        at: When it was put.
    """

    key: str
    bytes: int
    at: datetime


@dataclass(frozen=True)
class Folder:
    """The objects of a folder together.

    Attributes:
        name: The folder, ending in `/`.
        objects: How many.
        bytes: Their size.
        latest: When the latest was put.
    """

    name: str
    objects: int
    bytes: int
    latest: datetime


@dataclass(frozen=True)
class Landed:
    """What is below a prefix.

    Attributes:
        bucket: The bucket.
        prefix: The prefix.
        objects: How many objects.
        bytes: Their size.
        is_all: Whether all were counted; after 100,000 the counting ends.
        folders: The same by folder, the latest first.
        latest: The latest objects, the newest first.
    """

    bucket: str
    prefix: str
    objects: int
    bytes: int
    is_all: bool
    folders: list[Folder]
    latest: list[LandedObject]


@dataclass(frozen=True)
class FailedRecord:
    """A record that Firehose could not deliver, with its reason.

    Attributes:
        key: The object it stands in.
        code: Firehose's code, such as `DynamicPartitioning.MetadataExtractionFailed`.
        message: Its reason.
        at: When it arrived; None: the object does not tell.
        record: The record; empty where the object does not hold it.
    """

    key: str
    code: str
    message: str
    at: datetime | None
    record: str


def read_landed(s3: Any, bucket: str, prefix: str, *, most: int) -> Landed:
    """Count what is below a prefix.

    Args:
        s3: boto3's client.
        bucket: The bucket.
        prefix: The prefix.
        most: How many of the latest objects to tell.
    """
    folders: dict[str, Folder] = {}
    latest: list[LandedObject] = []
    count = size = 0
    is_all = True
    for found in _objects(s3, bucket, prefix):
        if count == _MOST_OBJECTS:
            is_all = False
            break
        count, size = count + 1, size + found.bytes
        name = found.key.rpartition("/")[0] + "/"
        before = folders.get(name, Folder(name, 0, 0, found.at))
        folders[name] = Folder(
            name,
            before.objects + 1,
            before.bytes + found.bytes,
            max(before.latest, found.at),
        )
        latest = _newest([*latest, found], most)
    return Landed(
        bucket,
        prefix,
        count,
        size,
        is_all,
        sorted(folders.values(), key=lambda folder: folder.latest, reverse=True),
        latest,
    )


def _newest(objects: Iterable[LandedObject], most: int) -> list[LandedObject]:
    return sorted(objects, key=lambda found: found.at, reverse=True)[:most]


def _objects(s3: Any, bucket: str, prefix: str) -> Iterator[LandedObject]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for listed in page.get("Contents", []):
            if not listed["Key"].endswith("/"):
                yield LandedObject(listed["Key"], listed["Size"], listed["LastModified"])


def sample_lines(s3: Any, bucket: str, key: str, *, most: int) -> list[str] | None:
    """The first lines of an object of JSON; None: it holds something else.

    Args:
        s3: boto3's client.
        bucket: The bucket.
        key: The object.
        most: How many lines.
    """
    text = _start_of(s3, bucket, key)
    if text is None:
        return None
    return [line for line in text.splitlines() if line.strip()][:most]


def failed_records(
    s3: Any, bucket: str, objects: Iterable[LandedObject], *, most: int
) -> list[FailedRecord]:
    """Why records were not delivered, from the objects below the error prefix.

    Args:
        s3: boto3's client.
        bucket: The bucket.
        objects: Those objects.
        most: How many records.
    """
    found: list[FailedRecord] = []
    for each in objects:
        text = _start_of(s3, bucket, each.key)
        for line in (text or "").splitlines():
            if len(found) == most:
                return found
            record = _failed(each.key, line)
            if record is not None:
                found.append(record)
    return found


def _failed(key: str, line: str) -> FailedRecord | None:
    try:
        told = json.loads(line)
        raw = told.get("rawData") or ""
    except (ValueError, AttributeError):
        # cut by the end of what was read
        return None
    try:
        record = base64.b64decode(raw, validate=True).decode(errors="replace").strip()
    except ValueError:
        record = str(raw)
    arrived = told.get("arrivalTimestamp")
    at = datetime.fromtimestamp(arrived / 1000, UTC) if isinstance(arrived, int) else None
    return FailedRecord(
        key,
        str(told.get("errorCode") or told.get("lastErrorCode") or ""),
        str(told.get("errorMessage") or told.get("lastErrorMessage") or ""),
        at,
        record,
    )


def _start_of(s3: Any, bucket: str, key: str) -> str | None:
    """An object's first lines, the last of them whole; None: it is no text."""
    try:
        answer = s3.get_object(Bucket=bucket, Key=key, Range=f"bytes=0-{_SAMPLE_BYTES - 1}")
    except ClientError as error:
        if error.response["Error"]["Code"] == "InvalidRange":
            return ""  # it is empty
        raise
    content: bytes = answer["Body"].read()
    if content.startswith((_PARQUET, _ORC)):
        return None
    is_cut = int(answer["ContentRange"].rpartition("/")[2]) > len(content)
    if content.startswith(_GZIP):
        # the end of the file may be missing, which this does not mind
        file = zlib.decompressobj(_WITH_A_HEADER)
        content = file.decompress(content, _SAMPLE_BYTES)
        is_cut = not file.eof
    if is_cut:
        # where all of it is one line, its beginning is better than nothing
        content = content.rpartition(b"\n")[0] or content
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        # a character may be cut in half at the end; what is not UTF-8 before that is no JSON
        return content[: error.start].decode() if error.start > len(content) - 4 else None
