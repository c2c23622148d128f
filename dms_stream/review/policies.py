"""IAM policy documents: what they allow and deny, compared before and after.

The comparison is by what the words mean: wildcards, `Not…` elements and the values of conditions
all count. Where it is in doubt, it says that something changed. The values of conditions are never
shown, because an external id is half a secret.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from operator import eq
from typing import Any

from dms_stream.review.openings import contains
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
_Covers = Callable[[str, str], bool]


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
            case "stringlike" | "arnlike":
                return any(_is_anything(value) for value in self.values)
            case "ipaddress":
                return any(_is_everywhere(value) for value in self.values)
            case _:
                return False

    @property
    def names_who(self) -> bool:
        """Whether it names who may come, or from where, so that strangers do not satisfy it."""
        if self.plain_operator not in _NAMING_OPERATORS or self.always_holds:
            return False
        patterns = self.plain_operator in _PATTERNS
        return all(says_who(self.key, value, pattern=patterns) for value in self.values)

    @property
    def limits_who(self) -> bool:
        """Whether it keeps strangers out of what an Allow gives."""
        return self.names_who and not self.optional

    @property
    def spares_who(self) -> bool:
        """Whether a Deny with it hits all strangers: it excepts those whom it names."""
        turned = self.plain_operator.replace("not", "")
        # `ForAnyValue:` hits nobody whose request lacks the key
        return (
            turned != self.plain_operator
            and ":" not in self.operator
            and replace(self, operator=turned).names_who
        )

    def at_least_as_strict_as(self, other: "Clause") -> bool:
        """Whether whatever satisfies this one also satisfies the other."""
        mine, theirs = self.plain_operator, other.plain_operator
        keeps_out = "not" in mine
        if self.key != other.key or self._set != other._set:
            return False
        if mine != theirs and _LOOSER.get(mine) != theirs:
            return False
        if_exists = (each.operator.endswith("ifexists") for each in (self, other))
        # what only keeps out holds without the key anyway
        if not keeps_out and tuple(if_exists) == (True, False):
            return False
        covers: _Covers = _COMPARED.get(mine if keeps_out else theirs, eq)
        wider, narrower = (self, other) if keeps_out else (other, self)
        return all(
            _AS_TEXT in each or any(each == one or covers(one, each) for one in wider.values)
            for each in narrower.values
        )

    @property
    def _set(self) -> str:
        return self.operator.rpartition(":")[0]


def says_who(key: str, value: str, *, pattern: bool = True) -> bool:
    """Whether a value of a condition key names somebody, or some place, that no stranger has.

    Args:
        key: The key, in lower case.
        value: The value.
        pattern: Whether `*` and `?` are wildcards in it.
    """
    form = _WHO.get(key)
    if not pattern:
        value = value.translate(_LITERAL)
    # a variable of the request has a value for each caller; that of the resource is one's own
    value = _VARIABLE.sub(lambda found: _OWN if "{aws:resource" in found[0].lower() else "*", value)
    return form is not None and form.fullmatch(value) is not None


_LITERAL = str.maketrans("*?", "__")
_VARIABLE = re.compile(r"\$\{[^}]*\}")
_OWN = "0" * 12
_NAMING_OPERATORS = frozenset(
    {
        "stringequals",
        "stringequalsignorecase",
        "stringlike",
        "arnlike",
        "ipaddress",
        "binaryequals",
        "numericequals",
        "bool",
    }
)
_WHOLE = re.compile(r"[^*?]+")
# an account, or a bucket, whose name is taken only once
_OF_AN_ACCOUNT = re.compile(r"[^*?]+|arn:[^:]*:[^:]*:[^:]*:\d{12}:.*|arn:[^:*?]+:s3:::[^*?/]+/.*")
_OF_AN_ORGANIZATION = re.compile(r"[^*?]+|o-[^*?/]+/.*")
# The keys that say who comes, or from where, and what has to be fixed in their values. All others
# say how or when somebody comes, or what the caller says of itself (tags, session names).
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
# https://docs.aws.amazon.com/efs/latest/ug/access-control-block-public-access.html
_WHO: Mapping[str, re.Pattern[str]] = {
    **dict.fromkeys(
        (
            "aws:ec2instancesourcevpc",
            "aws:principalaccount",
            "aws:principalorgid",
            "aws:principalservicename",
            "aws:principalservicenameslist",
            "aws:sourceaccount",
            "aws:sourceip",
            "aws:sourceorgid",
            "aws:sourceowner",
            "aws:sourcevpc",
            "aws:sourcevpce",
            "aws:vpceaccount",
            "aws:vpceorgid",
            "kms:calleraccount",
            "lambda:eventsourcetoken",
            "s3:dataaccesspointaccount",
            "sts:externalid",
            "vpc-lattice-svcs:sourcevpc",
            "vpc-lattice-svcs:sourcevpcowneraccount",
        ),
        _WHOLE,
    ),
    **dict.fromkeys(
        (
            "aws:principalarn",
            "aws:sourcearn",
            "aws:sourcevpcarn",
            "ec2:sourceinstancearn",
            "lambda:sourcefunctionarn",
            "s3:dataaccesspointarn",
        ),
        _OF_AN_ACCOUNT,
    ),
    **dict.fromkeys(
        ("aws:principalorgpaths", "aws:sourceorgpaths", "aws:vpceorgpaths"), _OF_AN_ORGANIZATION
    ),
    # the caller's own, as in `${aws:PrincipalOrgID}`
    **dict.fromkeys(
        ("aws:resourceaccount", "aws:resourceorgid", "s3:resourceaccount"), re.compile(r"\*")
    ),
    # `AROA…:session`
    "aws:userid": re.compile(r"[^*?]+|[^*?:]+:.*"),
    "elasticfilesystem:accessedviamounttarget": re.compile("true"),
}


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
    """

    allowed: frozenset[Permission]
    denied: frozenset[Permission]


