"""Asking every rule about every change."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache

from dms_stream.review.acknowledgements import Acknowledgement, Stale, sort_out
from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.redaction import secrets_in, without
from dms_stream.review.rule import PLAN_ADDRESS, Finding, Rule, Scope
from dms_stream.review.rules import ALL_RULES
from dms_stream.review.rules.unreadable_value import unreadable_value
from dms_stream.review.severity import Severity

# what a rule meets when a plan holds values that no provider writes
_UNREADABLE = (TypeError, ValueError, AttributeError, KeyError, IndexError, RecursionError)


@dataclass(frozen=True)
class Review:
    """What is to be said about some plans.

    Attributes:
        findings: What was found and nobody accepted, most serious first.
        accepted: What was found and is accepted, with why.
        stale: Acknowledgements that are expired or fit nothing.
        plans: Names of the plans.
        actions: How many resources of each plan are created, changed and so on.
        quiet: Changes about which there is nothing to say: plan, address and what happens.
    """

    findings: tuple[Finding, ...]
    accepted: tuple[tuple[Finding, Acknowledgement], ...] = ()
    stale: tuple[Stale, ...] = ()
    plans: tuple[str, ...] = ()
    actions: dict[str, Counter[Action]] = field(default_factory=dict)
    quiet: tuple[tuple[str, str, Action], ...] = ()

    def at_least(self, severity: Severity) -> list[Finding]:
        """The findings that are as serious, or more so."""
        return [finding for finding in self.findings if finding.severity >= severity]


def review_plans(
    plans: Sequence[Plan],
    *,
    acknowledgements: Sequence[Acknowledgement] = (),
    today: date | None = None,
) -> Review:
    """Review plans together.

    Args:
        plans: The plans.
        acknowledgements: What a team has accepted.
        today: The day by which acknowledgements expire; default: today.
    """
    found = [finding for plan in plans for finding in _findings(plan)]
    found.sort(key=lambda each: (-each.severity, each.rule, each.plan, each.address, each.what))
    left, accepted, stale = sort_out(
        found, acknowledgements, plans=[plan.name for plan in plans], today=today or date.today()
    )
    touched = {(finding.plan, finding.address) for finding in found}
    return Review(
        findings=tuple(left),
        accepted=tuple(accepted),
        stale=tuple(stale),
        plans=tuple(plan.name for plan in plans),
        actions={plan.name: Counter(change.action for change in plan.changes) for plan in plans},
        quiet=tuple(
            (plan.name, change.address, change.action)
            for plan in plans
            for change in plan.changes
            if change.action not in (Action.NOTHING, Action.READ)
            and (plan.name, change.address) not in touched
        ),
    )


def _findings(plan: Plan) -> Iterator[Finding]:
    whole = ResourceChange(address=PLAN_ADDRESS, type="", action=Action.NOTHING)
    yield from _ask(_rules(Scope.PLAN, ""), plan, whole)
    for change in plan.changes:
        if change.action not in (Action.NOTHING, Action.READ):
            yield from _ask(_rules(Scope.CHANGE, change.type), plan, change)
    for change in plan.drift:
        yield from _ask(_rules(Scope.DRIFT, change.type), plan, change)


def _ask(rules: Iterable[Rule], plan: Plan, change: ResourceChange) -> Iterator[Finding]:
    secrets: set[str] | None = None
    for rule in rules:
        try:
            # all of a rule or nothing: half an answer would look like a whole one
            found = list(rule.findings(plan, change))
            if found and secrets is None:
                secrets = _secrets(change)
            for finding in found:
                # rules show no secret; should one of them do, it ends here
                yield replace(finding, what=without(finding.what, secrets or ()))
        except _UNREADABLE:
            yield Finding(
                rule=unreadable_value.id,
                severity=max(rule.severity, Severity.UNKNOWN),
                plan=plan.name,
                address=change.address,
                what=f"`{rule.id}` cannot be ruled out: the values are not what it knows",
                why=unreadable_value.why,
                instead=unreadable_value.instead,
                sources=unreadable_value.sources,
            )


def _secrets(change: ResourceChange) -> set[str]:
    return {
        *secrets_in(change.before, change.before_sensitive),
        *secrets_in(change.after, change.after_sensitive),
    }


@lru_cache(maxsize=4096)
def _rules(scope: Scope, type_: str) -> tuple[Rule, ...]:
    return tuple(
        rule
        for rule in ALL_RULES
        if rule.scope is scope and (not rule.types or type_ in rule.types)
    )
