"""S3: objects in a file, bucket policies with conditions, delete markers, EventBridge."""

import json
from typing import Any

from moto.core.responses import ActionResult
from moto.s3.models import FakeBucket, FakeDeleteMarker, FakeKey
from moto.s3.responses import S3Response

from dms_stream.local_aws.object_contents import ContentInFile
from dms_stream.local_aws.repairs import Method, Repairs

repairs = Repairs()


@repairs.once
def keep_objects_in_a_file() -> None:
    """Let objects hold what they hold in a file."""
    name = "_value_buffer"
    setattr(FakeKey, name, ContentInFile(name))


@repairs.around(FakeBucket, "get_permission")
def _get_permission(original: Method, self: FakeBucket, action: str, resource: str) -> Any:
    # moto treats a Deny with a condition it does not know as unconditional, so that "only
    # with TLS" locks everybody out. Here a conditional Deny denies nobody.
    if self.policy is None:
        return original(self, action, resource)
    whole = self.policy
    policy = json.loads(whole)
    statements = policy["Statement"]
    if isinstance(statements, dict):
        statements = [statements]
    policy["Statement"] = [
        s for s in statements if not (s["Effect"] == "Deny" and s.get("Condition"))
    ]
    self.policy = json.dumps(policy).encode()
    try:
        return original(self, action, resource)
    finally:
        self.policy = whole


@repairs.around(S3Response, "get_bucket_notification")
def _get_bucket_notification(original: Method, self: Any) -> Any:
    # moto keeps the switch for EventBridge and does not show it
    def serialized(result: Any) -> Any:
        kept = self.backend.get_bucket_notification_configuration(self.bucket_name)
        if kept and kept.event_bridge is not None:
            shown = dict(result.result) | {"EventBridgeConfiguration": {}}
            result = ActionResult(shown)
        return S3Response.serialized(self, result)

    self.serialized = serialized
    return original(self)


@repairs.adds(FakeDeleteMarker)
def dispose(self: FakeDeleteMarker) -> None:
    """Nothing is kept on disk: moto calls this of all versions, and markers lack it."""
