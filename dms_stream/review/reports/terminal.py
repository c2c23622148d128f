"""A review on a terminal."""

from rich.console import Console
from rich.rule import Rule as Line
from rich.text import Text

from dms_stream.hanging_text import print_hanging
from dms_stream.review.reports.blocks import (
    Block,
    by_severity,
    counted,
    not_judged,
    other_stacks,
    verdict,
)
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
        title = Text(severity.word.upper(), _STYLES[severity])
        console.print(Line(title, align="left", style=_STYLES[severity]))
        console.print(Text(severity.meaning, "dim"))
        for block in found:
            _print_block(console, block, several=several)
    _print_accepted(review, console)
    _print_quiet(review, console)
    console.print()
    if review.not_judged:
        console.print(Text(not_judged(review), style=_STYLES[Severity.UNKNOWN]))
    style = "bold green"
    if review.at_least(Severity.UNKNOWN):
        style = "bold red" if review.at_least(fail_on) else "bold yellow"
    console.print(Text(verdict(review, fail_on), style=style))


def _print_block(console: Console, block: Block, *, several: bool) -> None:
    console.print()
    _print(console, Text(block.rule, style=_STYLES[block.severity]), at=2)
    for finding in block.findings[:_MOST_OF_A_BLOCK]:
        where = Text(finding.address, style="bold")
        if several:
            where.append(f"  ({finding.plan})", style="dim")
        _print(console, where, at=4)
        _print(console, Text(finding.what), at=6)
        for each in finding.folded[:_MOST_FOLDED]:
            text = f"{each.rule}, {each.address}: {each.what}"
            _print(console, Text(text, style="dim"), at=8)
        if len(finding.folded) > _MOST_FOLDED:
            text = f"… and {len(finding.folded) - _MOST_FOLDED} more in it"
            _print(console, Text(text, style="dim"), at=8)
    more = len(block.findings) - _MOST_OF_A_BLOCK
    if more > 0:
        _print(console, Text(f"… and {more} more of these"), at=4)
    _print(console, Text(block.why), at=13, label="why")
    _print(console, Text(block.instead), at=13, label="instead")
    for number, source in enumerate(block.sources[:_MOST_SOURCES]):
        _print(console, Text(source, style="dim"), at=13, label="" if number else "see")


def _print(console: Console, text: Text, *, at: int, label: str = "") -> None:
    before = Text.assemble("    ", (label, "dim")) if label else Text()
    print_hanging(console, before, text, indent=at)


def _print_accepted(review: Review, console: Console) -> None:
    if not (review.accepted or review.stale or review.other_stacks):
        return
    console.print()
    console.print(Line(Text("review.yaml", style="bold"), align="left", style="dim"))
    for finding, acknowledgement in review.accepted:
        text = Text.assemble(
            "accepted until ",
            (str(acknowledgement.expires), "bold"),
            f": {finding.rule}, {finding.address}: {acknowledgement.reason}",
        )
        _print(console, text, at=2)
    for stale in review.stale:
        each = stale.acknowledgement
        text = Text(f"{each.finding}, {each.address}: {stale.problem}", style="yellow")
        _print(console, text, at=2)
    if review.other_stacks:
        _print(console, Text(other_stacks(review)), at=2)


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
