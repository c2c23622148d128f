"""A review on a terminal."""

from rich.console import Console, Group
from rich.padding import Padding
from rich.rule import Rule as Line
from rich.table import Table
from rich.text import Text

from dms_stream.review.reports.blocks import Block, by_severity, counted, not_judged, verdict
from dms_stream.review.reviewing import Review
from dms_stream.review.severity import Severity
from dms_stream.review.words import count

_STYLES = {
    Severity.DATA_LOSS: "bold red",
    Severity.EXPOSURE: "bold magenta",
    Severity.INTERRUPTION: "bold yellow",
    Severity.UNKNOWN: "bold cyan",
    Severity.NOTICE: "bold blue",
    Severity.NOISE: "dim",
}
_MOST_QUIET = 12
_MOST_SOURCES = 4
_MOST_OF_A_BLOCK = 40
_MOST_FOLDED = 12


def print_report(review: Review, console: Console, *, fail_on: Severity) -> None:
    """Print a review, most serious first."""
    for plan in review.plans:
        console.print(Text.assemble((plan, "bold"), f": {counted(review, plan)}"), soft_wrap=True)
    several = len(review.plans) > 1
    for severity, found in by_severity(review):
        console.print()
        title = Text.assemble((severity.word.upper(), _STYLES[severity]), f"  {severity.meaning}")
        console.print(Line(title, align="left", style=_STYLES[severity]))
        for block in found:
            console.print(Padding(_block(block, several=several), (1, 0, 0, 2)))
    _print_accepted(review, console)
    _print_quiet(review, console)
    console.print()
    if review.not_judged:
        console.print(Text(not_judged(review), style=_STYLES[Severity.UNKNOWN]))
    style = "bold green"
    if review.at_least(Severity.UNKNOWN):
        style = "bold red" if review.at_least(fail_on) else "bold yellow"
    console.print(Text(verdict(review, fail_on), style=style))


def _block(block: Block, *, several: bool) -> Group:
    lines: list[Text | Padding | Table] = [Text(block.rule, style=_STYLES[block.severity])]
    for finding in block.findings[:_MOST_OF_A_BLOCK]:
        where = Text(finding.address, style="bold")
        if several:
            where.append(f"  ({finding.plan})", style="dim")
        lines.append(Padding(where, (0, 0, 0, 2)))
        lines.append(Padding(Text(finding.what), (0, 0, 0, 4)))
        for each in finding.folded[:_MOST_FOLDED]:
            text = f"{each.rule}, {each.address}: {each.what}"
            lines.append(Padding(Text(text, style="dim"), (0, 0, 0, 6)))
        if len(finding.folded) > _MOST_FOLDED:
            text = f"… and {len(finding.folded) - _MOST_FOLDED} more in it"
            lines.append(Padding(Text(text, style="dim"), (0, 0, 0, 6)))
    more = len(block.findings) - _MOST_OF_A_BLOCK
    if more > 0:
        lines.append(Padding(Text(f"… and {more} more of these"), (0, 0, 0, 2)))
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row("why", Text(block.why))
    grid.add_row("instead", Text(block.instead))
    for number, source in enumerate(block.sources[:_MOST_SOURCES]):
        grid.add_row("" if number else "see", Text(source, style="dim"))
    lines.append(Padding(grid, (0, 0, 0, 2)))
    return Group(*lines)


def _print_accepted(review: Review, console: Console) -> None:
    if not review.accepted and not review.stale:
        return
    console.print()
    console.print(Line(Text("review.yaml", style="bold"), align="left", style="dim"))
    for finding, acknowledgement in review.accepted:
        text = Text.assemble(
            "  accepted until ",
            (str(acknowledgement.expires), "bold"),
            f": {finding.rule}, {finding.address}: {acknowledgement.reason}",
        )
        console.print(text)
    for stale in review.stale:
        each = stale.acknowledgement
        text = Text(f"  {each.finding}, {each.address}: {stale.problem}", style="yellow")
        console.print(text)


def _print_quiet(review: Review, console: Console) -> None:
    if not review.quiet:
        return
    console.print()
    others = count(len(review.quiet), "other change")
    console.print(f"Judged, and nothing to say about {others}:", style="dim")
    for _, address, action in review.quiet[:_MOST_QUIET]:
        console.print(Text(f"  {address} is {action}", style="dim"), soft_wrap=True)
    more = len(review.quiet) - _MOST_QUIET
    if more > 0:
        console.print(Text(f"  … and {more} more", style="dim"))
