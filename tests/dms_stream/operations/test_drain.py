"""A stream is drained when Firehose has read to its end and holds nothing from before the stop."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dms_stream.operations.drain import await_drained, is_drained
from dms_stream.operations.errors import OperationError
from dms_stream.operations.metrics import Value
from tests.support.operated import Operated

STOPPED = datetime(2026, 1, 1, 12, tzinfo=UTC)


def after(minutes: float) -> datetime:
    return STOPPED + timedelta(minutes=minutes)


def drained(behind: Value | None, freshness: Value | None, *, now: float) -> bool:
    return is_drained(behind, freshness, stopped_at=STOPPED, quiet_after=after(10), now=after(now))


READ = Value(0, after(2))


@pytest.mark.parametrize(
    ("behind", "freshness", "now", "expected"),
    [
        # three minutes after the stop its oldest record is one minute old
        (READ, Value(60, after(3)), 5, True),
        # it is as old as the stop
        (READ, Value(180, after(3)), 5, False),
        # none is older than the stop
        (READ, Value(130, after(3)), 5, True),
        # it still reads
        (Value(400, after(2)), Value(1, after(3)), 5, False),
        (Value(1, after(2)), Value(1, after(3)), 5, False),
        # what is told of the very moment counts
        (Value(0, after(0)), Value(1, after(3)), 5, True),
        (READ, Value(0, after(0)), 5, False),
        # what was told before the stop tells nothing of it
        (Value(0, after(-1)), Value(1, after(3)), 5, False),
        (READ, Value(1, after(-1)), 5, False),
        # silence tells that there is nothing, once it lasts
        (READ, None, 5, False),
        (READ, None, 10, True),
        (None, None, 9, False),
        (None, None, 10, True),
        (READ, Value(300, after(4)), 10, True),
        (READ, Value(600, after(9)), 10, False),
    ],
)
def test_two_metrics_tell_it(
    behind: Value | None, freshness: Value | None, now: float, expected: bool
) -> None:
    assert drained(behind, freshness, now=now) is expected


class CloudWatch:
    """boto3's client whose metrics change from look to look."""

    def __init__(self, *freshness: float) -> None:
        self._freshness = list(freshness)
        self.now = after(1)

    def get_metric_data(self, **asked: Any) -> dict[str, Any]:
        """Nothing left to read, and the next age."""
        assert {q["Id"] for q in asked["MetricDataQueries"]} == {"behind", "freshness"}
        age = self._freshness.pop(0) if len(self._freshness) > 1 else self._freshness[0]
        return {
            "MetricDataResults": [
                {"Id": "behind", "Timestamps": [self.now], "Values": [0.0]},
                {"Id": "freshness", "Timestamps": [self.now], "Values": [age]},
            ]
        }

    def sleep(self, seconds: float) -> None:
        """Time passes."""
        assert seconds == 15
        self.now += timedelta(minutes=1)


def wait(operated: Operated, cloudwatch: CloudWatch) -> None:
    await_drained(
        cloudwatch,
        operated.pipeline,
        stopped_at=STOPPED,
        clock=lambda: cloudwatch.now,
        sleep=cloudwatch.sleep,
    )


def test_it_waits_as_long_as_firehose_holds_something(operated: Operated) -> None:
    cloudwatch = CloudWatch(60, 120, 180, 10)
    wait(operated, cloudwatch)
    assert cloudwatch.now == after(4)


def test_it_does_not_wait_forever(operated: Operated) -> None:
    with pytest.raises(OperationError) as refused:
        wait(operated, CloudWatch(100_000))
    assert str(refused.value) == (
        "tickets stands still, but CloudWatch does not say that Firehose (delivery) has delivered "
        "everything: it says 0 ms behind, and its oldest record is 100000 s old; look with "
        "`dms-stream status` and `dms-stream landed`"
    )
