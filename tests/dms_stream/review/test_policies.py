"""What two policies have in common, by example and by property."""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dms_stream.review import Severity
from dms_stream.review.policies import (
    narrowed,
    newly_denied,
    no_longer_denied,
    read_policy,
    same_policy,
    widened,
    wildcards,
)
from tests.support.small_plans import change, findings, found, update

ROLE, BUCKET = "aws_iam_role", "aws_s3_bucket_policy"


def _policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _allow(**others: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:b/*", **others}


def _when(operator: str, key: str, *values: Any) -> dict[str, Any]:
    return {"Condition": {operator: {key: list(values)}}}


def _is_widened(before: dict[str, Any], after: dict[str, Any]) -> bool:
    one, other = read_policy(before), read_policy(after)
    assert one is not None
    assert other is not None
    return bool(widened(one, other))


_ANYBODY = {"Principal": "*"}

# before, and what allows more
WIDER: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("another action", _allow(), _allow(Action=["s3:GetObject", "s3:PutObject"])),
    ("a pattern of actions", _allow(), _allow(Action="s3:Get*")),
    ("one letter of an action", _allow(), _allow(Action="s3:GetObjec?")),
    ("another resource", _allow(), _allow(Resource=["arn:b/*", "arn:c"])),
    ("every resource", _allow(), _allow(Resource="*")),
    ("another principal", _allow(Principal={"AWS": "a"}), _allow(Principal={"AWS": ["a", "b"]})),
    (
        "another kind of principal",
        _allow(Principal={"AWS": "a"}),
        _allow(Principal={"Service": "a"}),
    ),
    ("everybody", _allow(Principal={"AWS": "a"}), _allow(**_ANYBODY)),
    ("no condition", _allow(**_when("StringEquals", "aws:SourceAccount", "1")), _allow()),
    (
        "a condition's value",
        _allow(**_when("StringEquals", "aws:SourceAccount", "1")),
        _allow(**_when("StringEquals", "aws:SourceAccount", "2")),
    ),
    (
        "a condition's additional value",
        _allow(**_when("StringEquals", "aws:SourceAccount", "1")),
        _allow(**_when("StringEquals", "aws:SourceAccount", "1", "2")),
    ),
    (
        "a condition's pattern",
        _allow(**_when("ArnLike", "aws:SourceArn", "arn:a:1")),
        _allow(**_when("ArnLike", "aws:SourceArn", "arn:a:*")),
    ),
    (
        "a condition that always holds",
        _allow(**_when("StringLike", "aws:PrincipalArn", "arn:a")),
        _allow(**_when("StringLike", "aws:PrincipalArn", "*")),
    ),
    (
        "a condition that excepts fewer",
        _allow(**_when("StringNotEquals", "aws:SourceVpc", "a", "b")),
        _allow(**_when("StringNotEquals", "aws:SourceVpc", "a")),
    ),
    (
        "a condition that holds without its key",
        _allow(**_when("StringEquals", "aws:SourceVpc", "a")),
        _allow(**_when("StringEqualsIfExists", "aws:SourceVpc", "a")),
    ),
    ("everything but one", _allow(), {**_allow(NotAction="iam:*"), "Action": None}),
    ("fewer exceptions", _allow(NotResource=["a", "b"]), _allow(NotResource=["a"])),
    (
        "fewer strangers kept out",
        _allow(NotPrincipal={"AWS": ["a", "b"]}),
        _allow(NotPrincipal={"AWS": "a"}),
    ),
]


@pytest.mark.parametrize(
    ("before", "after"), [case[1:] for case in WIDER], ids=[case[0] for case in WIDER]
)
def test_what_allows_more_is_wider_and_never_the_same(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    for statement in (before, after):
        for key in ("Action", "Resource", "Principal"):
            if f"Not{key}" in statement or statement.get(key, "") is None:
                statement.pop(key, None)
    one, other = _policy(before), _policy(after)
    assert _is_widened(one, other)
    assert not same_policy(one, other)
    # and the other way round less is allowed
    first, second = read_policy(one), read_policy(other)
    assert first is not None
    assert second is not None
    assert narrowed(second, first)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (_allow(Action="s3:Get*"), _allow(Action="s3:getobject")),
        (_allow(Action=["a:x", "a:y"]), _allow(Action=["a:y", "a:x"])),
        (_allow(Principal="*"), _allow(Principal={"AWS": "*"})),
        (_allow(), _allow(Sid="Named")),
        (
            _allow(**_when("StringEquals", "aws:SourceAccount", "1", "2")),
            _allow(**_when("stringequals", "AWS:SOURCEACCOUNT", "2")),
        ),
        (
            _allow(**_when("ArnLike", "aws:SourceArn", "arn:*")),
            _allow(**_when("ArnLike", "aws:SourceArn", "arn:a*")),
        ),
        (_allow(NotResource=["a"]), _allow(NotResource=["a", "b"])),
    ],
)
def test_what_allows_no_more_is_not_wider(before: dict[str, Any], after: dict[str, Any]) -> None:
    for statement in (before, after):
        if "NotResource" in statement:
            statement.pop("Resource", None)
    assert not _is_widened(_policy(before), _policy(after))


def test_denials_are_compared_the_other_way_round() -> None:
    deny = {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Principal": "*"}
    none, one = read_policy(_policy(_allow())), read_policy(_policy(_allow(), deny))
    assert none is not None
    assert one is not None
    assert newly_denied(none, one)
    assert no_longer_denied(one, none)
    assert not newly_denied(one, none)
    assert not widened(none, one)


@pytest.mark.parametrize(
    "conditions",
    [
        {},
        _when("StringLike", "aws:PrincipalArn", "*"),
        _when("ArnLike", "aws:PrincipalArn", "*"),
        _when("ArnLike", "aws:SourceArn", "*:*:*:*:*:*"),
        _when("IpAddress", "aws:SourceIp", "0.0.0.0/0"),
        _when("IpAddress", "aws:SourceIp", "10.0.0.0/8", "::/0"),
        _when("IpAddress", "aws:SourceIp", "0.0.0.0/1"),
        _when("Bool", "aws:SecureTransport", True),
        _when("NumericGreaterThanEquals", "s3:TlsVersion", 1.2),
        _when("DateGreaterThan", "aws:CurrentTime", "2020-01-01T00:00:00Z"),
        _when("StringNotEquals", "aws:SourceAccount", "1"),
        _when("StringNotLike", "aws:PrincipalArn", "arn:a"),
        _when("StringEqualsIfExists", "aws:PrincipalOrgID", "o-1"),
        _when("ForAllValues:StringEquals", "aws:PrincipalOrgPaths", "o-1/*"),
        _when("StringLike", "aws:UserAgent", "curl"),
        _when("StringEquals", "aws:Referer", "https://example.com"),
        _when("StringEquals", "s3:prefix", "a/"),
        _when("Null", "aws:SourceArn", False),
    ],
    ids=json.dumps,
)
def test_condition_that_keeps_nobody_out_leaves_it_open_to_anybody(
    conditions: dict[str, Any],
) -> None:
    document = json.dumps(_policy(_allow(**_ANYBODY, **conditions)))
    (seen,) = found("policy-wildcard", change(BUCKET, None, {"bucket": "b", "policy": document}))
    assert "anybody may s3:GetObject" in seen.what
    assert seen.severity is Severity.EXPOSURE


@pytest.mark.parametrize(
    "conditions",
    [
        _when("StringEquals", "aws:PrincipalOrgID", "o-1"),
        _when("StringLike", "aws:PrincipalArn", "arn:aws:iam::111111111111:role/*"),
        _when("ArnLike", "aws:SourceArn", "arn:aws:sns:*:111111111111:*"),
        _when("StringEquals", "aws:SourceVpce", "vpce-1"),
        _when("IpAddress", "aws:SourceIp", "203.0.113.0/24"),
        _when("StringEquals", "kms:CallerAccount", "111111111111"),
    ],
    ids=json.dumps,
)
def test_condition_that_says_who_may_come_does_not(conditions: dict[str, Any]) -> None:
    document = json.dumps(_policy(_allow(**_ANYBODY, **conditions)))
    assert not found("policy-wildcard", change(BUCKET, None, {"bucket": "b", "policy": document}))


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        (_allow(NotAction="iam:*", Resource="*"), "everything except iam:* on everything"),
        (_allow(NotResource="arn:secret"), "s3:GetObject on everything except arn:secret"),
        (
            _allow(NotPrincipal={"AWS": "arn:a"}),
            "anybody (everything except arn:a) may s3:GetObject",
        ),
        (_allow(Action="*"), "every action on arn:b/*"),
        (_allow(Action="*:*"), "every action on arn:b/*"),
        (_allow(Action="s3:*", Resource="*"), "s3:* on everything"),
    ],
)
def test_wildcards(statement: dict[str, Any], text: str) -> None:
    for key in ("Action", "Resource", "Principal"):
        if f"Not{key}" in statement:
            statement.pop(key, None)
    policy = read_policy(_policy(statement))
    assert policy is not None
    assert list(wildcards(policy)) == [text]


GITHUB = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"
_SUBJECT = "token.actions.githubusercontent.com:sub"
_AUDIENCE = _when("StringEquals", "token.actions.githubusercontent.com:aud", "sts.amazonaws.com")


def _trust(conditions: dict[str, Any]) -> str:
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": GITHUB},
        **conditions,
    }
    return json.dumps(_policy(statement))


@pytest.mark.parametrize(
    "conditions",
    [
        {},
        _AUDIENCE,
        _when("StringLike", _SUBJECT, "*"),
        _when("StringLike", _SUBJECT, "repo:*"),
        _when("StringLike", _SUBJECT, "repo:*:ref:refs/heads/main"),
        _when("StringLike", _SUBJECT, "repo:shop*"),
        _when("StringLike", _SUBJECT, "repo:shop/orders:*", "repo:*"),
        _when("StringEqualsIfExists", _SUBJECT, "repo:shop/orders:ref:refs/heads/main"),
        _when("StringNotLike", _SUBJECT, "repo:evil/*"),
    ],
    ids=json.dumps,
)
@pytest.mark.parametrize("new", [True, False])
def test_oidc_subject_that_strangers_satisfy(conditions: dict[str, Any], new: bool) -> None:
    strict = _trust(_when("StringEquals", _SUBJECT, "repo:shop/orders:ref:refs/heads/main"))
    before = None if new else {"name": "r", "assume_role_policy": strict}
    entry = change(ROLE, before, {"name": "r", "assume_role_policy": _trust(conditions)})
    (seen,) = found("trust-without-conditions", entry)
    assert seen.what == (
        "anybody whom token.actions.githubusercontent.com vouches for may assume r"
    )


@pytest.mark.parametrize(
    "subject", ["repo:shop/orders:*", "repo:shop/*", "system:serviceaccount:a:b"]
)
def test_oidc_subject_that_names_an_owner(subject: str) -> None:
    trust = _trust(_when("StringLike", _SUBJECT, subject))
    assert not found("trust-without-conditions", change(ROLE, None, {"assume_role_policy": trust}))


@pytest.mark.parametrize(
    "document",
    [
        {"Statement": [{"Effect": "Maybe", "Action": "*"}]},
        {"Statement": [{"Effect": "Allow", "Acton": "*"}]},
        {"Statement": ["?"]},
        {"Statement": [{"Effect": "Allow", "Action": "*", "Condition": "?"}]},
        {"Rules": []},
    ],
)
def test_what_is_no_policy_is_never_the_same(document: Any) -> None:
    assert read_policy(document) is None
    assert not same_policy(document, document)
    (seen,) = found(
        "policy-widened", update(BUCKET, "policy", json.dumps(_policy()), json.dumps(document))
    )
    assert seen.severity is Severity.UNKNOWN


def test_version_counts_where_variables_are_used() -> None:
    variable = _policy(_allow(Resource="arn:b/${aws:username}/*"))
    assert not same_policy(variable, variable | {"Version": "2008-10-17"})
    assert same_policy(_policy(_allow()), _policy(_allow()) | {"Version": "2008-10-17"})


_words = st.sampled_from(["a", "b", "*"])
_values = st.lists(st.sampled_from(["1", "2", "*", "arn:x"]), min_size=1, max_size=2, unique=True)
_conditions = st.dictionaries(
    st.sampled_from(
        ["StringEquals", "StringLike", "StringNotEquals", "ArnLike", "Bool", "IpAddress"]
    ),
    st.dictionaries(
        st.sampled_from(["aws:SourceAccount", "aws:SourceArn", "aws:PrincipalOrgID"]),
        _values,
        min_size=1,
        max_size=2,
    ),
    min_size=1,
    max_size=2,
)


@st.composite
def _statements(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "Effect": draw(st.sampled_from(["Allow", "Deny"])),
        draw(st.sampled_from(["Action", "NotAction"])): [f"s3:{draw(_words)}"],
        draw(st.sampled_from(["Resource", "NotResource"])): [f"arn:{draw(_words)}"],
        "Principal": {draw(st.sampled_from(["AWS", "Service"])): [draw(_words)]},
        "Condition": draw(_conditions),
    }


@settings(max_examples=300, deadline=None)
@given(statements=st.lists(_statements(), min_size=1, max_size=3), data=st.data())
def test_a_condition_whose_value_changes_is_never_equal_in_meaning(
    statements: list[dict[str, Any]], data: st.DataObject
) -> None:
    before = _policy(*statements)
    after = deepcopy(before)
    statement = data.draw(st.sampled_from(after["Statement"]))
    operator = data.draw(st.sampled_from(sorted(statement["Condition"])))
    key = data.draw(st.sampled_from(sorted(statement["Condition"][operator])))
    statement["Condition"][operator][key] = ["another value"]
    entry = update(BUCKET, "policy", json.dumps(before), json.dumps(after))
    seen = [each.rule for each in findings(entry)]
    assert "equal-in-meaning" not in seen
    # beside another statement that covers both, it makes no difference
    assert seen or len(statements) > 1, "a change of a condition is quiet"


@settings(max_examples=200, deadline=None)
@given(statements=st.lists(_statements(), min_size=1, max_size=3), data=st.data())
def test_order_alone_is_equal_in_meaning(
    statements: list[dict[str, Any]], data: st.DataObject
) -> None:
    before = _policy(*statements)
    after = _policy(*data.draw(st.permutations(statements)))
    assert same_policy(before, after)
    one, other = read_policy(before), read_policy(after)
    assert one is not None
    assert other is not None
    assert not widened(one, other)
    assert not narrowed(one, other)
