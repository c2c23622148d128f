"""What a review refuses: input that it cannot read reliably."""

import json
import re

from constructs_lib.errors import DmsStreamError, FaultsError
from dms_stream.review.redaction import clean

IS_A_LOG = "is the log of `terraform plan -json` (one JSON message on each line), not a plan"
HOW_TO = "make one with `terraform plan -out=FILE` and `terraform show -json FILE`"


class PlanError(DmsStreamError):
    """A plan that cannot be read, or something that is not a plan.

    Args:
        name: Where the plan came from.
        problem: What is wrong, what is allowed and what to do.
    """

    def __init__(self, name: str, problem: str) -> None:
        self.name = name
        super().__init__(f"{name}: {problem}")


class NotANumberError(DmsStreamError, ValueError):
    """A number of a plan that is none: infinite, or `NaN`. A `PlanError` tells of it."""


class AcknowledgementsError(FaultsError):
    """A `review.yaml` that is unreadable or not valid."""


# a plan's own key; inside a text its quotes are escaped
_KEY = '"format_version"'
# where a plan begins: with its own key, as Terraform writes it, or on a line of its own
_PLAN = re.compile(rf"\{{\s*{_KEY}|^\{{", re.MULTILINE)


def not_json(error: json.JSONDecodeError) -> str:
    """Why a text is not the JSON of a plan: the usual wrong files by name."""
    text = error.doc.lstrip("\ufeff").strip()
    if not text:
        return f"is empty: {HOW_TO}"
    if error.msg == "Extra data" and _KEY in error.doc[: error.pos]:
        behind = error.doc[error.pos :].lstrip()
        if behind.startswith("{") and _KEY in behind:
            return (
                "holds two plans, one behind the other: put each into a file of its own and give "
                "both files"
            )
        return (
            f"has text behind the plan, at line {error.lineno}, column {error.colno}: give only "
            "what `terraform show -json FILE` prints"
        )
    until_key, key, _ = text.partition(_KEY)
    starts = [found.start() for found in _PLAN.finditer(until_key + key)] if key else []
    if before := text[: starts[-1]].strip() if starts else "":
        wrapper = (
            "setup-terraform's wrapper writes such lines: set `terraform_wrapper: false`. "
            if before.startswith("[command]")
            else ""
        )
        return (
            f"has text before the plan (`{clean(before.splitlines()[0], 60)}`). "
            f"{wrapper}Give only what `terraform show -json FILE` prints"
        )
    first = text.partition("\n")[0]
    if first.startswith("{") and '"@level"' in first:
        return f"{IS_A_LOG}: {HOW_TO}"
    ends = error.pos >= len(error.doc.rstrip()) or "Unterminated" in error.msg
    problem = "breaks off" if ends else "is not JSON"
    return f"{problem} at line {error.lineno}, column {error.colno}: {HOW_TO}"
