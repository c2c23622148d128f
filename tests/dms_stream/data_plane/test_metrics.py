"""What is reported to CloudWatch, figure by figure; what makes alarms go off: test_reporting.py."""

import os
from collections.abc import Iterable
from typing import Any

import pytest

from dms_stream.data_plane import instance_metrics
from dms_stream.data_plane.delivery_state import DeliveryState
from dms_stream.data_plane.instance_metrics import InstanceMetrics
from dms_stream.data_plane.metrics import Metrics, task_dimensions
from dms_stream.data_plane.task_state import TaskState
from dms_stream.local_aws.metric_samples import Reported
from dms_stream.programs.process_use import ProcessUse
from tests.support.dms_account import DmsAccount
from tests.support.pipelines import Json
from tests.support.played_children import ready

# on an embedded AWS
pytestmark = pytest.mark.slow

PLACE = ("123456789012", "eu-central-1")
DELIVERY = "arn:aws:firehose:eu-central-1:123456789012:deliverystream/tickets"
GIB = 1024**3


def figures(reported: Iterable[Reported]) -> dict[str, tuple[str, float]]:
    """Units and numbers by the metric's name."""
    return {each.name: (each.unit, each.value) for each in reported}


# Tasks


def pulse(**more: Any) -> Json:
    """How far a task is."""
    return {
        "event": "pulse",
        "is_loading": False,
        "behind_since": 990.0,
        "waiting_since": 970.0,
        "unaccepted": 1,
        "source_memory": 2,
        "source_disk": 3,
        "target_memory": 4,
        "target_disk": 5,
        "sent": 0,
        "bytes": 0,
        "captured": 0,
        **more,
    }


def running(arn: str, *pulses: Json, **more: Any) -> TaskState:
    """A task that runs."""
    state = TaskState(arn, "task")
    for event in (ready(**more), *pulses):
        state.take(event)
    return state


CHANGES = {
    "CDCLatencySource": ("Seconds", 10.0),
    "CDCLatencyTarget": ("Seconds", 30.0),
    "CDCIncomingChanges": ("Count", 1),
    "CDCChangesMemorySource": ("Count", 2),
    "CDCChangesDiskSource": ("Count", 3),
    "CDCChangesMemoryTarget": ("Count", 4),
    "CDCChangesDiskTarget": ("Count", 5),
}


def test_a_task_that_captures_reports_how_far_behind_it_is(account: DmsAccount) -> None:
    arn = account.task()
    reported = [*Metrics().of_task(running(arn, pulse()), at=1000.0)]
    assert figures(reported) == CHANGES
    assert {(each.namespace, *each.dimensions.items()) for each in reported} == {
        (
            "AWS/DMS",
            ("ReplicationInstanceIdentifier", "instance"),
            ("ReplicationTaskIdentifier", arn.rpartition(":")[2]),
        )
    }


@pytest.mark.parametrize(
    ("behind", "waiting", "source", "target"),
    [
        (None, None, 0.0, 0.0),
        (990.0, None, 10.0, 10.0),
        (None, 995.0, 0.0, 5.0),
        (960.0, 990.0, 40.0, 40.0),
        # clocks differ
        (1001.0, 1002.0, 0.0, 0.0),
    ],
)
def test_the_targets_latency_includes_the_sources(
    account: DmsAccount, behind: float | None, waiting: float | None, source: float, target: float
) -> None:
    state = running(account.task(), pulse(behind_since=behind, waiting_since=waiting))
    found = figures(Metrics().of_task(state, at=1000.0))
    assert found["CDCLatencySource"] == ("Seconds", source)
    assert found["CDCLatencyTarget"] == ("Seconds", target)


def test_rates_are_of_the_time_since_the_report_before(account: DmsAccount) -> None:
    metrics, state = Metrics(), running(account.task(), pulse(sent=10, bytes=1024, captured=20))
    assert figures(metrics.of_task(state, at=1000.0)) == CHANGES
    # nothing new was said
    assert [*metrics.of_task(state, at=1001.0)] == []
    state.take(pulse(sent=60, bytes=1024 * 6, captured=10, behind_since=None, waiting_since=None))
    assert figures(metrics.of_task(state, at=1010.0)) == CHANGES | {
        "CDCLatencySource": ("Seconds", 0.0),
        "CDCLatencyTarget": ("Seconds", 0.0),
        "CDCThroughputRowsTarget": ("Count/Second", 5.0),
        "CDCThroughputBandwidthTarget": ("Kilobytes/Second", 0.5),
        "CDCThroughputRowsSource": ("Count/Second", 0),
    }
    state.take(pulse(sent=60, bytes=1024 * 6, captured=40, is_loading=True))
    assert figures(metrics.of_task(state, at=1020.0)) == CHANGES | {
        "CDCLatencySource": ("Seconds", 30.0),
        "CDCLatencyTarget": ("Seconds", 50.0),
        "FullLoadThroughputRowsTarget": ("Count/Second", 0.0),
        "FullLoadThroughputBandwidthTarget": ("Kilobytes/Second", 0.0),
    }
    state.take(pulse(sent=60, bytes=1024 * 6, captured=80))
    found = figures(metrics.of_task(state, at=1040.0))
    assert found["CDCThroughputRowsSource"] == ("Count/Second", 2.0)


