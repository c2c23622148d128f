"""What `test-connections`, `logs`, `peek` and `landed` do: ask, and show."""

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dms_stream.cli.aws_access import aws_errors
from dms_stream.cli.console import open_console
from dms_stream.cli.errors import CommandError
from dms_stream.cli.json_output import json_text, print_json
from dms_stream.cli.operable import Operable, open_operable
from dms_stream.hanging_text import column_lines, print_whole
from dms_stream.messages import DataRecord
from dms_stream.operations.connections import Connection, all_good, connections_of
from dms_stream.operations.deployed import DeployedPipeline
from dms_stream.operations.landed import (
    FailedRecord,
    Landed,
    failed_records,
    read_landed,
    sample_lines,
)
from dms_stream.operations.logs import (
    LogKind,
    LogLine,
    LogSource,
    delivery_log,
    follow,
    read_log,
    task_log,
)
from dms_stream.operations.peek import PeekedRecord, peek
from dms_stream.plural import plural

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_KINDS: tuple[LogKind, ...] = get_args(LogKind)
_OPERATIONS = ("load", "insert", "update", "delete", "control")
_COLOURS = {"load": "cyan", "insert": "green", "update": "yellow", "delete": "red"}
_FOLDERS_SHOWN = 10


def run_test_connections(
    console: Console,
    environment: str | None,
    pipelines: list[str] | None,
    *,
    emulated: bool,
    as_json: bool,
) -> bool:
    """Let DMS test the connections of pipelines.

    Returns:
        Whether it reaches both ends of each.

    Raises:
        DmsStreamError: it could not be asked.
    """
    operable = open_operable(environment, pipelines, "dms", emulated=emulated)
    dms = operable.clients["dms"]
    with (
        console.status("DMS tests the connections"),
        aws_errors(),
        ThreadPoolExecutor(len(operable.pipelines)) as threads,
    ):
        testing = [threads.submit(connections_of, dms, pipeline) for pipeline in operable.pipelines]
        found = [connection for each in testing for connection in each.result()]
    if as_json:
        print_json(found)
    else:
        show_connections(console, found)
    return all_good(found)


def show_connections(console: Console, connections: Sequence[Connection]) -> None:
    """Show a line for each, and what to do about those that fail."""
    for line in column_lines(list(_connections(connections)), width=console.width):
        console.print(line, soft_wrap=True)


def _connections(connections: Sequence[Connection]) -> Iterator[tuple[Text, ...]]:
    for each in connections:
        what = Text(each.endpoint)
        if each.failure:
            what.append(f"\n{each.failure}")
        if each.do:
            what.append(f"\n→ {each.do}")
        style = "green" if each.is_good else "bold red"
        yield Text(each.pipeline), Text(each.side), Text(each.status, style), what


def run_logs(
    console: Console,
    environment: str | None,
    pipelines: list[str] | None,
    *,
    only: str | None,
    since: str,
    errors_only: bool,
    following: bool,
    emulated: bool,
    as_json: bool,
) -> None:
    """Show the logs of one pipeline.

    Raises:
        DmsStreamError: it could not be asked.
    """
    back = _duration(since)
    if only is not None and only not in _KINDS:
        raise CommandError(f"--only {only}: no such log; allowed: {', '.join(_KINDS)}")
    operable = open_operable(environment, pipelines, "dms", "logs", emulated=emulated)
    pipeline, logs = operable.only, operable.clients["logs"]
    start = datetime.now(UTC) - back

    def show(line: LogLine) -> None:
        if as_json:
            print_json({"log": line.kind, "at": line.at, "text": line.text}, lines=True)
        else:
            text = Text.assemble(
                (f"{line.at:%Y-%m-%d %H:%M:%S} ", "dim"), (f"{line.kind:<9}", "bold"), line.text
            )
            console.print(text, soft_wrap=True)

    with aws_errors():
        sources = _sources(operable, pipeline, only)
        if following:
            for line in follow(logs, sources, since=start, errors_only=errors_only):
                show(line)
        lines = [
            line
            for source in sources
            for line in read_log(logs, source, since=start, errors_only=errors_only)
        ]
    for line in sorted(lines, key=lambda each: each.at):
        show(line)
    if not lines and not as_json:
        what = "no errors" if errors_only else "nothing"
        console.print(f"{what} in the last {since}")


