"""How a deployed pipeline is: everything that AWS says of it, asked at once."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from dms_stream.operations.deployed import DeployedPipeline
from dms_stream.operations.logs import LogLine, delivery_log, last_errors, task_log
from dms_stream.operations.metrics import Progress, read_progress
from dms_stream.operations.refusals import FORBIDDEN
from dms_stream.operations.replicator import (
    ReplicatorState,
    TableStatistics,
    find_state,
    table_statistics,
)

ERRORS_OF_THE_LAST = timedelta(hours=1)
_ERRORS_SHOWN = 5
# one page of a listing
_MOST_UNDELIVERED = 1000
SERVICES = ("dms", "cloudwatch", "logs", "kinesis", "firehose", "s3")
"""The services that a status asks."""


@dataclass(frozen=True)
class StreamStatus:
    """What Kinesis says of the stream.

    Attributes:
        name: Its name.
        status: Kinesis's word, such as `ACTIVE`.
        mode: `ON_DEMAND` or `PROVISIONED`.
        shards: How many shards are open.
        retention_hours: How long it keeps a record.
    """

    name: str
    status: str
    mode: str
    shards: int
    retention_hours: int


@dataclass(frozen=True)
class DeliveryStatus:
    """What Firehose says of the delivery stream.

    Attributes:
        name: Its name.
        status: Firehose's word, such as `ACTIVE`.
        failure: Why it could not be made or changed; empty where it could.
    """

    name: str
    status: str
    failure: str = ""


@dataclass(frozen=True)
class Undelivered:
    """What is below the error prefix.

    Attributes:
        objects: How many objects, 1000 at most.
        latest: When the latest of them was put; None: there is none.
    """

    objects: int = 0
    latest: datetime | None = None


@dataclass(frozen=True)
class AlarmStatus:
    """An alarm of the pipeline.

    Attributes:
        name: Its name.
        state: `OK`, `ALARM` or `INSUFFICIENT_DATA`.
        since: When it came into this state.
        description: What it means and what to do.
        reason: CloudWatch's words.
    """

    name: str
    state: str
    since: datetime | None
    description: str
    reason: str


@dataclass(frozen=True)
class PipelineStatus:
    """How a pipeline is. What could not be asked is None, and `not_asked` says why.

    Attributes:
        pipeline: Its name.
        looked_at: When.
        replication: Its task or serverless replication.
        tables: What was moved of each table.
        progress: How far records have come.
        stream: The Kinesis stream.
        delivery: The Firehose delivery stream; None also where the pipeline has none.
        undelivered: What Firehose could not deliver.
        alarms: The alarms.
        errors: The last errors of the last hour, the newest first.
        not_asked: What these credentials may not ask.
        is_deployed: Whether there is anything to ask about.
    """

    pipeline: str
    looked_at: datetime
    replication: ReplicatorState | None = None
    tables: list[TableStatistics] | None = None
    progress: Progress | None = None
    stream: StreamStatus | None = None
    delivery: DeliveryStatus | None = None
    undelivered: Undelivered | None = None
    alarms: list[AlarmStatus] | None = None
    errors: list[LogLine] | None = None
    not_asked: list[str] = field(default_factory=list)
    is_deployed: bool = True


def read_status(
    clients: Mapping[str, Any], pipeline: DeployedPipeline, *, now: datetime | None = None
) -> PipelineStatus:
    """Ask AWS how a pipeline is, all services at the same time.

    Args:
        clients: boto3's clients by the names of `SERVICES`.
        pipeline: Which.
        now: The moment of the look; default: now.

    Raises:
        ClientError: AWS refuses for another reason than a permission.
        BotoCoreError: AWS cannot be asked.
    """
    moment = now or datetime.now(UTC)
    probes: dict[str, Callable[[], Any]] = {
        "replication": lambda: find_state(clients["dms"], pipeline.replicator),
        "tables": lambda: _tables(clients["dms"], pipeline),
        "progress": lambda: read_progress(clients["cloudwatch"], pipeline, now=moment),
        "stream": lambda: _stream(clients["kinesis"], pipeline.stream_name),
        "delivery": lambda: _delivery(clients["firehose"], pipeline.delivery_stream_name),
        "undelivered": lambda: _undelivered(clients["s3"], pipeline),
        "alarms": lambda: _alarms(clients["cloudwatch"], pipeline.alarm_names),
        "errors": lambda: _errors(clients, pipeline, moment - ERRORS_OF_THE_LAST),
    }
    found: dict[str, Any] = {}
    not_asked: list[str] = []
    with ThreadPoolExecutor(len(probes)) as threads:
        asked = {name: threads.submit(probe) for name, probe in probes.items()}
    for name, answer in asked.items():
        try:
            found[name] = answer.result()
        except ClientError as error:
            if error.response["Error"]["Code"] not in FORBIDDEN:
                raise
            not_asked.append(f"{name}: {error.response['Error']['Message'] or error}")
    return PipelineStatus(pipeline.name, moment, **found, not_asked=not_asked)


def _tables(dms: Any, pipeline: DeployedPipeline) -> list[TableStatistics]:
    try:
        return table_statistics(dms, pipeline.replicator)
    except dms.exceptions.ResourceNotFoundFault:
        return []


def _stream(kinesis: Any, name: str) -> StreamStatus | None:
    try:
        found = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
    except kinesis.exceptions.ResourceNotFoundException:
        return StreamStatus(name, "MISSING", "", 0, 0)
    return StreamStatus(
        name,
        found["StreamStatus"],
        found.get("StreamModeDetails", {}).get("StreamMode", "PROVISIONED"),
        found["OpenShardCount"],
        found["RetentionPeriodHours"],
    )


def _delivery(firehose: Any, name: str | None) -> DeliveryStatus | None:
    if name is None:
        return None
    try:
        found = firehose.describe_delivery_stream(DeliveryStreamName=name)
    except firehose.exceptions.ResourceNotFoundException:
        return DeliveryStatus(name, "MISSING")
    described = found["DeliveryStreamDescription"]
    failure = described.get("FailureDescription") or {}
    return DeliveryStatus(name, described["DeliveryStreamStatus"], failure.get("Details", ""))


def _undelivered(s3: Any, pipeline: DeployedPipeline) -> Undelivered:
    if not pipeline.error_prefix or pipeline.bucket_name is None:
        return Undelivered()
    page = s3.list_objects_v2(
        Bucket=pipeline.bucket_name, Prefix=pipeline.error_prefix, MaxKeys=_MOST_UNDELIVERED
    )
    dates = [listed["LastModified"] for listed in page.get("Contents", [])]
    return Undelivered(len(dates), max(dates, default=None))


def _alarms(cloudwatch: Any, names: list[str]) -> list[AlarmStatus]:
    if not names:
        return []
    pages = cloudwatch.get_paginator("describe_alarms").paginate(AlarmNames=names)
    return [
        AlarmStatus(
            alarm["AlarmName"],
            alarm["StateValue"],
            alarm.get("StateUpdatedTimestamp"),
            alarm.get("AlarmDescription", ""),
            alarm.get("StateReason", ""),
        )
        for page in pages
        for alarm in page["MetricAlarms"]
    ]


def _errors(
    clients: Mapping[str, Any], pipeline: DeployedPipeline, since: datetime
) -> list[LogLine]:
    task = task_log(clients["dms"], clients["logs"], pipeline)
    sources = [source for source in (task, delivery_log(pipeline)) if source and source.is_on]
    return last_errors(clients["logs"], sources, since=since, most=_ERRORS_SHOWN)
