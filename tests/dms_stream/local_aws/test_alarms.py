"""Alarms on the embedded AWS change their state, remember it, and tell of it."""

import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, get_args

import pytest

from constructs_lib.monitoring import AlarmName, ExistingTopics, MonitoringProps
from dms_stream.local_aws import REGION, cloudwatch
from dms_stream.local_aws.metric_samples import Reported
from tests.support.own_alarms import Watched, own_alarms

# on an embedded AWS
pytestmark = pytest.mark.slow

Client = Any
ACCOUNT = "123456789012"
_QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:told"
_TASK = {"ReplicationInstanceIdentifier": "dms-1", "ReplicationTaskIdentifier": "ABC"}


@pytest.fixture
def told(client: Callable[[str], Client]) -> Callable[[], list[dict[str, Any]]]:
    """What a queue was sent since it was last looked at."""
    sqs = client("sqs")
    url = sqs.create_queue(QueueName="told")["QueueUrl"]

    def read() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                found.append(json.loads(message["Body"]))
        return found

    return read


@pytest.fixture
def topic(client: Callable[[str], Client], told: object) -> str:  # noqa: ARG001
    """A topic, of which the queue is told."""
    sns = client("sns")
    arn = str(sns.create_topic(Name="on-call")["TopicArn"])
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=_QUEUE)
    return arn


def states(cloudwatch_client: Client) -> dict[str, str]:
    """Of all alarms, by name."""
    found = cloudwatch_client.describe_alarms()["MetricAlarms"]
    return {alarm["AlarmName"]: alarm["StateValue"] for alarm in found}


def put_alarm(client: Callable[[str], Client], **changes: Any) -> None:
    """An alarm on how far a task reads behind."""
    asked = {
        "AlarmName": "latency",
        "Namespace": "AWS/DMS",
        "MetricName": "CDCLatencySource",
        "Dimensions": [{"Name": key, "Value": value} for key, value in _TASK.items()],
        "Statistic": "Maximum",
        "Period": 300,
        "EvaluationPeriods": 3,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 600,
        **changes,
    }
    given = {name: value for name, value in asked.items() if value is not None}
    client("cloudwatch").put_metric_alarm(**given)


def report_latency(seconds: float, *, at: float) -> None:
    """Let the task say how far it is behind."""
    value = Reported("AWS/DMS", "CDCLatencySource", _TASK, "Seconds", seconds)
    cloudwatch.report(ACCOUNT, REGION, [value], at=at)


def test_every_alarm_of_ours_goes_off_and_ends(
    client: Callable[[str], Client], topic: str, told: Callable[[], list[dict[str, Any]]]
) -> None:
    watched = Watched(
        task_dimensions=_TASK,
        instance_dimensions={"ReplicationInstanceIdentifier": "dms-1"},
        stream_name="changes",
        delivery_stream_name="to-s3",
    )
    props = MonitoringProps(notify=ExistingTopics(kind="existing", topic_arns=(topic,)))
    alarms = own_alarms(watched, props)
    assert {*alarms, "replication-events"} == set(get_args(AlarmName))
    ours = client("cloudwatch")
    for alarm in alarms.values():
        ours.put_metric_alarm(**alarm)
    assert set(states(ours).values()) == {"INSUFFICIENT_DATA"}
    now = time.time()

    def put(*, is_breaching: bool, minutes: int) -> None:
        for alarm in alarms.values():
            is_above = alarm["ComparisonOperator"] == "GreaterThanThreshold"
            ours.put_metric_data(
                Namespace=alarm["Namespace"],
                MetricData=[
                    {
                        "MetricName": alarm["MetricName"],
                        "Dimensions": alarm["Dimensions"],
                        "Timestamp": now + minutes * 60,
                        "Value": alarm["Threshold"] + (0.5 if is_above is is_breaching else -0.5),
                    }
                ],
            )

    for minutes in (1, 6, 11):
        put(is_breaching=True, minutes=minutes)
    cloudwatch.evaluate(at=now + 12 * 60, time_scale=1)
    assert set(states(ours).values()) == {"ALARM"}
    names = {json.loads(message["Message"])["AlarmName"] for message in told()}
    assert names == set(states(ours))

    put(is_breaching=False, minutes=16)
    cloudwatch.evaluate(at=now + 17 * 60, time_scale=1)
    assert set(states(ours).values()) == {"OK"}
    messages = [json.loads(message["Message"]) for message in told()]
    assert {m["AlarmName"]: m["NewStateValue"] for m in messages} == states(ours)


