"""Reports of what tasks do, so that DMS's own calls show it.

DMS counts what its tasks move. Here the data plane moves the rows and reports them in DMS's terms.
Dates and totals are worked out here.
"""

import time

from moto.dms.models import dms_backends

from dms_stream.local_aws.dms import DmsBackend, Resource
from dms_stream.local_aws.protocol import moto_lock

# https://docs.aws.amazon.com/dms/latest/APIReference/API_TableStatistics.html
_MOVED = ("FullLoadRows", "Inserts", "Updates", "Deletes", "Ddls")
_NOT_KNOWN_HERE: Resource = {
    "FullLoadCondtnlChkFailedRows": 0,
    "FullLoadErrorRows": 0,
    "FullLoadReloaded": False,
    "ValidationPendingRecords": 0,
    "ValidationFailedRecords": 0,
    "ValidationSuspendedRecords": 0,
    "ValidationState": "Not enabled",
}
_TOTALS = {
    "TablesQueued": "Before load",
    "TablesLoading": "Full load",
    "TablesLoaded": "Table completed",
    "TablesErrored": "Table error",
}
_LOADING = ("Full load", "Table is being reloaded")
# what is said once a task runs no more
_ENDINGS = ("StopReason", "LastFailureMessage", "FailureMessages")


def report(told: Resource) -> None:
    """Show what a task does, in DMS's calls; one that was deleted meanwhile is left out.

    Args:
        told: `Arn` of a task or a replication config; `Status`, which is `starting`, `running`,
            `stopping`, `stopped` with a `StopReason`, or `failed` with a `FailureMessage`, too;
            `Phase` of the start of a serverless replication; `TableStatistics`; and where it is
            known, the `RecoveryCheckpoint`.
    """
    _, _, _, region, account, kind, _ = told["Arn"].split(":", 6)
    with moto_lock:
        dms = dms_backends[account][region]
        assert isinstance(dms, DmsBackend)
        resources = dms.tasks if kind == "task" else dms.replications
        if told["Arn"] in resources:
            _take(dms, resources[told["Arn"]], told, is_task=kind == "task")


def _take(dms: DmsBackend, resource: Resource, told: Resource, *, is_task: bool) -> None:
    now, arn, status = time.time(), told["Arn"], told["Status"]
    before = {(t["SchemaName"], t["TableName"]): t for t in dms.table_statistics.get(arn, [])}
    tables = [
        _table(before.get((moved["SchemaName"], moved["TableName"]), {}), moved, now)
        for moved in told["TableStatistics"]
    ]
    dms.table_statistics[arn] = tables
    stats: Resource = resource.setdefault(
        "ReplicationTaskStats" if is_task else "ReplicationStats", {}
    )
    if "RecoveryCheckpoint" in told:
        resource["RecoveryCheckpoint"] = told["RecoveryCheckpoint"]
    resource["Status"] = told["Phase"] if status == "starting" and not is_task else status
    if status in ("stopped", "failed"):
        stats["StopDate"] = now
        if not is_task:
            resource["ReplicationLastStopTime"] = now
        resource["StopReason"] = told["StopReason"]
        if message := told.get("FailureMessage"):
            resource |= (
                {"LastFailureMessage": message} if is_task else {"FailureMessages": [message]}
            )
    else:
        for old in _ENDINGS:
            resource.pop(old, None)
    stats["ElapsedTimeMillis"] = int((now - stats.get("StartDate", now)) * 1000)
    stats |= _totals(tables)


def _table(before: Resource, moved: Resource, now: float) -> Resource:
    table = before | _NOT_KNOWN_HERE | moved
    table |= {f"Applied{kind}": moved[kind] for kind in _MOVED if kind != "FullLoadRows"}
    if any(moved[kind] != before.get(kind) for kind in (*_MOVED, "TableState")):
        table["LastUpdateTime"] = now
    if moved["TableState"] in _LOADING and before.get("TableState") not in _LOADING:
        table["FullLoadStartTime"] = now
        table.pop("FullLoadEndTime", None)
    if moved["TableState"] == "Table completed" and (
        moved["FullLoadRows"] or "FullLoadStartTime" in table
    ):
        table.setdefault("FullLoadStartTime", now)
        table.setdefault("FullLoadEndTime", now)
    return table


def _totals(tables: list[Resource]) -> Resource:
    totals: Resource = {
        name: sum(table["TableState"] == state for table in tables)
        for name, state in _TOTALS.items()
    }
    totals["FullLoadProgressPercent"] = 100 * totals["TablesLoaded"] // max(len(tables), 1)
    if begun := [t["FullLoadStartTime"] for t in tables if "FullLoadStartTime" in t]:
        totals["FullLoadStartDate"] = min(begun)
    ended = [t["FullLoadEndTime"] for t in tables if "FullLoadEndTime" in t]
    if ended and totals["FullLoadProgressPercent"] == 100:
        totals["FullLoadFinishDate"] = max(ended)
    return totals
