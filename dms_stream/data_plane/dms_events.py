"""DMS's events: what becomes of tasks, told to event subscriptions and to EventBridge.

https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Events.html
https://docs.aws.amazon.com/dms/latest/userguide/CHAP_EventBridge.html
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from moto.dms.models import dms_backends

from dms_stream.data_plane.delivery_state import DeliveryState
from dms_stream.data_plane.task_state import TaskState
from dms_stream.local_aws import event_bus, topics
from dms_stream.local_aws.dms import DmsBackend
from dms_stream.programs.child import Event

_PAGE = "http://docs.aws.amazon.com/dms/latest/userguide/CHAP_Events.html"


@dataclass(frozen=True)
class _Kind:
    """A kind of event.

    Attributes:
        id: Its number in DMS's guide.
        category: What subscriptions call it.
        name: What EventBridge calls it, behind the kind of replication.
        text: What has happened.
    """

    id: str
    category: str
    name: str
    text: str


_STARTED = _Kind("DMS-EVENT-0069", "state change", "STARTED", "Replication task has started.")
_STOPPED = _Kind("DMS-EVENT-0079", "state change", "STOPPED", "Replication task has stopped.")
_FAILED = _Kind("DMS-EVENT-0078", "failure", "FAILED", "Replication task has failed.")


class DmsEvents:
    """Tells of tasks that start, stop and fail; an observer of the data plane."""

    def __init__(self) -> None:
        self._statuses: dict[str, tuple[TaskState, str]] = {}

    def task_changed(self, state: TaskState, event: Event | None) -> None:
        """Tell of another status."""
        del event
        known = self._statuses.get(state.arn)
        self._statuses[state.arn] = state, state.status
        if known is not None and known[0] is state and known[1] == state.status:
            return
        match state.status:
            case "running":
                _tell(state, _STARTED)
            case "stopped":
                _tell(state, _STOPPED, state.stop_reason)
            case "failed":
                _tell(state, _FAILED, state.message)
            case "starting" | "stopping":
                pass

    def delivery_changed(self, state: DeliveryState, event: Event | None) -> None:
        """Nothing: Firehose has no such events."""


def _tell(state: TaskState, kind: _Kind, more: str = "") -> None:
    _, _, _, region, account, resource, _ = state.arn.split(":", 6)
    moment = datetime.now(UTC)
    text = f"{kind.text} {more}".rstrip()
    console = f"https://console.aws.amazon.com/dms/v2/home?region={region}"
    is_serverless = resource == "replication-config"
    link = (
        f"{console}#{'replicationDetails' if is_serverless else 'taskDetails'}/{state.identifier}"
    )
    event_bus.send(
        account,
        region,
        source="aws.dms",
        detail_type=f"DMS Replication {'' if is_serverless else 'Task '}State Change",
        detail={
            "type": "Replication" if is_serverless else "ReplicationTask",
            "category": kind.category.title().replace(" ", ""),
            "eventType": f"REPLICATION_{'' if is_serverless else 'TASK_'}{kind.name}",
            "eventId": kind.id,
            "resourceLink": link,
            "detailMessage": text,
        },
        resources=[state.arn],
    )
    if is_serverless:
        return  # it has no event subscriptions
    message = {
        "Event Source": "replication-task",
        "Event Time": moment.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3],
        "Identifier Link": link,
        "SourceId": state.identifier,
        "Event ID": f"{_PAGE}#{kind.id} ",
        "Event Message": text,
    }
    dms = dms_backends[account][region]
    assert isinstance(dms, DmsBackend)
    for subscription in dms.subscriptions.values():
        if (
            subscription.get("Enabled", True)
            and subscription.get("SourceType") in (None, "replication-task")
            and _holds(subscription.get("SourceIdsList"), state.identifier)
            and _holds(subscription.get("EventCategoriesList"), kind.category)
        ):
            subject = "DMS Notification Message"
            topics.publish(subscription["SnsTopicArn"], json.dumps(message), subject=subject)


def _holds(wanted: list[str] | None, value: str) -> bool:
    """Whether a subscription wants it; an empty list wants everything."""
    return not wanted or value.lower() in [word.lower() for word in wanted]
