"""`dms-stream status`: how deployed pipelines are, on one screen."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from dms_stream.cli.aws_access import aws_errors
from dms_stream.cli.errors import CommandError
from dms_stream.cli.json_output import print_json
from dms_stream.cli.operable import Operable, open_operable
from dms_stream.hanging_text import column_lines, fits, hanging_lines, whole_lines
from dms_stream.operations.health import Finding, is_wrong, judge
from dms_stream.operations.metrics import Progress, Value
from dms_stream.operations.replicator import ReplicatorState, TableStatistics
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
            console.print(screen(console, judged), soft_wrap=True)
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
    with Live(screen(console, judged), console=console, auto_refresh=False, screen=True) as live:
        while True:
            sleep(every)
            try:
                shown: RenderableType = screen(console, look(operable))
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


def screen(console: Console, judged: list[Judged]) -> Group:
    """All pipelines, one below the other: lines for this console, to be printed as they are."""
    return Group(*(line for each in judged for line in _lines(console, *each)))


def _lines(console: Console, status: PipelineStatus, findings: list[Finding]) -> Iterator[Text]:
    title = f"{status.pipeline}, {status.looked_at:%Y-%m-%d %H:%M:%S} UTC"
    yield from whole_lines(console, Rule(title, align="left"), width=console.width)
    if status.is_deployed:
        yield from column_lines(list(_way(status)), width=console.width)
    if status.tables:
        yield Text()
        yield from _tables(console, status.tables)
    if status.errors:
        yield from (Text(), Text("Last errors", "bold"))
        yield from column_lines(
            [
                (Text(f"{line.at:%m-%d %H:%M:%S}", "dim"), Text(line.kind), Text(line.text))
                for line in status.errors
            ],
            width=console.width,
        )
    yield Text()
    yield from _findings(findings, console.width)
    yield Text()


def _way(status: PipelineStatus) -> Iterator[tuple[Text, Text, Text]]:
    progress = status.progress or Progress()
    undelivered = status.undelivered
    for name, word, text in (
        ("Replication", *_replication(status.replication)),
        ("Lag", Text(), _UNKNOWN if status.progress is None else _lag(progress)),
        ("Stream", *_stream(status.stream, progress)),
        ("Delivery", *_delivery(status.delivery, progress)),
        (
            "Not delivered",
            _word(None) if undelivered is None else Text(str(undelivered.objects)),
            "" if undelivered is None else "objects below the error prefix",
        ),
        ("Alarms", _alarm_word(status), _alarms(status)),
    ):
        yield Text(name, "bold"), word, Text(text)


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


_COUNTS = ("Loaded", "Inserts", "Updates", "Deletes", "DDL")


def _tables(console: Console, tables: list[TableStatistics]) -> Iterator[Text]:
    """As a table, or, where a name would be broken up, one below the other."""
    shown = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for name in ("Table", "State"):
        shown.add_column(name, no_wrap=True)
    for name in _COUNTS:
        shown.add_column(name, justify="right", no_wrap=True)
    shown.add_column("Changed, UTC", no_wrap=True)
    for each in tables:
        shown.add_row(Text(each.name), _state(each), *_counts(each), _changed(each))
    if fits(console, shown):
        yield from whole_lines(console, shown)
        return
    for each in tables:
        counts = zip(_COUNTS, _counts(each), strict=True)
        text = _joined(
            *(f"{name.lower() if name != 'DDL' else name} {count}" for name, count in counts),
            _changed(each) and f"changed {_changed(each)}",
        )
        yield Text.assemble((each.name, "bold"), "  ", _state(each))
        yield from hanging_lines(Text(), Text(text), width=console.width, indent=2)


def _state(table: TableStatistics) -> Text:
    return Text(table.state, "red" if table.is_wrong else "")


def _counts(table: TableStatistics) -> list[str]:
    counts = (table.loaded, table.inserts, table.updates, table.deletes, table.ddls)
    return [f"{count:,}" for count in counts]


def _changed(table: TableStatistics) -> str:
    return "" if table.updated_at is None else f"{table.updated_at:%m-%d %H:%M:%S}"


def _findings(findings: list[Finding], width: int) -> Iterator[Text]:
    if not findings:
        yield Text("Nothing is wrong.", "green")
    for finding in findings:
        what = Text(finding.what)
        if finding.do:
            what.append(f"\n→ {finding.do}")
        style = "bold red" if finding.severity == "wrong" else "yellow"
        yield from hanging_lines(Text(finding.severity, style), what, width=width, indent=8)
