"""Plans that are broken, huge, strange or meant to harm."""

import json
import tracemalloc
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from dms_stream.review import Finding, Plan, PlanError, Severity, parse_plan, review_plans
from dms_stream.review.reports import json_report, markdown_report, print_report, sarif_report
from dms_stream.review.reports.markdown import MOST_CHARACTERS
from tests.dms_stream.review.cases import CASES, Case
from tests.dms_stream.review.corpus import huge_plan, plan_text
from tests.support.small_plans import change, document, findings, plan, update

HOW_TO = "make one with `terraform plan -out=FILE` and `terraform show -json FILE`"
STREAM = "aws_kinesis_stream"


def refusal(text: str | bytes) -> str:
    """Why something is not read as a plan."""
    with pytest.raises(PlanError) as refused:
        parse_plan(text, "p.json")
    return str(refused.value)


def all_reports(*changes: dict[str, Any], **others: Any) -> list[str]:
    """A review in all formats."""
    review = review_plans([plan(*changes, **others)])
    terminal = StringIO()
    print_report(review, Console(file=terminal, width=200), fail_on=Severity.DATA_LOSS)
    return [
        terminal.getvalue(),
        markdown_report(review),
        json_report(review),
        sarif_report(review),
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", f"is empty: {HOW_TO}"),
        ("  \n", f"is empty: {HOW_TO}"),
        ('{"format_version": "1.2", "resource_ch', "breaks off at line 1, column 27: " + HOW_TO),
        ('{"format_version": "1.2",', "breaks off at line 1, column 26: " + HOW_TO),
        ("[command]/usr/bin/terraform show", f"is not JSON at line 1, column 2: {HOW_TO}"),
        ("[]", f"holds a list instead of a plan: {HOW_TO}"),
        ("{}", f"has no format_version, so Terraform did not write it: {HOW_TO}"),
        (
            '{"format_version": 1.2}',
            f"has no format_version, so Terraform did not write it: {HOW_TO}",
        ),
        (
            '{"format_version": "2.0", "resource_changes": []}',
            "has format_version 2.0; only 1.x is understood, and another major version may mean "
            "something else by the same words: use Terraform 1.x, or a newer dms-stream",
        ),
        (
            '{"format_version": "1.0", "values": {}}',
            f"is a state, which changes nothing: {HOW_TO}",
        ),
        (
            '{"format_version": "1.2", "resource_changes": {}}',
            "is not a plan that Terraform wrote: resource_changes is an object instead of a list: "
            + HOW_TO,
        ),
        (
            '{"format_version": "1.2", "resource_changes": [7]}',
            "is not a plan that Terraform wrote: resource_changes[0]: it is a number instead of an "
            f"object: {HOW_TO}",
        ),
        (
            json.dumps(
                document(change(STREAM, {}, {}) | {"change": {"actions": ["explode"]}}),
            ),
            "is not a plan that Terraform wrote: resource_changes[0] (aws_kinesis_stream.it): "
            f"unknown actions explode: {HOW_TO}",
        ),
        ("[" * 100_000, f"is nested too deeply to be a plan: {HOW_TO}"),
        (
            '[command]/home/runner/terraform show -json p\n{"format_version": "1.2"}',
            "has text before the plan (`[command]/home/runner/terraform show -json p`). "
            "setup-terraform's wrapper writes such lines: set `terraform_wrapper: false`. Give "
            "only what `terraform show -json FILE` prints",
        ),
        (
            'Acquiring state lock. This may take a few moments...\n{"format_version": "1.2"}',
            "has text before the plan (`Acquiring state lock. This may take a few moments...`). "
            "Give only what `terraform show -json FILE` prints",
        ),
        (
            f'{"l" * 61}\n{{"format_version": "1.2"}}',
            f"has text before the plan (`{'l' * 59}…`). Give only what `terraform show -json "
            "FILE` prints",
        ),
        (
            '{"@level":"info","@message":"Terraform 1.11.4"}\n{"@level":"info"}\n',
            "is the log of `terraform plan -json` (one JSON message on each line), not a plan: "
            + HOW_TO,
        ),
        (
            '{"format_version": "1.2"}\n{"format_version": "1.2"}',
            "holds two plans, one behind the other: put each into a file of its own and give both "
            "files",
        ),
        (
            '{"format_version": "1.2"}\nReleasing state lock.',
            "has text behind the plan, at line 2, column 1: give only what `terraform show -json "
            "FILE` prints",
        ),
        ('{"a": Infinity}', f"holds Infinity, which is not a number in JSON: {HOW_TO}"),
        ('{"a": -Infinity}', f"holds -Infinity, which is not a number in JSON: {HOW_TO}"),
        ('{"a": NaN}', f"holds NaN, which is not a number in JSON: {HOW_TO}"),
        (
            '{"a": 1e400}',
            f"holds a number beyond all bounds (1e400), which is not a number in JSON: {HOW_TO}",
        ),
        (b"\xff\xfe\x00", f"is not text in UTF-8: {HOW_TO}"),
        ('{"a": ' + "9" * 5000 + "}", f"holds a number that is too long to read: {HOW_TO}"),
    ],
    ids=lambda value: repr(value[:40]),
)
def test_what_is_no_plan_is_refused(text: str | bytes, problem: str) -> None:
    assert refusal(text) == f"p.json: {problem}"


