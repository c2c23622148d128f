"""CloudWatch: metrics that services report, alarms that change their state, and their history.

moto keeps alarms, `OK` from the beginning, and never looks at a metric. A data plane reports what
its children do and calls `evaluate`, which changes states and tells the alarms' topics.
"""

import json
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch import models
from moto.cloudwatch.models import Alarm, CloudWatchBackend, Dimension, cloudwatch_backends
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult
from moto.core.utils import utcnow

from dms_stream.local_aws import event_bus, topics
from dms_stream.local_aws.alarm_state import COMPARISONS, AlarmRule, AlarmState
from dms_stream.local_aws.metric_samples import MetricId, MetricSamples, Reported, is_plain
from dms_stream.local_aws.protocol import moto_lock
from dms_stream.local_aws.repairs import Method, Repairs

repairs = Repairs()

SHORTEST_PERIOD_SECONDS = 2.0
"""No alarm's period becomes shorter than this, however time is scaled: children tell of themselves
twice a second, and metrics are reported each second at most."""

_MOST_HISTORY = 10_000
_MOST_ITEMS = 100  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
_NOT_SET_YET = "Unchecked: Initial alarm creation"


def report(account: str, region: str, values: Iterable[Reported], *, at: float) -> None:
    """Take what services report of themselves.

    Args:
        account: Number of the account.
        region: Where.
        values: What they report.
        at: When, in seconds since 1970.
    """
    with moto_lock:
        backend = cloudwatch_backends[account][region]
        MetricSamples.of(backend).report(backend, values, at=at)


def evaluate(*, at: float, time_scale: float) -> None:
    """Put every alarm into the state that its metric demands, and let it act on a change.

    Args:
        at: Now, in seconds since 1970.
        time_scale: Factor on the alarms' periods.
    """
    with moto_lock:
        for account, regions in cloudwatch_backends.items():
            for region, backend in regions.items():
                for alarm in [*backend.alarms.values()]:
                    _evaluate(account, region, backend, alarm, at, time_scale)


def alarm_states() -> list[dict[str, str]]:
    """All alarms of all regions: `name`, `region`, `state` and `reason`."""
    return [
        {
            "name": alarm.name,
            "region": region,
            "state": alarm.state_value,
            "reason": alarm.state_reason,
        }
        for regions in cloudwatch_backends.values()
        for region, backend in regions.items()
        for alarm in backend.alarms.values()
    ]


def _evaluate(
    account: str,
    region: str,
    backend: CloudWatchBackend,
    alarm: Alarm,
    at: float,
    time_scale: float,
) -> None:
    if problem := _not_evaluated(alarm):
        alarm.state_reason = problem
        return
    period = max(float(alarm.period) * time_scale, SHORTEST_PERIOD_SECONDS)
    periods = int(alarm.evaluation_periods)
    rule = AlarmRule(
        alarm.comparison_operator,
        float(alarm.threshold),
        periods,
        int(alarm.datapoints_to_alarm or periods),
        alarm.treat_missing_data or "missing",
    )
    dimensions = frozenset((d.name or "", d.value or "") for d in alarm.dimensions)
    datapoints = MetricSamples.of(backend).datapoints(
        MetricId(alarm.namespace, alarm.metric_name, dimensions),
        statistic=alarm.statistic,
        unit=alarm.unit,
        period=period,
        count=rule.looked_at,
        at=at,
    )
    judged = rule.judge(datapoints)
    if judged is None or judged[0] == alarm.state_value:
        return
    state, reason = judged
    data = {
        "version": "1.0",
        "queryDate": _iso(datetime.fromtimestamp(at, UTC)),
        "statistic": alarm.statistic,
        "period": int(alarm.period),
        "recentDatapoints": [point for point in reversed(datapoints) if point is not None],
        "threshold": rule.threshold,
    }
    before = alarm.state_value
    alarm.update_state(reason, json.dumps(data), state)
    _has_changed(account, region, backend, alarm, before)


