"""Each sentence of a report is true, tells no secret and leaves nothing out."""

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from dms_stream.review import Acknowledgement, Plan, Review, Severity, parse_plan, review_plans
from dms_stream.review.redaction import HIDDEN, clean, hiding
from dms_stream.review.reports import json_report, markdown_report, print_report, sarif_report
from dms_stream.review.reports.markdown import MOST_CHARACTERS
from tests.dms_stream.review import rules
from tests.dms_stream.review.rules.example import Example
from tests.support.small_plans import change, findings, plan, update

TODAY = date(2026, 6, 15)
STREAM, MSK = "aws_kinesis_stream", "aws_msk_configuration"


def reports(*plans: Plan, **others: Any) -> dict[str, str]:
    """A review in each format."""
    review = review_plans(plans, **others)
    return {
        "terminal": terminal(review),
        "markdown": markdown_report(review),
        "json": json_report(review),
        "sarif": sarif_report(review),
    }


def terminal(review: Review) -> str:
    """A review as a terminal shows it."""
    text = StringIO()
    print_report(review, Console(file=text, width=500), fail_on=Severity.DATA_LOSS)
    return text.getvalue()


def said(*changes: dict[str, Any], **others: Any) -> list[str]:
    """What the findings say."""
    return [finding.what for finding in findings(*changes, **others)]


@pytest.mark.parametrize("name", ["ssl.keystore.password", "sasl.token", "connection.url"])
def test_a_secret_inside_a_text_is_shown_nowhere(name: str) -> None:
    old, new = ("jdbc://me:zqOLD@h", "jdbc://me:zqNEW@h") if "url" in name else ("zqOLD", "zqNEW")
    changed = update(MSK, "server_properties", f"{name}={old}", f"{name}={new}", name="x")
    for report in reports(plan(changed)).values():
        assert "zq" not in report
        assert f"{name} changes" in report.replace("\\", "")


def test_other_properties_of_a_broker_are_no_periods() -> None:
    old, new = "num.io.threads=8", "num.io.threads=4"
    (seen,) = findings(update(MSK, "server_properties", old, new))
    assert seen.what.endswith("num.io.threads: 8 → 4")
    assert "period" not in seen.instead


