"""`dms-stream local-aws status --watch`: rows on their way from the source to the bucket."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from dms_stream.cli.errors import CommandError
from dms_stream.local_aws import Endpoint
from dms_stream.local_aws.data_plane_client import DataPlaneClient

_EVERY_SECONDS = 1.0
# children tell of themselves once or twice a second
_RATE_SECONDS = 5.0
_CHANGES = (("insert", "inserted"), ("update", "updated"), ("delete", "deleted"))
_MIB = 1024**2
_NAME_WIDTH = 40
_STYLES = {"running": "green", "failed": "bold red", "ALARM": "bold red"}

Look = Mapping[str, Any]


def watch(
    console: Console, endpoint: Endpoint, *, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Draw it every second until Ctrl-C.

    Args:
        console: A terminal.
        endpoint: A running embedded AWS.
        sleep: Waits between two looks.

    Raises:
        CommandError: standard output is no terminal.
        LocalAwsError: it moves no rows, or has ended.
    """
    if not console.is_terminal:
        raise CommandError(
            "--watch draws on a terminal, and standard output is none: leave it out, or take --json"
        )
    client = DataPlaneClient(endpoint.url)
    looks: deque[tuple[float, Look]] = deque()
    with Live(console=console, auto_refresh=False, screen=True) as live:
        while True:
            now = time.time()
            looks.append((now, client.status()))
            while looks[0][0] < now - _RATE_SECONDS:
                looks.popleft()
            live.update(frame(endpoint.url, looks[0], looks[-1]), refresh=True)
            sleep(_EVERY_SECONDS)


def frame(url: str, before: tuple[float, Look], now: tuple[float, Look]) -> RenderableType:
    """One picture.

    Args:
        url: Of the embedded AWS.
        before: An earlier look and when it was, for the rates.
        now: The latest look, and when it was.
    """
    at, look = now
    seconds = at - before[0]
    parts: list[RenderableType] = [
        Rule(f"{url}, {time.strftime('%H:%M:%S', time.localtime(at))}", align="left"),
        Text(f"scale of time: {look['time_scale']:g}", "dim"),
        Text(),
    ]
    way = Table.grid(padding=(0, 2))
    way.add_column(style="bold", no_wrap=True)
    way.add_column(no_wrap=True, overflow="ellipsis", max_width=_NAME_WIDTH)
    way.add_column(no_wrap=True)
    way.add_column(justify="right", no_wrap=True)
    way.add_column(overflow="fold")
    earlier = {_name(child): child for child in _children(before[1])}
    for task in look["tasks"]:
        for row in _task_rows(task, earlier.get(_name(task)), at, seconds):
            way.add_row(*row)
    for delivery in look["deliveries"]:
        for row in _delivery_rows(delivery, earlier.get(_name(delivery)), at, seconds):
            way.add_row(*row)
    parts.append(way)
    if not look["tasks"] and not look["deliveries"]:
        parts.append(Text("nothing was started yet", "dim"))
    parts += _messages(look)
    parts += _alarms(look)
    return Group(*parts)


Row = tuple[str, Text, Text, str, str]


def _task_rows(task: Look, before: Look | None, at: float, seconds: float) -> Iterator[Row]:
    counts = list(task["counts"].values())
    loaded = sum(count.get("load", 0) for count in counts)
    moved = [f"{sum(count.get(kind, 0) for count in counts):,} {word}" for kind, word in _CHANGES]
    pulse = task["pulse"] if task["status"] == "running" else {}
    read = written = ""
    if pulse:
        source = _age(pulse["behind_since"], at)
        target = max(source, _age(pulse["waiting_since"], at))
        read = f"read {source:,.1f} s behind"
        written = f"written {target:,.1f} s behind, {pulse['unaccepted']:,} waiting"
    yield "Source", Text(task["source"] or "not known yet"), Text(), "", read
    sent = _rate(_sent(task), _sent(before) if before else None, seconds)
    yield "  Task", Text(_name(task)), _word(task["status"]), sent, written
    yield "", Text(), Text(), "", f"{loaded:,} loaded, {', '.join(moved)}"


def _delivery_rows(delivery: Look, before: Look | None, at: float, seconds: float) -> Iterator[Row]:
    read = _rate(delivery["read"], before["read"] if before else None, seconds)
    behind = f"{delivery['millis_behind'] / 1000:,.1f} s behind its end"
    yield "Stream", Text(delivery["stream"] or "not known yet"), Text(), read, behind
    waiting = delivery["waiting_since"]
    oldest = "nothing waits" if waiting is None else f"oldest waits {_age(waiting, at):,.1f} s"
    put = _rate(delivery["records"], before["records"] if before else None, seconds)
    yield "  Delivery", Text(_name(delivery)), _word(delivery["status"]), put, oldest
    failed = delivery["failed_records"]
    yield (
        "  Bucket",
        Text(delivery["bucket"] or "not known yet"),
        Text(),
        f"{delivery['records']:,}",
        f"{delivery['objects']:,} objects, {delivery['bytes'] / _MIB:,.1f} MiB"
        + (f", {failed:,} could not be delivered" if failed else ""),
    )


def _messages(look: Look) -> list[RenderableType]:
    return [
        Text(f"{_name(child)}: {child['message']}", "red")
        for child in _children(look)
        if child["message"]
    ]


def _alarms(look: Look) -> list[RenderableType]:
    alarms = look["alarms"]
    if not alarms:
        return []
    wrong = sorted(alarm["name"] for alarm in alarms if alarm["state"] == "ALARM")
    found = Text(f"\nAlarms: {len(wrong)} of {len(alarms)}", "bold red" if wrong else "green")
    return [found, *(Text(f"  {name}", "red") for name in wrong)]


def _children(look: Look) -> list[Look]:
    return [*look["tasks"], *look["deliveries"]]


def _name(child: Look) -> str:
    return str(child.get("name") or child["identifier"])


def _word(status: str) -> Text:
    return Text(status, _STYLES.get(status, "yellow"))


def _sent(task: Look) -> int:
    return int(task["pulse"].get("sent", task["sent"]))


def _rate(now: int, before: int | None, seconds: float) -> str:
    # a child that was started again counts from nothing
    if before is None or seconds <= 0 or now < before:
        return "–/s"  # noqa: RUF001
    return f"{(now - before) / seconds:,.0f}/s"


def _age(since: float | None, at: float) -> float:
    return 0.0 if since is None else max(at - since, 0.0)
