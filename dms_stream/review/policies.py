"""IAM policy documents: what they allow and deny, compared before and after.

The comparison is by what the words mean: wildcards, `Not…` elements and the values of conditions
all count. Where it is in doubt, it says that something changed. The values of conditions are never
shown, because an external id is half a secret.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from dms_stream.review.redaction import clean

_MOST_NAMED = 6
NO_PRINCIPAL = "(the role)"
"""The principal of a statement in a policy that is attached to somebody."""
NO_RESOURCE = "this"
"""The resource of a statement that names none, as in a trust policy."""
_KNOWN_KEYS = frozenset(
    {
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    }
)


@dataclass(frozen=True)
class Except:
    """Everything but some names: what `NotAction`, `NotResource` and `NotPrincipal` say."""

    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"everything except {', '.join(self.names)}"


Term = str | Except


@dataclass(frozen=True)
class Clause:
    """One condition.

    Attributes:
        operator: Such as `stringequals`, in lower case, as IAM ignores case.
        key: The condition key, in lower case.
        values: The values it is compared with, any of which is enough.
    """

    operator: str
    key: str
    values: frozenset[str]

    @property
    def plain_operator(self) -> str:
        """The operator without `ForAllValues:`, `ForAnyValue:` and `IfExists`."""
        return self.operator.rsplit(":", 1)[-1].removesuffix("ifexists")

    @property
    def optional(self) -> bool:
        """Whether it also holds when the request does not carry the key at all."""
        return self.operator.endswith("ifexists") or self.operator.startswith("forallvalues:")

    @property
    def always_holds(self) -> bool:
        """Whether every request that carries the key satisfies it."""
        match self.plain_operator:
            case "stringlike" | "arnlike" | "arnequals":
                return any(_is_anything(value) for value in self.values)
            case "ipaddress":
                return any(_is_everywhere(value) for value in self.values)
            case _:
                return False

    @property
    def names_values(self) -> bool:
        """Whether its operator names what is let in, instead of what is kept out."""
        return self.plain_operator in _NAMING_OPERATORS

    @property
    def limits_who(self) -> bool:
        """Whether it keeps strangers out: it names who may come, or from where."""
        if self.optional or self.always_holds or _says_how.search(self.key):
            return False
        return self.names_values and not any(_in_any_account(value) for value in self.values)

    def at_least_as_strict_as(self, other: "Clause") -> bool:
        """Whether whatever satisfies this one also satisfies the other."""
        if (self.operator, self.key) != (other.operator, other.key):
            return False
        if "not" in self.plain_operator:
            return self.values >= other.values
        if self.plain_operator in _PATTERN_OPERATORS:
            return all(any(_covers(wider, each) for wider in other.values) for each in self.values)
        return self.values <= other.values


_NAMING_OPERATORS = frozenset(
    {
        "stringequals",
        "stringequalsignorecase",
        "stringlike",
        "arnequals",
        "arnlike",
        "ipaddress",
        "binaryequals",
        "numericequals",
    }
)
_PATTERN_OPERATORS = frozenset({"stringlike", "arnlike", "arnequals"})
# keys that say how or when somebody comes, but not who
_says_how = re.compile(
    r"^(aws:(securetransport|currenttime|epochtime|requestedregion|useragent|referer"
    r"|multifactorauth.*|principaltype|requesttag/.*|tagkeys|tokenissuetime|viaawsservice)"
    r"|s3:(tlsversion|prefix|delimiter|max-keys|authtype|signature.*|x-amz-.*|versionid"
    r"|requestobjecttag.*|existingobjecttag.*)"
    r"|kms:encryptioncontext.*|kms:(granti.*|keyspec|keyusage))$|:(aud|iss)$"
)


@dataclass(frozen=True)
class Permission:
    """One combination that a statement allows or denies.

    Attributes:
        principal: Who; `(the role)` in a policy without principals.
        kind: What kind of principal: `AWS`, `Service`, `Federated`, `CanonicalUser`; `*` where
            the document just says `*`; empty without principals.
        action: What, in lower case, as IAM ignores case.
        resource: On what; `(this)` in a policy without resources.
        conditions: Under which conditions, all of which have to hold.
        written: The action as it is written.
    """

    principal: Term
    kind: str
    action: Term
    resource: Term
    conditions: frozenset[Clause]
    written: str = field(default="", compare=False)

    def within(self, other: "Permission") -> bool:
        """Whether the other one covers all that this one does."""
        return (
            _term_within(self.action, other.action)
            and _term_within(self.resource, other.resource)
            and _principal_within(self, other)
            and all(
                any(mine.at_least_as_strict_as(clause) for mine in self.conditions)
                for clause in other.conditions
                if not (clause.always_holds and clause.optional)
            )
        )

    @property
    def open_to_anybody(self) -> bool:
        """Whether strangers are let in: by `*` or `NotPrincipal`, and no condition says who."""
        anybody = isinstance(self.principal, Except) or (
            self.principal == "*" and self.kind in ("*", "AWS")
        )
        return anybody and not any(clause.limits_who for clause in self.conditions)


@dataclass(frozen=True)
class Policy:
    """A policy document, taken apart.

    Attributes:
        allowed: What it allows.
        denied: What it denies.
        version: The version of the policy language, where the document uses variables, which mean
            something only from 2012-10-17 on; else empty.
    """

    allowed: frozenset[Permission]
    denied: frozenset[Permission]
    version: str = ""


NOTHING = Policy(frozenset(), frozenset())
"""Allows nothing, and denies nothing."""

ANYTHING = Policy(frozenset({Permission("*", "*", "*", "*", frozenset(), "*")}), frozenset())
"""Allows everybody everything."""


def read_policy(document: Any) -> Policy | None:
    """The policy in a parsed document; None where it holds none that can be understood."""
    if not isinstance(document, dict) or "Statement" not in document:
        return None
    statements = document["Statement"]
    statements = statements if isinstance(statements, list) else [statements]
    into: dict[str, set[Permission]] = {"Allow": set(), "Deny": set()}
    for statement in statements:
        if not isinstance(statement, dict) or not _KNOWN_KEYS.issuperset(statement):
            return None
        effect = statement.get("Effect")
        if effect not in into:
            return None
        permissions = _permissions(statement)
        if permissions is None:
            return None
        into[effect].update(permissions)
    version = str(document.get("Version") or "2008-10-17") if "${" in str(statements) else ""
    return Policy(frozenset(into["Allow"]), frozenset(into["Deny"]), version)


def widened(before: Policy | None, after: Policy) -> list[Permission]:
    """What is allowed after and was not before."""
    return _not_within(after.allowed, before.allowed if before else ())


def narrowed(before: Policy, after: Policy | None) -> list[Permission]:
    """What was allowed before and is not after."""
    return _not_within(before.allowed, after.allowed if after else ())


def no_longer_denied(before: Policy, after: Policy) -> list[Permission]:
    """What was denied before and is not after."""
    return _not_within(before.denied, after.denied)


def newly_denied(before: Policy | None, after: Policy) -> list[Permission]:
    """What is denied after and was not before."""
    return _not_within(after.denied, before.denied if before else ())


def only_refuses_insecure_transport(permission: Permission) -> bool:
    """Whether a denial only hits requests without TLS, or with an old version of it."""
    return any(
        (clause.key, clause.plain_operator, clause.values)
        == ("aws:securetransport", "bool", frozenset({"false"}))
        or (clause.key == "s3:tlsversion" and clause.plain_operator.startswith("numericless"))
        for clause in permission.conditions
    )


def wildcards(policy: Policy, *, of_a_resource: bool = False) -> Iterator[str]:
    """What a policy allows too broadly, in words.

    Args:
        policy: The policy.
        of_a_resource: Whether `*` only means the resource that the policy belongs to, as in the
            policy of a key, so that only its principals can be too broad.
    """
    for each in _sorted(policy.allowed):
        if each.open_to_anybody:
            who = (
                f"anybody ({_shown(each.principal)})"
                if isinstance(each.principal, Except)
                else "anybody"
            )
            yield f"{who} may {_shown_action(each)}"
        if of_a_resource:
            continue
        if isinstance(each.action, Except) or isinstance(each.resource, Except):
            yield f"{_shown_action(each)} on {_shown(each.resource)}"
        elif each.action in ("*", "*:*"):
            yield f"every action on {_shown(each.resource)}"
        elif _names_no_resource(each.resource) and each.principal == NO_PRINCIPAL:
            lends = any(_covers(each.action, action) for action in _LEND_RIGHTS)
            if each.action.endswith(":*") or (lends and not each.conditions):
                yield f"{_shown_action(each)} on {_shown(each.resource)}"
        elif each.action.endswith(":*") and each.resource == "*":
            yield f"{_shown_action(each)} on everything"


# on every role they give the rights of each of them
# https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
_LEND_RIGHTS = ("iam:passrole", "sts:assumerole")


def _names_no_resource(resource: str) -> bool:
    # `*`, `arn:*`, `arn:aws:s3:::*`: whatever there is of the service
    parts = resource.split(":", _PARTS_OF_AN_ARN - 1)
    about = parts[-1].removeprefix("role/")
    return not about.strip("*") and not "".join(parts[4:5]).strip("*")


def in_words(permissions: list[Permission]) -> str:
    """Permissions for a reader, those of one resource together."""
    grouped: dict[tuple[str, str, bool], set[str]] = {}
    for each in permissions:
        who = "anybody" if each.principal == "*" else _shown(each.principal)
        key = (who, _shown(each.resource), bool(each.conditions))
        grouped.setdefault(key, set()).add(_shown_action(each))
    texts = []
    for (principal, resource, conditional), actions in sorted(grouped.items()):
        named = ", ".join(sorted(actions)[:_MOST_NAMED]) + ", …" * (len(actions) > _MOST_NAMED)
        who = "" if principal == NO_PRINCIPAL else f"{principal}: "
        on = "" if resource == NO_RESOURCE else f" on {resource}"
        texts.append(f"{who}{clean(named, 400)}{on}{' under conditions' if conditional else ''}")
    more = len(texts) - _MOST_NAMED
    return "; ".join(texts[:_MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")


def same_policy(one: Any, other: Any) -> bool:
    """Whether two parsed documents allow and deny the same."""
    first, second = read_policy(one), read_policy(other)
    return first is not None and first == second


def accounts_of(permission: Permission) -> set[str]:
    """The AWS accounts that its principal names."""
    # an identity provider is judged by what it has to vouch for: `trust-without-conditions`
    if isinstance(permission.principal, Except) or permission.kind != "AWS":
        return set()
    found = _ACCOUNT.search(permission.principal)
    return {found.group()} if found else set()


_ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")
_PARTS_OF_AN_ARN = 6


def _not_within(some: Iterable[Permission], others: Iterable[Permission]) -> list[Permission]:
    others = list(others)
    known = set(others)
    return _sorted(
        each
        for each in some
        if each not in known and not any(each.within(other) for other in others)
    )


def _permissions(statement: dict[str, Any]) -> list[Permission] | None:
    conditions = _conditions(statement.get("Condition"))
    principals = _principals(statement)
    actions = _terms(statement, "Action")
    resources = _terms(statement, "Resource")
    if conditions is None or principals is None or actions is None or resources is None:
        return None
    return [
        Permission(
            principal,
            kind,
            _lower(action),
            resource,
            conditions,
            str(action),
        )
        for kind, principal in principals
        for action in actions or [NO_RESOURCE]
        for resource in resources or [NO_RESOURCE]
    ]


def _lower(action: Term) -> Term:
    if isinstance(action, Except):
        return Except(tuple(sorted(name.lower() for name in action.names)))
    return action.lower()


def _conditions(conditions: Any) -> frozenset[Clause] | None:
    if conditions in (None, {}, []):
        return frozenset()
    if not isinstance(conditions, dict) or not all(
        isinstance(keys, dict) for keys in conditions.values()
    ):
        return None
    return frozenset(
        Clause(str(operator).lower(), str(key).lower(), frozenset(map(_text, _list(values))))
        for operator, keys in conditions.items()
        for key, values in keys.items()
    )


def _principals(statement: dict[str, Any]) -> list[tuple[str, Term]] | None:
    if "NotPrincipal" in statement:
        names = sorted(text for _, text in _named(statement["NotPrincipal"]) or [])
        return [("*", Except(tuple(names)))]
    if "Principal" not in statement or statement["Principal"] is None:
        return [("", NO_PRINCIPAL)]
    found = _named(statement["Principal"])
    return None if found is None else list(found)


def _named(principal: Any) -> list[tuple[str, str]] | None:
    if isinstance(principal, dict):
        return sorted(
            {(str(kind), _text(each)) for kind, value in principal.items() for each in _list(value)}
        )
    if isinstance(principal, str | list):
        return [("*", _text(each)) for each in _list(principal)]
    return None


def _terms(statement: dict[str, Any], key: str) -> list[Term] | None:
    if f"Not{key}" in statement:
        return [Except(tuple(sorted(_text(each) for each in _list(statement[f"Not{key}"]))))]
    return [_text(each) for each in _list(statement[key])] if key in statement else []


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _principal_within(one: Permission, other: Permission) -> bool:
    if one.kind != other.kind and not (other.kind == "*" and one.kind == "AWS"):
        # `*` alone and `{"AWS": "*"}` are the same; `{"Service": "*"}` is something else
        both_anybody = {one.kind, other.kind} == {"*", "AWS"} and other.principal == "*"
        if not both_anybody:
            return False
    if isinstance(one.principal, Except) or isinstance(other.principal, Except):
        return _term_within(one.principal, other.principal)
    # a principal is a name, and `*` stands only for everybody
    return other.principal in (one.principal, "*")


def _term_within(one: Term, other: Term) -> bool:
    match one, other:
        case str(), str():
            return _covers(other, one)
        case str(), Except(names):
            return not any(_may_overlap(one, name) for name in names)
        case Except(), str():
            return other == "*"
        case Except(names), Except(others):
            return all(any(_covers(name, each) for name in names) for each in others)
    return False


def _covers(pattern: str, text: str) -> bool:
    if pattern in (text, "*"):
        return True
    if "*" not in pattern and "?" not in pattern:
        return False
    return bool(_compiled(pattern).fullmatch(text))


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    # IAM knows * and ?, and nothing else
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(each) or re.escape(each) for each in pattern), re.DOTALL)


def _may_overlap(one: str, other: str) -> bool:
    first, second = (re.split(r"[*?]", text, maxsplit=1)[0] for text in (one, other))
    if first == one and second == other:
        return one == other
    return first.startswith(second) or second.startswith(first)


def _is_anything(pattern: str) -> bool:
    # `*`, `????????????`, `arn:*:*:*:*:*`
    return not pattern.removeprefix("arn:").strip("*?:")


def _in_any_account(pattern: str) -> bool:
    # strangers have roles of that name, too
    parts = pattern.split(":", _PARTS_OF_AN_ARN - 1)
    return len(parts) == _PARTS_OF_AN_ARN and bool(parts[4]) and not parts[4].strip("*?")


def _is_everywhere(value: str) -> bool:
    # a network this wide is no place
    _, slash, bits = value.partition("/")
    narrow = 16 if ":" in value else 8
    return bool(slash) and bits.isdigit() and int(bits) < narrow


def _shown(term: Term) -> str:
    if isinstance(term, Except):
        return clean(str(term))
    return "everything" if term == "*" else clean(term)


def _shown_action(permission: Permission) -> str:
    return clean(permission.written)


def _sorted(permissions: Iterable[Permission]) -> list[Permission]:
    return sorted(
        permissions,
        key=lambda each: (
            str(each.principal),
            str(each.resource),
            str(each.action),
            sorted(map(repr, each.conditions)),
        ),
    )
