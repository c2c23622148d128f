"""Every rule finds what it is there for, in these words, and nothing where there is nothing."""

import json
from pathlib import Path

import pytest

from dms_stream.review import ALL_RULES, Rule, Severity, rules
from dms_stream.review.rule import Scope
from tests.dms_stream.review.rules.example import Example
from tests.dms_stream.review.rules.examples import EXAMPLES
from tests.support.small_plans import change, findings, found

# it compares configurations, which no plan holds
_ELSEWHERE = {"prevent-destroy-removed"}


@pytest.mark.parametrize(
    ("rule", "shown"),
    [
        pytest.param(rule, each, id=f"{rule}: {each.name}")
        for rule, examples in EXAMPLES.items()
        for each in examples
    ],
)
def test_rule(rule: str, shown: Example) -> None:
    seen = found(rule, *shown.changes, **shown.plan)
    assert tuple(finding.what for finding in seen) == shown.finds
    if shown.severity is not None:
        assert {finding.severity for finding in seen} == {shown.severity}


@pytest.mark.parametrize("rule", [rule for rule in ALL_RULES if rule.id not in _ELSEWHERE])
def test_both_outcomes_are_shown(rule: Rule) -> None:
    examples = EXAMPLES[rule.id]
    assert any(each.finds for each in examples)
    assert any(not each.finds for each in examples)


def test_no_example_without_a_rule() -> None:
    assert set(EXAMPLES) == {rule.id for rule in ALL_RULES} - _ELSEWHERE


def test_every_file_is_a_rule_that_is_asked() -> None:
    folder = Path(rules.__file__).parent
    files = {file.stem.replace("_", "-") for file in folder.glob("*.py")} - {"--init--"}
    assert files == {rule.id for rule in ALL_RULES}


@pytest.mark.parametrize("rule", ALL_RULES)
def test_rule_says_what_why_what_instead_and_where_from(rule: Rule) -> None:
    assert rule.explanation.endswith((".", ")"))
    assert rule.why.endswith((".", ")"))
    assert rule.instead.endswith((".", ")"))
    for source in rule.sources:
        assert source.startswith(
            (
                "https://docs.aws.amazon.com/",
                "https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/",
                "https://developer.hashicorp.com/terraform/",
            )
        )
    assert rule.sources


@pytest.mark.parametrize(
    ("rule", "type_", "attribute"),
    [
        pytest.param(rule, type_, attribute, id=f"{rule.id}: {type_}.{attribute}")
        for rule in ALL_RULES
        if rule.watches and rule.scope is Scope.CHANGE
        for type_ in sorted(rule.types)[:1] or ["aws_rds_cluster"]
        for attribute in rule.watches
    ],
)
def test_what_a_rule_decides_by_is_never_assumed_safe_when_unknown(
    rule: Rule, type_: str, attribute: str
) -> None:
    unknown = change(type_, {attribute: "was"}, {}, unknown={attribute: True})
    worst = max(finding.severity for finding in findings(unknown))
    assert worst >= max(rule.severity, Severity.UNKNOWN)


def test_noise_is_the_only_thing_said_about_noise() -> None:
    same = change(
        "aws_iam_role_policy", {"policy": json.dumps({"a": 1, "b": 2})}, {"policy": '{"b":2,"a":1}'}
    )
    assert [finding.rule for finding in findings(same)] == ["equal-in-meaning"]
