"""What has landed: counted, sampled; and why records did not land."""

import base64
import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from dms_stream.operations import landed
from dms_stream.operations.landed import (
    LandedObject,
    failed_records,
    read_landed,
    sample_lines,
)
from tests.support.operated import BUCKET, ERRORS, Operated, OperatingCommand

# each asks an embedded AWS or a stand-in of it
pytestmark = pytest.mark.slow

LINES = b'{"data": {"id": 1}}\n{"data": {"id": 2}}\n{"data": {"id": 3}}\n'


def put(operated: Operated, key: str, body: bytes) -> None:
    operated.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)


def test_objects_are_counted_by_folder_the_latest_first(operated: Operated) -> None:
    put(operated, "changes/arrival_day=2026-01-01/a.gz", b"123")
    put(operated, "changes/arrival_day=2026-01-01/b.gz", b"12345")
    put(operated, "changes/arrival_day=2026-01-02/c.gz", b"1")
    put(operated, "athena-results/x.csv", b"1")
    found = read_landed(operated.client("s3"), BUCKET, "changes/", most=2)
    assert (found.objects, found.bytes, found.is_all) == (3, 9, True)
    assert {folder.name: (folder.objects, folder.bytes) for folder in found.folders} == {
        "changes/arrival_day=2026-01-01/": (2, 8),
        "changes/arrival_day=2026-01-02/": (1, 1),
    }
    assert len(found.latest) == 2


def test_a_count_that_was_ended_says_so(
    dms_stream: OperatingCommand, operated: Operated, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        put(operated, f"changes/{number}", LINES)
    monkeypatch.setattr(landed, "_MOST_OBJECTS", 2)
    text = dms_stream.succeed("landed")
    assert "2 objects and more" in text
    assert "the counting ended after 2 objects" in text


def test_the_command_shows_a_sample(dms_stream: OperatingCommand, operated: Operated) -> None:
    assert dms_stream.succeed("landed") == "nothing is below s3://landing/changes/\n"
    put(operated, "changes/arrival_day=2026-01-01/a.gz", gzip.compress(LINES))
    text = dms_stream.succeed("landed", "-n", "2")
    assert f"1 object, {len(gzip.compress(LINES))} B, below s3://landing/changes/" in text
    assert text.endswith('{"data": {"id": 1}}\n{"data": {"id": 2}}\n')
    told = json.loads(dms_stream.succeed("landed", "--json"))
    assert told["sample"] == LINES.decode().splitlines()


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize(("lines", "whole"), [(65, 65), (66, 65), (90, 65)])
def test_a_sample_of_a_large_object_is_of_its_first_64_kib_and_whole_lines(
    dms_stream: OperatingCommand,
    operated: Operated,
    pack: Callable[[bytes], bytes],
    lines: int,
    whole: int,
) -> None:
    # 65 lines are 65,520 of 65,536 bytes
    written = [f'{{"id": {number}, "text": "'.ljust(1005, "x") + '"}' for number in range(lines)]
    put(operated, "changes/a", pack("\n".join(written).encode() + b"\n"))
    told = json.loads(dms_stream.succeed("landed", "-n", "1000", "--json"))
    assert told["sample"] == written[:whole]


def test_a_sample_of_one_long_line_is_its_beginning(
    dms_stream: OperatingCommand, operated: Operated
) -> None:
    put(operated, "changes/a", b"x" * 100_000)
    told = json.loads(dms_stream.succeed("landed", "--json"))
    assert told["sample"] == ["x" * 65_536]


def test_a_sample_of_what_is_not_json_says_so(
    dms_stream: OperatingCommand, operated: Operated
) -> None:
    put(operated, "changes/a.parquet", b"PAR1" + bytes(90))
    assert "its records are not JSON" in dms_stream.succeed("landed")
    put(operated, "changes/b", b"")
    put(operated, "changes/a.parquet", "ä".encode() * 40_000)
    assert dms_stream.succeed("landed", "--json")


def test_what_marks_a_folder_is_no_object(operated: Operated) -> None:
    put(operated, "changes/", b"")
    put(operated, "changes/day/", b"")
    put(operated, "changes/day/a", b"12")
    found = read_landed(operated.client("s3"), BUCKET, "changes/", most=5)
    assert (found.objects, found.bytes) == (1, 2)


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"", []),
        (b"a\n\n  \nb\nc", ["a", "b"]),
        (b"PAR1....", None),
        (b"ORC....", None),
        (b"a\n\xff\xfe\nb and more", None),
        # a character that is cut in half by the end of what is read
        (b"x" * 65_535 + "ä".encode(), ["x" * 65_535]),
        (b"x" * 65_533 + "\N{ROCKET}".encode(), ["x" * 65_533]),
    ],
)
def test_the_first_lines_of_an_object(
    operated: Operated, content: bytes, lines: list[str] | None
) -> None:
    put(operated, "changes/a", content)
    assert sample_lines(operated.client("s3"), BUCKET, "changes/a", most=2) == lines