@pytest.mark.parametrize(
    ("secret", "changed", "what"),
    [
        (
            2,
            change("aws_x", {"a": 1, "b": 1}, {"a": 3, "b": 3}),
            "2 attributes change: a, b",
        ),
        (
            "engine",
            change("aws_x", {"engine": 1}, {"engine": 3}),
            "1 attribute changes: engine",
        ),
        (
            "encryption_type",
            change(STREAM, {"encryption_type": "KMS"}, {}, replace=("encryption_type",)),
            "aws_kinesis_stream.it is destroyed and recreated because encryption_type changes "
            "(KMS → nothing). Lost: every record in it that no consumer has read yet, and the "
            "possibility to read it again.",
        ),
        (
            "database",
            change("aws_db_instance", {"identifier": "i"}, None),
            "i is destroyed. Lost: the database, with its automated backups.",
        ),
        (
            "hours",
            update(STREAM, "retention_period", 48, 24),
            "aws_kinesis_stream.it keeps records for 24 hours instead of 48",
        ),
        (
            "secret",
            change(STREAM, {"name": "secret"}, None),
            f"{HIDDEN} is destroyed. Lost: every record in it that no consumer has read yet, and "
            "the possibility to read it again.",
        ),
        (
            48,
            update(STREAM, "retention_period", 48, 24),
            f"aws_kinesis_stream.it keeps records for 24 hours instead of {HIDDEN}",
        ),
        (
            9,
            update("aws_secretsmanager_secret", "recovery_window_in_days", 30, 9),
            f"aws_secretsmanager_secret.it can be restored for {HIDDEN} days instead of 30",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_only_values_give_way_to_a_secret(secret: Any, changed: dict[str, Any], what: str) -> None:
    step = changed["change"]
    for side in ("before", "after"):
        if step[side] is not None:
            step[side] |= {"pin": secret}
            step[f"{side}_sensitive"] = {"pin": True}
    assert what in said(changed)


_EXAMPLES = [
    each
    for name in sorted(file.stem for file in Path(rules.__path__[0]).glob("test_*.py"))
    for each in getattr(import_module(f"{rules.__name__}.{name}"), "EXAMPLES", ())
    if each.finds and len(each.changes) == 1 and "drift" not in each.plan
]
# values that are words of a rule as well
_WORDS = {"changes", "source", "LATEST", "TRIM_HORIZON"}


@pytest.mark.parametrize("example", _EXAMPLES, ids=lambda each: str(each.name))
def test_no_rule_shows_a_value_that_is_sensitive(example: Example) -> None:
    (changed,) = copy.deepcopy(example.changes)
    step = changed["change"]
    for side in ("before", "after"):
        step[f"{side}_sensitive"] = dict.fromkeys(step.get(side) or (), True)
    values = {*_texts(step.get("before")), *_texts(step.get("after"))} - _WORDS
    for what in said(changed, **example.plan):
        text = what.replace(changed["address"], "")
        shown = [each for each in values if re.search(rf"(?<!\w){re.escape(each)}(?!\w)", text)]
        # the number of attributes that nobody judged is no value
        assert shown == [] or re.match(r"\d+ attributes? ", what)


def _texts(value: Any) -> Iterator[str]:
    """The texts and numbers in a value that are no single character."""
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)
    elif value is not None and not isinstance(value, bool) and len(str(value)) > 1:
        yield str(value)


def test_a_secret_that_is_cut_is_hidden_whole() -> None:
    long = "zq" * 150
    with hiding(lambda: frozenset({long})):
        assert clean(f"{'x' * 100}-{long}") == f"{'x' * 100}-{HIDDEN}"
        assert clean(f"{long} {HIDDEN}", 30) == f"{HIDDEN} {HIDDEN}"[:29] + "…"
    assert clean("zqzq") == "zqzq"


EVIL = "x`\n\n</details>\n\n# Head\x1b[2J\u202e @team <img src=x>"


def accept(address: str, **others: Any) -> Acknowledgement:
    """An acknowledgement of a lowered retention."""
    given = {
        "finding": "stream-retention-lowered",
        "address": address,
        "reason": "nobody reads back",
        "expires": "2026-06-15",
    }
    return Acknowledgement.model_validate_json(json.dumps(given | others))


def test_an_acknowledgement_cannot_deceive() -> None:
    lowered = plan(update(STREAM, "retention_period", 168, 24))
    given = [
        accept("aws_kinesis_stream.it", reason=EVIL),
        accept(EVIL, reason=EVIL, what=EVIL),
        accept(EVIL, stack=EVIL),
    ]
    for name, report in reports(lowered, acknowledgements=given, today=TODAY).items():
        assert not {"\x1b", "\u202e"} & set(report)
        if name == "markdown":
            lines = report.splitlines()
            assert not any(line.startswith(("# ", "</details>")) for line in lines)
            # outside of code, nothing is markup
            assert all("<img" not in line.replace("\\<", "") for line in lines if "`" not in line)


def test_a_reason_may_have_several_lines() -> None:
    given = accept("aws_kinesis_stream.it", reason="read  within\n  minutes\n")
    assert given.reason == "read within minutes"


def test_the_name_of_a_file_cannot_deceive() -> None:
    text = json.dumps({"format_version": "1.2", "planned_values": {}})
    evil = parse_plan(text, "a\n# b\x1b[2J\u202e")
    for name, report in reports(evil).items():
        assert not {"\x1b", "\u202e"} & set(report), name
        assert "\n# b" not in report


def results(*plans: Plan) -> list[dict[str, Any]]:
    """What code scanning gets."""
    found: list[dict[str, Any]] = _run(*plans)["results"]
    return found


def _run(*plans: Plan) -> dict[str, Any]:
    (run,) = json.loads(sarif_report(review_plans(plans)))["runs"]
    whole: dict[str, Any] = run
    return whole


def test_code_scanning_calls_only_what_is_exposure_a_vulnerability() -> None:
    run = _run(
        plan(
            update("aws_security_group", "ingress", [], [_rule("0.0.0.0/0"), _rule("10.0.0.0/8")]),
            update("aws_s3_bucket", "acl", "private", "private", unknown={"acl": True}),
            drift=(update("aws_s3_bucket", "acl", "private", "public-read", name="drifted"),),
        )
    )
    rules = run["tool"]["driver"]["rules"]
    seen = set()
    for each in run["results"]:
        rule = rules[each["ruleIndex"]]
        assert rule["id"] == each["ruleId"]
        severity = each["properties"]["severity"]
        assert rule["properties"]["severity"] == severity
        assert ("security-severity" in rule["properties"]) is (severity == "exposure")
        seen.add((each["ruleId"], severity))
    assert {
        ("security-group-opened", "exposure"),
        ("security-group-opened/notice", "notice"),
        ("drifted/exposure", "exposure"),
        ("unknown-value/exposure", "exposure"),
    } <= seen


def _rule(cidr: str) -> dict[str, Any]:
    return {"cidr_blocks": [cidr], "from_port": 5432, "to_port": 5432, "protocol": "tcp"}


def _fingerprints(*plans: Plan) -> list[str]:
    return [each["partialFingerprints"]["primaryLocationLineHash"] for each in results(*plans)]


def test_code_scanning_tells_findings_apart() -> None:
    lowered = plan(update(STREAM, "retention_period", 168, 24))
    first, second = (replace(lowered, name=f"{folder}/plan.json") for folder in "ab")
    # in folders of the repository, in others, and in both
    assert len(set(_fingerprints(first, second))) == 2
    outside = [replace(lowered, name=f"/{folder}/plan.json") for folder in "ab"]
    assert len(set(_fingerprints(*outside))) == 2
    # and knows them again, wherever the plan of one stack was written to
    assert _fingerprints(outside[0]) == _fingerprints(outside[1])
    assert _fingerprints(first) == _fingerprints(first)
    hidden = update("aws_security_group", "ingress", [], [_rule("0.0.0.0/0"), _rule("10.9.8.7/32")])
    hidden["change"]["after_sensitive"] = {"ingress": True}
    found = _fingerprints(plan(hidden))
    assert len(set(found)) == len(found) > 2


def test_code_scanning_counts_what_a_finding_folds() -> None:
    gone = [
        change(STREAM, {"name": f"s{n}"}, None, name=f"s{n}")
        | {"address": f"module.m.aws_kinesis_stream.s{n}", "module_address": "module.m"}
        for n in range(60)
    ]
    (result,) = results(plan(*gone))
    assert "\n- … and 10 more in it\n" in result["message"]["text"]


def test_the_verdict_says_what_was_accepted() -> None:
    lowered = update(STREAM, "retention_period", 168, 24)
    given = {"acknowledgements": [accept("aws_kinesis_stream.it")], "today": TODAY}
    nothing = "Nothing is found but 1 accepted finding."
    for report in list(reports(plan(lowered), **given).values())[:2]:
        assert nothing in report
    opened = update("aws_dms_endpoint", "ssl_mode", "verify-full", "none")
    left = "Nothing at or above data-loss that is not accepted; below it: 1 exposure, "
    for report in list(reports(plan(lowered, opened), **given).values())[:2]:
        assert left in report.replace("\\", "")


def test_outputs_are_changes() -> None:
    output = {"actions": ["update"], "before": 1, "after": 2}
    outputs = {"a": output, "b": {"actions": ["no-op"], "before": 1, "after": 1}}
    text = terminal(review_plans([plan(output_changes=outputs)]))
    assert text.splitlines()[0] == "plan: 1 output changed"
    assert "Every change of a resource is judged" in text


@pytest.mark.parametrize(
    ("before", "after", "actions", "told"),
    [
        (True, False, "update", True),
        (True, False, "no-op", True),
        ({"password": True}, {}, "update", True),
        (True, {"password": True}, "update", True),
        (False, False, "update", False),
        (True, False, "delete", False),
        ({"password": True}, True, "update", False),
    ],
)
def test_an_output_that_is_no_longer_sensitive_is_told(
    before: Any, after: Any, actions: str, told: bool
) -> None:
    output = {
        "actions": [actions],
        "before": "zqOLD",
        "after": "zqNEW",
        "before_sensitive": before,
        "after_sensitive": after,
    }
    review = review_plans([plan(output_changes={"conn": output})])
    told_now = [each for each in review.findings if "no longer marked" in each.what]
    assert bool(told_now) is told
    assert all(each.severity is Severity.EXPOSURE for each in told_now)
    assert "zq" not in json_report(review)


def _replica(**values: Any) -> dict[str, Any]:
    return {"identifier": "r", "replicate_source_db": "db", "skip_final_snapshot": True, **values}


def test_a_replica_holds_a_copy() -> None:
    (seen,) = findings(change("aws_db_instance", _replica(), None))
    assert seen.severity is Severity.INTERRUPTION
    assert "the data stays at its source" in seen.what
    (seen,) = findings(change("aws_db_instance", _replica(), _replica(), replace=("identifier",)))
    assert seen.severity is Severity.INTERRUPTION
    snapshot = {"skip_final_snapshot": False, "final_snapshot_identifier": "f"}
    (seen,) = findings(change("aws_db_instance", _replica(**snapshot), None))
    assert "The apply fails: RDS takes no final snapshot of a replica" in seen.what
    assert "snapshot is taken" not in seen.what
    gone = (change("aws_db_instance", _replica(), None),)
    assert [each.severity for each in findings(drift=gone)] == [Severity.NOTICE]


def test_what_was_promoted_is_no_replica() -> None:
    (seen,) = findings(change("aws_db_instance", _replica(replicate_source_db=""), None))
    assert seen.severity is Severity.DATA_LOSS
    assert "Lost: the database" in seen.what


@pytest.mark.parametrize("prefix", ["", "logs/"])
def test_an_expiry_is_compared_with_the_first_that_came(prefix: str) -> None:
    def rules(days: int) -> dict[str, Any]:
        first = _expires("all", "", 30)
        return {"bucket": "b", "rule": [first, _expires("one", prefix, days)]}

    (what,) = said(change("aws_s3_bucket_lifecycle_configuration", rules(90), rules(20)))
    assert what.endswith("after 20 days instead of 30")


def _expires(name: str, prefix: str, days: int) -> dict[str, Any]:
    filters = [{"prefix": prefix}]
    return {"id": name, "status": "Enabled", "filter": filters, "expiration": [{"days": days}]}


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        (
            [update(STREAM, "shard_count", 2, 1)],
            "aws_kinesis_stream.it has 1 shard instead of 2",
        ),
        (
            [
                change("foo_x", {"a": 1}, {"a": 2}, name="a"),
                change("foo_x", None, {"a": 1}, name="b"),
            ],
            "1 attribute of 1 resource changes: a; 1 resource of the type foo_x is created",
        ),
        (
            [change("foo_x", None, {"a": 1}, name=name) for name in "ab"],
            "2 resources of the type foo_x are created",
        ),
    ],
)
def test_one_is_one(changes: list[dict[str, Any]], what: str) -> None:
    assert what in said(*changes)


