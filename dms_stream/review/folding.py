"""Findings that belong together are one: what is not judged, by type; a destroyed module's."""

from collections import Counter
from collections.abc import Iterable, Sequence

from dms_stream.review.plan import Action, Plan
from dms_stream.review.rule import Finding
from dms_stream.review.severity import Severity
from dms_stream.review.words import count

NOT_JUDGED = "not-judged"
MODULE_DESTROYED = "module-destroyed"
_MOST_NAMED = 8
_FEWEST = 2


def fold(findings: Iterable[Finding], plans: Sequence[Plan]) -> list[Finding]:
    """The findings, with those that belong together as one."""
    by_plan = {plan.name: destroyed_modules(plan) for plan in plans}
    addresses = {plan.name: plan.by_address for plan in plans}
    left: list[Finding] = []
    unjudged: dict[tuple[str, str], list[Finding]] = {}
    modules: dict[tuple[str, str], list[Finding]] = {}
    for each in findings:
        module = _module_of(each, by_plan.get(each.plan, {}))
        if module:
            modules.setdefault((each.plan, module), []).append(each)
        elif each.rule == NOT_JUDGED:
            changed = addresses.get(each.plan, {}).get(each.address)
            type_ = changed.type if changed else ""
            unjudged.setdefault((each.plan, type_), []).append(each)
        else:
            left.append(each)
    left += [_not_judged(type_, found) for (_, type_), found in unjudged.items()]
    for (plan, module), found in modules.items():
        left += _module(module, found, by_plan[plan][module])
    return left


def destroyed_modules(plan: Plan) -> dict[str, int]:
    """The outermost modules of which everything is destroyed, and how many resources that are."""
    kept: set[str] = set()
    destroyed: Counter[str] = Counter()
    for change in plan.changes:
        for module in _ancestors(change.module):
            if change.action is Action.DELETE:
                destroyed[module] += 1
            else:
                kept.add(module)
    whole = {module for module in destroyed if module not in kept}
    return {
        module: destroyed[module]
        for module in whole
        if destroyed[module] >= _FEWEST
        and not any(parent in whole for parent in _ancestors(module) if parent != module)
    }


def _ancestors(module: str) -> list[str]:
    """A module's address and those of the modules around it, the outermost first."""
    if not module:
        return []
    found = []
    depth, start = 0, 0
    for position, character in enumerate(module):
        depth += (character == "[") - (character == "]")
        if depth == 0 and module.startswith(".module.", position) and position > start:
            found.append(module[:position])
    return [*found, module]


def _module_of(finding: Finding, modules: dict[str, int]) -> str | None:
    for module in modules:
        if finding.address.startswith(f"{module}."):
            return module
    return None


def _module(module: str, found: list[Finding], resources: int) -> list[Finding]:
    if len(found) < _FEWEST:
        return found
    from dms_stream.review.rules.module_destroyed import module_destroyed

    worst = max(each.severity for each in found)
    by_severity: dict[Severity, list[str]] = {}
    for each in sorted(found, key=lambda one: -one.severity):
        inside = each.address.removeprefix(f"{module}.")
        by_severity.setdefault(each.severity, []).append(inside)
    named = "; ".join(
        f"{len(inside)} {severity.word}: {', '.join(inside[:_MOST_NAMED])}"
        + ", …" * (len(inside) > _MOST_NAMED)
        for severity, inside in by_severity.items()
    )
    return [
        Finding(
            rule=module_destroyed.id,
            severity=worst,
            plan=found[0].plan,
            address=module,
            what=(f"the module is destroyed with its {count(resources, 'resource')}. {named}"),
            why=module_destroyed.why,
            instead=module_destroyed.instead,
            sources=module_destroyed.sources,
            folded=tuple(found),
        )
    ]


def _not_judged(type_: str, found: list[Finding]) -> Finding:
    if len(found) < _FEWEST:
        return found[0]
    first = found[0]
    attributes = tuple(dict.fromkeys(name for each in found for name in each.attributes))
    changed = sum(len(each.attributes) for each in found)
    created = sum(1 for each in found if not each.attributes)
    parts = []
    if changed:
        named = ", ".join(attributes[:_MOST_NAMED]) + ", …" * (len(attributes) > _MOST_NAMED)
        resources = count(len(found) - created, "resource")
        verb = "changes" if changed == 1 else "change"
        parts.append(f"{count(changed, 'attribute')} of {resources} {verb}: {named}")
    if created:
        verb = "is created" if created == 1 else "are created"
        parts.append(f"{count(created, 'resource')} of the type {type_} {verb}")
    return Finding(
        rule=first.rule,
        severity=max(first.severity, Severity.UNKNOWN),
        plan=first.plan,
        address=f"{type_} ({len(found)} resources)",
        what="; ".join(parts),
        why=first.why,
        instead=first.instead,
        sources=first.sources,
        attributes=attributes,
        folded=tuple(found),
    )
