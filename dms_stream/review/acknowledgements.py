"""What a team has accepted: one finding for one address, with a reason and an end."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError

from constructs_lib.errors import Fault, faults_of
from constructs_lib.props import Props
from constructs_lib.yaml_document import read_yaml
from dms_stream.review.errors import AcknowledgementsError
from dms_stream.review.redaction import printable
from dms_stream.review.rule import Finding
from dms_stream.review.rules import ALL_RULES

_RULES = frozenset(rule.id for rule in ALL_RULES)


def _known_rule(name: str) -> str:
    if name not in _RULES:
        raise ValueError("unknown rule: take its id from the report, or from docs/review-rules.md")
    return name


def _says_something(reason: str) -> str:
    if len(reason.split()) < 2:
        raise ValueError("give a reason that somebody else understands, in a few words")
    return reason


def _on_one_line(text: str) -> str:
    # a pull request may change the file, so its texts are made as harmless as a plan's
    return printable(" ".join(text.split()))


class Acknowledgement(Props):
    """One finding that a team accepts."""

    finding: Annotated[str, AfterValidator(_known_rule)]
    """Id of the rule, such as `stream-retention-lowered`."""

    address: Annotated[str, Field(min_length=1), AfterValidator(_on_one_line)]
    """Address of the resource, exactly as the report writes it; no wildcards."""

    stack: Annotated[str, AfterValidator(_on_one_line)] | None = None
    """Name of the stack or plan. Default: any in which the address is found."""

    what: Annotated[str, AfterValidator(_on_one_line)] | None = None
    """What happens, exactly as the report writes it. Default: whatever the rule finds there, also
    something else in a later plan."""

    reason: Annotated[str, AfterValidator(_says_something), AfterValidator(_on_one_line)]
    """Why it is right, for whoever reviews next."""

    expires: date
    """Last day on which it counts, as `2026-12-31`."""

    def fits(self, finding: Finding) -> bool:
        """Whether it is about this finding."""
        return (
            self.finding == finding.rule
            and self.address == finding.address
            and self.stack in (None, finding.plan)
            and self.what in (None, printable(finding.what))
        )


class _File(Props):
    accepted: tuple[Acknowledgement, ...] = ()
    """The findings that are accepted."""


@dataclass(frozen=True)
class Stale:
    """An acknowledgement that should go, or be renewed.

    Attributes:
        acknowledgement: Which.
        problem: What is the matter with it.
    """

    acknowledgement: Acknowledgement
    problem: str


def load_acknowledgements(path: Path) -> tuple[Acknowledgement, ...]:
    """Read a `review.yaml`.

    Raises:
        AcknowledgementsError: it cannot be read, or holds mistakes; all are listed.
    """
    document = read_yaml(path, AcknowledgementsError)
    if document is None:
        return ()
    if not isinstance(document, dict):
        raise AcknowledgementsError(
            str(path), [Fault("(top level)", "must be a mapping with the key `accepted`")]
        )
    try:
        return _File.model_validate(document).accepted
    except ValidationError as error:
        raise AcknowledgementsError(str(path), faults_of(error, document)) from None


def sort_out(
    findings: Iterable[Finding],
    acknowledgements: Sequence[Acknowledgement],
    *,
    plans: Sequence[str],
    today: date,
    fold: Callable[[list[Finding]], list[Finding]] = list,
) -> tuple[list[Finding], list[tuple[Finding, Acknowledgement]], list[Stale]]:
    """What is left of the findings, what of them is accepted, and which acknowledgements are stale.

    An acknowledgement for a stack that is not among the plans is not used, and stale only where it
    has expired.

    Args:
        findings: What was found, one by one.
        acknowledgements: What is accepted.
        plans: Names of the plans.
        today: The day by which acknowledgements expire.
        fold: Puts findings together that belong together. An acknowledgement may be about one of
            them alone, or about them as one.
    """
    accepted: list[tuple[Finding, Acknowledgement]] = []
    fitting: set[int] = set()
    by_address: dict[str, list[tuple[int, Acknowledgement]]] = {}
    for number, each in enumerate(acknowledgements):
        by_address.setdefault(each.address, []).append((number, each))

    def left_of(some: Iterable[Finding]) -> list[Finding]:
        left: list[Finding] = []
        for finding in some:
            fits = [
                (number, each)
                for number, each in by_address.get(finding.address, ())
                if each.fits(finding)
            ]
            fitting.update(number for number, _ in fits)
            valid = [each for _, each in fits if each.expires >= today]
            if not valid:
                left.append(finding)
            else:
                accepted.append((finding, valid[0]))
        return left

    left = left_of(fold(left_of(findings)))
    stale = []
    for number, each in enumerate(acknowledgements):
        if each.expires < today:
            stale.append(Stale(each, f"expired on {each.expires}: renew it or take it out"))
        elif number not in fitting and each.stack in (None, *plans):
            stale.append(Stale(each, "fits nothing in these plans: take it out"))
    return left, accepted, stale
