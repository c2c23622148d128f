"""What conditions, principals and denials mean, across the rules that read policies."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from dms_stream.review import Severity, policies
from dms_stream.review.policies import (
    narrowed,
    newly_denied,
    no_longer_denied,
    read_policy,
    same_policy,
    widened,
)
from tests.dms_stream.review.rules.shapes import allow, policy
from tests.support.small_plans import change, findings, found, update

EXPOSURE, STOPS = Severity.EXPOSURE, Severity.INTERRUPTION
OWN = {"AWS": "arn:aws:iam::123456789012:root"}
ROLE, BUCKET, BUCKET_POLICY = "aws_iam_role", "aws_s3_bucket", "aws_s3_bucket_policy"
ROLE_POLICY, MANAGED = "aws_iam_role_policy", "aws_iam_policy"
ATTACHMENT = "aws_iam_role_policy_attachment"

Clause = tuple[str, str, Any]


def _bucket(*statements: dict[str, Any]) -> Sequence[dict[str, Any]]:
    made = change(BUCKET, None, {"bucket": "b"})
    return made, change(BUCKET_POLICY, None, {"bucket": "b", "policy": policy(*statements)})


def _when(*clauses: Clause) -> dict[str, Any]:
    conditions: dict[str, dict[str, Any]] = {}
    for operator, key, values in clauses:
        conditions.setdefault(operator, {})[key] = values
    return {"Condition": conditions}


def _anybody(*clauses: Clause) -> dict[str, Any]:
    return allow("s3:GetObject", "*", Principal="*", **_when(*clauses))


def _deny(*clauses: Clause, **others: Any) -> dict[str, Any]:
    denial = {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Principal": "*"}
    return denial | _when(*clauses) | others


def _severities(*changes: dict[str, Any]) -> set[Severity]:
    return {each.severity for each in findings(*changes)}


@pytest.mark.parametrize(
    "clause",
    [
        ("StringLike", "aws:PrincipalOrgID", "o-*"),
        ("StringLike", "aws:PrincipalArn", "arn:aws:iam::*"),
        ("ArnLike", "aws:SourceArn", "arn:aws:s3:::*"),
        ("ArnLike", "aws:SourceArn", "arn:aws:s3:::landing*"),
        ("ArnLike", "aws:SourceArn", "arn:aws:sns:*:1234*:topic"),
        ("ArnLike", "aws:SourceArn", "arn:aws:route53:::hostedzone/*"),
        ("StringLike", "aws:SourceVpc", "vpc-*"),
        ("StringLike", "aws:SourceAccount", "12345678901?"),
        ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "*/r-*"),
        ("StringLike", "aws:userid", "AROA*"),
        # holds for each caller
        ("StringEquals", "aws:ResourceAccount", "123456789012"),
        ("StringEquals", "aws:PrincipalOrgID", "${aws:PrincipalOrgID}"),
        ("StringLike", "aws:PrincipalArn", "arn:aws:iam::${aws:PrincipalAccount}:role/r"),
        ("StringEquals", "aws:ResourceAccount", "${aws:ResourceAccount}"),
        # what a caller says of itself, and how it comes
        ("StringEquals", "aws:PrincipalTag/team", "data"),
        ("StringEquals", "aws:username", "deploy"),
        ("StringEquals", "sts:RoleSessionName", "deploy"),
        ("IpAddress", "aws:VpcSourceIp", "10.0.0.0/8"),
        ("StringEquals", "kms:ViaService", "s3.eu-west-1.amazonaws.com"),
        ("StringEquals", "sns:Protocol", "https"),
        ("StringEquals", "secretsmanager:VersionStage", "AWSCURRENT"),
        ("StringEquals", "made:UpLater", "whatever"),
        ("Bool", "elasticfilesystem:AccessedViaMountTarget", "false"),
    ],
)
def test_condition_that_strangers_satisfy_keeps_nobody_out(clause: Clause) -> None:
    (seen,) = found("policy-wildcard", *_bucket(_anybody(clause)))
    assert seen.what == "policy of b is open: anybody may s3:GetObject"


@pytest.mark.parametrize(
    ("network", "everywhere"),
    [
        ("0.0.0.0/0", True),
        ("32.0.0.0/7", True),
        ("52.0.0.0/8", False),
        ("::/0", True),
        ("2000::/15", True),
        ("2600::/16", False),
        ("52.1.2.3", False),
    ],
)
def test_network_as_wide_as_this_is_no_place(network: str, everywhere: bool) -> None:
    clause = policies.Clause("ipaddress", "aws:sourceip", frozenset({network}))
    assert clause.always_holds is everywhere


@pytest.mark.parametrize(
    "clause",
    [
        ("StringEquals", "aws:PrincipalOrgID", ["o-1", "o-2"]),
        ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-1/r-2/*"),
        ("ArnLike", "aws:SourceArn", "arn:aws:sns:*:123456789012:*"),
        ("ArnLike", "aws:SourceArn", "arn:aws:s3:::landing/*"),
        ("StringLike", "aws:userid", "AROAEXAMPLE:*"),
        ("StringEquals", "aws:PrincipalAccount", "${aws:ResourceAccount}"),
        ("StringEquals", "aws:ResourceOrgID", "${aws:PrincipalOrgID}"),
        ("StringEquals", "s3:DataAccessPointAccount", "123456789012"),
        ("StringEquals", "aws:PrincipalServiceName", "logging.s3.amazonaws.com"),
        ("Bool", "elasticfilesystem:AccessedViaMountTarget", "true"),
        # a wildcard is one only where the operator reads it
        ("StringEquals", "aws:SourceVpce", "vpce-*"),
    ],
)
def test_condition_that_no_stranger_satisfies_is_no_alarm(clause: Clause) -> None:
    assert not found("policy-wildcard", *_bucket(_anybody(clause)))


@pytest.mark.parametrize(
    ("denial", "is_open"),
    [
        (_deny(("StringNotEquals", "aws:SourceVpce", "vpce-1")), False),
        (_deny(("StringNotEqualsIfExists", "aws:PrincipalOrgID", "o-1")), False),
        (_deny(("NotIpAddress", "aws:SourceIp", "203.0.113.0/24")), False),
        (
            {
                "Effect": "Deny",
                "Action": "*",
                "Resource": "*",
                "NotPrincipal": OWN,
            },
            False,
        ),
        (_deny(("NotIpAddress", "aws:SourceIp", "0.0.0.0/0")), True),
        (_deny(("StringNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/r")), True),
        (_deny(("ForAnyValue:StringNotEquals", "aws:PrincipalOrgPaths", "o-1/")), True),
        (_deny(("Bool", "aws:SecureTransport", "false")), True),
        (_deny(("StringNotEquals", "aws:SourceVpce", "vpce-1"), ("Bool", "x:y", "true")), True),
        (_deny(("StringEquals", "aws:SourceVpce", "vpce-1")), True),
        (_deny(("StringNotEquals", "aws:SourceVpce", "vpce-1"), Action="s3:Put*"), True),
        (_deny(("StringNotEquals", "aws:SourceVpce", "vpce-1"), Resource="arn:b"), True),
        (_deny(("StringNotEquals", "aws:SourceVpce", "vpce-1"), Principal=OWN), True),
    ],
)
def test_denial_of_everybody_else_closes_what_is_allowed_to_anybody(
    denial: dict[str, Any], is_open: bool
) -> None:
    assert bool(found("policy-wildcard", *_bucket(_anybody(), denial))) is is_open


_IP, _AGE, _TIME = "aws:SourceIp", "aws:MultiFactorAuthAge", "aws:CurrentTime"
_ARN = "aws:PrincipalArn"
# what is stricter, and what is looser
ORDERED: tuple[tuple[Clause, Clause], ...] = (
    (("StringEquals", "a:b", "x"), ("StringEqualsIfExists", "a:b", "x")),
    (("StringEquals", "a:b", "x"), ("StringLike", "a:b", "x*")),
    (("StringNotLike", "a:b", "x*"), ("StringNotEquals", "a:b", "xy")),
    (("IpAddress", _IP, "52.0.1.0/24"), ("IpAddress", _IP, "52.0.0.0/16")),
    (("IpAddress", _IP, "2001:db8:1::/48"), ("IpAddress", _IP, "2001:db8::/32")),
    (("NotIpAddress", _IP, "52.0.0.0/8"), ("NotIpAddress", _IP, "52.0.0.0/24")),
    (("NumericLessThan", _AGE, "900"), ("NumericLessThan", _AGE, "3600")),
    (("NumericLessThan", _AGE, "900"), ("NumericLessThanEquals", _AGE, "900")),
    (("NumericGreaterThanEquals", "a:b", "1.3"), ("NumericGreaterThanEquals", "a:b", "1.2")),
    (
        ("DateLessThan", _TIME, "2026-01-01T00:00:00Z"),
        ("DateLessThan", _TIME, "2027-01-01T00:00:00Z"),
    ),
    (("ArnNotLike", _ARN, "*"), ("ArnNotLike", _ARN, "arn:aws:iam::123456789012:role/r")),
    (("StringNotLike", "a:b", ["x*", "y"]), ("StringNotLike", "a:b", "xy")),
)


def _both(one: Clause, other: Clause, **statement: Any) -> tuple[Any, Any]:
    documents = [json.loads(policy(_anybody(each) | statement)) for each in (one, other)]
    first, second = (read_policy(each) for each in documents)
    assert first is not None
    assert second is not None
    return first, second


@pytest.mark.parametrize(("stricter", "looser"), ORDERED)
def test_stricter_condition_allows_only_less_and_denies_only_less(
    stricter: Clause, looser: Clause
) -> None:
    one, other = _both(looser, stricter)
    assert (bool(widened(one, other)), bool(narrowed(one, other))) == (False, True)
    assert (bool(widened(other, one)), bool(narrowed(other, one))) == (True, False)
    one, other = _both(looser, stricter, Effect="Deny")
    assert (bool(no_longer_denied(one, other)), bool(newly_denied(one, other))) == (True, False)
    assert (bool(no_longer_denied(other, one)), bool(newly_denied(other, one))) == (False, True)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("IpAddress", _IP, "52.0.0.0/24"), ("IpAddress", _IP, "53.0.0.0/24")),
        (("IpAddress", _IP, "52.0.0.0/24"), ("IpAddress", _IP, "2001:db8::/32")),
        (("NumericLessThan", _AGE, "900"), ("NumericGreaterThan", _AGE, "900")),
        (("NumericLessThan", _AGE, "900"), ("NumericLessThan", _AGE, "soon")),
        (("StringEquals", "a:b", "x*"), ("StringLike", "a:c", "x*")),
        (
            ("ForAnyValue:StringEquals", "a:b", "x"),
            ("ForAllValues:StringEquals", "a:b", "x"),
        ),
    ],
)
def test_condition_that_is_neither_stricter_nor_looser_does_both(
    one: Clause, other: Clause
) -> None:
    before, after = _both(one, other)
    assert widened(before, after)
    assert narrowed(before, after)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("ArnEquals", "ArnLike", True),
        ("ArnNotEqualsIfExists", "ArnNotLikeIfExists", True),
        ("StringLike", "StringEquals", True),
        ("ForAnyValue:StringNotLike", "ForAnyValue:StringNotEquals", True),
        ("StringEquals", "StringEqualsIgnoreCase", False),
        ("StringEquals", "StringNotEquals", False),
    ],
)
def test_operators_that_compare_alike_are_equal(one: str, other: str, same: bool) -> None:
    before, after = (json.loads(policy(_anybody((each, "a:b", "x")))) for each in (one, other))
    assert same_policy(before, after) is same
    pattern = [json.loads(policy(_anybody((each, "a:b", "x*")))) for each in (one, other)]
    assert same_policy(*pattern) is (same and "Arn" in one)


_NAME = "arn:aws:s3:::home/${aws:username}/*"


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        (allow("s3:GetObject", _NAME), {("access-removed", "no longer allows")}),
        (
            {"Effect": "Deny", "Action": "s3:*", "Resource": _NAME},
            {("policy-widened", "no longer denies")},
        ),
        (
            {"Effect": "Deny", "Action": "s3:*", "NotResource": _NAME},
            {("access-removed", "now denies")},
        ),
        (
            allow("s3:GetObject", "*", **_when(("StringLike", "s3:prefix", "${aws:username}/*"))),
            {("access-removed", "no longer allows")},
        ),
        (
            allow("s3:GetObject", "*", **_when(("StringNotEquals", "a:b", "${aws:username}"))),
            {("policy-widened", "now allows")},
        ),
        (allow("s3:GetObject"), set()),
    ],
)
@pytest.mark.parametrize("version", ["2008-10-17", None])
def test_variables_are_text_in_an_older_version(
    statement: dict[str, Any], says: set[tuple[str, str]], version: str | None
) -> None:
    before = policy(statement)
    after = json.dumps({"Version": version, "Statement": [statement]})
    seen = findings(update(ROLE_POLICY, "policy", before, after))
    if not says:
        assert [each.severity for each in seen] == [Severity.NOISE]
        return
    assert {
        (each.rule, text) for each in seen for _, text in says if f" {text} " in each.what
    } == says
    assert len(seen) == len(says)
    # as it is written, and nothing invisible
    assert all(each.what.isprintable() for each in seen)


@pytest.mark.parametrize(
    ("effect", "key", "before", "after", "says"),
    [
        (
            "Deny",
            "NotAction",
            ["s3:Get*"],
            ["s3:Get*", "kms:Decrypt"],
            ["policy of p no longer denies kms:decrypt on everything"],
        ),
        (
            "Allow",
            "NotAction",
            ["iam:*", "kms:*"],
            ["iam:*"],
            [
                "policy of p is open: kms:* on everything",
                "policy of p now allows kms:* on everything",
            ],
        ),
        (
            "Deny",
            "NotResource",
            ["arn:a"],
            ["arn:a", "arn:b"],
            ["policy of p no longer denies s3:GetObject on arn:b"],
        ),
        (
            "Deny",
            "NotPrincipal",
            ["arn:a"],
            ["arn:a", "arn:b"],
            ["policy of p no longer denies arn:b: s3:GetObject on everything"],
        ),
        # a part of what was excepted still is
        (
            "Allow",
            "NotAction",
            ["iam:*"],
            ["iam:Pass*"],
            [
                "policy of p is open: everything except iam:Pass* on everything",
                "policy of p now allows everything except iam:Pass* on everything",
            ],
        ),
        (
            "Allow",
            "NotResource",
            ["arn:a"],
            ["arn:a", "arn:b"],
            ["policy of p no longer allows s3:GetObject on arn:b"],
        ),
    ],
)
def test_other_exceptions_say_no_more_than_what_changes(
    effect: str, key: str, before: list[str], after: list[str], says: list[str]
) -> None:
    statement = allow("s3:GetObject", "*", Effect=effect)
    statement.pop(key.removeprefix("Not"), None)
    one, other = (policy(statement | {key: names}) for names in (before, after))
    entry = change(ROLE_POLICY, {"name": "p", "policy": one}, {"name": "p", "policy": other})
    assert sorted(each.what for each in findings(entry)) == says


_DENIES = "arn:aws:iam::123456789012:policy/denies"
_OF_THE_PLAN = change(
    MANAGED,
    {"arn": _DENIES, "policy": policy(_deny())},
    {"arn": _DENIES, "policy": policy(_deny())},
)


def _lists(*rights: str) -> dict[str, Any]:
    return {"name": "r", "managed_policy_arns": list(rights)}


@pytest.mark.parametrize(
    "right",
    [
        "arn:aws:iam::aws:policy/AWSDenyAll",
        "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3",
        "arn:aws-cn:iam::aws:policy/AWSDenyAll",
        _DENIES,
    ],
)
def test_policy_that_only_denies_takes_rights_where_it_is_attached(right: str) -> None:
    held = {"role": "r", "policy_arn": right}
    listed = {"policy_arn": right, "roles": ["r", "s"]}
    pairs: tuple[tuple[str, dict[str, Any] | None, dict[str, Any]], ...] = (
        (ATTACHMENT, None, held),
        (ROLE, _lists(), _lists(right)),
        ("aws_iam_policy_attachment", {**listed, "roles": ["s"]}, listed),
    )
    for type_, without, having in pairs:
        (laid,) = findings(_OF_THE_PLAN, change(type_, without, having))
        assert laid.severity is STOPS
        assert laid.what == f"{right}, which only denies, is attached to r"
        (gone,) = findings(_OF_THE_PLAN, change(type_, having, without))
        assert gone.severity is EXPOSURE
        assert gone.what == f"{right}, which only denies, is detached from r"
    other = {"role": "r", "policy_arn": "arn:of:another"}
    replaced = change(ATTACHMENT, other, held, replace=("policy_arn",))
    assert [each.what for each in findings(_OF_THE_PLAN, replaced)] == [
        f"{right}, which only denies, is attached to r",
        "arn:of:another is detached from r",
    ]
    made = change(ROLE, None, {"name": "r"}), change(ATTACHMENT, None, held, name="made")
    assert not {EXPOSURE, STOPS} & _severities(_OF_THE_PLAN, *made)
    gone_too = change(ROLE, {"name": "r", "id": "r"}), change(ATTACHMENT, held)
    assert EXPOSURE not in _severities(_OF_THE_PLAN, *gone_too)


@pytest.mark.parametrize("right", ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:of:another"])
def test_policy_that_allows_gives_rights_where_it_is_attached(right: str) -> None:
    held = {"role": "r", "policy_arn": right}
    assert _severities(_OF_THE_PLAN, change(ATTACHMENT, None, held)) == {EXPOSURE}
    assert _severities(_OF_THE_PLAN, change(ATTACHMENT, held)) == {STOPS}
