"""Asking every rule about every change."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from dms_stream.review.acknowledgements import Acknowledgement, Stale, sort_out
from dms_stream.review.folding import NOT_JUDGED, fold
from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.policy_attributes import documents
from dms_stream.review.provider_schema import is_number, is_switch
from dms_stream.review.redaction import hiding, secrets_in
from dms_stream.review.rule import PLAN_ADDRESS, Finding, Rule, Scope, covers
from dms_stream.review.rules import ALL_RULES, judging, touched_by
from dms_stream.review.rules.unreadable_value import unreadable_value
from dms_stream.review.severity import Severity
from dms_stream.review.values import schema_path

# what a rule meets when a plan holds values that no provider writes
_UNREADABLE = (
    TypeError,
    ValueError,
    AttributeError,
    KeyError,
    IndexError,
    OverflowError,
    RecursionError,
)
# findings that do not say that, or why, something goes
_SAYS_NOTHING_OF_DESTRUCTION = frozenset(
    {NOT_JUDGED, "equal-in-meaning", "secret-in-state", "unknown-policy", "unknown-value"}
)


@dataclass(frozen=True)
class NotJudged:
    """What no rule judged, of one type.

    Attributes:
        type: The type; empty where it is not known.
        resources: How many resources.
        attributes: The attributes that change, without positions; none of resources that are
            created.
        changes: How many attributes change, counted in each resource; a created resource counts
            as one.
    """

    type: str
    resources: int
    attributes: tuple[str, ...]
    changes: int


@dataclass(frozen=True)
class Review:
    """What is to be said about some plans.

    Attributes:
        findings: What was found and nobody accepted, most serious first.
        accepted: What was found and is accepted, with why.
        stale: Acknowledgements that are expired or fit nothing.
        plans: Names of the plans.
        actions: How many resources of each plan are created, changed and so on.
        quiet: Changes that are judged and harmless: plan, address and what happens.
        not_judged: What no rule judged, by type; it is among the findings too.
        outputs: How many outputs of each plan change.
        other_stacks: The stacks of acknowledgements that are not among the plans.
    """

    findings: tuple[Finding, ...]
    accepted: tuple[tuple[Finding, Acknowledgement], ...] = ()
    stale: tuple[Stale, ...] = ()
    plans: tuple[str, ...] = ()
    actions: dict[str, Counter[Action]] = field(default_factory=dict)
    quiet: tuple[tuple[str, str, Action], ...] = ()
    not_judged: tuple[NotJudged, ...] = ()
    outputs: dict[str, int] = field(default_factory=dict)
    other_stacks: tuple[str, ...] = ()

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
    found.sort(key=_order)
    left, accepted, stale = sort_out(
        found,
        acknowledgements,
        plans=[plan.name for plan in plans],
        today=today or date.today(),
        fold=lambda findings: sorted(fold(findings, plans), key=_order),
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
        not_judged=_not_judged(left, plans),
        outputs={plan.name: len(plan.changed_outputs) for plan in plans},
        other_stacks=tuple(
            dict.fromkeys(
                each.stack
                for each in acknowledgements
                if each.stack and each.stack not in {plan.name for plan in plans}
            )
        ),
    )


def _order(finding: Finding) -> tuple[object, ...]:
    return (-finding.severity, finding.rule, finding.plan, finding.address, finding.what)


def _not_judged(findings: Iterable[Finding], plans: Sequence[Plan]) -> tuple[NotJudged, ...]:
    addresses = {plan.name: plan.by_address for plan in plans}
    grouped: dict[str, list[Finding]] = {}
    for finding in findings:
        for each in finding.folded or (finding,):
            if each.rule == NOT_JUDGED:
                changed = addresses.get(each.plan, {}).get(each.address)
                grouped.setdefault(changed.type if changed else "", []).append(each)
    return tuple(
        NotJudged(
            type=type_,
            resources=len(found),
            attributes=tuple(dict.fromkeys(name for each in found for name in each.attributes)),
            changes=sum(len(each.attributes) or 1 for each in found),
        )
        for type_, found in sorted(grouped.items())
    )


def _findings(plan: Plan) -> Iterator[Finding]:
    whole = ResourceChange(address=PLAN_ADDRESS, type="", action=Action.NOTHING)
    yield from _ask(_rules(Scope.PLAN, ""), plan, whole)
    for change in plan.changes:
        if change.action not in (Action.NOTHING, Action.READ):
            found = list(_ask(_rules_about(change), plan, change, misled=_misled(change)))
            yield from found
            if all(each.rule in _SAYS_NOTHING_OF_DESTRUCTION for each in found):
                yield from _ask(_rules(Scope.REST, change.type), plan, change)
    for change in plan.drift:
        yield from _ask(_rules(Scope.DRIFT, change.type), plan, change)


def _rules_about(change: ResourceChange) -> Iterable[Rule]:
    """The rules to ask about a change. One that is asked about every type and decides by some
    attributes has nothing to say where none of them changes in place.
    """
    rules = _rules(Scope.CHANGE, change.type)
    if not change.updates:
        return rules
    relevant: set[str] = set()
    for path in change.differing():
        relevant |= _ids_judging(change.type, schema_path(path))
    for path in change.unknown_paths():
        relevant |= _ids_touched_by(change.type, schema_path(path))
    holds_policies = bool(documents(change))
    return [
        rule
        for rule in rules
        if rule.types
        or not (rule.judges or rule.judges_policies)
        or rule.id in relevant
        or (rule.judges_policies and holds_policies)
    ]


def _misled(change: ResourceChange) -> frozenset[str]:
    """The rules that decide by a value of another kind than its provider's, such as a number that
    is written as text: what they compare it with is of that kind, so they find nothing.
    """
    if not (change.compares or change.makes):
        return frozenset()
    return frozenset(
        rule.id
        for path in change.differing()
        for plain in (schema_path(path),)
        if not all(
            _is_of_its_kind(change.type, plain, value)
            for value in (change.old(path), change.new(path))
        )
        for rule in judging(change.type, plain)
        if change.compares or any(covers(known, plain) for known in rule.at_creation)
    )


def _is_of_its_kind(type_: str, path: str, value: Any) -> bool:
    if is_switch(type_, path):
        return value is None or isinstance(value, bool)
    if is_number(type_, path):
        return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
    return True


@lru_cache(maxsize=65536)
def _ids_judging(type_: str, path: str) -> frozenset[str]:
    return frozenset(rule.id for rule in judging(type_, path))


@lru_cache(maxsize=65536)
def _ids_touched_by(type_: str, path: str) -> frozenset[str]:
    return frozenset(rule.id for rule in touched_by(type_, path))


def _ask(
    rules: Iterable[Rule],
    plan: Plan,
    change: ResourceChange,
    *,
    misled: frozenset[str] = frozenset(),
) -> Iterator[Finding]:
    for rule in rules:
        unreadable = False
        try:
            # all of a rule or nothing: half an answer would look like a whole one
            with hiding(lambda: _secrets(change)):
                found = list(rule.findings(plan, change))
            # unless it could read the value all the same
            unreadable = rule.id in misled and all(each.severity < rule.severity for each in found)
            yield from found
        except _UNREADABLE:
            unreadable = True
        if unreadable:
            yield Finding(
                rule=unreadable_value.id,
                severity=max(rule.severity, Severity.UNKNOWN),
                plan=plan.name,
                address=change.address,
                what=f"`{rule.id}` cannot be ruled out: the values are of a kind it does not know",
                why=unreadable_value.why,
                instead=unreadable_value.instead,
                sources=unreadable_value.sources,
            )


def _secrets(change: ResourceChange) -> frozenset[str]:
    if "secrets" not in change.memo:
        change.memo["secrets"] = frozenset(
            (
                *secrets_in(change.before, change.before_sensitive),
                *secrets_in(change.after, change.after_sensitive),
            )
        )
    secrets: frozenset[str] = change.memo["secrets"]
    return secrets


@lru_cache(maxsize=4096)
def _rules(scope: Scope, type_: str) -> tuple[Rule, ...]:
    return tuple(rule for rule in ALL_RULES if rule.scope is scope and rule.is_asked_about(type_))
