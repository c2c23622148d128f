"""The logs of a pipeline: what DMS's task says, and what Firehose could not deliver.

https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Monitoring.html#CHAP_Monitoring.ManagingLogs
https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-logs.html
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from dms_stream.operations.deployed import DeployedPipeline
from dms_stream.operations.replicator import Replicator

LogKind = Literal["task", "delivery"]

# DMS's severity stands behind the component: `[SOURCE_CAPTURE  ]E:  …`
_TASK_ERRORS = '"]E:"'
_MOST_PAGES = 20
# a page of FilterLogEvents holds 10,000 events or 1 MB
_PAGES_OF_A_LOOK = 3
POLL_SECONDS = 2.0
# CloudWatch takes events in that are somewhat older than the newest ones
_LATE = timedelta(seconds=30)


@dataclass(frozen=True)
class LogSource:
    """Where a log is.

    Attributes:
        kind: Whose it is.
        group: Its log group.
        stream_prefix: What the names of its streams begin with; None: all of the group's.
        is_on: Whether anything is logged there, by the settings.
    """

    kind: LogKind
    group: str
    stream_prefix: str | None = None
    is_on: bool = True


@dataclass(frozen=True)
class LogLine:
    """An event of a log.

    Attributes:
        kind: Whose it is.
        at: When.
        text: What it says.
        id: CloudWatch's id of it.
    """

    kind: LogKind
    at: datetime
    text: str
    id: str


def task_log(dms: Any, logs: Any, pipeline: DeployedPipeline) -> LogSource:
    """Where DMS writes the log of a pipeline's task.

    DMS says it in the settings once it has logged; before, AWS's page tells how a task's log group
    is called. Of a serverless replication's AWS says only how it begins, so that one is looked for.

    Args:
        dms: boto3's client.
        logs: boto3's client of CloudWatch Logs.
        pipeline: Which.
    """
    logging = _logging_settings(dms, pipeline.replicator)
    is_on = bool(logging.get("EnableLogging"))
    group, stream = logging.get("CloudWatchLogGroup"), logging.get("CloudWatchLogStream")
    if group:
        return LogSource("task", group, stream or None, is_on)
    if not pipeline.replicator.is_serverless:
        return LogSource("task", pipeline.task_log_group, pipeline.task_log_stream_prefix, is_on)
    pages = logs.get_paginator("describe_log_groups").paginate(
        logGroupNamePrefix=pipeline.serverless_log_group_prefix
    )
    names = [found["logGroupName"] for page in pages for found in page["logGroups"]]
    ours = [
        name for name in names if any(part in name.lower() for part in pipeline.serverless_names)
    ]
    return LogSource("task", ours[0] if ours else pipeline.task_log_group, None, is_on)


def _logging_settings(dms: Any, replicator: Replicator) -> dict[str, Any]:
    if replicator.is_serverless:
        filters = [{"Name": "replication-config-arn", "Values": [replicator.arn]}]
        found = dms.describe_replication_configs(Filters=filters)["ReplicationConfigs"]
        text = found[0].get("ReplicationSettings") if found else None
    else:
        filters = [{"Name": "replication-task-arn", "Values": [replicator.arn]}]
        found = dms.describe_replication_tasks(Filters=filters)["ReplicationTasks"]
        text = found[0].get("ReplicationTaskSettings") if found else None
    try:
        return dict(json.loads(text or "{}").get("Logging") or {})
    except ValueError:
        return {}


def delivery_log(pipeline: DeployedPipeline) -> LogSource | None:
    """Where Firehose writes what it could not deliver; None: nowhere."""
    group = pipeline.delivery_log_group
    return None if group is None else LogSource("delivery", group)


def read_log(
    logs: Any,
    source: LogSource,
    *,
    since: datetime,
    errors_only: bool = False,
    most_pages: int = _MOST_PAGES,
) -> list[LogLine]:
    """The events of a log since a moment, the oldest first; none where it does not exist yet.

    Args:
        logs: boto3's client of CloudWatch Logs.
        source: Which log.
        since: From when on.
        errors_only: Whether to leave out what is no error of DMS's; all of Firehose's are.
        most_pages: How many pages of events to read.
    """
    request: dict[str, Any] = {
        "logGroupName": source.group,
        "startTime": int(since.timestamp() * 1000),
    }
    if source.stream_prefix:
        request["logStreamNamePrefix"] = source.stream_prefix
    if errors_only and source.kind == "task":
        request["filterPattern"] = _TASK_ERRORS
    found: list[LogLine] = []
    try:
        for _ in range(most_pages):
            page = logs.filter_log_events(**request)
            found += [
                _line(source.kind, event)
                for event in page.get("events", [])
                # the embedded AWS heeds no prefix
                if event.get("logStreamName", "").startswith(source.stream_prefix or "")
            ]
            if not page.get("nextToken"):
                break
            request["nextToken"] = page["nextToken"]
    except logs.exceptions.ResourceNotFoundException:
        return []
    return sorted(found, key=lambda line: line.at)


def last_errors(
    logs: Any, sources: Sequence[LogSource], *, since: datetime, most: int
) -> list[LogLine]:
    """The last errors of logs, the newest first.

    Args:
        logs: boto3's client of CloudWatch Logs.
        sources: Which logs.
        since: From when on.
        most: How many.
    """
    lines = [
        line
        for source in sources
        for line in read_log(
            logs, source, since=since, errors_only=True, most_pages=_PAGES_OF_A_LOOK
        )
    ]
    return sorted(lines, key=lambda line: line.at, reverse=True)[:most]


def follow(
    logs: Any,
    sources: Sequence[LogSource],
    *,
    since: datetime,
    errors_only: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[LogLine]:
    """The events of logs since a moment and those that come, until whoever asks has enough.

    Args:
        logs: boto3's client of CloudWatch Logs.
        sources: Which logs.
        since: From when on.
        errors_only: As in `read_log`.
        sleep: Waits between two looks.
    """
    seen: dict[str, datetime] = {}
    newest = since
    while True:
        lines = [
            line
            for source in sources
            for line in read_log(
                logs, source, since=max(since, newest - _LATE), errors_only=errors_only
            )
            if line.id not in seen
        ]
        for line in sorted(lines, key=lambda line: line.at):
            seen[line.id] = line.at
            newest = max(newest, line.at)
            yield line
        # what is older is not read again
        seen = {key: at for key, at in seen.items() if at >= newest - 2 * _LATE}
        sleep(POLL_SECONDS)


def _line(kind: LogKind, event: dict[str, Any]) -> LogLine:
    at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    text = str(event.get("message", "")).rstrip()
    key = event.get("eventId") or f"{event['timestamp']} {text}"
    return LogLine(kind, at, _delivery_text(text) if kind == "delivery" else text, key)


def _delivery_text(text: str) -> str:
    """Firehose's JSON in a line: code, message, and how many records."""
    try:
        told = json.loads(text)
        code, message = told["errorCode"], told["message"]
    except (ValueError, KeyError, TypeError):
        return text
    count = told.get("count")
    return f"{code}: {message}" + (f" ({count} records)" if count else "")
