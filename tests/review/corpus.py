"""The corpus: real plans, and what a review must find in them."""

import gzip
from pathlib import Path

from review import Plan, Review, parse_plan

PLANS = Path(__file__).with_name("plans")


def plan_file(name: str) -> Path:
    """Where the plan of a case is."""
    return PLANS / f"{name}.json.gz"


def plan_text(name: str) -> bytes:
    """The JSON of a case's plan."""
    return gzip.decompress(plan_file(name).read_bytes())


def plan(name: str) -> Plan:
    """The plan of a case."""
    return parse_plan(plan_text(name), name)


def expectation(name: str) -> str:
    """What a review must find in the plan of a case, as text."""
    return (PLANS / f"{name}.txt").read_text(encoding="utf-8")


def as_text(what: str, review: Review) -> str:
    """A review as the expectations are written: severity, rule and address, and below what."""
    lines = [f"# {what}"]
    for finding in review.findings:
        lines.append(f"{finding.severity.word} {finding.rule} {finding.address}")
        lines.append(f"    {finding.what}")
    for _, address, action in review.quiet:
        lines.append(f"(nothing) {address} is {action}")
    return "\n".join(lines) + "\n"
