"""What is wrong with a pipeline, and what to do about it: a status, judged."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from constructs_lib.monitoring.props import Thresholds
from dms_stream.operations.metrics import Progress
from dms_stream.operations.replicator import RUNS, STARTS, ReplicatorState
from dms_stream.operations.status import PipelineStatus

Severity = Literal["wrong", "notice"]
_ACTIVE = "ACTIVE"
_CHANGING = ("CREATING", "UPDATING")
_TABLES_NAMED = 5
_COMMAND = re.compile(r"`(dms-stream [^`]+)`")


@dataclass(frozen=True)
class Finding:
    """Something that somebody should know.

    Attributes:
        severity: `wrong` wants somebody to act; a `notice` does not.
        what: What was found.
        do: What to do about it; empty where there is nothing to do.
    """

    severity: Severity
    what: str
    do: str = ""


def judge(status: PipelineStatus, *, option: str) -> list[Finding]:
    """What is wrong with a pipeline, along the way that records take.

    Args:
        status: What AWS says of it.
        option: How the environment is named on the command line, such as `--env seed`.
    """
    here = f"{option} --pipeline {status.pipeline}"
    if not status.is_deployed:
        return [Finding("notice", "it is not deployed", f"run `dms-stream deploy {here}`")]
    return [
        *_of_the_replication(status, here),
        *_of_the_tables(status, here),
        *_of_the_progress(status, here),
        *_of_the_stream(status, option),
        *_of_the_delivery(status, here),
        *_of_the_alarms(status, here),
        *(
            Finding("notice", f"not asked, for want of a permission: {part}")
            for part in status.not_asked
        ),
    ]


def is_wrong(findings: list[Finding]) -> bool:
    """Whether somebody has to act."""
    return any(finding.severity == "wrong" for finding in findings)


def _of_the_replication(status: PipelineStatus, here: str) -> Iterator[Finding]:
    state = status.replication
    if state is None:
        if not any(part.startswith("replication:") for part in status.not_asked):
            yield Finding(
                "wrong",
                "the replication that Terraform's state names does not exist in DMS",
                f"run `dms-stream deploy {here}`",
            )
        return
    if state.status in RUNS:
        return
    if state.status in STARTS:
        yield Finding("notice", f"the replication starts ({state.status})")
    elif state.is_loaded:
        yield Finding("notice", "the full load is complete; nothing is captured after it")
    elif state.status == "failed":
        why = state.failure or state.stop_reason or "DMS gives no reason"
        yield Finding(
            "wrong",
            f"the replication failed: {why}",
            f"look with `dms-stream logs {here} --errors`, mend the cause, then "
            f"`dms-stream resume {here}`",
        )
    elif state.has_run:
        yield Finding("wrong", _stopped(state), f"go on with `dms-stream resume {here}`")
    elif state.status in ("created", "ready"):
        yield Finding(
            "wrong",
            "the replication has never run, so nothing is captured",
            f"start it with `dms-stream start {here}`",
        )
    else:
        yield Finding("notice", f"DMS is busy with the replication ({state.status})")


def _stopped(state: ReplicatorState) -> str:
    since = f" since {state.stopped_at:%Y-%m-%d %H:%M} UTC" if state.stopped_at else ""
    why = f" ({state.stop_reason})" if state.stop_reason else ""
    return (
        f"the replication stands still{since}{why}; what the source drops from its binary log "
        "meanwhile is lost"
    )


def _of_the_tables(status: PipelineStatus, here: str) -> Iterator[Finding]:
    wrong = [table for table in status.tables or [] if table.is_wrong]
    if not wrong:
        return
    names = [table.name for table in wrong[:_TABLES_NAMED]]
    more = f" and {len(wrong) - len(names)} more" if len(wrong) > len(names) else ""
    yield Finding(
        "wrong",
        f"{len(wrong)} tables are in trouble: "
        + ", ".join(f"{table.name} ({table.state})" for table in wrong[:_TABLES_NAMED])
        + more,
        f"look with `dms-stream logs {here} --errors`, mend the cause, then "
        f"`dms-stream reload {' '.join(names)} {here}`",
    )


def _of_the_progress(status: PipelineStatus, here: str) -> Iterator[Finding]:
    # an alarm of the pipeline's own may be set otherwise, and tells itself
    progress, usual = status.progress or Progress(), _thresholds_without(status)
    behind = progress.source_latency
    if behind and _is_over(timedelta(seconds=behind.value), usual.source_latency):
        yield Finding(
            "wrong",
            f"DMS reads {behind.value:.0f} s behind the source",
            "look at the source's load, at long transactions and at the instance's CPU",
        )
    written = progress.target_latency
    if (
        written
        and _is_over(timedelta(seconds=written.value), usual.target_latency)
        and not (behind and _is_over(timedelta(seconds=behind.value), usual.source_latency))
    ):
        yield Finding(
            "wrong",
            f"what DMS writes is {written.value:.0f} s behind the source, while it reads in time",
            "look for refused writes of the stream and at the instance's CPU and memory",
        )
    unread = progress.unread_age
    if unread and _is_over(timedelta(milliseconds=unread.value), usual.unread_age):
        yield Finding(
            "wrong",
            f"the oldest record that nobody has read from the stream is {unread.value / 1000:.0f} "
            "s old; beyond the stream's retention it is lost",
            f"look with `dms-stream logs {here} --only delivery`",
        )
    waiting = progress.freshness
    if waiting and _is_over(timedelta(seconds=waiting.value), usual.undelivered_age):
        yield Finding(
            "wrong",
            f"the oldest record that Firehose has not delivered is {waiting.value:.0f} s old",
            f"look with `dms-stream logs {here} --only delivery`",
        )


def _thresholds_without(status: PipelineStatus) -> Thresholds:
    """The usual ones, but for those whose alarm goes off."""
    told = [alarm.name for alarm in status.alarms or [] if alarm.state == "ALARM"]
    watched = ("source_latency", "target_latency", "unread_age", "undelivered_age")
    return Thresholds().model_copy(
        update={
            name: None
            for name in watched
            if any(alarm.endswith(name.replace("_", "-")) for alarm in told)
        }
    )


def _is_over(value: timedelta, limit: timedelta | None) -> bool:
    return limit is not None and value > limit


def _of_the_stream(status: PipelineStatus, option: str) -> Iterator[Finding]:
    stream = status.stream
    if stream is None or stream.status == _ACTIVE:
        return
    if stream.status in _CHANGING:
        yield Finding("notice", f"the stream is being changed ({stream.status})")
    else:
        yield Finding(
            "wrong",
            f"the stream {stream.name} is {stream.status}",
            f"look with `dms-stream plan {option}`",
        )


def _of_the_delivery(status: PipelineStatus, here: str) -> Iterator[Finding]:
    delivery = status.delivery
    if delivery is not None and delivery.status != _ACTIVE:
        why = f": {delivery.failure}" if delivery.failure else ""
        yield Finding(
            "notice" if delivery.status in _CHANGING else "wrong",
            f"the delivery stream {delivery.name} is {delivery.status}{why}",
            "" if delivery.status in _CHANGING else f"run `dms-stream deploy {here}`",
        )
    undelivered = status.undelivered
    if undelivered is not None and undelivered.objects and undelivered.latest is not None:
        yield Finding(
            "wrong",
            f"{undelivered.objects} objects hold records that Firehose could not deliver, the "
            f"latest from {undelivered.latest:%Y-%m-%d %H:%M} UTC",
            f"see why with `dms-stream landed {here} --errors`; once they are dealt with, delete "
            "them",
        )


def _of_the_alarms(status: PipelineStatus, here: str) -> Iterator[Finding]:
    for alarm in status.alarms or []:
        if alarm.state == "ALARM":
            # an alarm does not know how its environment is named on the command line
            remedy = _COMMAND.sub(lambda found: f"`{found[1]} {here}`", alarm.description)
            yield Finding("wrong", f"alarm {alarm.name}: {alarm.reason}", remedy)
