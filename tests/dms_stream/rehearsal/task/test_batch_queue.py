"""What waits for the stream: in order, in memory and on disk, until it is released and taken."""

from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from dms_stream.rehearsal.task import batch_queue
from dms_stream.rehearsal.task.batch_queue import Batch, BatchQueue, Kept
from tests.support.waiting import until

NOTHING = Kept(0, 0, 0, 0, 0)


def batch(number: int) -> Batch:
    """As many records as its number."""
    return [
        {"Data": f"{number}.{place} Gösta\n".encode(), "PartitionKey": f"ключ {place}"}
        for place in range(number)
    ]


def filled(folder: Path, batches: int) -> BatchQueue:
    """A queue of batches of 1, 2, 3 … records."""
    queue = BatchQueue(folder)
    for number in range(1, batches + 1):
        queue.put(batch(number))
    return queue


def rows(kept: Kept) -> tuple[int, int, int, int]:
    """Those in memory and on disk, of open transactions and for the stream."""
    return (kept.source_memory, kept.source_disk, kept.target_memory, kept.target_disk)


def in_background(work: Callable[[], None]) -> Thread:
    """Somebody else does it."""
    thread = Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_what_its_memory_does_not_hold_goes_on_disk_and_comes_back_in_order(tmp_path: Path) -> None:
    queue = filled(tmp_path, 10)
    queue.put(queue.done)  # something to call is no row
    assert rows(queue.kept()) == (36, 9 + 10, 0, 0)
    queue.release()
    queue.put(batch(2))
    assert rows(queue.kept()) == (0, 2, 36, 9 + 10)
    assert queue.kept().file_bytes > 19 * len("0.0 Gösta, ключ 0")
    assert list(tmp_path.iterdir()) == []  # nobody has to clean up

    for number in range(1, 11):
        assert queue.take() == batch(number)
        queue.done()
    assert queue.take() == queue.done
    assert rows(queue.kept()) == (0, 2, 0, 0)
    queue.put(batch(3))
    assert rows(queue.kept()) == (3, 2, 0, 0)
    queue.release()
    assert [queue.take(), queue.take()] == [batch(2), batch(3)]
    assert queue.kept() == NOTHING


def test_a_file_that_was_read_to_its_end_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_queue, "_SEGMENT_BYTES", 500)
    queue = filled(tmp_path, 12)
    queue.release()
    sizes = [queue.kept().file_bytes]
    for _ in range(12):
        queue.take()
        sizes.append(queue.kept().file_bytes)
    # batches of 9 and 10 records lie in one file, those of 11 and 12 in another
    assert len(set(sizes[:10])) == 1
    assert sizes[9] > sizes[10] == sizes[11] > sizes[12] == 0


def test_what_is_not_released_is_not_taken_and_lost_at_the_end(tmp_path: Path) -> None:
    queue = BatchQueue(tmp_path)
    queue.put(batch(1))
    queue.release()
    queue.put(batch(2))
    assert queue.take() == batch(1)
    taken: list[object] = []
    waiting = in_background(lambda: taken.append(queue.take()))
    waiting.join(0.05)
    assert taken == []
    queue.close()
    waiting.join(10)
    assert taken == [None]


def test_what_is_released_is_taken_after_the_end_as_well(tmp_path: Path) -> None:
    queue = filled(tmp_path, 2)
    queue.release()
    queue.close()
    assert [queue.take(), queue.take(), queue.take()] == [batch(1), batch(2), None]


def test_one_that_does_not_spool_lets_who_puts_wait(tmp_path: Path) -> None:
    queue = filled(tmp_path, 8)
    queue.spools = False
    putting = in_background(lambda: queue.put(batch(9)))
    # what is there is released: otherwise both would wait for each other
    assert queue.take() == batch(1)
    putting.join(10)
    assert not putting.is_alive()
    assert rows(queue.kept()) == (9, 0, 35, 0)
    another = in_background(lambda: queue.put(batch(1)))
    another.join(0.05)
    assert another.is_alive()
    queue.take()
    another.join(10)
    assert rows(queue.kept()) == (1, 0, 33 + 9, 0)


def test_who_releases_may_wait_until_little_is_left_on_disk(tmp_path: Path) -> None:
    queue = filled(tmp_path, 11)
    releasing = in_background(lambda: queue.release(most_rows_on_disk=11))
    for number in range(1, 10):
        assert releasing.is_alive()
        assert queue.take() == batch(number)
    releasing.join(0.05)
    assert releasing.is_alive()  # 21 are left
    queue.take()
    releasing.join(10)
    assert not releasing.is_alive()
    assert queue.take() == batch(11)


def test_who_joins_waits_until_the_last_is_done(tmp_path: Path) -> None:
    queue = filled(tmp_path, 2)
    joining = in_background(queue.join)
    assert [queue.take(), queue.take()] == [batch(1), batch(2)]
    joining.join(0.05)
    assert joining.is_alive()
    queue.done()
    until(lambda: not joining.is_alive())
    queue.join()  # there is nothing to wait for
