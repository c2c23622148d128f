"""What is read of a log: from when on, how far, and what a line becomes; CloudWatch is played.

On the embedded AWS: test_logs.py.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dms_stream.operations.logs import LogKind, LogSource, follow, last_errors, read_log

SINCE = datetime(2026, 1, 1, 12, tzinfo=UTC)
TASK = LogSource("task", "dms-tasks-instance", "dms-task-ABC")
DELIVERY = LogSource("delivery", "/aws/kinesisfirehose/delivery")


class NoGroupError(Exception):
    """A log group does not exist."""


class Exceptions:
    """boto3's."""

    ResourceNotFoundException = NoGroupError


class Logs:
    """CloudWatch Logs with pages of events.

    Args:
        pages: The pages, each a list of events.

    Attributes:
        asked: What it was asked.
    """

    exceptions = Exceptions

    def __init__(self, *pages: list[dict[str, Any]]) -> None:
        self.pages = pages
        self.asked: list[dict[str, Any]] = []

    def filter_log_events(self, **asked: Any) -> dict[str, Any]:
        """The page that is asked for."""
        self.asked.append(asked)
        number = int(asked.get("nextToken", 0))
        more = {"nextToken": str(number + 1)} if number + 1 < len(self.pages) else {}
        return {"events": self.pages[number]} | more


def event(second: float, message: str = "so", stream: str = "dms-task-ABC") -> dict[str, Any]:
    return {
        "timestamp": int((SINCE + timedelta(seconds=second)).timestamp() * 1000),
        "message": message,
        "logStreamName": stream,
        "eventId": f"{second} {message}",
    }


def test_lines_are_in_order_and_of_the_tasks_own_stream() -> None:
    logs = Logs([event(2), event(1, "first \n")], [event(3, "other", "dms-task-XYZ"), event(4)])
    lines = read_log(logs, TASK, since=SINCE)
    assert [(line.kind, (line.at - SINCE).seconds, line.text) for line in lines] == [
        ("task", 1, "first"),
        ("task", 2, "so"),
        ("task", 4, "so"),
    ]
    asked = {
        "logGroupName": "dms-tasks-instance",
        "startTime": int(SINCE.timestamp() * 1000),
        "logStreamNamePrefix": "dms-task-ABC",
    }
    assert logs.asked[0] | {"nextToken": "1"} == logs.asked[1] == asked | {"nextToken": "1"}


def test_errors_are_asked_for_of_a_task_and_all_of_a_delivery() -> None:
    logs = Logs([])
    for source in (TASK, DELIVERY):
        assert read_log(logs, source, since=SINCE, errors_only=True) == []
    assert [asked.get("filterPattern") for asked in logs.asked] == ['"]E:"', None]
    assert "logStreamNamePrefix" not in logs.asked[1]


@pytest.mark.parametrize(("most", "read"), [(1, 1), (2, 2), (5, 3)])
def test_only_so_many_pages_are_read(most: int, read: int) -> None:
    logs = Logs([event(1)], [event(2)], [event(3)])
    assert len(read_log(logs, TASK, since=SINCE, most_pages=most)) == read


def test_the_last_errors_come_first_and_a_look_reads_three_pages() -> None:
    logs = Logs(*([event(number)] for number in range(5)))
    found = last_errors(logs, [TASK], since=SINCE, most=2)
    assert [(line.at - SINCE).seconds for line in found] == [2, 1]
    assert len(logs.asked) == 3


@pytest.mark.parametrize(
    ("kind", "message", "text"),
    [
        ("task", '{"errorCode": "A", "message": "b"}', '{"errorCode": "A", "message": "b"}'),
        ("delivery", {"errorCode": "S3.AccessDenied", "message": "no"}, "S3.AccessDenied: no"),
        (
            "delivery",
            {"errorCode": "S3.AccessDenied", "message": "no", "count": 7},
            "S3.AccessDenied: no (7 records)",
        ),
        ("delivery", {"message": "no"}, '{"message": "no"}'),
        ("delivery", "[1]", "[1]"),
        ("delivery", "no JSON", "no JSON"),
    ],
)
def test_firehoses_json_is_a_line(kind: LogKind, message: Any, text: str) -> None:
    told = message if isinstance(message, str) else json.dumps(message)
    source = LogSource(kind, "group")
    (line,) = read_log(Logs([event(1, told)]), source, since=SINCE)
    assert (line.kind, line.text) == (kind, text)


def test_a_line_that_comes_late_is_followed_once() -> None:
    """CloudWatch takes events in that are half a minute older than the newest."""
    logs = Logs([event(100)])
    late = iter([[event(100), event(71)], [event(71), event(100), event(200)], [event(200)]])

    def sleep(seconds: float) -> None:
        assert seconds == 2
        logs.pages = (next(late),)

    found = []
    for line in follow(logs, [TASK], since=SINCE, sleep=sleep):
        found.append(int((line.at - SINCE).total_seconds()))
        if len(found) == 3:
            break
    assert found == [100, 71, 200]
    starts = [asked["startTime"] / 1000 - SINCE.timestamp() for asked in logs.asked]
    assert starts == [0, 70, 70]
