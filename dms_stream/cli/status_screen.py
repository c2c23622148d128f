"""`dms-stream status`: how deployed pipelines are, on one screen."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from dms_stream.cli.aws_access import aws_errors
from dms_stream.cli.errors import CommandError
from dms_stream.cli.json_output import print_json
from dms_stream.cli.operable import Operable, open_operable
from dms_stream.operations.health import Finding, is_wrong, judge
from dms_stream.operations.metrics import Progress, Value
from dms_stream.operations.replicator import ReplicatorState
from dms_stream.operations.status import (
    SERVICES,
    DeliveryStatus,
    PipelineStatus,
    StreamStatus,
    read_status,
)

_GOOD = ("running", "ACTIVE", "OK")
_UNKNOWN = "not known"
_NO_DATA = "no data"

Judged = tuple[PipelineStatus, list[Finding]]


def run_status(
    console: Console,
    environment: str | None,
    pipelines: list[str] | None,
    *,
    watch: bool,
    every: int,
    emulated: bool,
    as_json: bool,
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """Show how pipelines are, once or until Ctrl-C.

    Args:
        console: Where to write.
        environment: Name or file of the environment.
        pipelines: Names of the pipelines; None: all that are deployed.
        watch: Whether to look again and again.
        every: Seconds between two looks.
        emulated: Whether to use the embedded AWS whatever the settings say.
        as_json: Whether to print JSON; of a watch a line for each look.
        sleep: Waits between two looks.

    Returns:
        Whether nobody has to act.

    Raises:
        DmsStreamError: AWS cannot be asked, or nothing is deployed.
    """
    operable = open_operable(environment, pipelines, *SERVICES, emulated=emulated)
    judged = look(operable)
    if not watch:
        if as_json:
            print_json(as_document(judged))
        else:
            console.print(screen(judged))
        return _is_well(judged)
    if as_json:
        while True:
            print_json(as_document(judged), lines=True)
            sleep(every)
            judged = look(operable)
    if not console.is_terminal:
        raise CommandError(
            "--watch draws on a terminal, and standard output is none: leave it out, or take --json"
        )
    # what AWS does not answer once may be answered next time
    with Live(screen(judged), console=console, auto_refresh=False, screen=True) as live:
        while True:
            sleep(every)
            try:
                shown: RenderableType = screen(look(operable))
            except CommandError as error:
                shown = Text(str(error), "bold red")
            live.update(shown, refresh=True)


def look(operable: Operable) -> list[Judged]:
    """Ask how all pipelines are, at the same time, and judge it."""
    with aws_errors(), ThreadPoolExecutor(max(1, len(operable.pipelines))) as threads:
        looking = [
            threads.submit(read_status, operable.clients, pipeline)
            for pipeline in operable.pipelines
        ]
        found = [each.result() for each in looking]
    now = datetime.now(UTC)
    found += [PipelineStatus(name, now, is_deployed=False) for name in operable.missing]
    return [(status, judge(status, option=operable.option)) for status in found]


def as_document(judged: list[Judged]) -> list[dict[str, object]]:
    """The same for a program."""
    return [
        {**asdict(status), "findings": [asdict(finding) for finding in findings]}
        for status, findings in judged
    ]


def _is_well(judged: list[Judged]) -> bool:
    return not any(is_wrong(findings) for _, findings in judged)


def screen(judged: list[Judged]) -> Group:
    """All pipelines, one below the other."""
    return Group(*(part for status, findings in judged for part in _parts(status, findings)))


def _parts(status: PipelineStatus, findings: list[Finding]) -> list[RenderableType]:
    title = f"{status.pipeline}, {status.looked_at:%Y-%m-%d %H:%M:%S} UTC"
    parts: list[RenderableType] = [Rule(title, align="left")]
    if status.is_deployed:
        parts.append(_way(status))
    if status.tables:
        parts.append(Padding(_tables(status), (1, 0, 0, 0)))
    if status.errors:
        parts.append(Padding(_errors(status), (1, 0, 0, 0)))
    parts.append(Padding(_findings(findings), (1, 0, 1, 0)))
    return parts


def _way(status: PipelineStatus) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    progress = status.progress or Progress()
    undelivered = status.undelivered
    table.add_row("Replication", *_replication(status.replication))
    table.add_row("Lag", "", _UNKNOWN if status.progress is None else _lag(progress))
    table.add_row("Stream", *_stream(status.stream, progress))
    table.add_row("Delivery", *_delivery(status.delivery, progress))
    table.add_row(
        "Not delivered",
        _word(None) if undelivered is None else Text(str(undelivered.objects)),
        "" if undelivered is None else "objects below the error prefix",
    )
    table.add_row("Alarms", _alarm_word(status), _alarms(status))
    return table


def _replication(state: ReplicatorState | None) -> tuple[Text, str]:
    if state is None:
        return _word(None), ""
    return _word(state.status), _joined(
        state.identifier,
        state.migration_type,
        _since(state.started_at, state.stopped_at),
        None if state.load_percent is None else f"full load {state.load_percent} %",
    )


def _stream(stream: StreamStatus | None, progress: Progress) -> tuple[Text, str]:
    if stream is None:
        return _word(None), ""
    return _word(stream.status), _joined(
        stream.name,
        f"{stream.mode.lower().replace('_', ' ')}, {stream.shards} shards",
        f"keeps {stream.retention_hours} h",
        _per_minute("in", progress.incoming),
        _age("oldest unread", progress.unread_age, unit=1000),
    )


def _delivery(delivery: DeliveryStatus | None, progress: Progress) -> tuple[Text, str]:
    if delivery is None:
        return _word(None), ""
    return _word(delivery.status), _joined(
        delivery.name,
        _per_minute("delivered", progress.delivered),
        _age("oldest undelivered", progress.freshness),
        _age("reads behind", progress.behind, unit=1000),
    )


def _word(word: str | None) -> Text:
    if word is None:
        return Text(_UNKNOWN, "magenta")
    return Text(word, "green" if word in _GOOD else "yellow")


def _joined(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)


def _since(started: datetime | None, stopped: datetime | None) -> str:
    if started is None:
        return "never started"
    if stopped is not None and stopped >= started:
        return f"stopped {stopped:%Y-%m-%d %H:%M} UTC"
    return f"since {started:%Y-%m-%d %H:%M} UTC"


def _lag(progress: Progress) -> str:
    waiting = progress.waiting
    return _joined(
        _age("source", progress.source_latency),
        _age("target", progress.target_latency),
        f"{waiting.value:.0f} changes waiting" if waiting else None,
    )


def _age(what: str, value: Value | None, *, unit: int = 1) -> str:
    return f"{what} {_NO_DATA}" if value is None else f"{what} {value.value / unit:,.0f} s"


def _per_minute(what: str, value: Value | None) -> str | None:
    return None if value is None else f"{value.value:,.0f} records/min {what}"


def _alarm_word(status: PipelineStatus) -> Text:
    if status.alarms is None:
        return _word(None)
    if not status.alarms:
        return Text("none", "yellow")
    alarming = [alarm for alarm in status.alarms if alarm.state == "ALARM"]
    return Text(f"{len(alarming)} of {len(status.alarms)}", "bold red" if alarming else "green")


def _alarms(status: PipelineStatus) -> str:
    counts = Counter(alarm.state for alarm in status.alarms or [])
    return ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))


def _tables(status: PipelineStatus) -> Table:
    table = Table(title="Tables", title_justify="left", expand=False)
    table.add_column("Table", overflow="fold")
    table.add_column("State", overflow="fold")
    for name in ("Loaded", "Inserts", "Updates", "Deletes", "DDL"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Changed, UTC", no_wrap=True)
    for each in status.tables or []:
        counts = (each.loaded, each.inserts, each.updates, each.deletes, each.ddls)
        table.add_row(
            Text(each.name),
            Text(each.state, "red" if each.is_wrong else ""),
            *(f"{count:,}" for count in counts),
            "" if each.updated_at is None else f"{each.updated_at:%m-%d %H:%M:%S}",
        )
    return table


def _errors(status: PipelineStatus) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row(Text("Last errors", "bold"), "", "")
    for line in status.errors or []:
        table.add_row(f"{line.at:%m-%d %H:%M:%S}", line.kind, Text(line.text))
    return table


def _findings(findings: list[Finding]) -> RenderableType:
    if not findings:
        return Text("Nothing is wrong.", "green")
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        what = Text(finding.what)
        if finding.do:
            what.append(f"\n→ {finding.do}")
        style = "bold red" if finding.severity == "wrong" else "yellow"
        table.add_row(Text(finding.severity, style), what)
    return table
