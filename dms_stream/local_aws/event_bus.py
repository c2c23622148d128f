"""EventBridge: what AWS services send to the default bus, and rules whose target is a topic.

moto routes to queues, log groups, archives and other buses, and fails on every other target. A
target that cannot be reached is named in the log of the embedded AWS.
"""

import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from moto.events.models import Rule, events_backends

from dms_stream.local_aws import topics
from dms_stream.local_aws.repairs import Method, Repairs

repairs = Repairs()

_log = logging.getLogger(__name__)


def send(
    account: str,
    region: str,
    *,
    source: str,
    detail_type: str,
    detail: dict[str, Any],
    resources: Sequence[str],
) -> None:
    """Send an event of a service to the default bus.

    Args:
        account: Number of the account.
        region: Where.
        source: Such as `aws.dms`.
        detail_type: What kind of event.
        detail: The event itself.
        resources: ARNs that it is about.
    """
    event = {
        "Source": source,
        "DetailType": detail_type,
        "Detail": json.dumps(detail),
        "Resources": [*resources],
    }
    events_backends[account][region].put_events([event])


@repairs.around(Rule, "send_to_targets")
def _send_to_targets(
    original: Method, self: Rule, original_event: Any, transform_input: bool = True
) -> None:
    if not self.event_pattern.matches_event(original_event):
        return
    targets = self.targets
    try:
        # one by one: a target that is not reached takes nothing from the others
        for target in targets:
            self.targets = [target]
            if target["Arn"].split(":")[2] == "sns":
                topics.publish(target["Arn"], json.dumps(_readable(original_event)))
                continue
            try:
                original(self, dict(original_event), transform_input)
            except Exception as error:  # moto does not know it, or it is gone
                _log.warning(
                    "the rule %s could not send to %s: %s", self.name, target["Arn"], error
                )
    finally:
        self.targets = targets


def _readable(event: dict[str, Any]) -> dict[str, Any]:
    moment = event["time"]
    if not isinstance(moment, str):
        moment = datetime.fromtimestamp(float(moment), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return dict(event) | {"time": moment}
