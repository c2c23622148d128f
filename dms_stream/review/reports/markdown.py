"""A review as a comment on a pull request."""

import re
import sys
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from dms_stream.review.redaction import printable
from dms_stream.review.reports.blocks import (
    by_severity,
    counted,
    not_judged,
    other_stacks,
    verdict,
)
from dms_stream.review.reviewing import Review
from dms_stream.review.severity import Severity
from dms_stream.review.words import count

MOST_CHARACTERS = 65_000
"""GitHub accepts 65,536 characters as a comment."""

_MARKS = {
    Severity.DATA_LOSS: "🛑",
    Severity.EXPOSURE: "🔓",
    Severity.INTERRUPTION: "⏸️",
    Severity.UNKNOWN: "❓",
    Severity.NOTICE: "💬",
    Severity.NOISE: "💤",
}
# what Markdown, or GitHub on top of it, would take for more than text
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!@:])")
_HARMLESS_COLON = re.compile(r"\\:(?=\s|$)")


@dataclass(frozen=True)
class _Size:
    """How much of a review a comment shows.

    Attributes:
        findings: Findings of one rule, written out, of those that are serious.
        lesser: Findings of one rule, written out, of the others.
        folded: What a finding stands for, each.
        others: Accepted findings, stale acknowledgements and changes without findings.
        plans: Plans and what each does, in numbers.
        characters: Of what a finding says.
        advice: Whether to say why, and what to do instead.
    """

    findings: int
    lesser: int
    folded: int
    others: int
    plans: int
    characters: int
    advice: bool


_ALL = sys.maxsize
# findings are the last to go: what surrounds them goes first
_SIZES = (
    _Size(_ALL, _ALL, 50, 100, _ALL, 5_000, True),
    _Size(_ALL, _ALL, 10, 10, 50, 1_000, True),
    _Size(_ALL, _ALL, 3, 3, 20, 600, False),
    _Size(_ALL, _ALL, 0, 0, 10, 400, False),
    _Size(_ALL, 30, 0, 0, 10, 300, False),
    _Size(_ALL, 3, 0, 0, 10, 200, False),
    _Size(300, 3, 0, 0, 10, 200, False),
    _Size(100, 3, 0, 0, 10, 200, False),
    _Size(30, 3, 0, 0, 10, 200, False),
    _Size(10, 1, 0, 0, 10, 200, False),
    _Size(3, 1, 0, 0, 10, 150, False),
    _Size(1, 1, 0, 0, 10, 100, False),
)


def markdown_report(review: Review, *, fail_on: Severity = Severity.DATA_LOSS) -> str:
    """The review in GitHub's Markdown, short enough for a comment: where it is too long, advice and
    what needs no attention go before any finding does, and the rest is counted.
    """
    for size in _SIZES:
        text = _render(review, fail_on, size)
        if len(text) <= MOST_CHARACTERS:
            return text
    end = "\n\n… and more: see the whole report.\n"
    return text[: MOST_CHARACTERS - len(end)].rsplit("\n", 1)[0] + end


def _render(review: Review, fail_on: Severity, size: _Size) -> str:
    template = _environment().get_template("review.md.j2")
    text = template.render(
        review=review,
        verdict=verdict(review, fail_on),
        not_judged=not_judged(review),
        counted=counted,
        other_stacks=other_stacks(review) if review.other_stacks else "",
        severities=by_severity(review),
        several=len(review.plans) > 1,
        marks=_MARKS,
        others=count(len(review.quiet), "other change"),
        size=size,
        serious=min(fail_on, Severity.EXPOSURE),
        shortened=size is not _SIZES[0],
    )
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _environment() -> Environment:
    # no HTML escaping: `_plain` below escapes for Markdown, of which HTML is a part
    environment = Environment(
        loader=PackageLoader("dms_stream.review.reports"),
        undefined=StrictUndefined,
        autoescape=False,
    )
    environment.filters["md"] = _plain
    environment.filters["code"] = _code
    environment.filters["cut"] = _cut
    return environment


def _plain(text: object) -> str:
    escaped = _SPECIAL.sub(r"\\\1", printable(str(text)))
    return _HARMLESS_COLON.sub(":", escaped)


def _code(text: object) -> str:
    # nothing can be escaped inside a code span
    return printable(str(text)).replace("`", "'")


def _cut(text: object, most: int) -> str:
    whole = str(text)
    return whole if len(whole) <= most else whole[: most - 1] + "…"
