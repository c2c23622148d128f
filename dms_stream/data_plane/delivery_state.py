"""What is known of a delivery: built from its process's events, read by whoever reports on it.

`DeliveryState.take` is the one place where the events of `dms_stream.rehearsal.delivery` become
state and counters.
"""

import time
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Event = Mapping[str, Any]

_MOST_PUTS = 10_000


@dataclass
class DeliveryState:
    """A delivery stream's process, over all of its restarts.

    Attributes:
        arn: ARN of the delivery stream.
        status: What its process does; `failed`: it is refused or broke, and `message` says why.
            Firehose itself says ACTIVE all the while.
        message: Why it failed; empty where it did not.
        process_id: Its process; None where it has none.
        since: When its process was last started, in seconds since 1970.
        restarts: How often it was started again after it was killed.
        changes: How often it was given other settings.
        stream: Name of the Kinesis stream.
        bucket: Name of the bucket.
        read: Records read from the stream.
        read_bytes: Their size.
        millis_behind: How far behind the end of the stream the last read was.
        records: Records delivered; those below the error prefix included.
        bytes: Size of the objects.
        objects: Objects put.
        failed_records: Records put below the error prefix.
        waiting_since: When the oldest record arrived on the stream that is not in the bucket, in
            seconds since 1970; None: there is none.
        refused_puts: Objects that S3 refused; one that is tried again counts each time.
        refused_reads: Reads that the stream refused, by Kinesis's error code.
        failures: Records put below the error prefix, by `Failure.kind`.
        puts: The last objects, as `dms_stream.rehearsal.delivery.Put` has them, with a `number`.
        drained: The last request to drain that was carried out.
    """

    arn: str
    status: Literal["starting", "running", "failed"] = "starting"
    message: str = ""
    process_id: int | None = None
    since: float = field(default_factory=time.time)
    restarts: int = 0
    changes: int = 0
    stream: str = ""
    bucket: str = ""
    read: int = 0
    read_bytes: int = 0
    millis_behind: int = 0
    records: int = 0
    bytes: int = 0
    objects: int = 0
    failed_records: int = 0
    waiting_since: float | None = None
    refused_puts: int = 0
    refused_reads: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    puts: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=_MOST_PUTS))
    drained: int = 0

    @property
    def name(self) -> str:
        """Name of the delivery stream."""
        return self.arn.rpartition("/")[2]

    def take(self, event: Event) -> None:
        """Take an event of its process."""
        match event["event"]:
            case "ready":
                self.status, self.message = "running", ""
                self.stream, self.bucket = event["stream"], event["bucket"]
            case "read":
                self.read += event["records"]
                self.read_bytes += event["bytes"]
                self.millis_behind = event["millis_behind"]
                self.waiting_since = event["waiting_since"]
                self.failures.update(event["failed"])
                # it reads only while nothing is refused
                self.status, self.message = "running", ""
            case "refused-read":
                self.status = "failed"
                self.refused_reads[event["code"]] += 1
                self.message = (
                    f"Kinesis refuses its reads, which it tries again: {event['message']}"
                )
            case "refused":
                self.status, self.refused_puts = "failed", self.refused_puts + 1
                self.message = f"S3 refuses what it puts, which it tries again: {event['message']}"
                self.waiting_since = event["waiting_since"]
            case "put":
                self._take_put(event)
            case "drained":
                self.drained = event["number"]
            case "error":
                self.message = event["message"]

    def fail(self, message: str) -> None:
        """Its process has ended and is not started again before its settings change."""
        self.status, self.process_id = "failed", None
        self.message = self.message or message

    def summary(self) -> dict[str, Any]:
        """All of it as JSON, for `local-aws status` and the rehearsal; without the objects."""
        return {
            "arn": self.arn,
            "name": self.name,
            "status": self.status,
            "message": self.message,
            "process_id": self.process_id,
            "since": self.since,
            "restarts": self.restarts,
            "changes": self.changes,
            "stream": self.stream,
            "bucket": self.bucket,
            "read": self.read,
            "read_bytes": self.read_bytes,
            "millis_behind": self.millis_behind,
            "records": self.records,
            "bytes": self.bytes,
            "objects": self.objects,
            "failed_records": self.failed_records,
            "waiting_since": self.waiting_since,
            "refused_puts": self.refused_puts,
            "drained": self.drained,
        }

    def _take_put(self, event: Event) -> None:
        self.status, self.message = "running", ""
        self.waiting_since = event["waiting_since"]
        self.objects += 1
        self.records += event["records"]
        self.bytes += event["bytes"]
        if event["is_error"]:
            self.failed_records += event["records"]
        put = {key: value for key, value in event.items() if key != "event"}
        self.puts.append(put | {"number": self.objects})
