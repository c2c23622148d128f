"""Reports of a rehearsed task, so that DMS's own calls show its progress.

DMS counts what its tasks move. Here another process moves the rows and reports them, in DMS's
terms, through a route of its own:

    POST /moto-api/dms/report
    {"Arn": …, "Status": "running", "TableStatistics": [{"SchemaName": …, "Inserts": …}, …]}

`Arn` names a task or a replication config. `Status` is `running`, `stopped` with a `StopReason`, or
`failed` with a `FailureMessage`. Dates and totals are worked out here.
"""

import json
import time
from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.dms.models import dms_backends
from moto.moto_api._internal import urls

from dms_stream.local_aws.dms import DmsBackend, Resource
from dms_stream.local_aws.isolation import REPORT_PATH
from dms_stream.local_aws.repairs import Repairs

repairs = Repairs()

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


@repairs.once
def _add_route() -> None:
    urls.url_paths[f"{{0}}{REPORT_PATH}"] = _answer


def _answer(request: Any, full_url: str, headers: Any) -> TYPE_RESPONSE:
    del full_url, headers
    report: Resource = json.loads(request.get_data())
    _, _, _, region, account, kind, _ = report["Arn"].split(":", 6)
    dms = dms_backends[account][region]
    assert isinstance(dms, DmsBackend)
    resources = dms.tasks if kind == "task" else dms.replications
    if report["Arn"] not in resources:
        return 404, {}, f"there is no {report['Arn']}"
    _take(dms, resources[report["Arn"]], report, is_task=kind == "task")
    return 204, {}, ""


def _take(dms: DmsBackend, resource: Resource, report: Resource, *, is_task: bool) -> None:
    now, arn, status = time.time(), report["Arn"], report["Status"]
    before = {(t["SchemaName"], t["TableName"]): t for t in dms.table_statistics.get(arn, [])}
    tables = [
        _table(before.get((reported["SchemaName"], reported["TableName"]), {}), reported, now)
        for reported in report["TableStatistics"]
    ]
    dms.table_statistics[arn] = tables
    stats: Resource = resource.setdefault(
        "ReplicationTaskStats" if is_task else "ReplicationStats", {}
    )
    if status == "running" and resource["Status"] != "running":
        for old in ("StopReason", "LastFailureMessage", "FailureMessages"):
            resource.pop(old, None)
        if is_task:
            resource["ReplicationTaskStartDate"] = now
        stats.pop("StopDate", None)
        stats |= {"StartDate": now, "FreshStartDate": stats.get("FreshStartDate", now)}
    resource["Status"] = status
    if status != "running":
        stats["StopDate"] = now
        if not is_task:
            resource["ReplicationLastStopTime"] = now
        resource["StopReason"] = report.get("StopReason", "Stop Reason FATAL_ERROR")
    if message := report.get("FailureMessage"):
        resource |= {"LastFailureMessage": message} if is_task else {"FailureMessages": [message]}
    stats["ElapsedTimeMillis"] = int((now - stats.get("StartDate", now)) * 1000)
    stats |= _totals(tables)


def _table(before: Resource, reported: Resource, now: float) -> Resource:
    table = before | _NOT_KNOWN_HERE | reported
    table |= {f"Applied{kind}": reported[kind] for kind in _MOVED if kind != "FullLoadRows"}
    if any(reported[kind] != before.get(kind) for kind in (*_MOVED, "TableState")):
        table["LastUpdateTime"] = now
    if reported["TableState"] == "Full load" or reported["FullLoadRows"]:
        table.setdefault("FullLoadStartTime", now)
    if reported["TableState"] == "Table completed" and "FullLoadStartTime" in table:
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