NOTHING = Policy(frozenset(), frozenset())
"""Allows nothing, and denies nothing."""

ANYTHING = Policy(frozenset({Permission("*", "*", "*", "*", frozenset(), "*")}), frozenset())
"""Allows everybody everything."""


def read_policy(document: Any) -> Policy | None:
    """The policy in a parsed document; None where it holds none that can be understood."""
    if not isinstance(document, dict) or "Statement" not in document:
        return None
    statements = document["Statement"]
    if str(document.get("Version")) != _WITH_VARIABLES:
        statements = json.loads(json.dumps(statements).replace("${", _AS_TEXT))
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
    return Policy(frozenset(into["Allow"]), frozenset(into["Deny"]))


# in older versions a variable is text, and nothing has such a name
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
_WITH_VARIABLES = "2012-10-17"
_AS_TEXT = "$\u2060{"


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
        of_a_resource: Whether a statement that names principals is only about the resource that
            the policy belongs to, so that only they can be too broad.
    """
    for each in _sorted(policy.allowed):
        if each.open_to_anybody and not any(_hits_strangers(it, each) for it in policy.denied):
            who = (
                f"anybody ({_shown(each.principal)})"
                if isinstance(each.principal, Except)
                else "anybody"
            )
            yield f"{who} may {_shown_action(each)}"
        if of_a_resource and each.principal != NO_PRINCIPAL:
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


def _hits_strangers(denial: Permission, allowed: Permission) -> bool:
    # as for a private API: everybody may, and whoever comes from elsewhere may not
    return (
        (denial.principal == "*" or isinstance(denial.principal, Except))
        and all(clause.spares_who for clause in denial.conditions)
        and _by_anybody(allowed).within(_by_anybody(denial))
    )


def _by_anybody(permission: Permission) -> Permission:
    return replace(permission, principal="*", kind="*", conditions=frozenset())


# on every role, user or policy they give the rights of each of them
# https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
_LEND_RIGHTS = (
    "iam:addusertogroup",
    "iam:attachgrouppolicy",
    "iam:attachrolepolicy",
    "iam:attachuserpolicy",
    "iam:createaccesskey",
    "iam:createloginprofile",
    "iam:createpolicyversion",
    "iam:passrole",
    "iam:putgrouppolicy",
    "iam:putrolepolicy",
    "iam:putuserpolicy",
    "iam:setdefaultpolicyversion",
    "iam:updateassumerolepolicy",
    "iam:updateloginprofile",
    "sts:assumerole",
)


def _names_no_resource(resource: str) -> bool:
    # `*`, `arn:*`, `arn:aws:s3:::*`: whatever there is of the service
    parts = resource.split(":", _PARTS_OF_AN_ARN - 1)
    about = re.sub("^(role|user|group|policy)/", "", parts[-1])
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


def is_by_canonical_id(permission: Permission) -> bool:
    """Whether its principal is an account, or an origin of CloudFront, by an id of S3's own."""
    return permission.kind == "CanonicalUser"


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
        part
        for each in some
        if each not in known and not any(each.within(other) for other in others)
        for part in _rest(each, others)
    )