def test_a_task_that_only_loads_says_nothing_of_changes(account: DmsAccount) -> None:
    metrics = Metrics()
    state = running(account.task(), pulse(is_loading=True), captures=False)
    assert [*metrics.of_task(state, at=1.0)] == []
    state.take(pulse(is_loading=True, sent=8, bytes=2048))
    assert figures(metrics.of_task(state, at=3.0)) == {
        "FullLoadThroughputRowsTarget": ("Count/Second", 4.0),
        "FullLoadThroughputBandwidthTarget": ("Kilobytes/Second", 1.0),
    }
    # two looks at one moment divide by no zero
    state.take(pulse(is_loading=True, sent=9, bytes=2048))
    found = figures(metrics.of_task(state, at=3.0))
    assert found["FullLoadThroughputRowsTarget"][1] == pytest.approx(1000.0)


def test_a_task_that_ended_or_begins_anew_has_no_rates_of_before(account: DmsAccount) -> None:
    metrics, arn = Metrics(), account.task()
    state = running(arn, pulse(sent=5))
    assert figures(metrics.of_task(state, at=1.0))
    state.end()
    assert [*metrics.of_task(state, at=2.0)] == []
    state.status = "running"
    state.take(pulse(sent=9))
    found = figures(metrics.of_task(state, at=3.0))
    assert "CDCThroughputRowsTarget" not in found
    # a new process of the same task, which has said as often as the one before
    other = running(arn, pulse(), pulse(sent=7))
    assert other.pulses == state.pulses
    found = figures(metrics.of_task(other, at=4.0))
    assert "CDCLatencySource" in found
    assert "CDCThroughputRowsTarget" not in found


def test_what_has_said_nothing_or_is_forgotten_reports_nothing_of_before(
    account: DmsAccount,
) -> None:
    metrics, arn = Metrics(), account.task()
    assert [*metrics.of_task(running(arn), at=1.0)] == []
    state = running(arn, pulse())
    delivery = DeliveryState(DELIVERY, read=4)
    for is_known in (True, False):
        assert [*metrics.of_task(state, at=2.0)]
        before = figures(metrics.of_delivery(delivery, at=2.0))
        metrics.forget_others({arn: 1} if is_known else {}, {DELIVERY: 1} if is_known else {})
        state.take(pulse())
        found = figures(metrics.of_task(state, at=3.0))
        assert ("CDCThroughputRowsTarget" in found) is is_known
        after = figures(metrics.of_delivery(delivery, at=3.0))
        assert before["DataReadFromKinesisStream.Records"] == ("Count", 4 if is_known else 0)
        assert after["DataReadFromKinesisStream.Records"] == ("Count", 0 if is_known else 4)
        state.take(pulse())


def test_tasks_are_named_as_dms_names_them(account: DmsAccount) -> None:
    arn = account.task()
    assert task_dimensions("arn:aws:dms:eu-central-1:123456789012:replication-config:ABC") == {
        "ReplicationConfigId": "123456789012:ABC"
    }
    assert task_dimensions(arn) == {
        "ReplicationInstanceIdentifier": "instance",
        "ReplicationTaskIdentifier": arn.rpartition(":")[2],
    }
    account.dms.delete_replication_task(ReplicationTaskArn=arn)
    assert task_dimensions(arn) is None
    assert [*Metrics().of_task(running(arn, pulse()), at=1.0)] == []


# Deliveries


