"""The corpus: real plans, and what a review must find in them."""

import gzip
import json
from pathlib import Path

from dms_stream.review import Plan, Review, parse_plan

PLANS = Path(__file__).with_name("plans")


def plan_file(name: str) -> Path:
    """Where the plan of a case is."""
    return PLANS / f"{name}.json.gz"


def plan_text(name: str) -> bytes:
    """The JSON of a case's plan."""
    return gzip.decompress(plan_file(name).read_bytes())


def huge_plan(resources: int) -> str:
    """A plan of so many changing resources, those of the corpus over and over."""
    names = sorted(path.name.removesuffix(".json.gz") for path in PLANS.glob("*.json.gz"))
    several = [each for name in names for each in json.loads(plan_text(name))["resource_changes"]]
    changes = [
        several[number % len(several)] | {"address": f"module.m[{number}].aws_x.y"}
        for number in range(resources)
    ]
    return json.dumps({**json.loads(plan_text(names[0])), "resource_changes": changes})


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