def _sources(operable: Operable, pipeline: DeployedPipeline, only: str | None) -> list[LogSource]:
    found: list[LogSource] = []
    if only in (None, "task"):
        task = task_log(operable.clients["dms"], operable.clients["logs"], pipeline)
        if not task.is_on and only == "task":
            raise CommandError(
                f"{pipeline.name}: its task logs nothing: set replication.task_settings.logging."
                "enable_logging to true in the settings, and deploy"
            )
        if not task.is_on:
            open_console(stderr=True).print(
                "the task logs nothing: replication.task_settings.logging.enable_logging is off",
                style="yellow",
                soft_wrap=True,
            )
        found.append(task)
    if only in (None, "delivery"):
        delivery = delivery_log(pipeline)
        if delivery is None and only == "delivery":
            raise CommandError(f"{pipeline.name}: has no delivery stream of its own that logs")
        found += [delivery] if delivery else []
    return found


def _duration(text: str) -> timedelta:
    match = re.fullmatch(r"([0-9]{1,5})([mhd])", text)
    if match is None or not int(match[1]):
        raise CommandError(
            f"--since {text}: is no time span; allowed: a number and m, h or d, such as 30m"
        )
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def run_peek(
    console: Console,
    environment: str | None,
    pipelines: list[str] | None,
    *,
    most: int,
    tables: Sequence[str],
    operations: Sequence[str],
    emulated: bool,
    as_json: bool,
) -> None:
    """Show the latest records of one pipeline's stream.

    Raises:
        DmsStreamError: it could not be asked.
    """
    if unknown := sorted(set(operations) - set(_OPERATIONS)):
        raise CommandError(
            f"--operation {unknown[0]}: no such operation; allowed: {', '.join(_OPERATIONS)}"
        )
    operable = open_operable(environment, pipelines, "kinesis", emulated=emulated)
    pipeline, kinesis = operable.only, operable.clients["kinesis"]
    with aws_errors():
        summary = kinesis.describe_stream_summary(StreamName=pipeline.stream_name)
        hours = summary["StreamDescriptionSummary"]["RetentionPeriodHours"]
        found = peek(
            kinesis,
            pipeline.stream_name,
            wanted=_wanted(tables, operations),
            most=most,
            before_image_field=pipeline.before_image_field,
            retention=timedelta(hours=hours),
        )
    if as_json:
        print_json([_record_document(record) for record in found])
        return
    for record in found:
        console.print(_record(record), soft_wrap=True)
    if not found:
        console.print(f"no such record in {hours} h, which is all that the stream keeps")


def _wanted(tables: Sequence[str], operations: Sequence[str]) -> Callable[[PeekedRecord], bool]:
    def wanted(record: PeekedRecord) -> bool:
        is_data = isinstance(record.record, DataRecord)
        operation = record.operation if is_data else "control"
        if tables and record.table not in tables:
            return False
        return not operations or (record.record is not None and operation in operations)

    return wanted


def _record(record: PeekedRecord) -> Text:
    text = Text(f"{record.at:%Y-%m-%d %H:%M:%S} ", "dim")
    if record.record is None:
        return text.append(f"not a record of DMS: {record.problem}", "red")
    text.append(f"{record.operation:<7}", _COLOURS.get(record.operation, "magenta"))
    text.append(f" {record.table}", "bold")
    document = _document(record)
    for key in ("data", "before-image", "control"):
        if document.get(key) is not None:
            text.append(f"\n    {key}: ", "dim")
            text.append(json_text(document[key]))
    return text


def _document(record: PeekedRecord) -> dict[str, Any]:
    found = record.record
    if found is None:
        return {}
    metadata = found.metadata.model_dump(by_alias=True, exclude_none=True)
    if isinstance(found, DataRecord):
        # a column that is NULL is told
        before = {} if found.before_image is None else {"before-image": found.before_image}
        return {"data": found.data, **before, "metadata": metadata}
    control = found.control and found.control.model_dump(by_alias=True, exclude_none=True)
    return {"control": control, "metadata": metadata}