@pytest.mark.parametrize("keep", range(0, 100, 3))
def test_truncated_plan_is_refused(keep: int) -> None:
    text = plan_text("retention-lowered")
    assert "p.json: " in refusal(text[: len(text) * keep // 100])


def test_plan_as_powershell_writes_it_is_read() -> None:
    text = json.dumps(document(update(STREAM, "retention_period", 168, 24)))
    plan = parse_plan(text.encode("utf-16"), "p.json")
    assert [finding.rule for finding in review_plans([plan]).findings] == [
        "stream-retention-lowered"
    ]


def test_minor_version_and_unknown_keys_are_no_obstacle() -> None:
    text = document(update(STREAM, "retention_period", 168, 24), surprise=[1]) | {
        "format_version": "1.99"
    }
    assert len(review_plans([parse_plan(json.dumps(text), "p.json")]).findings) == 1


@pytest.mark.slow
def test_ten_thousand_resources_are_reviewed() -> None:
    # how long that takes: benchmarks/review.py
    review = review_plans([parse_plan(huge_plan(10_000), "huge.json")])
    assert len(review.findings) > 4_000
    assert len(markdown_report(review)) <= MOST_CHARACTERS


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        lambda n: [
            change("aws_s3_bucket", {"id": f"b{n}"}, name=f"b{n}"),
            change("aws_s3_bucket_policy", {"bucket": f"b{n}", "policy": "{}"}, name=f"b{n}"),
        ],
        lambda n: [
            update("aws_dms_endpoint", "port", 1, 2, name=f"e{n}"),
            update("aws_dms_replication_task", "table_mappings", f"{n}", "{}", name=f"t{n}"),
        ],
        lambda n: [
            update(
                "aws_kinesis_firehose_delivery_stream",
                "extended_s3_configuration.0.prefix",
                "a/",
                "b/",
                name=f"f{n}",
            ),
            update("aws_glue_catalog_table", "parameters", {}, {"a": "b"}, name=f"g{n}"),
        ],
    ],
    ids=["buckets", "tasks", "deliveries"],
)
def test_thousands_of_a_kind_are_reviewed(
    changes: Callable[[int], list[dict[str, Any]]],
) -> None:
    text = json.dumps(document(*(each for n in range(1_000) for each in changes(n))))
    assert len(review_plans([parse_plan(text, "huge.json")]).findings) >= 1_000


@pytest.mark.slow
def test_much_drift_is_reviewed() -> None:
    drift = [update(STREAM, "retention_period", 168, 24, name=f"s{n}") for n in range(2_000)]
    kept = [update(STREAM, "retention_period", 24, 24, name=f"s{n}") for n in range(2_000)]
    text = json.dumps(document(*kept, drift=tuple(drift)))
    assert len(review_plans([parse_plan(text, "huge.json")]).findings) == 2_000


@pytest.mark.slow
def test_memory_stays_in_proportion() -> None:
    changes = [
        update(STREAM, "retention_period", 168, 24, name=f"s{number}") for number in range(2_000)
    ]
    text = json.dumps(document(*changes))
    tracemalloc.start()
    try:
        review_plans([parse_plan(text, "huge.json")])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 12 * len(text)


def test_resources_of_other_providers_are_reviewed_as_far_as_can_be() -> None:
    seen = findings(
        change("google_storage_bucket", {"name": "g", "force_destroy": True}),
        change("kubernetes_deployment", {"id": "k"}),
        change("github_repository", None, {"name": "r"}),
        change("datadog_monitor", {"name": "m"}, {"name": "n"}),
    )
    assert [(finding.severity, finding.address) for finding in seen] == [
        (Severity.DATA_LOSS, "google_storage_bucket.it"),
        (Severity.UNKNOWN, "datadog_monitor.it"),
        (Severity.UNKNOWN, "github_repository.it"),
        (Severity.UNKNOWN, "kubernetes_deployment.it"),
    ]


def test_type_of_ours_with_values_of_nobodys_is_never_assumed_safe() -> None:
    strange = {"retention_period": {"deep": [1]}, "shard_count": "many", "encryption_type": 7}
    seen = findings(change(STREAM, {"retention_period": 24, "shard_count": 4}, strange))
    unreadable = [finding for finding in seen if finding.rule == "unreadable-value"]
    assert max(finding.severity for finding in unreadable) is Severity.DATA_LOSS


def test_moved_and_kept_resources_are_nothing_to_say() -> None:
    kept = change(STREAM, {"name": "s"}, {"name": "s"}, previous_address="aws_kinesis_stream.old")
    kept["change"]["actions"] = ["no-op"]
    assert findings(kept) == []


