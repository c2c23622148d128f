"""`dms-stream local-aws status`: the embedded AWS and all that it runs."""

from typing import Any

from rich.console import Console
from rich.table import Table

from dms_stream.local_aws import Endpoint
from dms_stream.local_aws.data_plane_client import DataPlaneClient
from dms_stream.local_aws.errors import LocalAwsError

_MOVED = (("FullLoadRows", "loaded"), ("Inserts", "inserted"), ("Updates", "updated"))
_COLUMNS = (*_MOVED, ("Deletes", "deleted"))


def status_document(endpoint: Endpoint) -> dict[str, Any]:
    """It as JSON; without what only a rehearsal needs of it.

    Args:
        endpoint: A running embedded AWS.
    """
    found: dict[str, Any] = {
        "url": endpoint.url,
        "process_id": endpoint.pid,
        "started": endpoint.started,
    }
    children = _children(endpoint)
    if children is not None:
        for task in children["tasks"]:
            del task["facts"]
        found |= children
    return found


def show_status(console: Console, endpoint: Endpoint) -> None:
    """It for people: its address, the source, tasks with their tables, deliveries."""
    console.print(f"{endpoint.url} (process {endpoint.pid}, since {endpoint.started})")
    children = _children(endpoint)
    if children is None:
        console.print("started without a data plane: no rows move")
        return
    console.print(f"sources are stood in for by {_database(children['database'])}")
    if children["tasks"]:
        console.print(_tasks(children["tasks"]))
    if children["deliveries"]:
        console.print(_deliveries(children["deliveries"]))
    for child in (*children["tasks"], *children["deliveries"]):
        if child["message"]:
            text = f"{_name(child)}: {child['message']}"
            console.print(text, markup=False, highlight=False, soft_wrap=True)


def _children(endpoint: Endpoint) -> dict[str, Any] | None:
    try:
        return DataPlaneClient(endpoint.url).status()
    except LocalAwsError:
        return None


def _database(database: dict[str, Any]) -> str:
    if not database["is_ours"]:
        return str(database["address"])
    if database["address"] is None:
        return "a database of our own, started when a task first needs it"
    return f"a database of our own with the sample, at {database['address']}"


def _tasks(tasks: list[dict[str, Any]]) -> Table:
    table = Table(title="Tasks", title_justify="left")
    for column in ("Task", "Status", "Table", "State", *(word for _, word in _COLUMNS), "Process"):
        table.add_column(column, justify="right" if column.islower() else "left")
    for task in tasks:
        shown = [_name(task), task["status"]]
        process = str(task["process_id"] or "")
        for moved in task["tables"] or [{}]:
            name = ".".join(filter(None, (moved.get("SchemaName"), moved.get("TableName"))))
            counts = [f"{moved[key]:,}" if moved else "" for key, _ in _COLUMNS]
            table.add_row(*shown, name, moved.get("TableState", ""), *counts, process)
            shown, process = ["", ""], ""
    return table


def _deliveries(deliveries: list[dict[str, Any]]) -> Table:
    table = Table(title="Deliveries", title_justify="left")
    for column in ("Delivery stream", "Status", "Bucket", "records", "objects", "behind"):
        table.add_column(column, justify="right" if column.islower() else "left")
    table.add_column("Process")
    for delivery in deliveries:
        table.add_row(
            _name(delivery),
            delivery["status"],
            delivery["bucket"],
            f"{delivery['records']:,}",
            f"{delivery['objects']:,}",
            f"{delivery['millis_behind'] / 1000:.1f} s",
            str(delivery["process_id"] or ""),
        )
    return table


def _name(child: dict[str, Any]) -> str:
    return str(child.get("name") or child["identifier"])