def test_a_change_is_told_and_remembered(
    client: Callable[[str], Client], topic: str, told: Callable[[], list[dict[str, Any]]]
) -> None:
    ours, now = client("cloudwatch"), time.time()
    put_alarm(client, AlarmActions=[topic], TreatMissingData="breaching")
    cloudwatch.evaluate(at=now, time_scale=1)
    (sent,) = told()
    assert sent["Subject"] == f'ALARM: "latency" in {REGION}'
    message = json.loads(sent["Message"])
    assert (message["OldStateValue"], message["NewStateValue"]) == ("INSUFFICIENT_DATA", "ALARM")
    assert "3 missing datapoints were treated as [Breaching]" in message["NewStateReason"]
    (alarm,) = ours.describe_alarms()["MetricAlarms"]
    changed = alarm["StateUpdatedTimestamp"]
    assert alarm["StateTransitionedTimestamp"] == changed
    assert message == {
        "AlarmName": "latency",
        "AlarmDescription": alarm.get("AlarmDescription"),
        "AWSAccountId": ACCOUNT,
        "NewStateValue": "ALARM",
        "NewStateReason": alarm["StateReason"],
        "StateChangeTime": message["StateChangeTime"],
        "Region": REGION,
        "AlarmArn": alarm["AlarmArn"],
        "OldStateValue": "INSUFFICIENT_DATA",
        "OKActions": [],
        "AlarmActions": [topic],
        "InsufficientDataActions": [],
        "Trigger": {
            "MetricName": alarm["MetricName"],
            "Namespace": "AWS/DMS",
            "StatisticType": "Statistic",
            "Statistic": alarm["Statistic"].upper(),
            "Unit": alarm.get("Unit"),
            "Dimensions": [{"name": key, "value": value} for key, value in _TASK.items()],
            "Period": alarm["Period"],
            "EvaluationPeriods": alarm["EvaluationPeriods"],
            "DatapointsToAlarm": alarm.get("DatapointsToAlarm"),
            "ComparisonOperator": alarm["ComparisonOperator"],
            "Threshold": alarm["Threshold"],
            "TreatMissingData": "breaching",
            "EvaluateLowSampleCountPercentile": "",
        },
    }
    told_at = datetime.strptime(message["StateChangeTime"], "%Y-%m-%dT%H:%M:%S.%f%z")
    assert abs(told_at - changed) < timedelta(milliseconds=1)
    assert json.loads(alarm["StateReasonData"]) == {
        "version": "1.0",
        "queryDate": json.loads(alarm["StateReasonData"])["queryDate"],
        "statistic": alarm["Statistic"],
        "period": alarm["Period"],
        "recentDatapoints": [],
        "threshold": alarm["Threshold"],
    }

    cloudwatch.evaluate(at=now + 60, time_scale=1)
    assert told() == []  # nothing has changed
    report_latency(3, at=now + 100)
    cloudwatch.evaluate(at=now + 120, time_scale=1)
    assert states(ours) == {"latency": "OK"}
    assert told() == []  # no action for that

    history = ours.describe_alarm_history(AlarmName="latency")["AlarmHistoryItems"]
    assert [(item["HistoryItemType"], item["HistorySummary"]) for item in history] == [
        ("StateUpdate", "Alarm updated from ALARM to OK"),
        ("Action", f"Successfully executed action {topic}"),
        ("StateUpdate", "Alarm updated from INSUFFICIENT_DATA to ALARM"),
        ("ConfigurationUpdate", 'Alarm "latency" created'),
    ]
    assert {item["AlarmType"] for item in history} == {"MetricAlarm"}
    (alarm,) = ours.describe_alarms()["MetricAlarms"]
    assert json.loads(history[0]["HistoryData"]) == {
        "version": "1.0",
        "oldState": {"stateValue": "ALARM"},
        "newState": {
            "stateValue": "OK",
            "stateReason": alarm["StateReason"],
            "stateReasonData": json.loads(alarm["StateReasonData"]),
        },
    }
    assert json.loads(alarm["StateReasonData"])["recentDatapoints"] == [3.0]
    assert json.loads(history[1]["HistoryData"]) == {"actionState": "Successfully"}
    asked = ours.describe_alarm_history(
        AlarmName="latency",
        HistoryItemType="StateUpdate",
        ScanBy="TimestampAscending",
        MaxRecords=1,
    )
    assert [i["HistorySummary"] for i in asked["AlarmHistoryItems"]] == [
        "Alarm updated from INSUFFICIENT_DATA to ALARM"
    ]
    following = ours.describe_alarm_history(
        AlarmName="latency",
        HistoryItemType="StateUpdate",
        ScanBy="TimestampAscending",
        NextToken=asked["NextToken"],
    )
    assert len(following["AlarmHistoryItems"]) == 1
    assert ours.describe_alarm_history(AlarmName="other")["AlarmHistoryItems"] == []


def test_periods_are_scaled(client: Callable[[str], Client]) -> None:
    now = time.time()
    put_alarm(client, Period=300, EvaluationPeriods=2)
    for seconds in (3, 9):
        report_latency(601, at=now - seconds)
    cloudwatch.evaluate(at=now, time_scale=1)
    # one datapoint, and the other period may have held a good one
    assert states(client("cloudwatch")) == {"latency": "INSUFFICIENT_DATA"}
    cloudwatch.evaluate(at=now, time_scale=0.02)
    assert states(client("cloudwatch")) == {"latency": "ALARM"}


