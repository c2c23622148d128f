"""What a review refuses: input that it cannot read reliably."""

import json

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


def not_json(error: json.JSONDecodeError) -> str:
    """Why a text is not the JSON of a plan: the usual wrong files by name."""
    text = error.doc.lstrip("\ufeff").strip()
    if not text:
        return f"is empty: {HOW_TO}"
    first, _, rest = text.partition("\n")
    if first.startswith("{") and '"@level"' in first:
        return f"{IS_A_LOG}: {HOW_TO}"
    if error.msg == "Extra data":
        behind = error.doc[error.pos :].lstrip()
        if behind.startswith("{") and '"format_version"' in behind[:200_000]:
            return (
                "holds two plans, one behind the other: put each into a file of its own and give "
                "both files"
            )
        return (
            f"has text behind the plan, at line {error.lineno}, column {error.colno}: give only "
            "what `terraform show -json FILE` prints"
        )
    if not first.startswith("{") and rest.lstrip().startswith("{"):
        wrapper = (
            "setup-terraform's wrapper writes such lines: set `terraform_wrapper: false`. "
            if first.startswith("[command]")
            else ""
        )
        return (
            f"has a line before the plan (`{clean(first, 60)}`). {wrapper}Give only what "
            "`terraform show -json FILE` prints"
        )
    ends = error.pos >= len(error.doc.rstrip()) or "Unterminated" in error.msg
    problem = "breaks off" if ends else "is not JSON"
    return f"{problem} at line {error.lineno}, column {error.colno}: {HOW_TO}"
