"""What a status is judged to be: the limits of each finding, and what is told once only.

In this process, of statuses made here; of what the embedded AWS answers: test_status.py.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dms_stream.operations.health import Finding, is_wrong, judge
from dms_stream.operations.metrics import Progress, Value
from dms_stream.operations.replicator import STARTS, ReplicatorState, TableStatistics
from dms_stream.operations.status import (
    AlarmStatus,
    DeliveryStatus,
    PipelineStatus,
    StreamStatus,
    Undelivered,
)

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
HERE = "--env seed --pipeline tickets"


def replication(**more: Any) -> ReplicatorState:
    """One that runs."""
    return ReplicatorState(
        **{
            "identifier": "tickets",
            "status": "running",
            "migration_type": "full-load-and-cdc",
            "has_run": True,
            "started_at": NOW - timedelta(hours=1),
            "stopped_at": None,
            "stop_reason": "",
            "failure": "",
            "load_percent": 100,
            "checkpoint": None,
            "source_endpoint_arn": "",
            "target_endpoint_arn": "",
            "instance_arn": None,
            **more,
        }
    )


def found(*, option: str = "--env seed", **more: Any) -> list[Finding]:
    """What is found of a pipeline that is well but for this."""
    well: dict[str, Any] = {
        "replication": replication(),
        "tables": [TableStatistics("shop", "orders", "Table completed")],
        "stream": StreamStatus("changes", "ACTIVE", "ON_DEMAND", 4, 24),
        "delivery": DeliveryStatus("delivery", "ACTIVE"),
        "undelivered": Undelivered(),
        "alarms": [alarm("tickets-source-latency", "OK")],
    }
    return judge(PipelineStatus("tickets", NOW, **well | more), option=option)


def alarm(name: str, state: str, description: str = "") -> AlarmStatus:
    return AlarmStatus(name, state, NOW, description, "Threshold crossed")


def test_nothing_is_said_of_what_is_well() -> None:
    assert found() == []
    assert not is_wrong([])
    assert not is_wrong([Finding("notice", "so")])
    assert is_wrong([Finding("notice", "so"), Finding("wrong", "so")])


def test_what_is_not_deployed_is_a_notice_and_nothing_else() -> None:
    status = PipelineStatus("tickets", NOW, is_deployed=False)
    assert judge(status, option="--env seed") == [
        Finding("notice", "it is not deployed", f"run `dms-stream deploy {HERE}`")
    ]


@pytest.mark.parametrize(
    ("state", "severity", "what", "do"),
    [
        (
            {"status": "failed", "failure": "no log", "stop_reason": "x"},
            *("wrong", "the replication failed: no log", "mend the cause, then"),
        ),
        (
            {"status": "failed", "stop_reason": "Stop Reason FATAL_ERROR"},
            *("wrong", "the replication failed: Stop Reason FATAL_ERROR", "--errors`"),
        ),
        ({"status": "failed"}, *("wrong", "the replication failed: DMS gives no reason", "")),
        (
            {"status": "stopped", "stop_reason": "Stop Reason NORMAL", "stopped_at": NOW},
            "wrong",
            "the replication stands still since 2026-01-01 12:00 UTC (Stop Reason NORMAL); what "
            "the source drops from its binary log meanwhile is lost",
            f"go on with `dms-stream resume {HERE}`",
        ),
        ({"status": "stopped"}, *("wrong", "the replication stands still; what the source", "")),
        (
            {"status": "stopped", "stop_reason": "Stop Reason FULL_LOAD_ONLY_FINISHED"},
            *("notice", "the full load is complete; nothing is captured after it", ""),
        ),
        *(
            (
                {"status": status, "has_run": False},
                "wrong",
                "the replication has never run, so nothing is captured",
                f"start it with `dms-stream start {HERE}`",
            )
            for status in ("created", "ready")
        ),
        (
            {"status": "modifying", "has_run": False},
            *("notice", "DMS is busy with the replication (modifying)", ""),
        ),
        *(
            ({"status": status}, "notice", f"the replication starts ({status})", "")
            for status in sorted(STARTS)
        ),
    ],
)
def test_each_state_of_a_replication(
    state: dict[str, Any], severity: str, what: str, do: str
) -> None:
    (finding,) = found(replication=replication(**state))
    assert finding.severity == severity
    assert finding.what.startswith(what)
    assert do in finding.do
    assert bool(finding.do) is (severity == "wrong")


def test_one_that_does_not_exist_is_told_unless_it_could_not_be_asked() -> None:
    (finding,) = found(replication=None)
    assert (finding.severity, finding.do) == ("wrong", f"run `dms-stream deploy {HERE}`")
    refused = "replication: dms:DescribeReplicationTasks"
    assert found(replication=None, not_asked=[refused]) == [
        Finding("notice", f"not asked, for want of a permission: {refused}")
    ]
    # what else may not be asked says nothing of it
    both = found(replication=None, not_asked=["stream: kinesis:DescribeStreamSummary"])
    assert [each.severity for each in both] == ["wrong", "notice"]


@pytest.mark.parametrize(
    ("table", "is_wrong"),
    [
        (TableStatistics("shop", "orders", "Table completed"), False),
        (TableStatistics("shop", "orders", "Table completed", errors=1), True),
        (TableStatistics("shop", "orders", "Table error"), True),
        (TableStatistics("shop", "orders", "Table is being suspended"), True),
        (TableStatistics("shop", "orders", "Before load", loaded=3), False),
    ],
)
def test_a_table_in_trouble(table: TableStatistics, is_wrong: bool) -> None:
    assert bool(found(tables=[table])) is is_wrong


@pytest.mark.parametrize(("count", "more"), [(1, ""), (5, ""), (6, " and 1 more")])
def test_five_tables_are_named_and_the_rest_counted(count: int, more: str) -> None:
    tables = [TableStatistics("shop", f"t{n}", "Table error") for n in range(count)]
    (finding,) = found(tables=tables)
    named = ", ".join(f"shop.t{n} (Table error)" for n in range(min(count, 5)))
    assert finding.what == f"{count} tables are in trouble: {named}{more}"
    names = " ".join(f"shop.t{n}" for n in range(min(count, 5)))
    assert f"`dms-stream reload {names} {HERE}`" in finding.do


MINUTE = 60.0
LIMITS: list[tuple[str, str, float, str]] = [
    ("source_latency", "source-latency", 10 * MINUTE, "DMS reads 601 s behind the source"),
    ("target_latency", "target-latency", 10 * MINUTE, "what DMS writes is 601 s behind the source"),
    (
        "unread_age",
        "unread-age",
        15 * MINUTE * 1000,
        "the oldest record that nobody has read from the stream is 900 s old",
    ),
    (
        "freshness",
        "undelivered-age",
        30 * MINUTE,
        "the oldest record that Firehose has not delivered is 1801 s old",
    ),
]


@pytest.mark.parametrize(("metric", "alarm_name", "limit", "what"), LIMITS)
def test_a_lag_is_told_beyond_its_alarms_usual_limit(
    metric: str, alarm_name: str, limit: float, what: str
) -> None:
    assert found(progress=Progress(**{metric: Value(limit, NOW)})) == []
    late = Progress(**{metric: Value(limit + 1, NOW)})
    (finding,) = found(progress=late)
    assert finding.severity == "wrong"
    assert finding.what.startswith(what)
    assert finding.do
    # an alarm of the pipeline's own that goes off has told it already, and no other one has
    for name in (each[1] for each in LIMITS):
        told = [each.what for each in found(progress=late, alarms=[alarm(f"x-{name}", "ALARM")])]
        assert (f"alarm x-{name}: Threshold crossed" in told) is True
        assert len(told) == (1 if name == alarm_name else 2)
    assert found(progress=late, alarms=[alarm(f"x-{alarm_name}", "OK")]) == [finding]


def test_a_late_source_explains_a_late_target() -> None:
    late = Value(700, NOW)
    told = found(progress=Progress(source_latency=late, target_latency=late))
    assert [each.what for each in told] == ["DMS reads 700 s behind the source"]
    told = found(progress=Progress(source_latency=Value(600, NOW), target_latency=late))
    assert [each.what.partition(",")[0] for each in told] == [
        "what DMS writes is 700 s behind the source"
    ]


@pytest.mark.parametrize(
    ("status", "severity"), [("CREATING", "notice"), ("UPDATING", "notice"), ("DELETING", "wrong")]
)
def test_a_stream_and_a_delivery_that_are_not_active(status: str, severity: str) -> None:
    (stream,) = found(stream=StreamStatus("changes", status, "ON_DEMAND", 4, 24))
    (delivery,) = found(delivery=DeliveryStatus("delivery", status, "the key is gone"))
    assert stream.severity == delivery.severity == severity
    assert status in stream.what
    assert delivery.what == f"the delivery stream delivery is {status}: the key is gone"
    assert bool(stream.do) is bool(delivery.do) is (severity == "wrong")
    (other,) = found(delivery=DeliveryStatus("delivery", status))
    assert other.what == f"the delivery stream delivery is {status}"
    assert found(stream=None, delivery=None) == []


def test_what_could_not_be_delivered_is_told_with_its_latest() -> None:
    assert found(undelivered=None) == []
    (finding,) = found(undelivered=Undelivered(3, NOW))
    assert finding.what == (
        "3 objects hold records that Firehose could not deliver, the latest from 2026-01-01 12:00 "
        "UTC"
    )
    assert f"`dms-stream landed {HERE} --errors`" in finding.do


@pytest.mark.parametrize(("state", "told"), [("ALARM", 1), ("OK", 0), ("INSUFFICIENT_DATA", 0)])
def test_only_an_alarm_that_goes_off_is_told_with_its_environment(state: str, told: int) -> None:
    findings = found(alarms=[alarm("late", state, "Look with `dms-stream logs`, then `ls`.")])
    assert len(findings) == told
    for finding in findings:
        assert finding.severity == "wrong"
        assert finding.do == f"Look with `dms-stream logs {HERE}`, then `ls`."


def test_an_environment_is_named_as_it_is_called() -> None:
    """Whatever its file is called, a backslash is no escape."""
    goes_off = [alarm("late", "ALARM", "Look with `dms-stream logs`.")]
    (finding,) = found(option=r"--env 'a\2b.yaml'", alarms=goes_off)
    assert finding.do == r"Look with `dms-stream logs --env 'a\2b.yaml' --pipeline tickets`."
