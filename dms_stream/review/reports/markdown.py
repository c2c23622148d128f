"""A review as a comment on a pull request."""

import re

from jinja2 import Environment, PackageLoader, StrictUndefined

from dms_stream.review.reports.blocks import by_severity, counted, verdict
from dms_stream.review.reviewing import Review
from dms_stream.review.severity import Severity
from dms_stream.review.words import count

MOST_CHARACTERS = 65_000
"""What GitHub takes as a comment is 65,536 characters."""

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


def markdown_report(review: Review, *, fail_on: Severity = Severity.DATA_LOSS) -> str:
    """The review in GitHub's Markdown, short enough for a comment."""
    for most in (100, 30, 10, 3, 1):
        text = _render(review, fail_on, most)
        if len(text) <= MOST_CHARACTERS:
            return text
    end = "\n\n… and more: see the whole report.\n"
    return text[: MOST_CHARACTERS - len(end)].rsplit("\n", 1)[0] + end


def _render(review: Review, fail_on: Severity, most: int) -> str:
    template = _environment().get_template("review.md.j2")
    text = template.render(
        review=review,
        verdict=verdict(review, fail_on),
        counted=counted,
        severities=by_severity(review),
        several=len(review.plans) > 1,
        marks=_MARKS,
        others=count(len(review.quiet), "other change"),
        most=most,
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
    return environment


def _plain(text: object) -> str:
    escaped = _SPECIAL.sub(r"\\\1", str(text))
    return _HARMLESS_COLON.sub(":", escaped)


def _code(text: object) -> str:
    # nothing can be escaped inside a code span
    return str(text).replace("`", "'")
