"""What waits for the stream waits for its commit, beyond the memory on disk, and in order."""

from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from dms_stream.rehearsal.errors import RehearsalError
from dms_stream.rehearsal.mapping.table_recipe import Message
from dms_stream.rehearsal.task.stream_writer import StreamWriter

Json = dict[str, Any]

_ROWS = 10_000
_IN_MEMORY = 4_000


class Stream:
    """A stream that takes what it is told to take."""

    def __init__(self) -> None:
        self.is_open = Event()
        self.is_open.set()
        self.taken: list[str] = []
        self.errors: list[str] = []
        self.asked: Callable[[], None] = lambda: None

    def put_records(self, *, StreamName: str, Records: list[Json]) -> Json:  # noqa: N803  # boto3's
        """Take all but the first where there is an error left."""
        del StreamName
        self.asked()
        self.is_open.wait()
        refused = 1 if self.errors else 0
        self.taken += [entry["Data"].decode() for entry in Records[refused:]]
        answers: list[Json] = [{"SequenceNumber": "1"}] * (len(Records) - refused)
        if refused:
            answers.insert(0, {"ErrorCode": self.errors.pop()})
        return {"FailedRecordCount": refused, "Records": answers}


@pytest.fixture
def stream() -> Stream:
    """One that takes everything."""
    return Stream()


@pytest.fixture
def writer(stream: Stream, tmp_path: Path) -> StreamWriter:
    """Writes to it."""
    return StreamWriter(stream, "stream", folder=tmp_path)


def _put(writer: StreamWriter, *numbers: int) -> None:
    for number in numbers:
        writer.put(Message(f"é{number}", str(number)), str)


def test_a_transaction_waits_for_its_commit_and_beyond_the_memory_on_disk(
    stream: Stream, writer: StreamWriter, tmp_path: Path
) -> None:
    stream.is_open.clear()
    writer.begin()
    _put(writer, *range(_ROWS))
    kept = writer.kept
    assert kept.source_memory + kept.source_disk == writer.unaccepted == _ROWS
    assert kept.source_disk >= _ROWS - _IN_MEMORY - 500
    assert kept.file_bytes > 0
    assert (kept.target_memory, kept.target_disk) == (0, 0)
    assert stream.taken == []

    writer.commit()
    kept = writer.kept
    assert (kept.source_memory, kept.source_disk) == (0, 0)
    assert kept.target_memory + kept.target_disk == _ROWS
    assert kept.target_disk > 0

    stream.is_open.set()
    accepted: list[int] = []
    writer.mark(lambda: accepted.append(writer.sent))
    writer.begin()
    _put(writer, _ROWS)
    writer.commit()
    writer.flush()
    assert stream.taken == [f"é{number}" for number in range(_ROWS + 1)]
    assert accepted == [_ROWS]
    kept = writer.kept
    assert (writer.unaccepted, kept.target_disk, kept.file_bytes) == (0, 0, 0)
    assert list(tmp_path.iterdir()) == []  # its files have no names
    writer.close()


def test_a_transaction_that_is_never_committed_does_not_reach_the_stream(
    stream: Stream, writer: StreamWriter
) -> None:
    writer.begin()
    _put(writer, *range(1_000))
    writer.commit()
    writer.flush()
    writer.begin()
    _put(writer, *range(1_000, _ROWS))
    writer.close()
    assert stream.taken == [f"é{number}" for number in range(1_000)]


def test_rows_of_a_full_load_wait_at_the_source_and_not_on_disk(
    stream: Stream, writer: StreamWriter
) -> None:
    on_disk: list[int] = []
    stream.asked = lambda: on_disk.append(writer.kept.target_disk)
    writer.allow_disk(False)
    _put(writer, *range(_ROWS))
    writer.flush()
    assert stream.taken == [f"é{number}" for number in range(_ROWS)]
    assert set(on_disk) == {0}
    writer.close()


def test_what_a_shard_does_not_take_is_put_until_it_does_and_other_refusals_end_it(
    stream: Stream, writer: StreamWriter
) -> None:
    stream.errors = ["ProvisionedThroughputExceededException"] * 7
    _put(writer, 1, 2)
    writer.flush()
    assert sorted(stream.taken) == ["é1", "é2"]

    stream.errors = ["InternalFailure"] * 5
    _put(writer, 3)
    with pytest.raises(RehearsalError, match="refused 5 times"):
        writer.flush()
    writer.close()


def test_a_disk_without_room_is_told(stream: Stream, tmp_path: Path) -> None:
    writer = StreamWriter(stream, "stream", folder=tmp_path / "gone")
    writer.begin()
    with pytest.raises(RehearsalError, match=r"stream do not fit on the disk: .* make room"):
        _put(writer, *range(_ROWS))
    writer.close()
