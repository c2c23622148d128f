"""Reports to the embedded AWS what a task moves, so that DMS's own calls show it.

`describe_table_statistics`, `describe_replication_tasks` and their serverless twins then answer as
they would for a task on AWS; see `dms_stream.local_aws.dms_reports`.
"""

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Self

from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session

from dms_stream.local_aws import REPORT_PATH
from dms_stream.rehearsal.deployed_task import DeployedTask

Event = Mapping[str, Any]

_EVERY_SECONDS = 1.0
_TIMEOUT_SECONDS = 10
_COLUMNS = {
    "FullLoadRows": "load",
    "Inserts": "insert",
    "Updates": "update",
    "Deletes": "delete",
    "Ddls": "ddl",
}


class TableStatistics:
    """Reports a task while it runs, and how it ended.

        with TableStatistics(task, url) as statistics:
            with EngineProcess(…, on_event=statistics.beside(on_event)) as engine:

    A report that does not arrive is dropped: an observer must not stop the task.

    Args:
        task: The deployed task.
        endpoint_url: Address of the embedded AWS; None: nothing is reported.
    """

    def __init__(self, task: DeployedTask, endpoint_url: str | None) -> None:
        self._task, self._endpoint_url = task, endpoint_url
        self._session = URLLib3Session(timeout=_TIMEOUT_SECONDS)
        self._states: dict[str, str] = {}
        self._targets: dict[str, str] = {}
        self._counts: Mapping[str, Mapping[str, int]] = {}
        self._reported_at = 0.0
        self._has_ended = False

    def beside(self, on_event: Callable[[Any], None]) -> Callable[[Any], None]:
        """A listener that takes an event, then passes it on."""

        def both(event: Any) -> None:
            self.take(event)
            on_event(event)

        return both

    def take(self, event: Event) -> None:
        """Take an event of the task's process."""
        self._counts = event.get("counts", self._counts)
        match event["event"]:
            case "ready":
                state = "Before load" if self._task.loads else "Table completed"
                self._states = dict.fromkeys(event["tables"], state)
                self._targets = event.get("targets", {})
                self._report("running")
            case "loaded":
                self._states[event["table"]] = "Full load"
            case "checkpoint":
                self._complete(event.get("loaded", ()))
                if time.monotonic() - self._reported_at >= _EVERY_SECONDS:
                    self._report("running")
            case "full-load-done":
                self._complete(self._states)
                self._report("running")
            case "done":
                self._complete(self._states)
                reason = "NORMAL" if self._task.captures else "FULL_LOAD_ONLY_FINISHED"
                self._end("stopped", StopReason=f"Stop Reason {reason}")
            case "error":
                self._fail(event["message"])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, Exception):
            self._fail(str(error))
        self._end("stopped", StopReason="Stop Reason NORMAL")
        self._session.close()

    def _complete(self, tables: Any) -> None:
        self._states |= dict.fromkeys(tables, "Table completed")

    def _fail(self, message: str) -> None:
        self._end("failed", StopReason="Stop Reason FATAL_ERROR", FailureMessage=message)

    def _end(self, status: str, **more: str) -> None:
        if self._states and not self._has_ended:
            self._has_ended = True
            self._report(status, **more)

    def _report(self, status: str, **more: str) -> None:
        if self._endpoint_url is None:
            return
        self._reported_at = time.monotonic()
        report = {
            "Arn": self._task.arn,
            "Status": status,
            "TableStatistics": self._tables(),
            **more,
        }
        request = AWSRequest("POST", self._endpoint_url + REPORT_PATH, data=json.dumps(report))
        with suppress(BotoCoreError):
            self._session.send(request.prepare())

    def _tables(self) -> list[dict[str, Any]]:
        # several tables may become one on the target, and are counted there
        targets = {table: self._targets.get(table, table) for table in self._states}
        reported = [*targets.values()]
        rows = {
            target if reported.count(target) > 1 else table: (target, self._states[table])
            for table, target in targets.items()
        }
        # and some are made while it runs
        rows |= {name: (name, "Table completed") for name in self._counts if name not in reported}
        found = []
        for name, (target, state) in rows.items():
            schema, _, table = name.partition(".")
            counts = self._counts.get(target, {})
            moved = {column: counts.get(kind, 0) for column, kind in _COLUMNS.items()}
            found.append({"SchemaName": schema, "TableName": table, "TableState": state, **moved})
        return found