def test_a_delivery_reports_what_came_since_the_report_before() -> None:
    metrics = Metrics()
    state = DeliveryState(
        DELIVERY,
        status="running",
        read=10,
        read_bytes=100,
        millis_behind=7,
        waiting_since=990.0,
        records=6,
        failed_records=2,
        bytes=60,
        objects=3,
        refused_puts=1,
    )
    state.failures.update({"format-conversion-failed": 2, "too-many-partitions": 3, "not-json": 1})
    state.refused_reads.update({"KMSNotFoundException": 1, "ResourceNotFoundException": 2})
    reported = [*metrics.of_delivery(state, at=1000.0)]
    assert {(each.namespace, *each.dimensions.items()) for each in reported} == {
        ("AWS/Firehose", ("DeliveryStreamName", "tickets"))
    }
    assert figures(reported) == {
        "DataReadFromKinesisStream.Records": ("Count", 10),
        "DataReadFromKinesisStream.Bytes": ("Bytes", 100),
        "KinesisMillisBehindLatest": ("Milliseconds", 7),
        "DeliveryToS3.DataFreshness": ("Seconds", 10.0),
        "DeliveryToS3.Success": ("Count", 0.75),
        "DeliveryToS3.Records": ("Count", 4),
        "DeliveryToS3.Bytes": ("Bytes", 60),
        "FailedConversion.Records": ("Count", 2),
        "PartitionCountExceeded": ("Count", 1),
        "KMSKeyNotFound": ("Count", 1),
    }
    quiet = {
        "DataReadFromKinesisStream.Records": ("Count", 0),
        "DataReadFromKinesisStream.Bytes": ("Bytes", 0),
    }
    state.status, state.waiting_since = "failed", None
    assert figures(metrics.of_delivery(state, at=1001.0)) == quiet
    # refused only
    state.refused_puts += 2
    assert figures(metrics.of_delivery(state, at=1002.0)) == quiet | {
        "DeliveryToS3.Success": ("Count", 0.0)
    }
    state.read, state.read_bytes, state.status = 12, 130, "running"
    state.objects, state.records, state.failed_records, state.bytes = 5, 10, 3, 80
    state.failures.update({"format-conversion-failed": 1})
    assert figures(metrics.of_delivery(state, at=1003.0)) == {
        "DataReadFromKinesisStream.Records": ("Count", 2),
        "DataReadFromKinesisStream.Bytes": ("Bytes", 30),
        "KinesisMillisBehindLatest": ("Milliseconds", 7),
        "DeliveryToS3.Success": ("Count", 1.0),
        "DeliveryToS3.Records": ("Count", 3),
        "DeliveryToS3.Bytes": ("Bytes", 20),
        "FailedConversion.Records": ("Count", 1),
    }
    # one of the same name that was made anew
    other = DeliveryState(DELIVERY, read=1, read_bytes=5, objects=1, records=1, bytes=4)
    assert figures(metrics.of_delivery(other, at=1004.0)) == {
        "DataReadFromKinesisStream.Records": ("Count", 1),
        "DataReadFromKinesisStream.Bytes": ("Bytes", 5),
        "DeliveryToS3.Success": ("Count", 1.0),
        "DeliveryToS3.Records": ("Count", 1),
        "DeliveryToS3.Bytes": ("Bytes", 4),
    }


@pytest.mark.parametrize(
    ("code", "metric"),
    [
        ("ProvisionedThroughputExceededException", "ThrottledGetRecords"),
        ("KMSAccessDeniedException", "KMSKeyAccessDenied"),
        ("KMSDisabledException", "KMSKeyDisabled"),
        ("KMSInvalidStateException", "KMSKeyInvalidState"),
        ("KMSNotFoundException", "KMSKeyNotFound"),
    ],
)
def test_a_refused_read_has_firehoses_metric(code: str, metric: str) -> None:
    metrics, state = Metrics(), DeliveryState(DELIVERY)
    state.refused_reads[code] += 3
    assert figures(metrics.of_delivery(state, at=1.0))[metric] == ("Count", 3)
    assert metric not in figures(metrics.of_delivery(state, at=2.0))
    state.refused_reads[code] += 1
    assert figures(metrics.of_delivery(state, at=3.0))[metric] == ("Count", 1)


# Streams