def test_failed_records_are_read_as_far_as_they_can_be(operated: Operated) -> None:
    broken = [
        {"rawData": "no base 64", "errorCode": "A", "arrivalTimestamp": "yesterday"},
        {"lastErrorCode": "B", "lastErrorMessage": "b", "arrivalTimestamp": 0},
        {"rawData": base64.b64encode(b"\xff ").decode()},
    ]
    text = "\n".join(["[]", *map(json.dumps, broken), "5", "{"])
    put(operated, "errors/a", text.encode())
    put(operated, "errors/b", json.dumps({"errorCode": "C"}).encode())
    objects = [LandedObject(key, 1, datetime.now(UTC)) for key in ("errors/a", "errors/b")]
    found = failed_records(operated.client("s3"), BUCKET, objects, most=9)
    assert [(each.key, each.code, each.message, each.record) for each in found] == [
        ("errors/a", "A", "", "no base 64"),
        ("errors/a", "B", "b", ""),
        ("errors/a", "", "", "\ufffd"),
        ("errors/b", "C", "", ""),
    ]
    assert [each.at for each in found] == [None, datetime(1970, 1, 1, tzinfo=UTC), None, None]
    assert len(failed_records(operated.client("s3"), BUCKET, objects, most=2)) == 2


def test_it_says_why_records_were_not_delivered(
    dms_stream: OperatingCommand, operated: Operated
) -> None:
    raw = base64.b64encode(b'{"metadata": {}}\n').decode()
    processing = {
        "rawData": raw,
        "errorCode": "DynamicPartitioning.MetadataExtractionFailed",
        "errorMessage": "partitionKeys values must not be null or empty",
        "arrivalTimestamp": 1767225600000,
    }
    conversion = {
        "lastErrorCode": "DataFormatConversion.X",
        "lastErrorMessage": "no",
        "rawData": raw,
    }
    lines = "\n".join(json.dumps(each) for each in (processing, conversion)) + '\n{"rawD'
    put(operated, f"{ERRORS}processing-failed/1", lines.encode())
    text = dms_stream.succeed("landed", "--errors")
    assert (
        "2026-01-01 00:00:00 DynamicPartitioning.MetadataExtractionFailed: partitionKeys values "
        'must not be null or empty\n    {"metadata": {}}\n' in text
    )
    assert 'DataFormatConversion.X: no\n    {"metadata": {}}\n' in text
    told = json.loads(dms_stream.succeed("landed", "--errors", "--json", "-n", "1"))
    assert [each["code"] for each in told["failed"]] == [
        "DynamicPartitioning.MetadataExtractionFailed"
    ]


def test_a_pipeline_without_a_bucket_of_its_own_says_so(
    dms_stream: OperatingCommand, operated: Operated
) -> None:
    del operated.state["outputs"]["landing_bucket_name"]
    operated.save()
    assert "tickets: has no landing bucket" in dms_stream.refuse("landed")
