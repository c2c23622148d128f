"""Reports to CloudWatch what the data plane does, and lets alarms look at it, each minute.

A minute lasts as long as the factor on time makes it, and a second at least.
"""

import logging
import time
from collections import defaultdict
from threading import Thread

from dms_stream.data_plane.dms_events import DmsEvents
from dms_stream.data_plane.instance_metrics import InstanceMetrics
from dms_stream.data_plane.metrics import Metrics, Place
from dms_stream.data_plane.plane import Plane
from dms_stream.data_plane.source_watch import SourceWatch
from dms_stream.data_plane.task_log import TaskLogs
from dms_stream.local_aws import cloudwatch
from dms_stream.local_aws.metric_samples import Reported
from dms_stream.local_aws.protocol import moto_lock

_log = logging.getLogger(__name__)

_MINUTE = 60.0
_LEAST_SECONDS = 1.0


class Reporter:
    """Reports for a data plane, from its start on.

    Args:
        plane: Whose children are reported on.
    """

    def __init__(self, plane: Plane) -> None:
        self._plane, self._metrics = plane, Metrics()
        self._instances = InstanceMetrics()
        self._time_scale = plane.options.time_scale
        self._every = max(_MINUTE * self._time_scale, _LEAST_SECONDS)
        plane.observers += [TaskLogs(), DmsEvents()]
        SourceWatch(plane, every_seconds=self._every)
        Thread(target=self._work, name="reporter", daemon=True).start()

    def _work(self) -> None:
        while True:
            time.sleep(self._every)
            try:
                self._report(time.time())
            except Exception:  # the next minute is another one
                _log.exception("metrics and alarms")

    def _report(self, at: float) -> None:
        with moto_lock:
            found: dict[Place, list[Reported]] = defaultdict(list)
            for task in self._plane.tasks.values():
                found[_place(task.arn)] += self._metrics.of_task(task, at=at)
            for delivery in self._plane.deliveries.values():
                found[_place(delivery.arn)] += self._metrics.of_delivery(delivery, at=at)
            for place, value in self._metrics.of_streams():
                found[place].append(value)
            for place, value in self._instances.of_all(self._plane.tasks, at=at):
                found[place].append(value)
            self._metrics.forget_others(self._plane.tasks, self._plane.deliveries)
            for (account, region), values in found.items():
                cloudwatch.report(account, region, values, at=at)
            cloudwatch.evaluate(at=at, time_scale=self._time_scale)


def _place(arn: str) -> Place:
    parts = arn.split(":")
    return parts[4], parts[3]
