"""The findings in the order and company in which people read them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dms_stream.review.plan import Action
from dms_stream.review.reviewing import Review
from dms_stream.review.rule import Finding
from dms_stream.review.severity import Severity
from dms_stream.review.words import count

_MOST_TYPES = 10
_MOST_ATTRIBUTES = 6


@dataclass(frozen=True)
class Block:
    """Findings that have everything in common but what happens to what.

    Attributes:
        rule: Id of the rule.
        severity: How serious.
        why: Why it is serious.
        instead: What to do instead.
        sources: Where AWS or the provider says so.
        findings: What happens to what.
    """

    rule: str
    severity: Severity
    why: str
    instead: str
    sources: tuple[str, ...]
    findings: tuple[Finding, ...]


def blocks(findings: Sequence[Finding]) -> list[Block]:
    """Findings by severity and rule, as they come."""
    grouped: dict[tuple[Severity, str, str, str], list[Finding]] = {}
    for each in findings:
        key = (each.severity, each.rule, each.why, each.instead)
        grouped.setdefault(key, []).append(each)
    return [
        Block(
            severity=severity,
            rule=rule,
            why=why,
            instead=instead,
            sources=tuple(dict.fromkeys(source for each in found for source in each.sources)),
            findings=tuple(found),
        )
        for (severity, rule, why, instead), found in grouped.items()
    ]


def by_severity(review: Review) -> list[tuple[Severity, list[Block]]]:
    """The blocks of each severity there is, most serious first."""
    found = blocks(review.findings)
    return [
        (severity, [block for block in found if block.severity is severity])
        for severity in sorted(Severity, reverse=True)
        if any(block.severity is severity for block in found)
    ]


def not_judged(review: Review) -> str:
    """What no rule judged, in one sentence, by type; empty where everything is judged."""
    if not review.not_judged:
        return ""
    changes = sum(each.changes for each in review.not_judged)
    resources = sum(each.resources for each in review.not_judged)
    named = []
    for each in review.not_judged[:_MOST_TYPES]:
        attributes = ", ".join(each.attributes[:_MOST_ATTRIBUTES])
        attributes += ", …" * (len(each.attributes) > _MOST_ATTRIBUTES)
        named.append(f"{each.type} ({attributes or 'created'})")
    more = len(review.not_judged) - _MOST_TYPES
    others = f"; and {count(more, 'more type')}" if more > 0 else ""
    return (
        f"Not judged: {count(changes, 'change')} of {count(resources, 'resource')}: "
        f"{'; '.join(named)}{others}."
    )


def verdict(review: Review, fail_on: Severity) -> str:
    """The outcome in one sentence."""
    failing = len(review.at_least(fail_on))
    if failing:
        return (
            f"{count(failing, 'finding')} at or above {fail_on.word}: look at "
            f"{'it' if failing == 1 else 'them'} before you apply."
        )
    if review.findings:
        below = ", ".join(
            f"{found} {severity.word}"
            for severity in sorted(Severity, reverse=True)
            if (found := sum(1 for each in review.findings if each.severity is severity))
        )
        left = " that is not accepted" if review.accepted else ""
        return f"Nothing at or above {fail_on.word}{left}; below it: {below}."
    if review.accepted:
        return f"Nothing is found but {count(len(review.accepted), 'accepted finding')}."
    if any(review.outputs.values()):
        return "Every change of a resource is judged, and there is nothing to say about it."
    return "Every change is judged, and there is nothing to say about it."


def other_stacks(review: Review) -> str:
    """That entries of review.yaml were not looked at, which may be right or a slip of the pen."""
    named = ", ".join(review.other_stacks[:_MOST_TYPES])
    more = len(review.other_stacks) - _MOST_TYPES
    others = f" and {more} more" if more > 0 else ""
    return f"Not looked at: entries for stacks that are not among these plans: {named}{others}."


def counted(review: Review, plan: str) -> str:
    """What a plan does, in numbers."""
    actions = review.actions.get(plan, Counter())
    order = (
        Action.DELETE,
        Action.REPLACE,
        Action.SUPERSEDE,
        Action.UPDATE,
        Action.CREATE,
        Action.FORGET,
    )
    parts = [f"{actions[action]} {action}" for action in order if actions.get(action)]
    if outputs := review.outputs.get(plan):
        parts.append(f"{count(outputs, 'output')} changed")
    return ", ".join(parts) or "no changes"
