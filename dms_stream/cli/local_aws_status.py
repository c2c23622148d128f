"""`dms-stream local-aws status`: the embedded AWS and all that it runs."""

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dms_stream.hanging_text import print_whole
from dms_stream.local_aws import Endpoint
from dms_stream.local_aws.data_plane_client import DataPlaneClient
from dms_stream.local_aws.errors import LocalAwsError
from dms_stream.plural import plural

_COLUMNS = (
    ("FullLoadRows", "loaded"),
    ("Inserts", "inserted"),
    ("Updates", "updated"),
    ("Deletes", "deleted"),
)


def status_document(endpoint: Endpoint) -> dict[str, Any]:
    """It as JSON.

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
        found |= children
    return found


def show_status(console: Console, endpoint: Endpoint) -> None:
    """It for people: its address, the source, tasks with their tables, deliveries."""
    console.print(f"{endpoint.url} (process {endpoint.pid}, since {endpoint.started})")
    children = _children(endpoint)
    if children is None:
        console.print("started without a data plane: no rows move")
        return
    source = _database(children["database"])
    console.print(f"sources are stood in for by {source}", soft_wrap=True)
    for task in children["tasks"]:
        console.print(f"task {_name(task)}: {_how(task)}", soft_wrap=True)
        if task["tables"]:
            print_whole(console, _tables(task["tables"]))
    for delivery in children["deliveries"]:
        records = plural(delivery["records"], "record")
        objects = plural(delivery["objects"], "object")
        console.print(
            f"delivery {_name(delivery)}: {_how(delivery)}, {records} "
            f"in {objects} of {delivery['bucket'] or '(not known yet)'}, "
            f"{delivery['millis_behind'] / 1000:.1f} s behind the stream",
            soft_wrap=True,
        )
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


def _how(child: dict[str, Any]) -> str:
    process = child["process_id"]
    return str(child["status"]) + (f" (process {process})" if process else "")


def _tables(tables: list[dict[str, Any]]) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=True)
    table.add_column("  table", no_wrap=True)
    table.add_column("state")
    for _, word in _COLUMNS:
        table.add_column(word, justify="right")
    for moved in tables:
        name = f"  {moved['SchemaName']}.{moved['TableName']}"
        counts = [f"{moved[key]:,}" for key, _ in _COLUMNS]
        table.add_row(Text(name), moved["TableState"], *counts)
    return table


def _name(child: dict[str, Any]) -> str:
    return str(child.get("name") or child["identifier"])
