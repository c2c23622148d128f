"""Where a task begins and ends to capture changes, as DMS's calls say it.

https://docs.aws.amazon.com/dms/latest/APIReference/API_StartReplicationTask.html
https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Task.CDC.html
"""

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from dms_stream.rehearsal.source.database import LogPosition

# file and offset, alone or at the end of the part of a checkpoint that is about MySQL's log
_POSITION = re.compile(r"(?P<file>[\w.-]+\.\d+):(?P<offset>\d+)")
_CHECKPOINT = re.compile(
    r"checkpoint:V1#\d+#[\w.-]+:\d+:-?\d+:\d+:\d+:(?P<file>[\w.-]+\.\d+):(?P<offset>\d+)#.*"
)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")


def start_position(text: str) -> LogPosition | None:
    """The place that a `CdcStartPosition` names; None where it is no place in MySQL's log."""
    found = _POSITION.fullmatch(text) or _CHECKPOINT.fullmatch(text)
    return LogPosition(found["file"], int(found["offset"])) if found else None


def start_moment(text: str) -> float | None:
    """The moment that a `CdcStartPosition` names, in seconds since 1970; None where it is none."""
    return _seconds(text) if _MOMENT.fullmatch(text) else None


def _seconds(moment: str) -> float:
    found = datetime.fromisoformat(moment)
    return found.replace(tzinfo=found.tzinfo or UTC).timestamp()


@dataclass(frozen=True)
class Limits:
    """What DMS's API does not return of a task that was started.

    Attributes:
        start_time: Changes are captured from this moment on, in seconds since 1970; None: from the
            task's start position, or from where the log is.
        stop_position: `server_time:…` or `commit_time:…`, in ISO 8601 and UTC; None: without end.
    """

    start_time: float | None = None
    stop_position: str | None = None

    def ends_before(self, commit: int) -> bool:
        """Whether a change of this moment, in seconds since 1970, comes too late."""
        moment = self._moment("commit_time")
        return moment is not None and commit > moment

    def has_ended(self) -> bool:
        """Whether it is time to stop by the clock."""
        moment = self._moment("server_time")
        return moment is not None and time.time() >= moment

    def _moment(self, kind: str) -> float | None:
        if self.stop_position is None or not self.stop_position.startswith(f"{kind}:"):
            return None
        return _seconds(self.stop_position.removeprefix(f"{kind}:"))


NO_LIMITS = Limits()
"""From where the log is, without end."""
