"""Asking Athena about what landed, and waiting for the answer.

https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from constructs_lib.workload.prices import load_prices
from dms_stream.operations.errors import OperationError

_TERABYTE = 1024**4
# a query is charged for at least that: https://aws.amazon.com/athena/pricing/
_LEAST_BYTES = 10 * 1024**2

_READING = ("SELECT", "WITH", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "VALUES", "TABLE")
_COMMENTS = re.compile(r"^(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/)*", re.DOTALL)
_FIRST_LOOK_SECONDS, _LONGEST_PAUSE_SECONDS = 0.25, 2.0
_WAITING = ("QUEUED", "RUNNING")


@dataclass(frozen=True)
class Answer:
    """The answer to a query.

    Attributes:
        columns: Names of the columns.
        rows: Rows, as text where Athena gave them; None is NULL.
        is_all: Whether these are all rows.
        scanned_bytes: How much was read; None: not told.
        usd: About what that costs, by the list price; None: nothing.
        seconds: How long it took.
    """

    columns: list[str]
    rows: list[list[Any]]
    is_all: bool
    scanned_bytes: int | None
    usd: float | None
    seconds: float


def require_reading(sql: str) -> None:
    """Refuse a statement that does anything but read.

    Raises:
        OperationError: it begins with another word.
    """
    words = _COMMENTS.sub("", sql).lstrip("( \n\t").split(maxsplit=1)
    first = words[0].upper().rstrip(";") if words else ""
    if first not in _READING:
        raise OperationError(
            f"query reads only, and this begins with {first or 'nothing'}; allowed: "
            f"{', '.join(_READING)}"
        )


def cost_of(scanned_bytes: int) -> float:
    """What a query costs that scans so much, in US dollars by the list price."""
    if not scanned_bytes:
        return 0.0
    terabytes = max(scanned_bytes, _LEAST_BYTES) / _TERABYTE
    return terabytes * load_prices().of("athena.scanned", "TB")


def ask(
    athena: Any,
    sql: str,
    *,
    database: str,
    workgroup: str | None,
    output: str | None,
    most: int,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Answer:
    """Ask Athena, and wait. A query that is not waited for any longer is cancelled.

    Args:
        athena: boto3's client.
        sql: The query.
        database: The Glue database that names without one belong to.
        workgroup: The workgroup; None: the account's own, `primary`.
        output: Where the results go, `s3://…/`; None: where the workgroup says.
        most: How many rows to take.
        clock: Tells the time, in seconds.
        sleep: Waits between two looks.

    Raises:
        OperationError: the statement does more than read, or the query failed.
    """
    require_reading(sql)
    begun = clock()
    request: dict[str, Any] = {
        "QueryString": sql,
        "QueryExecutionContext": {"Database": database},
        "WorkGroup": workgroup or "primary",
    }
    if output is not None:
        request["ResultConfiguration"] = {"OutputLocation": output}
    query = athena.start_query_execution(**request)["QueryExecutionId"]
    try:
        execution = _finished(athena, query, sleep)
    except BaseException:
        athena.stop_query_execution(QueryExecutionId=query)
        raise
    state = execution["Status"]["State"]
    if state != "SUCCEEDED":
        why = execution["Status"].get("StateChangeReason") or "Athena gives no reason"
        raise OperationError(f"Athena: the query {state.lower()}: {why}")
    columns, rows, is_all = _rows(athena, query, most)
    scanned = execution.get("Statistics", {}).get("DataScannedInBytes")
    return Answer(
        columns,
        rows,
        is_all,
        scanned,
        None if scanned is None else cost_of(scanned),
        clock() - begun,
    )


def _finished(athena: Any, query: str, sleep: Callable[[float], None]) -> dict[str, Any]:
    pause = _FIRST_LOOK_SECONDS
    while True:
        execution: dict[str, Any] = athena.get_query_execution(QueryExecutionId=query)[
            "QueryExecution"
        ]
        if execution["Status"]["State"] not in _WAITING:
            return execution
        sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


def _rows(athena: Any, query: str, most: int) -> tuple[list[str], list[list[Any]], bool]:
    columns: list[str] = []

    def all_rows() -> Any:
        nonlocal columns
        pages = athena.get_paginator("get_query_results").paginate(QueryExecutionId=query)
        for number, page in enumerate(pages):
            found = page["ResultSet"]
            rows = [
                [cell.get("VarCharValue") for cell in row.get("Data", [])] for row in found["Rows"]
            ]
            if number == 0:
                columns = [each["Name"] for each in found["ResultSetMetadata"]["ColumnInfo"]]
                # of a SELECT the first row repeats the names
                rows = rows[1:] if rows and rows[0] == columns else rows
            yield from rows

    found = list(islice(all_rows(), most + 1))
    return columns, found[:most], len(found) <= most
