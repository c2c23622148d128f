"""What holds for each rule: it registers itself, it is shown, it is documented."""

import json
from importlib import import_module
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from dms_stream.review import ALL_RULES, Rule, Severity, rules
from dms_stream.review.rule import ANYWHERE, EVERYTHING, Scope
from dms_stream.review.rule_table import rule_table
from tests.dms_stream.review.rules.example import Example
from tests.support.small_plans import change, findings, found

HERE = Path(__file__).parent
FILES = sorted(
    file.stem for file in Path(rules.__file__).parent.glob("*.py") if file.stem != "__init__"
)


@pytest.mark.parametrize("name", FILES)
def test_file_holds_the_rule_of_its_name(name: str) -> None:
    registered = {rule.id for rule in ALL_RULES}
    assert name.replace("_", "-") in registered, (
        f"dms_stream/review/rules/{name}.py defines no rule `{name}`"
    )


@pytest.mark.parametrize("name", FILES)
def test_rule_is_shown_where_its_name_says(name: str) -> None:
    file = HERE / f"test_{name}.py"
    assert file.exists(), f"the rule {name} has no examples: write {file.name} beside this file"
    module = import_module(f"{__package__}.test_{name}")
    assert hasattr(module, "EXAMPLES"), f"{file.name} has no EXAMPLES"
    assert hasattr(module, "test_examples"), f"{file.name} does not run its EXAMPLES"
    examples: tuple[Example, ...] = module.EXAMPLES
    assert any(each.finds for each in examples), f"{file.name} shows nothing that is found"
    assert any(not each.finds for each in examples), f"{file.name} shows nothing that is left alone"


@pytest.mark.parametrize("name", FILES)
def test_rule_is_in_the_table_of_the_documentation(name: str) -> None:
    assert f"| `{name.replace('_', '-')}` |" in rule_table()


def test_no_examples_without_a_rule() -> None:
    shown = {file.stem.removeprefix("test_") for file in HERE.glob("test_*.py")}
    assert shown - set(FILES) == {"every_rule"}


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: str(rule.id))
def test_rule_says_what_why_what_instead_and_where_from(rule: Rule) -> None:
    assert rule.explanation.endswith((".", ")"))
    assert rule.why.endswith((".", ")"))
    assert rule.instead.endswith((".", ")"))
    for source in rule.sources:
        assert source.startswith(
            (
                "https://docs.aws.amazon.com/",
                "https://aws.amazon.com/",
                "https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/",
                "https://developer.hashicorp.com/terraform/",
            )
        )
    assert rule.sources


def _decided_by() -> list[object]:
    return [
        pytest.param(rule, type_, path.removeprefix(ANYWHERE), id=f"{rule.id}: {type_}.{path}")
        for rule in ALL_RULES
        if rule.scope is Scope.CHANGE
        for of, paths in sorted(rule.judges.items())
        for type_ in ([of] if of != "*" else sorted(rule.types) or ["aws_somebodys_own_type"])
        for path in paths
        if path != EVERYTHING
    ]


@pytest.mark.parametrize(("rule", "type_", "path"), _decided_by())
def test_what_a_rule_decides_by_is_never_assumed_safe_when_unknown(
    rule: Rule, type_: str, path: str
) -> None:
    top, *inner = path.split(".")
    value: object = "was"
    mark: object = True
    for name in reversed(inner):
        value, mark = [{name: value}], [{name: mark}]
    unknown = change(type_, {top: value}, {}, unknown={top: mark})
    worst = max(finding.severity for finding in findings(unknown))
    assert worst >= max(rule.severity, Severity.UNKNOWN)


def test_noise_is_the_only_thing_said_about_noise() -> None:
    same = change(
        "aws_iam_role_policy", {"policy": json.dumps({"a": 1, "b": 2})}, {"policy": '{"b":2,"a":1}'}
    )
    assert [finding.rule for finding in findings(same)] == ["equal-in-meaning"]


def test_what_each_rule_is_asked_about_is_as_it_was(snapshot: SnapshotAssertion) -> None:
    """A type or an attribute that drops out of a table is seen; `--snapshot-update` takes it."""
    asked = {
        rule.id: {
            "scope": rule.scope.name,
            "types": sorted(rule.types),
            "except_types": sorted(rule.except_types),
            "judges": {type_: sorted(paths) for type_, paths in sorted(rule.judges.items())},
            "judges_policies": rule.judges_policies,
            "at_creation": sorted(rule.at_creation),
            "belongs_to": sorted(rule.belongs_to),
        }
        for rule in sorted(ALL_RULES, key=lambda rule: rule.id)
    }
    assert asked == snapshot(extension_class=JSONSnapshotExtension)


def test_what_the_examples_are_told_is_as_it_was(snapshot: SnapshotAssertion) -> None:
    """How serious what each rule finds is, why, and what to do: what it says of some cases too."""
    told = {}
    for name in FILES:
        examples: tuple[Example, ...] = import_module(f"{__package__}.test_{name}").EXAMPLES
        told[name] = sorted(
            {
                (finding.severity.name, finding.why, finding.instead)
                for each in examples
                for finding in found(name.replace("_", "-"), *each.changes, **each.plan)
            }
        )
    assert told == snapshot(extension_class=JSONSnapshotExtension)
