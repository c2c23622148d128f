"""The verdict in the terminal."""

from collections.abc import Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from dms_stream.hanging_text import fits, print_hanging, print_whole
from dms_stream.plural import plural
from dms_stream.rehearsal.report import words
from dms_stream.rehearsal.report.words import (
    MODEL,
    MODEL_PAGE,
    Folder,
    bucket_tree,
    findings,
    headline,
    in_bytes,
    moved,
)
from dms_stream.rehearsal.result import RehearsalResult, SampleRecord, TableVerdict, Version

# no name, prefix or expression is longer
_STYLES = {"pass": "green", "warn": "yellow", "fail": "bold red"}


def print_report(result: RehearsalResult, console: Console) -> None:
    """Print everything that a rehearsal found out, the verdict last, where the reader looks."""
    console.rule(f"Rehearsal of {result.pipeline} ({result.environment})")
    print_whole(console, _facts(result))
    if result.checks:
        _print_checks(console, result)
    if result.tables:
        _print_tables(console, result.tables)
        for table in result.tables:
            if not table.passed:
                console.print(_findings(table))
    for sample in result.samples:
        console.print(_sample(sample))
    print_whole(console, _tree(bucket_tree(result)))
    if result.phases:
        console.print(_phases(result))
    for remark in result.remarks:
        console.print(Text.assemble(("note", "yellow"), f" {remark}"))
    for version in result.versions:
        _print_version(console, version)
    console.print(Text(f"{MODEL} What it cannot show: {MODEL_PAGE}", style="dim"))
    style, word = ("bold green", "PASS") if result.passed else ("bold red", "FAIL")
    console.print(Text.assemble((word, style), " ", headline(result)))


def _print_version(console: Console, version: Version) -> None:
    console.rule(f"Then: {version.settings}")
    grid = Table.grid(padding=(0, 2))
    for name, value in version.happened.items():
        grid.add_row(Text(name, style="dim"), Text(value))
    print_whole(console, grid)
    _print_tables(console, version.tables)
    console.print(Text("What the review said, and what happened", "italic"))
    for each in version.announced:
        outcome = words.agreement(each)
        said = Text.assemble((f"{each.severity} {each.rule}", "bold"), f": {each.what}")
        said.append(f"\n→ {each.observed}")
        print_hanging(console, Text(outcome, style=_STYLES[outcome]), said)
    for sentence in version.unannounced:
        print_hanging(console, Text("fail", style=_STYLES["fail"]), Text(f"not said: {sentence}"))
    style, word = ("bold green", "PASS") if version.agrees else ("bold red", "FAIL")
    console.print(Text.assemble((word, style), " ", words.agreed(version)))


def _facts(result: RehearsalResult) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    facts = {
        "source": result.source,
        "stream": result.stream,
        "delivery stream": result.delivery_stream,
        "bucket": result.bucket,
        **result.settings,
    }
    for name, value in facts.items():
        grid.add_row(Text(name, style="dim"), Text(value))
    return grid


def _print_checks(console: Console, result: RehearsalResult) -> None:
    console.print(Text("Checks", "italic"))
    for check in result.checks:
        what = Text.assemble((check.name, "bold"), f": {check.detail}")
        if check.fix:
            what.append(f"\n→ {check.fix}")
        print_hanging(console, Text(check.outcome, style=_STYLES[check.outcome]), what)


_COUNTS = ("rows", "load", "insert", "update", "delete", "again", "differ")


def _print_tables(console: Console, verdicts: Sequence[TableVerdict]) -> None:
    """As a table, or, where a name would be broken up, one below the other."""
    table = _tables(verdicts)
    if fits(console, table):
        print_whole(console, table)
        return
    console.print(Text(_TABLES, "italic"))
    for verdict in verdicts:
        console.print(_title(verdict), soft_wrap=True)
        counts = zip(_COUNTS, _counts(verdict), strict=True)
        console.print("  " + ", ".join(f"{name} {count}" for name, count in counts))


def _title(verdict: TableVerdict) -> Text:
    outcome = "pass" if verdict.passed else "fail"
    objects = f"{plural(verdict.objects, 'object')}, {in_bytes(verdict.bytes)}"
    return Text.assemble((outcome, _STYLES[outcome]), f" {verdict.name}\n  ", (objects, "dim"))


def _counts(verdict: TableVerdict) -> tuple[str, ...]:
    return (
        f"{verdict.source_rows:,}",
        moved(verdict, "load"),
        moved(verdict, "insert"),
        moved(verdict, "update"),
        moved(verdict, "delete"),
        f"{verdict.duplicates:,}",
        "?" if verdict.not_compared else f"{verdict.difference_count:,}",
    )


_TABLES = "Tables: what this run moved; all that landed, replayed and compared"


def _tables(verdicts: Iterable[TableVerdict]) -> Table:
    table = Table(
        title=_TABLES,
        title_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    table.add_column("table", no_wrap=True)
    for name in _COUNTS:
        table.add_column(name, justify="right", no_wrap=True)
    for verdict in verdicts:
        table.add_row(_title(verdict), *_counts(verdict))
    return table


def _findings(verdict: TableVerdict) -> Panel:
    lines = list(findings(verdict))
    for difference in verdict.differences:
        key = ", ".join(f"{name} = {value}" for name, value in difference.key.items())
        columns = "; ".join(
            f"{name}: source {_value(source)}, landed {_value(landed)}"
            for name, (source, landed) in difference.columns.items()
        )
        lines.append(f"  {difference.kind}: {key}{' · ' if columns else ''}{columns}")
    if verdict.difference_count > len(verdict.differences):
        lines.append(f"  … and {verdict.difference_count - len(verdict.differences):,} more")
    return Panel(Text("\n".join(lines)), title=Text(verdict.name), title_align="left", style="red")


def _sample(sample: SampleRecord) -> Panel:
    return Panel(
        Syntax(sample.text, "json", word_wrap=True, background_color="default"),
        title=Text(f"{sample.kind} record"),
        subtitle=Text(sample.key, overflow="ellipsis"),
        title_align="left",
        subtitle_align="left",
    )


def _tree(folder: Folder) -> Tree:
    tree = Tree(_folder_label(folder))
    _grow(tree, folder)
    return tree


def _grow(tree: Tree, folder: Folder) -> None:
    for below in folder.folders.values():
        _grow(tree.add(_folder_label(below)), below)
    for one in folder.shown:
        records = f"{plural(one.records, 'record')}, " if one.records is not None else ""
        name = one.key.rpartition("/")[2]
        tree.add(Text.assemble(name, (f"  {records}{in_bytes(one.bytes)}", "dim")))
    if folder.hidden:
        tree.add(Text(f"… and {folder.hidden:,} more", style="dim"))


def _folder_label(folder: Folder) -> Text:
    return Text.assemble((folder.name, "bold"), (f"  {folder.summary}", "dim"))


def _phases(result: RehearsalResult) -> Table:
    table = Table("phase", title="Time", title_justify="left")
    for name in ("seconds", "records", "records/s"):
        table.add_column(name, justify="right")
    for phase in result.phases:
        rate = f"{phase.records_per_second:,.0f}" if phase.records else ""
        records = f"{phase.records:,}" if phase.records else ""
        table.add_row(phase.name, f"{phase.wall.total_seconds():,.1f}", records, rate)
    table.add_section()
    table.add_row("all", f"{result.wall.total_seconds():,.1f}", "", "")
    return table


def _value(text: str | None) -> str:
    return "null" if text is None else repr(text)
