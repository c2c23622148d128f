"""IAM policy documents: what they allow, compared before and after.

Only the words that decide are compared; conditions are compared whole, and their values are never
shown, as an external id is half a secret.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from dms_stream.review.redaction import clean

_MOST_NAMED = 6


@dataclass(frozen=True)
class Permission:
    """One combination that a statement allows.

    Attributes:
        principal: Who; `(the role)` in a policy without principals.
        action: What, in lower case, as IAM does not mind.
        resource: On what; `(this)` in a policy without resources.
        conditions: Under which conditions, as canonical JSON.
        written: The action as it is written.
    """

    principal: str
    action: str
    resource: str
    conditions: str
    written: str = field(default="", compare=False)

    def within(self, other: "Permission") -> bool:
        """Whether the other one allows all that this one does."""
        return (
            _covers(other.principal, self.principal)
            and _covers(other.action, self.action)
            and _covers(other.resource, self.resource)
            and other.conditions in ("{}", self.conditions)
        )


@dataclass(frozen=True)
class Policy:
    """A policy document, taken apart.

    Attributes:
        allowed: What it allows.
        denied: What it denies.
        inverted: Whether it uses NotAction, NotPrincipal or NotResource, which this does not weigh.
    """

    allowed: frozenset[Permission]
    denied: frozenset[Permission]
    inverted: bool = False


def read_policy(document: Any) -> Policy | None:
    """The policy in a parsed document; None where it is none."""
    if not isinstance(document, dict) or "Statement" not in document:
        return None
    statements = document["Statement"]
    statements = statements if isinstance(statements, list) else [statements]
    allowed: set[Permission] = set()
    denied: set[Permission] = set()
    inverted = False
    for statement in statements:
        if not isinstance(statement, dict):
            return None
        inverted |= any(key in statement for key in ("NotAction", "NotPrincipal", "NotResource"))
        into = allowed if statement.get("Effect") == "Allow" else denied
        into.update(_permissions(statement))
    return Policy(frozenset(allowed), frozenset(denied), inverted)


def widened(before: Policy | None, after: Policy) -> list[Permission]:
    """What is allowed after and was not before."""
    old = before.allowed if before else frozenset()
    return _sorted(each for each in after.allowed if not any(each.within(was) for was in old))


def narrowed(before: Policy, after: Policy | None) -> list[Permission]:
    """What was allowed before and is not after."""
    new = after.allowed if after else frozenset()
    return _sorted(each for each in before.allowed if not any(each.within(now) for now in new))


def no_longer_denied(before: Policy, after: Policy | None) -> list[Permission]:
    """What was denied before and is not after."""
    new = after.denied if after else frozenset()
    return _sorted(each for each in before.denied if not any(each.within(now) for now in new))


def wildcards(policy: Policy) -> Iterator[str]:
    """What a policy allows too broadly, in words."""
    for each in _sorted(policy.allowed):
        if each.principal == "*" and each.conditions == "{}":
            yield f"anybody may {clean(each.written)}"
        if each.action == "*":
            yield f"every action on {clean(each.resource)}"
        elif each.action.endswith(":*") and each.resource == "*":
            yield f"{clean(each.written)} on everything"


def in_words(permissions: list[Permission]) -> str:
    """Permissions for a reader, those of one resource together."""
    grouped: dict[tuple[str, str, bool], list[str]] = {}
    for each in permissions:
        key = (each.principal, each.resource, each.conditions != "{}")
        grouped.setdefault(key, []).append(each.written)
    texts = []
    for (principal, resource, conditional), actions in sorted(grouped.items()):
        named = ", ".join(sorted(set(actions))[:_MOST_NAMED])
        named += ", …" * (len(set(actions)) > _MOST_NAMED)
        who = "" if principal == "(the role)" else f"{clean(principal)}: "
        on = "" if resource == "(this)" else f" on {clean(resource)}"
        texts.append(f"{who}{clean(named, 400)}{on}{' under conditions' if conditional else ''}")
    more = len(texts) - _MOST_NAMED
    return "; ".join(texts[:_MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")


def same_policy(one: Any, other: Any) -> bool:
    """Whether two parsed documents allow and deny the same."""
    first, second = read_policy(one), read_policy(other)
    return first is not None and first == second and not first.inverted


def _permissions(statement: dict[str, Any]) -> Iterator[Permission]:
    conditions = statement.get("Condition") or {}
    canonical = json.dumps(_canonical(conditions), sort_keys=True)
    for principal in _principals(statement):
        for action in _texts(statement, "Action", "(this)"):
            for resource in _texts(statement, "Resource", "(this)"):
                yield Permission(principal, action.lower(), resource, canonical, action)


def _canonical(conditions: Any) -> Any:
    if isinstance(conditions, dict):
        return {str(key): _canonical(value) for key, value in conditions.items()}
    if isinstance(conditions, list):
        return sorted(str(value) for value in conditions)
    return [str(conditions)]


def _principals(statement: dict[str, Any]) -> list[str]:
    if "NotPrincipal" in statement:
        return ["(all but some)"]
    principal = statement.get("Principal")
    if principal is None:
        return ["(the role)"]
    if isinstance(principal, dict):
        found = [text for value in principal.values() for text in _as_texts(value)]
        return sorted(set(found)) or ["(nobody)"]
    return _as_texts(principal)


def _texts(statement: dict[str, Any], key: str, absent: str) -> list[str]:
    if f"Not{key}" in statement:
        return [f"(all but {', '.join(_as_texts(statement[f'Not{key}']))})"]
    return _as_texts(statement[key]) if key in statement else [absent]


def _as_texts(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def _covers(pattern: str, text: str) -> bool:
    if pattern in (text, "*"):
        return True
    # what is all but something is no pattern; and IAM knows * and ?, but no brackets
    return not pattern.startswith("(") and fnmatchcase(text, pattern.replace("[", "[[]"))


def _sorted(permissions: Any) -> list[Permission]:
    return sorted(
        permissions, key=lambda each: (each.principal, each.resource, each.action, each.conditions)
    )
