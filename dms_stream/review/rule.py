"""What a rule is, and what it finds."""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.severity import Severity

PLAN_ADDRESS = "(plan)"
"""The address of what concerns a whole plan."""


class Scope(StrEnum):
    """What a rule is asked about."""

    CHANGE = "each change"
    DRIFT = "each change made outside"
    PLAN = "the plan"


@dataclass(frozen=True)
class Observation:
    """What a rule saw; what it leaves out is as the rule says.

    Attributes:
        what: What happens, in plain words and with the values that matter.
        severity: How serious, where it is not as the rule says.
        why: Why it is serious, where that depends.
        instead: What to do instead, where that depends.
        address: What it happens to, where it is not the resource that was asked about.
        sources: Where AWS or the provider says so, where that depends.
    """

    what: str
    severity: Severity | None = None
    why: str | None = None
    instead: str | None = None
    address: str | None = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """What a review says about one resource.

    Attributes:
        rule: Id of the rule.
        severity: How serious.
        plan: Name of the plan.
        address: What it happens to.
        what: What happens.
        why: Why it is serious.
        instead: What to do instead.
        sources: Where AWS or the provider says so.
    """

    rule: str
    severity: Severity
    plan: str
    address: str
    what: str
    why: str
    instead: str
    sources: tuple[str, ...]


Check = Callable[[Plan, ResourceChange], Iterable[Observation]]


@dataclass(frozen=True)
class Rule:
    """One thing that the review knows.

    Attributes:
        id: Its name in reports and in review.yaml.
        severity: How serious what it finds is, as a rule.
        explanation: What it looks for, from its docstring.
        why: Why that is serious.
        instead: What to do instead.
        sources: Where AWS or the provider says so.
        types: The types it is asked about; empty: all.
        watches: The attributes it decides by. Where one of them is unknown in an update, the rule
            `unknown-value` says so, as seriously as this rule would.
        scope: What it is asked about.
        check: The rule itself.
    """

    id: str
    severity: Severity
    explanation: str
    why: str
    instead: str
    sources: tuple[str, ...]
    check: Check
    types: frozenset[str] = frozenset()
    watches: tuple[str, ...] = ()
    scope: Scope = Scope.CHANGE
    others: tuple[Severity, ...] = field(default=())

    def findings(self, plan: Plan, change: ResourceChange) -> Iterable[Finding]:
        """What it finds."""
        for seen in self.check(plan, change):
            yield Finding(
                rule=self.id,
                severity=self.severity if seen.severity is None else seen.severity,
                plan=plan.name,
                address=seen.address or change.address,
                what=seen.what,
                why=seen.why or self.why,
                instead=seen.instead or self.instead,
                sources=seen.sources or self.sources,
            )


def rule(
    severity: Severity,
    *,
    why: str,
    instead: str,
    sources: tuple[str, ...],
    types: tuple[str, ...] = (),
    watches: tuple[str, ...] = (),
    scope: Scope = Scope.CHANGE,
    others: tuple[Severity, ...] = (),
) -> Callable[[Check], Rule]:
    """Make a rule of a function: its name is the rule's id, its docstring the explanation.

    Args:
        severity: How serious what it finds is, as a rule.
        why: Why that is serious.
        instead: What to do instead.
        sources: Where AWS or the provider says so.
        types: The types it is asked about; default: all.
        watches: The attributes it decides by.
        scope: What it is asked about.
        others: Other severities it may give, by circumstance.
    """

    def make(check: Check) -> Rule:
        return Rule(
            id=check.__name__.replace("_", "-"),
            severity=severity,
            explanation=" ".join(inspect.cleandoc(check.__doc__ or "").split()),
            why=why,
            instead=instead,
            sources=sources,
            check=check,
            types=frozenset(types),
            watches=watches,
            scope=scope,
            others=others,
        )

    return make


def provider_page(resource: str) -> str:
    """The provider's page of a resource, in the version that this project uses."""
    return (
        "https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/r/"
        f"{resource}.html.markdown"
    )
