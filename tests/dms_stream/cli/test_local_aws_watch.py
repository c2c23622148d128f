"""`dms-stream local-aws status --watch`: the picture, and where it is refused."""

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from dms_stream.cli import local_aws_watch
from dms_stream.cli.errors import CommandError
from dms_stream.local_aws import Endpoint

NOW = 1_800_000_000.0
ENDPOINT = Endpoint("http://127.0.0.1:4", 12, "2026-01-01T00:00:00+00:00")


def look(*, sent: int, read: int, records: int, **changes: Any) -> dict[str, Any]:
    """What a data plane says."""
    return {
        "tasks": [
            {
                "identifier": "orders-task",
                "status": "running",
                "message": "",
                "source": "127.0.0.1:3306",
                "sent": 0,
                "counts": {"shop.orders": {"load": 10_000, "insert": 7, "update": 3}},
                "pulse": {
                    "behind_since": NOW - 2,
                    "waiting_since": NOW - 4,
                    "unaccepted": 512,
                    "sent": sent,
                },
            }
        ],
        "deliveries": [
            {
                "name": "orders-to-s3",
                "status": "running",
                "message": "",
                "stream": "orders",
                "bucket": "landing",
                "read": read,
                "millis_behind": 1500,
                "waiting_since": NOW - 9,
                "records": records,
                "objects": 3,
                "bytes": 2 * 1024**2,
                "failed_records": 0,
            }
        ],
        "alarms": [],
        "time_scale": 0.02,
        **changes,
    }


def drawn(before: dict[str, Any], now: dict[str, Any], *, width: int = 140) -> str:
    """The picture, two seconds apart."""
    console = Console(file=StringIO(), width=width, color_system=None)
    picture = local_aws_watch.frame(ENDPOINT.url, (NOW - 2, before), (NOW, now))
    with console.capture() as capture:
        console.print(picture)
    return capture.get()


@pytest.mark.parametrize("width", [80, 140])
def test_it_shows_the_way_with_rates_and_lag(width: int) -> None:
    before, now = look(sent=100, read=80, records=0), look(sent=2100, read=1080, records=500)
    text = " ".join(drawn(before, now, width=width).split())
    for stage in ("Source 127.0.0.1:3306", "Task orders-task", "Stream orders", "Bucket landing"):
        assert stage in text
    assert [rate in text for rate in ("1,000/s", "500/s", "250/s")] == [True] * 3
    assert "512 waiting" in text
    for lag in ("2.0 s", "4.0 s", "1.5 s", "9.0 s"):
        assert lag in text
    assert "10,000 loaded, 7 inserted, 3 updated, 0 deleted" in text


def test_what_is_wrong_stands_below() -> None:
    now = look(
        sent=0,
        read=0,
        records=0,
        alarms=[{"name": "late", "state": "ALARM"}, {"name": "fine", "state": "OK"}],
    )
    now["tasks"][0] |= {"status": "failed", "message": "the database [is] gone", "pulse": {}}
    text = drawn(look(sent=9, read=0, records=0), now)
    assert "orders-task: the database [is] gone" in text
    assert "Alarms: 1 of 2\n  late" in text
    assert "waiting" not in text  # nothing is known of it


def test_a_task_that_was_started_again_has_no_rate_yet() -> None:
    text = drawn(look(sent=5000, read=0, records=0), look(sent=10, read=0, records=0))
    assert "orders-task running" in " ".join(text.split())
    assert "-" not in text.partition("Stream")[0].partition("running")[2].partition("/s")[0]


def test_nothing_yet() -> None:
    empty = {"tasks": [], "deliveries": [], "alarms": [], "time_scale": 0.02}
    assert "nothing was started yet" in drawn(empty, empty)


def test_it_wants_a_terminal() -> None:
    with pytest.raises(CommandError, match="standard output is none"):
        local_aws_watch.watch(Console(file=StringIO()), ENDPOINT)