def _rest(each: Permission, others: list[Permission]) -> list[Permission]:
    # what is beyond `everything except a, b` in `everything except a` is `b`
    for name in ("action", "resource", "principal"):
        mine = getattr(each, name)
        for other in others if isinstance(mine, Except) else ():
            theirs = getattr(other, name)
            if isinstance(theirs, Except) and _with(each, name, theirs).within(other):
                beyond = [
                    one for one in theirs.names if not any(_covers(out, one) for out in mine.names)
                ]
                if not any(_may_overlap(one, out) for one in beyond for out in mine.names):
                    return [_with(each, name, one) for one in beyond]
    return [each]


def _with(permission: Permission, name: str, term: Any) -> Permission:
    changed = replace(permission, **{name: term})
    return replace(changed, written=str(term)) if name == "action" else changed


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
        _clause(str(operator).lower(), str(key).lower(), frozenset(map(_text, _list(values))))
        for operator, keys in conditions.items()
        for key, values in keys.items()
    )


def _clause(operator: str, key: str, values: frozenset[str]) -> Clause:
    # one spelling for what means the same, so that it is equal
    clause = Clause(operator, key, values)
    plain = _SAME_OPERATORS.get(clause.plain_operator, clause.plain_operator)
    if plain.startswith("string") and not any(mark in value for value in values for mark in "*?$"):
        plain = plain.replace("like", "equals")
    return replace(clause, operator=operator.replace(clause.plain_operator, plain))


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
    if pattern in (text, "*") or _AS_TEXT in text:
        return True
    if "*" not in pattern and "?" not in pattern:
        return False
    return bool(_compiled(pattern).fullmatch(text))


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(value).timestamp()
    except ValueError:
        # is neither more nor less than anything
        return float("nan")


def _up_to(most: str, value: str) -> bool:
    return _number(value) <= _number(most)


def _from(least: str, value: str) -> bool:
    return _number(value) >= _number(least)


_PATTERNS = ("stringlike", "stringnotlike", "arnlike", "arnnotlike")
# how an operator compares: whether the first value lets in all that the second one does
_COMPARED: Mapping[str, _Covers] = {
    **dict.fromkeys(_PATTERNS, _covers),
    **dict.fromkeys(("ipaddress", "notipaddress"), contains),
    **{
        f"{kind}{way}{equals}": compare
        for kind in ("numeric", "date")
        for way, compare in (("lessthan", _up_to), ("greaterthan", _from))
        for equals in ("", "equals")
    },
}
# an operator, and the one that holds whenever it does, with the same value
_LOOSER = {
    "stringequals": "stringlike",
    "stringnotlike": "stringnotequals",
    **{
        f"{kind}{way}": f"{kind}{way}equals"
        for kind in ("numeric", "date")
        for way in ("lessthan", "greaterthan")
    },
}
# two that AWS compares alike
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
_SAME_OPERATORS = {"arnequals": "arnlike", "arnnotequals": "arnnotlike"}


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


def _is_everywhere(value: str) -> bool:
    # a network this wide is no place
    _, slash, bits = value.partition("/")
    narrow = 16 if ":" in value else 8
    return bool(slash) and bits.isdigit() and int(bits) < narrow


def _shown(term: Term) -> str:
    return "everything" if term == "*" else clean(str(term).replace(_AS_TEXT, "${"))


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
