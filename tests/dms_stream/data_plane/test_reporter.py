"""What is reported each minute, and where; what it makes alarms do: test_reporting.py."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from dms_stream.data_plane import reporter as reporter_module
from dms_stream.data_plane.delivery_state import DeliveryState
from dms_stream.data_plane.dms_events import DmsEvents
from dms_stream.data_plane.options import DataPlaneOptions
from dms_stream.data_plane.plane import Plane
from dms_stream.data_plane.reporter import Reporter
from dms_stream.data_plane.task_log import TaskLogs
from dms_stream.data_plane.task_state import TaskState
from dms_stream.local_aws import cloudwatch
from tests.dms_stream.data_plane.test_metrics import DELIVERY, PLACE, pulse, running
from tests.support.dms_account import DmsAccount
from tests.support.played_children import FaultyOnce
from tests.support.waiting import until

# on an embedded AWS
pytestmark = pytest.mark.slow

Reports = list[tuple[tuple[str, str], set[str], float]]


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> Reports:
    """Where what was reported, and when; and when alarms looked, with no names."""
    found: Reports = []

    def report(account: str, region: str, values: list[Any], *, at: float) -> None:
        found.append(((account, region), {each.name for each in values}, at))

    def evaluate(*, at: float, time_scale: float) -> None:
        found.append((("alarms", str(time_scale)), set(), at))

    monkeypatch.setattr(cloudwatch, "report", report)
    monkeypatch.setattr(cloudwatch, "evaluate", evaluate)
    return found


def plane_of(
    tasks: list[TaskState], deliveries: list[DeliveryState], time_scale: float
) -> SimpleNamespace:
    """As much of a data plane as is reported on."""
    return SimpleNamespace(
        tasks={each.arn: each for each in tasks},
        deliveries={each.arn: each for each in deliveries},
        observers=[],
        options=DataPlaneOptions(time_scale=time_scale),
    )


@pytest.fixture
def periods(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How often somebody looks, in seconds."""
    found: list[float] = []

    def watch(_: object, *, every_seconds: float) -> None:
        found.append(every_seconds)

    monkeypatch.setattr(reporter_module, "SourceWatch", watch)
    return found


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """No minute passes by itself; a thread that a test left would report in the next one."""
    monkeypatch.setattr(Reporter, "_work", lambda _: None)


@pytest.mark.usefixtures("still")
def test_everything_is_reported_where_it_is_before_alarms_look(
    account: DmsAccount, reports: Reports, periods: list[float]
) -> None:
    arn = account.task()
    account.client("kinesis").create_stream(StreamName="changes", ShardCount=1)
    account.client("kinesis").put_record(StreamName="changes", Data=b"x", PartitionKey="k")
    plane = plane_of([running(arn, pulse())], [DeliveryState(DELIVERY)], 100)
    made = Reporter(cast("Plane", plane))
    assert periods == [6000]
    assert [type(each) for each in plane.observers] == [TaskLogs, DmsEvents]
    made._report(1000.0)
    (reported, looked) = reports
    assert reported[0] == PLACE
    assert reported[2] == 1000.0
    assert {
        "CDCLatencySource",
        "DataReadFromKinesisStream.Records",
        "IncomingRecords",
        "FreeableMemory",
    } <= reported[1]
    assert looked == (("alarms", "100"), set(), 1000.0)
    # what is gone is not told of what it did before, if it comes again
    kept = dict(plane.deliveries)
    plane.deliveries.clear()
    made._report(1001.0)
    plane.deliveries.update(kept)
    made._report(1002.0)
    assert "DataReadFromKinesisStream.Records" in reports[-2][1]


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize(("time_scale", "seconds"), [(1, 60), (0.5, 30), (0.001, 1)])
def test_a_minute_is_scaled_and_lasts_a_second_at_least(
    reports: Reports, periods: list[float], time_scale: float, seconds: float
) -> None:
    Reporter(cast("Plane", plane_of([], [], time_scale)))
    assert periods == [seconds]
    assert reports == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_it_reports_again_whatever_happened(
    reports: Reports,
    periods: list[float],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(reporter_module, "_LEAST_SECONDS", 0.01)
    plane = FaultyOnce(deliveries={}, observers=[], options=DataPlaneOptions(time_scale=0))
    Reporter(cast("Plane", plane))
    until(lambda: plane.looks == 2)
    assert "metrics and alarms" in caplog.text
    assert (reports, periods) == ([], [0.01])
