"""What is known of a task: built from its process's events, read by whoever reports on it.

`TaskState.take` is the one place where the events of `dms_stream.rehearsal.task` become state and
counters.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Event = Mapping[str, Any]
TaskStatus = Literal["starting", "running", "stopping", "stopped", "failed"]

# https://docs.aws.amazon.com/dms/latest/APIReference/API_TableStatistics.html
_COLUMNS = {
    "FullLoadRows": "load",
    "Inserts": "insert",
    "Updates": "update",
    "Deletes": "delete",
    "Ddls": "ddl",
}
_BEING_RELOADED = "Table is being reloaded"


@dataclass
class TaskState:
    """A task's process, from its start to its end.

    Attributes:
        arn: ARN of the task or of the replication config.
        identifier: Its name.
        status: What it does, in DMS's words.
        phase: How far its start has come, in DMS Serverless's words.
        stop_reason: DMS's `StopReason`, once it has ended.
        message: Why it failed; empty where it did not.
        process_id: Its process; None where it has none.
        source: Host and port of the database that it reads; empty: not known yet.
        since: When it was last started, in seconds since 1970.
        loads: Whether it loads the rows as they are.
        captures: Whether it captures changes.
        is_loaded: Whether its full load is complete.
        counts: Records on the stream, by table on the target, then by operation.
        sent: Records that this process has put on the stream.
        sent_bytes: Their size.
        position: Where it has got in the binary log, `file:offset`; None: not known yet.
        source_time: When the last captured change was made, in seconds since 1970; None: none yet.
        waiting: Records made that the stream has not accepted yet.
        pulse: How far it is, twice a second; `Engine.pulse` says what it holds.
        pulses: How many there were.
        facts: What a comparison needs to know of the records: `names`, `keys`, `run_starts`,
            `alterations`, `lobs_cut`, `key_changes`, `unsupported`.
    """

    arn: str
    identifier: str
    status: TaskStatus = "starting"
    phase: str = "initializing"
    stop_reason: str = ""
    message: str = ""
    process_id: int | None = None
    source: str = ""
    since: float = field(default_factory=time.time)
    loads: bool = True
    captures: bool = True
    is_loaded: bool = False
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    sent: int = 0
    sent_bytes: int = 0
    position: str | None = None
    source_time: float | None = None
    waiting: int = 0
    pulse: Mapping[str, Any] = field(default_factory=dict)
    pulses: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)
    _table_states: dict[str, str] = field(default_factory=dict)
    _targets: Mapping[str, str] = field(default_factory=dict)
    _reloaded: set[str] = field(default_factory=set)

    def take(self, event: Event) -> None:
        """Take an event of its process."""
        self.counts = event.get("counts", self.counts)
        match event["event"]:
            case "ready":
                self._begin(event)
            case "loaded":
                if self._table_states.get(event["table"]) != _BEING_RELOADED:
                    self._table_states[event["table"]] = "Full load"
            case "reloading":
                self._table_states |= dict.fromkeys(event["tables"], _BEING_RELOADED)
                self._reloaded |= set(event["tables"])
            case "checkpoint":
                self._take_checkpoint(event)
            case "pulse":
                self.pulse = event
                self.pulses += 1
            case "idle":
                self.position = event["position"]
            case "full-load-done":
                self.is_loaded = True
                self._complete(self._table_states)
            case "done":
                self._complete(self._table_states)
                self.stop_reason = f"Stop Reason {event['stop_reason']}"
            case "error":
                self.message = event["message"]

    def continue_from(self, before: "TaskState") -> None:
        """Take over what an earlier run has moved."""
        self.counts, self.position, self.facts = before.counts, before.position, before.facts
        self._table_states, self._targets = dict(before._table_states), before._targets
        self._reloaded = set(before._reloaded)

    def is_stopping(self) -> None:
        """It was told to stop."""
        if self.status in ("starting", "running"):
            self.status = "stopping"

    def end(self, message: str = "") -> None:
        """Its process has ended.

        Args:
            message: Why it failed, unless the process has said so itself; empty: it did not fail.
        """
        self.process_id = None
        self.message = self.message or message
        if self.message:
            self.status, self.stop_reason = "failed", "Stop Reason FATAL_ERROR"
        else:
            self.status = "stopped"
            self.stop_reason = self.stop_reason or "Stop Reason NORMAL"

    @property
    def recovery_checkpoint(self) -> str | None:
        """Where it would continue, as DMS writes it; None: not known yet.

        https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Task.CDC.html
        """
        if self.position is None or not self.captures:
            return None
        file, _, offset = self.position.rpartition(":")
        return f"checkpoint:V1#1#{file}:{offset}:-1:{offset}:0:{file}:{offset}#0#0#*#0#0"

    def tables(self) -> list[dict[str, Any]]:
        """The tables' statistics, by DMS's names."""
        # several tables may become one on the target, and are counted there
        targets = {table: self._targets.get(table, table) for table in self._table_states}
        reported = [*targets.values()]
        rows = {
            target if reported.count(target) > 1 else table: (target, self._table_states[table])
            for table, target in targets.items()
        }
        # and some are made while it runs
        rows |= {name: (name, "Table completed") for name in self.counts if name not in reported}
        found = []
        for name, (target, state) in rows.items():
            schema, _, table = name.partition(".")
            counts = self.counts.get(target, {})
            found.append(
                {
                    "SchemaName": schema,
                    "TableName": table,
                    "TableState": state,
                    **{column: counts.get(kind, 0) for column, kind in _COLUMNS.items()},
                    "FullLoadReloaded": name in self._reloaded,
                }
            )
        return found

    def report(self) -> dict[str, Any]:
        """What DMS's own calls show of it; see `dms_stream.local_aws.dms_progress`."""
        found: dict[str, Any] = {
            "Arn": self.arn,
            "Status": self.status,
            "Phase": self.phase,
            "TableStatistics": self.tables(),
        }
        if self.recovery_checkpoint:
            found["RecoveryCheckpoint"] = self.recovery_checkpoint
        if self.stop_reason:
            found["StopReason"] = self.stop_reason
        if self.message:
            found["FailureMessage"] = self.message
        return found

    def summary(self) -> dict[str, Any]:
        """All of it but the facts as JSON, for `local-aws status` and the rehearsal."""
        return {
            "arn": self.arn,
            "identifier": self.identifier,
            "status": self.status,
            "stop_reason": self.stop_reason,
            "message": self.message,
            "process_id": self.process_id,
            "source": self.source,
            "since": self.since,
            "is_loaded": self.is_loaded,
            "counts": self.counts,
            "sent": self.sent,
            "sent_bytes": self.sent_bytes,
            "position": self.position,
            "source_time": self.source_time,
            "pulse": self.pulse,
            "tables": self.tables(),
        }

    def _begin(self, event: Event) -> None:
        if self.status == "starting":
            self.status = "running"
        self.loads, self.captures = event["loads"], event["captures"]
        before = self._table_states
        state = "Before load" if self.loads else "Table completed"
        self._table_states = {table: before.get(table, state) for table in event["tables"]}
        self._targets = event["targets"]
        self._complete(event["loaded"])

    def _take_checkpoint(self, event: Event) -> None:
        self.sent, self.sent_bytes = event["sent"], event["bytes"]
        self.waiting = event["waiting"]
        self.position = event["position"]
        self.source_time = event["source_time"]
        self.facts = event["facts"]
        self._complete(event["loaded"])

    def _complete(self, tables: Any) -> None:
        self._table_states |= dict.fromkeys(tables, "Table completed")