def test_several_are_several() -> None:
    path = "extended_s3_configuration.0.prefix"
    tables = [update("aws_glue_catalog_table", "parameters", {}, {"a": "b"}, name=n) for n in "ab"]
    (seen,) = (
        each
        for each in said(update("aws_kinesis_firehose_delivery_stream", path, "a/", "b/"), *tables)
        if "prefix" in each
    )
    assert "The tables aws_glue_catalog_table.a, aws_glue_catalog_table.b follow; what" in seen
    arns = [f"arn:aws:iam::123456789012:policy/{name}" for name in "ab"]
    taken = said(update("aws_iam_role", "managed_policy_arns", arns, []))
    assert f"{', '.join(arns)} are taken out of managed_policy_arns of aws_iam_role.it" in taken


@pytest.mark.parametrize("type_", [STREAM, "foo_x"])
def test_findings_go_last(type_: str) -> None:
    names = [f"n{number:03}" for number in range(300)]
    if type_ == STREAM:
        changes = [update(STREAM, "retention_period", 168, 24, name=name) for name in names]
    else:
        changes = [change(f"foo_{name}", None, {"a": 1}, name=name) for name in names]
    text = markdown_report(review_plans([plan(*changes)]))
    assert len(text) <= MOST_CHARACTERS
    assert all(f".{name}`" in text for name in names)
    assert "more of these" not in text


def test_plans_leave_room_for_findings() -> None:
    lowered = plan(update(STREAM, "retention_period", 168, 24))
    many = [replace(lowered, name=f"{number:03}{'n' * 160}") for number in range(400)]
    text = markdown_report(review_plans(many))
    assert len(text) <= MOST_CHARACTERS
    assert text.count("`aws_kinesis_stream.it`") > 100
    assert "\n- … and 390 more\n" in text


def test_what_was_accepted_and_is_not_shown_is_counted() -> None:
    names = [f"n{number}" for number in range(130)]
    lowered = [update(STREAM, "retention_period", 168, 24, name=name) for name in names]
    given = [accept(f"{STREAM}.{name}") for name in names]
    gone = [accept(f"{STREAM}.x{name}") for name in names]
    review = review_plans([plan(*lowered)], acknowledgements=given + gone, today=TODAY)
    text = markdown_report(review)
    assert "- … and 30 more accepted" in text
    assert "- … and 30 more that expired or fit nothing" in text
