"""The logs of tasks in CloudWatch Logs, as DMS writes them where logging is on.

DMS's format is a time, a component with its severity, and the message. AWS does not list the
messages: these are of our own, and say what is true here.
https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Monitoring.html
"""

import json
import time
from datetime import UTC, datetime
from typing import Literal

from moto.dms.models import dms_backends
from moto.iam.models import iam_backends
from moto.logs.models import logs_backends

from dms_stream.data_plane.delivery_state import DeliveryState
from dms_stream.data_plane.metrics import task_instance
from dms_stream.data_plane.task_state import TaskState
from dms_stream.local_aws.dms import DmsBackend, Resource
from dms_stream.programs.child import Event

_ROLE = "dms-cloudwatch-logs-role"
"""Without it DMS writes no log:
https://docs.aws.amazon.com/dms/latest/userguide/security-iam.html#CHAP_Security.APIRole"""
_COMPONENT_WIDTH = 16

Severity = Literal["I", "E"]


class TaskLogs:
    """Writes the logs of tasks; an observer of the data plane."""

    def __init__(self) -> None:
        self._statuses: dict[str, str] = {}

    def task_changed(self, state: TaskState, event: Event | None) -> None:
        """Write what is worth a line."""
        kind = event["event"] if event else ""
        if kind in ("pulse", "checkpoint", "idle"):
            return
        lines: list[tuple[str, Severity, str]] = []
        before, self._statuses[state.arn] = self._statuses.get(state.arn), state.status
        match kind:
            case "ready":
                assert event is not None
                lines.append(("TASK_MANAGER", "I", f"Task '{state.identifier}' is running"))
                lines.append(
                    ("METADATA_MANAGER", "I", f"{len(event['tables'])} tables are selected")
                )
            case "reloading":
                assert event is not None
                names = ", ".join(event["tables"])
                lines.append(("TASK_MANAGER", "I", f"Tables are loaded again: {names}"))
            case "full-load-done":
                rows = sum(counts.get("load", 0) for counts in state.counts.values())
                lines.append(("TASK_MANAGER", "I", f"Full load is complete: {rows} rows"))
            case "control":
                assert event is not None
                text = f"{event['operation']} of {event['table']}"
                lines.append(("TARGET_APPLY", "I", text))
        if state.status != before:
            match state.status:
                case "stopping":
                    lines.append(("TASK_MANAGER", "I", "Task was asked to stop"))
                case "stopped":
                    lines.append(("TASK_MANAGER", "I", f"Task has stopped. {state.stop_reason}"))
                case "failed":
                    lines.append(("TASK_MANAGER", "E", f"Task has failed: {state.message}"))
                case "starting" | "running":
                    pass
        _write(state, lines)

    def delivery_changed(self, state: DeliveryState, event: Event | None) -> None:
        """Nothing: a delivery writes its own log."""


def _write(state: TaskState, lines: list[tuple[str, Severity, str]]) -> None:
    place = _place(state) if lines else None
    if place is None:
        return
    _, _, _, region, account, _, resource_id = state.arn.split(":", 6)
    logs = logs_backends[account][region]
    stream = f"dms-task-{resource_id}"
    if place not in logs.groups:
        logs.create_log_group(place, {})
    if stream not in logs.groups[place].streams:
        logs.create_log_stream(place, stream)
    now = time.time()
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    events = [
        {
            "timestamp": int(now * 1000),
            "message": f"{stamp} [{component:<{_COMPONENT_WIDTH}}]{severity}:  {text}",
        }
        for component, severity, text in lines
    ]
    logs.put_log_events(place, stream, events)


def _place(state: TaskState) -> str | None:
    """Its log group; None: it has none, or may not write one."""
    _, _, partition_region, region, account, kind, resource_id = state.arn.split(":", 6)
    del partition_region
    dms = dms_backends[account][region]
    assert isinstance(dms, DmsBackend)
    found: Resource | None
    if kind == "task":
        found = dms.tasks.get(state.arn)
        text = found and found.get("ReplicationTaskSettings")
    else:
        found = dms.configs.get(state.arn)
        text = found and found.get("ReplicationSettings")
    settings = json.loads(text or "{}")
    if not (settings.get("Logging") or {}).get("EnableLogging"):
        return None
    partition = state.arn.split(":")[1]
    roles = iam_backends[account][partition].roles.values()
    if _ROLE not in [role.name for role in roles]:
        return None
    if kind == "task":
        instance = task_instance(state.arn, account, region)
        return instance and f"dms-tasks-{instance}"
    # AWS writes down only how it begins
    return f"dms-serverless-replication-{resource_id.lower()}"