def _not_evaluated(alarm: Alarm) -> str:
    """Why an alarm is left as it is; empty: it is not."""
    if alarm.metric_data_queries:
        what = "alarms on metric math"
    elif not is_plain(alarm.statistic):
        what = "alarms on percentiles"
    elif alarm.comparison_operator not in COMPARISONS:
        what = f"alarms with {alarm.comparison_operator}"
    else:
        return ""
    return f"the embedded AWS does not evaluate {what}"


def _has_changed(
    account: str, region: str, backend: CloudWatchBackend, alarm: Alarm, before: str
) -> None:
    """Record a change of state, and tell of it."""
    vars(alarm)["state_transitioned_timestamp"] = alarm.state_updated_timestamp
    state = {
        "stateValue": alarm.state_value,
        "stateReason": alarm.state_reason,
        "stateReasonData": json.loads(alarm.state_reason_data or "{}"),
    }
    summary = f"Alarm updated from {before} to {alarm.state_value}"
    _remember(
        backend,
        alarm,
        "StateUpdate",
        summary,
        {"version": "1.0", "oldState": {"stateValue": before}, "newState": state},
    )
    event_bus.send(
        account,
        region,
        source="aws.cloudwatch",
        detail_type="CloudWatch Alarm State Change",
        detail={
            "alarmName": alarm.name,
            "state": {
                "value": alarm.state_value,
                "reason": alarm.state_reason,
                "timestamp": _iso(alarm.state_updated_timestamp),
            },
            "previousState": {"value": before},
        },
        resources=[alarm.alarm_arn],
    )
    if alarm.actions_enabled:
        for action in _actions(alarm):
            _act(account, region, backend, alarm, before, action)


def _actions(alarm: Alarm) -> list[str]:
    state: AlarmState = alarm.state_value  # type: ignore[assignment]
    match state:
        case "ALARM":
            return alarm.alarm_actions
        case "OK":
            return alarm.ok_actions
        case "INSUFFICIENT_DATA":
            return alarm.insufficient_data_actions


def _act(
    account: str,
    region: str,
    backend: CloudWatchBackend,
    alarm: Alarm,
    before: str,
    action: str,
) -> None:
    subject = f'{alarm.state_value}: "{alarm.name}" in {region}'
    message = json.dumps(_message(account, region, alarm, before))
    is_told = topics.publish(action, message, subject=subject)
    summary = f"{'Successfully executed' if is_told else 'Failed to execute'} action {action}"
    _remember(backend, alarm, "Action", summary, {"actionState": summary.partition(" ")[0]})


def _message(account: str, region: str, alarm: Alarm, before: str) -> dict[str, Any]:
    """What a topic is told.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
    """
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": account,
        "NewStateValue": alarm.state_value,
        "NewStateReason": alarm.state_reason,
        "StateChangeTime": _iso(alarm.state_updated_timestamp),
        "Region": region,
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": before,
        "OKActions": alarm.ok_actions,
        "AlarmActions": alarm.alarm_actions,
        "InsufficientDataActions": alarm.insufficient_data_actions,
        "Trigger": {
            "MetricName": alarm.metric_name,
            "Namespace": alarm.namespace,
            "StatisticType": "Statistic",
            "Statistic": str(alarm.statistic).upper(),
            "Unit": alarm.unit,
            "Dimensions": [{"value": d.value, "name": d.name} for d in alarm.dimensions],
            "Period": alarm.period,
            "EvaluationPeriods": alarm.evaluation_periods,
            "DatapointsToAlarm": alarm.datapoints_to_alarm,
            "ComparisonOperator": alarm.comparison_operator,
            "Threshold": alarm.threshold,
            "TreatMissingData": alarm.treat_missing_data or "missing",
            "EvaluateLowSampleCountPercentile": "",
        },
    }


def _remember(
    backend: CloudWatchBackend, alarm: Alarm, kind: str, summary: str, data: dict[str, Any]
) -> None:
    _history(backend).append(
        {
            "AlarmName": alarm.name,
            "AlarmType": "CompositeAlarm" if alarm.rule is not None else "MetricAlarm",
            "Timestamp": utcnow(),
            "HistoryItemType": kind,
            "HistorySummary": summary,
            "HistoryData": json.dumps(data),
        }
    )


