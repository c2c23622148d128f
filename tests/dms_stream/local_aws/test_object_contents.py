"""What S3's objects hold is in a file: neither memory nor open files grow with them."""

import gc
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dms_stream.local_aws import object_contents
from dms_stream.local_aws.object_contents import ObjectContent


@pytest.fixture
def file(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A file of the test's own."""
    made = object_contents._File()
    monkeypatch.setattr(object_contents, "_file", made)
    yield made
    gc.collect()
    os.close(made._descriptor)


def size(file: Any) -> int:
    """How large it is."""
    return os.fstat(file._descriptor).st_size


@pytest.mark.usefixtures("file")
def test_it_is_read_and_written_as_a_file_is() -> None:
    content, other = ObjectContent(), ObjectContent()
    content.write(b"one two")
    other.write(b"another")
    content.seek(4)
    assert content.read() == b"two"
    assert content.read() == b""
    content.seek(1)
    assert (content.read(2), content.read(100)) == (b"ne", b" two")
    content.seek(3)
    content.truncate()
    content.write(b", two")
    content.seek(0)
    assert content.read() == b"one, two"
    content.seek(100)
    assert content.read() == b""
    other.seek(0)
    assert other.read() == b"another"


def test_its_room_comes_back_when_nothing_is_left(file: Any) -> None:
    contents = [ObjectContent() for _ in range(3)]
    for content in contents:
        content.write(b"n" * 1_000)
    assert size(file) == 3_000
    contents[0].close()
    contents[0].seek(0)
    assert contents[0].read() == b""
    contents.pop()
    assert size(file) == 3_000
    del content
    contents.clear()
    gc.collect()
    assert size(file) == 0
    again = ObjectContent()
    again.write(b"again")
    assert size(file) == 5


@pytest.fixture
def s3(client: Callable[[str], Any]) -> Any:
    """S3 with a bucket."""
    made = client("s3")
    made.create_bucket(
        Bucket="landing", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    return made


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_no_file_is_open_for_an_object(s3: Any) -> None:
    def put(number: int) -> int:
        s3.put_object(Bucket="landing", Key=f"{number}", Body=bytes([number]) * 2**20)
        return len([*Path("/proc/self/fd").iterdir()])

    first, *_, last = [put(number) for number in range(20)]
    assert last < first + 10
    body = s3.get_object(Bucket="landing", Key="19")["Body"].read()
    assert body == bytes([19]) * 2**20


@pytest.mark.slow
def test_objects_of_s3_are_copied_cut_and_put_together(s3: Any) -> None:
    def read(key: str, **more: Any) -> bytes:
        body: bytes = s3.get_object(Bucket="landing", Key=key, **more)["Body"].read()
        return body

    s3.put_object(Bucket="landing", Key="empty", Body=b"")
    s3.put_object(Bucket="landing", Key="one", Body=b"0123456789")
    s3.copy_object(Bucket="landing", Key="copy", CopySource="landing/one")
    s3.put_object(Bucket="landing", Key="one", Body=b"other")
    assert (read("empty"), read("one"), read("copy")) == (b"", b"other", b"0123456789")
    assert read("copy", Range="bytes=5-8") == b"5678"
    upload = s3.create_multipart_upload(Bucket="landing", Key="parts")["UploadId"]
    named = {"Bucket": "landing", "Key": "parts", "UploadId": upload}
    bodies = [b"n" * 5 * 2**20, b"end"]
    parts = [
        {
            "PartNumber": number,
            "ETag": s3.upload_part(PartNumber=number, Body=body, **named)["ETag"],
        }
        for number, body in enumerate(bodies, start=1)
    ]
    s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **named)
    assert read("parts") == b"".join(bodies)