class TestDeception:
    """A plan's author may be whoever opened the pull request."""

    ADDRESS = 'aws_kinesis_stream.x["\x1b[2K\u202e`**@everyone** <img src=x> | [a](javascript:b)"]'

    def reports(self) -> list[str]:
        """All reports of a plan that tries to deceive."""
        evil = change(STREAM, {"name": "[red]safe[/red] \x07<script>"}, None)
        return all_reports(evil | {"address": self.ADDRESS})

    def test_no_control_character_reaches_a_terminal(self) -> None:
        terminal = self.reports()[0]
        assert not {"\x1b", "\x07", "\u202e"} & set(terminal)
        assert "[red]safe[/red]" in terminal

    def test_no_markup_reaches_a_comment(self) -> None:
        markdown = self.reports()[1]
        assert "<script>" not in markdown.replace("\\<script\\>", "")
        address = next(line for line in markdown.splitlines() if "@everyone" in line)
        # all of it stands between one pair of backticks, where nothing is markup
        code = address.split("`")
        assert len(code) == 3
        assert "@everyone" in code[1]

    def test_json_stays_json(self) -> None:
        for report in self.reports()[2:]:
            assert json.loads(report)


CANARY = "canary-never-to-be-shown"
_NAMES = (
    "password",
    "master_password",
    "secret_string",
    "auth_token",
    "private_key",
    "external_id",
)


@pytest.mark.parametrize("name", _NAMES)
@pytest.mark.parametrize("type_", ["aws_dms_endpoint", "aws_rds_cluster", "foreign_thing"])
def test_secret_by_name_is_never_shown(name: str, type_: str) -> None:
    changes = (
        change(type_, {"id": "a", name: "old"}, {"id": "a", name: CANARY}),
        change(type_, {name: CANARY}, {name: "b"}, name="b", replace=(name,)),
        change(type_, {name: CANARY}, None, name="c"),
        change(type_, None, {name: CANARY}, name="d"),
    )
    drift = (change(type_, {name: "old"}, {name: CANARY}),)
    for report in all_reports(*changes, drift=drift):
        assert CANARY not in report


def test_canary_would_be_seen_where_nothing_is_secret() -> None:
    shown = all_reports(change(STREAM, {"name": "a"}, {"name": CANARY}, replace=("name",)))
    assert all(CANARY in report for report in shown)


def _plant(value: Any, marks: Any, canary: str) -> Any:
    """The value with the canary in place of every text that is marked."""
    if isinstance(value, dict):
        inner = marks if isinstance(marks, dict) else dict.fromkeys(value, marks)
        return {key: _plant(each, inner.get(key), canary) for key, each in value.items()}
    if isinstance(value, list):
        return [_plant(each, marks, canary) for each in value]
    return canary if marks is True and isinstance(value, str) else value


def _with_secrets(text: bytes, chosen: Callable[[list[str]], set[str]]) -> Plan:
    """A plan in which chosen attributes are marked as sensitive, and hold the canary."""
    parsed = json.loads(text)
    for entry in [*parsed["resource_changes"], *parsed["resource_drift"]]:
        step = entry["change"]
        names = sorted(set(step["before"] or {}) | set(step["after"] or {}))
        marks = dict.fromkeys(chosen(names), True)
        for side in ("before", "after"):
            if step[side] is not None:
                step[side] = _plant(step[side], marks, CANARY)
            step[f"{side}_sensitive"] = marks
    return parse_plan(json.dumps(parsed), "p.json")


def _tells_no_secret(plan: Plan) -> None:
    review = review_plans([plan])
    for report in (json_report(review), markdown_report(review), sarif_report(review)):
        assert CANARY not in report


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.name))
def test_nothing_is_shown_of_a_plan_of_secrets(case: Case) -> None:
    _tells_no_secret(_with_secrets(plan_text(case.name), set))


@settings(max_examples=60, deadline=None)
@given(case=st.sampled_from(CASES), data=st.data())
def test_whatever_is_marked_as_sensitive_is_never_shown(case: Case, data: st.DataObject) -> None:
    def some(names: list[str]) -> set[str]:
        return data.draw(st.sets(st.sampled_from(names), max_size=6)) if names else set()

    _tells_no_secret(_with_secrets(plan_text(case.name), some))


@settings(max_examples=60, deadline=None)
@given(
    before=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["rule", "policy", "prefix", "0"]), inner, max_size=3)
        ),
        max_leaves=8,
    ),
    data=st.data(),
)
def test_no_value_whatever_breaks_a_review(before: Any, data: st.DataObject) -> None:
    types = sorted({type_ for rule in review_rules() for type_ in {*rule.types, *rule.judges}})
    type_ = data.draw(st.sampled_from(types))
    judged = {path for rule in review_rules() for path in rule.judged_paths(type_)}
    names = sorted({path.removeprefix("**.").partition(".")[0] for path in judged})
    attributes = data.draw(st.sets(st.sampled_from(names), min_size=1, max_size=4))
    old = dict.fromkeys(attributes, before)
    for finding in findings(
        change(type_, old, dict.fromkeys(attributes, "x")),
        change(type_, dict.fromkeys(attributes, "x"), old, replace=("rule",)),
        change(type_, old, None),
        change(type_, None, old),
    ):
        assert isinstance(finding, Finding)


def review_rules() -> Any:
    """All rules."""
    from dms_stream.review import ALL_RULES

    return ALL_RULES
