"""Waiting until all that is on the stream has landed, once nothing writes to it any more.

Two metrics of Firehose tell it: how far it reads behind the end of the stream, and the age of the
oldest record that it holds. The latter is younger than the stop when all records from before the
stop are in the bucket; where Firehose holds nothing, it publishes none.
https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from constructs_lib.monitoring.metrics import DeliveryMetrics
from dms_stream.operations.deployed import DeployedPipeline
from dms_stream.operations.errors import OperationError
from dms_stream.operations.metrics import Value, behind_metric, latest

POLL_SECONDS = 15.0
# CloudWatch shows a minute some minutes later
_METRICS_COME_WITHIN = timedelta(minutes=5)
_PATIENCE = timedelta(minutes=30)


def await_drained(
    cloudwatch: Any,
    pipeline: DeployedPipeline,
    *,
    stopped_at: datetime,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Wait until what was written to the stream before the stop has landed.

    Args:
        cloudwatch: boto3's client.
        pipeline: Which; its replication stands still.
        stopped_at: Since when it stands still.
        clock: Tells the time.
        sleep: Waits between two looks.

    Raises:
        OperationError: half an hour after the buffer interval CloudWatch does not say so, or
            nothing delivers.
    """
    name = pipeline.delivery_stream_name
    if name is None:
        raise OperationError(
            f"{pipeline.name} stands still; it has no delivery stream, so whether its stream is "
            "drained is known to the stream's readers only"
        )
    metrics = {"behind": behind_metric(name), "freshness": DeliveryMetrics(name).freshness}
    interval = timedelta(seconds=pipeline.buffer_interval_seconds)
    while True:
        now = clock()
        found = latest(cloudwatch, metrics, now=now)
        if is_drained(
            found["behind"],
            found["freshness"],
            stopped_at=stopped_at,
            quiet_after=stopped_at + interval + _METRICS_COME_WITHIN,
            now=now,
        ):
            return
        if now > stopped_at + interval + _PATIENCE:
            raise OperationError(
                f"{pipeline.name} stands still, but CloudWatch does not say that Firehose "
                f"({name}) has delivered everything: "
                f"{_said(found['behind'], found['freshness'])}"
            )
        sleep(POLL_SECONDS)


def is_drained(
    behind: Value | None,
    freshness: Value | None,
    *,
    stopped_at: datetime,
    quiet_after: datetime,
    now: datetime,
) -> bool:
    """Whether two metrics say that everything from before the stop has landed.

    Args:
        behind: How far Firehose reads behind the end of the stream, in milliseconds.
        freshness: Age of the oldest record that Firehose holds, in seconds.
        stopped_at: Since when nothing is written.
        quiet_after: From when on metrics that are missing mean that there is nothing to tell.
        now: The moment of the look.
    """
    if behind is None or behind.at < stopped_at:
        has_read_all = now >= quiet_after and behind is None
    else:
        has_read_all = behind.value <= 0
    if freshness is None or freshness.at < stopped_at:
        # the last value is from before the stop, and a minute of silence is longer than a delay
        holds_nothing = now >= quiet_after
    else:
        age_of_the_stop = (freshness.at - stopped_at).total_seconds()
        holds_nothing = freshness.value < age_of_the_stop or (
            now >= quiet_after and freshness.at + _METRICS_COME_WITHIN < now
        )
    return has_read_all and holds_nothing


def _said(behind: Value | None, freshness: Value | None) -> str:
    read = "nothing of how far it has read" if behind is None else f"{behind.value:.0f} ms behind"
    held = (
        "nothing of what it holds"
        if freshness is None
        else f"its oldest record is {freshness.value:.0f} s old"
    )
    return f"it says {read}, and {held}; look with `dms-stream status` and `dms-stream landed`"