def _history(backend: CloudWatchBackend) -> deque[dict[str, Any]]:
    kept: deque[dict[str, Any]] = vars(backend).setdefault(
        "_dms_stream_history", deque(maxlen=_MOST_HISTORY)
    )
    return kept


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"


@repairs.around(CloudWatchBackend, "put_metric_alarm")
def _put_metric_alarm(
    original: Method, self: CloudWatchBackend, name: str, *args: Any, **kwargs: Any
) -> Alarm:
    # an alarm that is changed keeps its state, and a new one has none yet:
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    before = self.alarms.get(name)
    alarm: Alarm = original(self, name, *args, **kwargs)
    if before is None:
        alarm.state_value, alarm.state_reason = "INSUFFICIENT_DATA", _NOT_SET_YET
    else:
        alarm.state_value, alarm.state_reason = before.state_value, before.state_reason
        alarm.state_reason_data = before.state_reason_data
        alarm.state_updated_timestamp = before.state_updated_timestamp
    verb = "created" if before is None else "updated"
    _remember(self, alarm, "ConfigurationUpdate", f'Alarm "{name}" {verb}', {"type": verb})
    return alarm


@repairs.around(CloudWatchBackend, "set_alarm_state")
def _set_alarm_state(
    original: Method, self: CloudWatchBackend, alarm_name: str, *args: Any, **kwargs: Any
) -> None:
    alarm = self.alarms.get(alarm_name)
    before = alarm.state_value if alarm else ""
    original(self, alarm_name, *args, **kwargs)
    if alarm is not None and alarm.state_value != before:
        _has_changed(self.account_id, self.region_name, self, alarm, before)


@repairs.around(CloudWatchBackend, "put_metric_data")
def _put_metric_data(
    original: Method, self: CloudWatchBackend, namespace: str, metric_data: list[dict[str, Any]]
) -> None:
    known = len(self.metric_data)
    original(self, namespace, metric_data)
    MetricSamples.of(self).take_put(self.metric_data[known:])


@repairs.adds(CloudWatchResponse)
def describe_alarm_history(self: CloudWatchResponse) -> ActionResult:
    """Answer DescribeAlarmHistory, the newest first unless it asks otherwise."""
    found = [*_asked_history(self, _history(self.cloudwatch_backend))]
    if self._get_param("ScanBy") != "TimestampAscending":
        found.reverse()
    start = int(self._get_param("NextToken") or 0)
    end = start + min(int(self._get_param("MaxRecords") or _MOST_ITEMS), _MOST_ITEMS)
    answer: dict[str, Any] = {"AlarmHistoryItems": found[start:end]}
    if end < len(found):
        answer["NextToken"] = str(end)
    return ActionResult(answer)


def _asked_history(
    self: CloudWatchResponse, items: Iterable[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    name, kind = self._get_param("AlarmName"), self._get_param("HistoryItemType")
    types = self._get_param("AlarmTypes") or ["MetricAlarm"]
    start, end = (_naive(self._get_param(key)) for key in ("StartDate", "EndDate"))
    for item in items:
        if (
            name in (None, item["AlarmName"])
            and kind in (None, item["HistoryItemType"])
            and item["AlarmType"] in types
            and (start is None or item["Timestamp"] >= start)
            and (end is None or item["Timestamp"] <= end)
        ):
            yield item


def _naive(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment and moment.tzinfo else moment


@repairs.around(models, "are_dimensions_same")
def _are_dimensions_same(
    original: Method,  # noqa: ARG001
    metric_dimensions: list[Dimension],
    dimensions: list[Dimension],
) -> bool:
    # moto says no as soon as there are two: ListMetrics would show such a metric once per value
    return _pairs(metric_dimensions) == _pairs(dimensions)


@repairs.around(Dimension, "__lt__")
def _comes_before(original: Method, self: Dimension, other: Dimension) -> bool:  # noqa: ARG001
    # moto compares the value with the name: a query finds nothing when it names two dimensions in
    # another order; a metric has no name twice
    return (self.name or "") < (other.name or "")


def _pairs(dimensions: list[Dimension]) -> set[tuple[str | None, str | None]]:
    return {(dimension.name, dimension.value) for dimension in dimensions}