def test_streams_report_what_went_in_and_out_of_all_their_shards(account: DmsAccount) -> None:
    kinesis: Any = account.client("kinesis")
    kinesis.create_stream(StreamName="changes", ShardCount=2)
    kinesis.create_stream(StreamName="quiet", ShardCount=1)
    # the halves of the hash keys
    for key in ("0", str(2**127)):
        for data in (b"one", b"four"):
            kinesis.put_record(
                StreamName="changes", Data=data, PartitionKey="k", ExplicitHashKey=key
            )
    metrics = Metrics()
    reported = [*metrics.of_streams()]
    assert {place for place, _ in reported} == {PLACE}
    assert {(each.namespace, *each.dimensions.items()) for _, each in reported} == {
        ("AWS/Kinesis", ("StreamName", "changes"))
    }
    assert figures(each for _, each in reported) == {
        "IncomingRecords": ("Count", 4),
        "IncomingBytes": ("Bytes", 14),
        "WriteProvisionedThroughputExceeded": ("Count", 0),
    }
    shards = [each["ShardId"] for each in kinesis.list_shards(StreamName="changes")["Shards"]]
    for shard in shards:
        iterator = kinesis.get_shard_iterator(
            StreamName="changes", ShardId=shard, ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        kinesis.get_records(ShardIterator=iterator, Limit=1)
    found = figures(each for _, each in metrics.of_streams())
    age = found.pop("GetRecords.IteratorAgeMilliseconds")
    assert age[0] == "Milliseconds"
    # one read of each shard left a record that is as old as this test
    assert 0 < age[1] < 600_000
    assert found == {
        "ReadProvisionedThroughputExceeded": ("Count", 0),
        "GetRecords.Records": ("Count", 2),
        "GetRecords.Bytes": ("Bytes", 6),
    }
    assert [*metrics.of_streams()] == []


# Replication instances


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> dict[int, ProcessUse]:
    """What the processes of the machine take, by their ids."""
    found: dict[int, ProcessUse] = {}
    monkeypatch.setattr(instance_metrics, "process_use", found.get)
    return found


def test_an_instance_reports_what_its_tasks_processes_leave_of_its_class(
    account: DmsAccount, processes: dict[int, ProcessUse]
) -> None:
    arn = account.task()
    account.dms.create_replication_instance(
        ReplicationInstanceIdentifier="idle",
        ReplicationInstanceClass="dms.t3.micro",
        ReplicationSubnetGroupIdentifier="group",
        AllocatedStorage=5,
    )
    state = running(arn, pulse(file_bytes=GIB))
    elsewhere = running(arn.replace("task:", "task:X"), pulse(file_bytes=GIB))
    elsewhere.process_id = 8
    state.process_id = 7
    processes[7] = ProcessUse(10.0, GIB)
    processes[8] = ProcessUse(99.0, GIB)
    metrics, tasks = InstanceMetrics(), {arn: state, elsewhere.arn: elsewhere}
    reported = [*metrics.of_all(tasks, at=100.0)]
    assert {place for place, _ in reported} == {PLACE}

    def of(name: str, reported: list[tuple[Any, Reported]]) -> dict[str, tuple[str, float]]:
        wanted = {"ReplicationInstanceIdentifier": name}
        assert {each.namespace for _, each in reported} == {"AWS/DMS"}
        return figures(each for _, each in reported if each.dimensions == wanted)

    # a dms.t3.medium has 2 vCPUs and 4 GiB; 50 GiB are DMS's default
    assert of("instance", reported) == {
        "FreeStorageSpace": ("Bytes", 49 * GIB),
        "FreeableMemory": ("Bytes", 3 * GIB),
        "SwapUsage": ("Bytes", 0),
    }
    assert of("idle", reported) == {
        "FreeStorageSpace": ("Bytes", 5 * GIB),
        "FreeableMemory": ("Bytes", GIB),
        "SwapUsage": ("Bytes", 0),
    }
    processes[7] = ProcessUse(15.0, 6 * GIB)
    state.take(pulse(file_bytes=60 * GIB))
    reported = [*metrics.of_all(tasks, at=110.0)]
    assert of("instance", reported) == {
        "FreeStorageSpace": ("Bytes", 0),
        "FreeableMemory": ("Bytes", 0),
        "SwapUsage": ("Bytes", 2 * GIB),
        "CPUUtilization": ("Percent", 25.0),
    }
    assert of("idle", reported)["CPUUtilization"] == ("Percent", 0.0)
    # its process has ended
    del processes[7]
    assert of("instance", [*metrics.of_all(tasks, at=120.0)]) == {
        "FreeStorageSpace": ("Bytes", 50 * GIB),
        "FreeableMemory": ("Bytes", 4 * GIB),
        "SwapUsage": ("Bytes", 0),
        "CPUUtilization": ("Percent", 0.0),
    }
    state.process_id = None
    assert of("instance", [*metrics.of_all(tasks, at=130.0)])["FreeStorageSpace"][1] == 50 * GIB


def test_a_class_that_is_not_known_reports_its_disk_only(account: DmsAccount) -> None:
    account.vpc_role()
    account.subnet_group()
    account.dms.create_replication_instance(
        ReplicationInstanceIdentifier="new",
        ReplicationInstanceClass="dms.r99i.large",
        ReplicationSubnetGroupIdentifier="group",
    )
    assert figures(each for _, each in InstanceMetrics().of_all({}, at=1.0)) == {
        "FreeStorageSpace": ("Bytes", 50 * GIB)
    }


def test_this_process_is_measured(account: DmsAccount) -> None:
    arn = account.task()
    state = running(arn, pulse())
    state.process_id = os.getpid()
    found = figures(each for _, each in InstanceMetrics().of_all({arn: state}, at=1.0))
    assert 0 < found["FreeableMemory"][1] < 4 * GIB
    assert found["FreeStorageSpace"] == ("Bytes", 50 * GIB)
