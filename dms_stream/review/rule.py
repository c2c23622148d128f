"""What a rule is, and what it finds."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.provider_schema import policy_paths
from dms_stream.review.severity import Severity

PLAN_ADDRESS = "(plan)"
"""The address of what concerns a whole plan."""

EVERYTHING = "*"
"""Among the paths that a rule judges: every attribute of the type."""

ANYWHERE = "**."
"""Before an attribute's name: wherever it stands, in blocks too."""

_ALL_TYPES = "*"


class Scope(StrEnum):
    """What a rule is asked about."""

    CHANGE = "each change"
    REST = "each change about which no other rule has something to say"
    DRIFT = "each change made outside Terraform"
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
        attributes: The attributes that it is about, where a report counts them.
    """

    what: str
    severity: Severity | None = None
    why: str | None = None
    instead: str | None = None
    address: str | None = None
    sources: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """What a review says about one resource, or about several whose findings it folds.

    Attributes:
        rule: Id of the rule.
        severity: How serious.
        plan: Name of the plan.
        address: What it happens to.
        what: What happens.
        why: Why it is serious.
        instead: What to do instead.
        sources: Where AWS or the provider says so.
        attributes: The attributes that it is about, where a report counts them.
        folded: The findings that this one stands for.
    """

    rule: str
    severity: Severity
    plan: str
    address: str
    what: str
    why: str
    instead: str
    sources: tuple[str, ...]
    attributes: tuple[str, ...] = ()
    folded: tuple["Finding", ...] = ()


Check = Callable[[Plan, ResourceChange], Iterable[Observation]]
Paths = tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    """One thing that the review knows.

    Attributes:
        id: Its name in reports and in review.yaml.
        severity: How serious what it finds usually is.
        explanation: What it looks for, from its docstring.
        why: Why that is serious.
        instead: What to do instead.
        sources: Where AWS or the provider says so.
        types: The types it is asked about; empty: all.
        judges: The attributes it decides by, of each type or (`*`) of all that it is asked about: a
            change of one of them is judged, whether or not there is a finding. Where one of them is
            unknown, `unknown-value` says so, as seriously as this rule would. Paths are as in the
            provider's schema, without positions; a path stands for all that is in it.
        judges_policies: Whether it also decides by whatever holds a policy document.
        at_creation: Those of them that matter in something new as well.
        belongs_to: The attribute that names what the resource belongs to, and the types that may
            be; where that is new too, nothing that exists is concerned.
        except_types: The types it is not asked about, because another rule is.
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
    judges: Mapping[str, Paths] = field(default_factory=dict)
    judges_policies: bool = False
    at_creation: Paths = ()
    belongs_to: tuple[str, ...] = ()
    except_types: frozenset[str] = frozenset()
    scope: Scope = Scope.CHANGE
    others: tuple[Severity, ...] = field(default=())

    def is_asked_about(self, type_: str) -> bool:
        """Whether it is asked about resources of a type."""
        return (not self.types or type_ in self.types) and type_ not in self.except_types

    def judged_paths(self, type_: str) -> Paths:
        """The paths that it decides by in a type."""
        if not self.is_asked_about(type_):
            return ()
        policies = policy_paths(type_) if self.judges_policies else ()
        return (*self.judges.get(_ALL_TYPES, ()), *self.judges.get(type_, ()), *policies)

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
                attributes=seen.attributes,
            )


def covers(judged: str, path: str) -> bool:
    """Whether a path that a rule judges takes in another one."""
    if judged == EVERYTHING:
        return True
    if judged.startswith(ANYWHERE):
        return judged.removeprefix(ANYWHERE) in path.split(".")
    return path == judged or path.startswith(f"{judged}.")


def rule(
    severity: Severity,
    *,
    why: str,
    instead: str,
    sources: tuple[str, ...],
    types: Iterable[str] = (),
    judges: Paths | Mapping[str, Paths] = (),
    judges_policies: bool = False,
    at_creation: Paths = (),
    belongs_to: tuple[str, ...] = (),
    except_types: Iterable[str] = (),
    scope: Scope = Scope.CHANGE,
    others: tuple[Severity, ...] = (),
) -> Callable[[Check], Rule]:
    """Make a rule of a function: its name is the rule's id, its docstring the explanation.

    Args:
        severity: How serious what it finds usually is.
        why: Why that is serious.
        instead: What to do instead.
        sources: Where AWS or the provider says so.
        types: The types it is asked about; default: all.
        judges: The attributes it decides by: of all its types, or of each.
        judges_policies: Whether it also decides by whatever holds a policy document.
        at_creation: Those of them that matter in something new as well.
        belongs_to: The attribute that names what the resource belongs to, and the types of that.
        except_types: The types it is not asked about, because another rule is.
        scope: What it is asked about.
        others: Other severities it may give, by circumstance.
    """
    of_all: Mapping[str, Paths] = {} if isinstance(judges, Mapping) else {_ALL_TYPES: judges}
    by_type = judges if isinstance(judges, Mapping) else of_all

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
            judges=MappingProxyType({type_: paths for type_, paths in by_type.items() if paths}),
            judges_policies=judges_policies,
            at_creation=at_creation,
            belongs_to=belongs_to,
            except_types=frozenset(except_types),
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