def test_a_changed_alarm_keeps_its_state_and_one_that_is_switched_off_says_nothing(
    client: Callable[[str], Client], topic: str, told: Callable[[], list[dict[str, Any]]]
) -> None:
    ours = client("cloudwatch")
    put_alarm(client, AlarmActions=[topic])
    ours.set_alarm_state(AlarmName="latency", StateValue="ALARM", StateReason="a test")
    assert len(told()) == 1
    put_alarm(client, AlarmActions=[topic], Threshold=900)
    assert states(ours) == {"latency": "ALARM"}

    ours.disable_alarm_actions(AlarmNames=["latency"])
    for state in ("OK", "ALARM"):
        ours.set_alarm_state(AlarmName="latency", StateValue=state, StateReason="a test")
    assert told() == []


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        (
            {"Metrics": [{"Id": "e", "Expression": "1 + 1"}], "MetricName": None},
            "alarms on metric math",
        ),
        ({"ExtendedStatistic": "p90", "Statistic": None}, "alarms on percentiles"),
        (
            {"ComparisonOperator": "GreaterThanUpperThreshold"},
            "alarms with GreaterThanUpperThreshold",
        ),
    ],
)
def test_what_is_not_evaluated_says_so(
    client: Callable[[str], Client], changes: dict[str, Any], what: str
) -> None:
    if changes.get("Metrics"):
        changes |= dict.fromkeys(("Namespace", "Dimensions", "Statistic", "Period"))
    put_alarm(client, **changes)
    report_latency(1000, at=time.time())
    cloudwatch.evaluate(at=time.time(), time_scale=1)
    (alarm,) = client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert alarm["StateReason"] == f"the embedded AWS does not evaluate {what}"


def test_a_topic_that_is_gone_is_a_failed_action(client: Callable[[str], Client]) -> None:
    ours = client("cloudwatch")
    gone = f"arn:aws:sns:{REGION}:{ACCOUNT}:gone"
    put_alarm(client, AlarmActions=[gone])
    ours.set_alarm_state(AlarmName="latency", StateValue="ALARM", StateReason="a test")
    (action,) = ours.describe_alarm_history(HistoryItemType="Action")["AlarmHistoryItems"]
    assert action["HistorySummary"] == f"Failed to execute action {gone}"


def test_what_services_report_is_found_by_every_query(client: Callable[[str], Client]) -> None:
    ours = client("cloudwatch")
    minute = time.time() // 60 * 60 - 120
    for seconds, value in ((5, 10.0), (10, 30.0), (65, 5.0)):
        report_latency(value, at=minute + seconds)
    listed = ours.list_metrics(Namespace="AWS/DMS")["Metrics"]
    assert [metric["MetricName"] for metric in listed] == ["CDCLatencySource"]
    # in another order than they were reported in
    dimensions = [{"Name": key, "Value": value} for key, value in reversed(_TASK.items())]
    shown = ours.get_metric_statistics(
        Namespace="AWS/DMS",
        MetricName="CDCLatencySource",
        Dimensions=dimensions,
        StartTime=minute,
        EndTime=minute + 120,
        Period=60,
        Statistics=["Average", "Maximum", "SampleCount"],
    )["Datapoints"]
    assert [(p["Average"], p["Maximum"], p["SampleCount"], p["Unit"]) for p in shown] == [
        (20, 30, 2, "Seconds"),
        (5, 5, 1, "Seconds"),
    ]
    (found,) = ours.get_metric_data(
        MetricDataQueries=[
            {
                "Id": "m",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/DMS",
                        "MetricName": "CDCLatencySource",
                        "Dimensions": dimensions,
                    },
                    "Period": 60,
                    "Stat": "Maximum",
                },
            }
        ],
        StartTime=minute,
        EndTime=minute + 120,
    )["MetricDataResults"]
    assert found["Values"] == [5, 30]


def test_an_event_reaches_the_targets_of_its_rules(
    client: Callable[[str], Client], topic: str, told: Callable[[], list[dict[str, Any]]]
) -> None:
    """A topic too, which moto does not reach, and what it cannot reach hinders no other."""
    events = client("events")
    pattern = {"source": ["aws.cloudwatch"], "detail": {"state": {"value": ["ALARM"]}}}
    events.put_rule(Name="alarms", EventPattern=json.dumps(pattern))
    unknown = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:none"
    events.put_targets(
        Rule="alarms",
        Targets=[
            {"Id": "1", "Arn": unknown},
            {"Id": "2", "Arn": topic},
            {"Id": "3", "Arn": _QUEUE},
        ],
    )
    put_alarm(client)
    for state in ("OK", "ALARM"):
        client("cloudwatch").set_alarm_state(
            AlarmName="latency", StateValue=state, StateReason="a test"
        )
    by_topic, by_rule = told()
    for event in (json.loads(by_topic["Message"]), by_rule):
        assert event["detail-type"] == "CloudWatch Alarm State Change"
        assert event["detail"]["alarmName"] == "latency"
        assert event["detail"]["previousState"] == {"value": "OK"}
        assert event["time"].endswith("Z")