def _record_document(record: PeekedRecord) -> dict[str, Any]:
    return {
        "at": record.at,
        "shard": record.shard,
        "sequence_number": record.sequence_number,
        "partition_key": record.partition_key,
        "operation": record.operation,
        "table": record.table,
        "problem": record.problem,
        "record": _document(record) or None,
    }


def run_landed(
    console: Console,
    environment: str | None,
    pipelines: list[str] | None,
    *,
    errors: bool,
    most: int,
    emulated: bool,
    as_json: bool,
) -> None:
    """Show what has landed of one pipeline, or what could not.

    Raises:
        DmsStreamError: it could not be asked, or the pipeline has no bucket.
    """
    operable = open_operable(environment, pipelines, emulated=emulated)
    pipeline, s3 = operable.only, operable.clients["s3"]
    bucket = pipeline.bucket_name
    if bucket is None:
        raise CommandError(
            f"{pipeline.name}: has no landing bucket: its stream is read by others, who know where "
            "the records go"
        )
    prefix = pipeline.error_prefix if errors else (pipeline.prefix or "")
    with aws_errors():
        found = read_landed(s3, bucket, prefix, most=most)
        failed = failed_records(s3, bucket, found.latest, most=most) if errors else []
        sample = (
            sample_lines(s3, bucket, found.latest[0].key, most=most)
            if found.latest and not errors
            else []
        )
    if as_json:
        document = asdict(found)
        print_json(document | ({"failed": failed} if errors else {"sample": sample}))
        return
    _show_landed(console, found)
    if errors:
        _show_failed(console, failed)
    elif found.latest:
        _show_sample(console, found, sample)


def _show_landed(console: Console, found: Landed) -> None:
    where = f"s3://{found.bucket}/{found.prefix}"
    if not found.objects:
        console.print(f"nothing is below {where}", soft_wrap=True)
        return
    objects = plural(found.objects, "object")
    more = "" if found.is_all else " and more"
    console.print(f"{objects}{more}, {_size(found.bytes)}, below {where}", soft_wrap=True)
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("Folder", no_wrap=True)
    for name in ("Objects", "Size"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Latest, UTC", no_wrap=True)
    for folder in found.folders[:_FOLDERS_SHOWN]:
        table.add_row(
            Text(folder.name),
            f"{folder.objects:,}",
            _size(folder.bytes),
            f"{folder.latest:%Y-%m-%d %H:%M:%S}",
        )
    print_whole(console, table)
    console.print()
    if not found.is_all:
        console.print(
            f"the counting ended after {found.objects:,} objects in the order of their names, so "
            "later ones may be missing here",
            style="yellow",
            soft_wrap=True,
        )
    if len(found.folders) > _FOLDERS_SHOWN:
        console.print(f"and {len(found.folders) - _FOLDERS_SHOWN} older folders")
    for each in found.latest:
        console.print(
            Text.assemble((f"{each.at:%Y-%m-%d %H:%M:%S} ", "dim"), f"{_size(each.bytes):>9} "),
            Text(each.key),
            soft_wrap=True,
        )


def _show_sample(console: Console, found: Landed, sample: list[str] | None) -> None:
    console.print(Text(f"\nFrom {found.latest[0].key}:", "bold"), soft_wrap=True)
    if sample is None:
        console.print("its records are not JSON: read them with `dms-stream query`")
    for line in sample or []:
        console.print(Text(line), soft_wrap=True)


def _show_failed(console: Console, failed: Sequence[FailedRecord]) -> None:
    for each in failed:
        at = "" if each.at is None else f"{each.at:%Y-%m-%d %H:%M:%S} "
        console.print(
            Text.assemble((f"\n{at}", "dim"), (each.code, "bold red"), f": {each.message}"),
            soft_wrap=True,
        )
        console.print(Text(f"    {each.record}"), soft_wrap=True)


def _size(count: int) -> str:
    size = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024:
            return f"{size:,.0f} {unit}" if unit == "B" else f"{size:,.1f} {unit}"
        size /= 1024
    return f"{size:,.1f} TiB"
