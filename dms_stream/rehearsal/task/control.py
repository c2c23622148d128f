"""Starting, watching and stopping a task by DMS's calls, those of DMS Serverless included."""

import time
from collections.abc import Mapping
from typing import Any

from dms_stream.rehearsal.errors import RehearsalError

_POLL_SECONDS = 0.05
_NEVER_STARTED = ("ready", "created")
_STANDS_STILL = (*_NEVER_STARTED, "stopped", "failed")


class TaskControl:
    """A deployed task, by its API.

    Args:
        dms: boto3's client.
        arn: ARN of the task or of the replication config.
    """

    def __init__(self, dms: Any, arn: str) -> None:
        self._dms, self._arn = dms, arn
        self._is_serverless = ":replication-config:" in arn

    def described(self) -> Mapping[str, Any]:
        """What DMS says of it.

        Raises:
            RehearsalError: it does not exist.
        """
        kind = "replication-config-arn" if self._is_serverless else "replication-task-arn"
        filters = [{"Name": kind, "Values": [self._arn]}]
        found = (
            self._dms.describe_replications(Filters=filters)["Replications"]
            if self._is_serverless
            else self._dms.describe_replication_tasks(Filters=filters)["ReplicationTasks"]
        )
        if len(found) != 1:
            raise RehearsalError(f"DMS does not know {self._arn}: deploy the pipeline first")
        task: Mapping[str, Any] = found[0]
        return task

    @property
    def is_started(self) -> bool:
        """Whether it runs, or is about to."""
        return self.described()["Status"] not in _STANDS_STILL

    def start(self) -> None:
        """Start it, for the first time or from its checkpoint."""
        is_first = self.described()["Status"] in _NEVER_STARTED
        kind = "start-replication" if is_first else "resume-processing"
        if self._is_serverless:
            self._dms.start_replication(ReplicationConfigArn=self._arn, StartReplicationType=kind)
        else:
            self._dms.start_replication_task(
                ReplicationTaskArn=self._arn, StartReplicationTaskType=kind
            )

    def stop(self) -> None:
        """Stop it, and wait until it has ended; fine when it has.

        Raises:
            RehearsalError: it has failed.
        """
        if self.described()["Status"] not in (*_STANDS_STILL, "stopping"):
            if self._is_serverless:
                self._dms.stop_replication(ReplicationConfigArn=self._arn)
            else:
                self._dms.stop_replication_task(ReplicationTaskArn=self._arn)
        while (task := self.described())["Status"] not in _STANDS_STILL:
            time.sleep(_POLL_SECONDS)
        if task["Status"] == "failed":
            self.refuse_ended(task)

    def refuse_ended(self, task: Mapping[str, Any]) -> None:
        """Refuse to wait for one that has ended.

        Args:
            task: What DMS said of it.

        Raises:
            RehearsalError: it has failed, with DMS's message, or was stopped.
        """
        if task["Status"] == "failed":
            messages = task.get("FailureMessages") or [task.get("LastFailureMessage", "")]
            raise RehearsalError("; ".join(messages))
        if task["Status"] == "stopped" and "FULL_LOAD_ONLY" not in task.get("StopReason", ""):
            raise RehearsalError(
                "somebody has stopped the task: run it again to continue from the last checkpoint"
            )
