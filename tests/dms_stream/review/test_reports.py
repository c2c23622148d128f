"""What readers and programs get."""

import json
from io import StringIO
from pathlib import Path

import jsonschema
import pytest
from rich.console import Console

from dms_stream.review import ALL_RULES, Severity, review_plans
from dms_stream.review.reports import (
    json_report,
    markdown_report,
    print_report,
    sarif,
    sarif_report,
)
from dms_stream.review.reports.markdown import MOST_CHARACTERS
from dms_stream.review.rule_table import rule_table
from tests.dms_stream.review.corpus import plan as corpus_plan
from tests.support.small_plans import change, plan, update

LOWERED = update("aws_kinesis_stream", "retention_period", 168, 24, name="changes")
OPENED = update("aws_dms_endpoint", "ssl_mode", "verify-full", "none", name="source")
# the parts of SARIF 2.1.0 that GitHub requires, as its documentation lists them
_SARIF = {
    "type": "object",
    "required": ["$schema", "version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "properties": {
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name", "rules"],
                                "properties": {
                                    "rules": {
                                        "type": "array",
                                        "items": {
                                            "type": "object",
                                            "required": [
                                                "id",
                                                "shortDescription",
                                                "fullDescription",
                                                "help",
                                            ],
                                        },
                                    }
                                },
                            }
                        },
                    },
                    "results": {
                        "type": "array",
                        "maxItems": 25_000,
                        "items": {
                            "type": "object",
                            "required": ["ruleId", "message", "locations", "partialFingerprints"],
                            "properties": {
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "message": {"type": "object", "required": ["text"]},
                                "locations": {
                                    "type": "array",
                                    "minItems": 1,
                                    "items": {
                                        "type": "object",
                                        "required": ["physicalLocation"],
                                        "properties": {
                                            "physicalLocation": {
                                                "type": "object",
                                                "required": ["artifactLocation", "region"],
                                            }
                                        },
                                    },
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}


def test_terminal_tells_the_most_serious_first() -> None:
    text = StringIO()
    print_report(
        review_plans([plan(OPENED, LOWERED, change("aws_vpc", None, {"id": "v"}))]),
        Console(file=text, width=100),
        fail_on=Severity.DATA_LOSS,
    )
    lines = [line.strip() for line in text.getvalue().splitlines()]
    assert lines[0] == "plan: 2 changed, 1 created"
    headings = [line.split(" ")[0] for line in lines if line.endswith("─")]
    assert headings == ["DATA-LOSS", "EXPOSURE", "INTERRUPTION"]
    start = lines.index("stream-retention-lowered")
    assert lines[start + 1 : start + 3] == [
        "aws_kinesis_stream.changes",
        "aws_kinesis_stream.changes keeps records for 24 hours instead of 168",
    ]
    block = " ".join(" ".join(lines[start:]).split())
    assert block.index("why Records older") < block.index("instead Keep") < block.index("see http")
    assert lines[-4:] == [
        "Judged, and nothing to say about 1 other change:",
        "aws_vpc.it is created",
        "",
        "1 finding at or above data-loss: look at it before you apply.",
    ]


@pytest.mark.parametrize(
    ("changes", "fail_on", "verdict"),
    [
        ((), Severity.DATA_LOSS, "Every change is judged, and there is nothing to say about it."),
        (
            (OPENED,),
            Severity.DATA_LOSS,
            "Nothing at or above data-loss; below it: 1 exposure, 1 interruption.",
        ),
        (
            (OPENED, LOWERED),
            Severity.EXPOSURE,
            "2 findings at or above exposure: look at them before you apply.",
        ),
    ],
)
def test_verdict(changes: tuple[dict[str, object], ...], fail_on: Severity, verdict: str) -> None:
    review = review_plans([plan(*changes)])
    text = StringIO()
    print_report(review, Console(file=text, width=200), fail_on=fail_on)
    assert text.getvalue().splitlines()[-1].rstrip() == verdict
    assert markdown_report(review, fail_on=fail_on).splitlines()[0] == f"### Plan review: {verdict}"


def test_markdown() -> None:
    lines = markdown_report(review_plans([plan(LOWERED)])).splitlines()
    assert lines[2] == "- **plan**: 1 changed"
    assert lines[4].startswith("#### 🛑 data-loss: ")
    assert (
        "- `aws_kinesis_stream.changes`: aws\\_kinesis\\_stream.changes keeps records for 24 hours "
        "instead of 168" in lines
    )
    assert lines.count("<details><summary>Why, and what to do instead</summary>") == 1
    assert lines.count("</details>") == 1


def test_json() -> None:
    report = json.loads(json_report(review_plans([plan(OPENED, LOWERED)])))
    assert report["format_version"] == "1.2"
    assert report["failed"] is True
    assert report["counts"]["data-loss"] == 1
    assert report["plans"] == [{"name": "plan", "actions": {"changed": 2}}]
    rule = next(each for each in ALL_RULES if each.id == "stream-retention-lowered")
    assert report["findings"][0] == {
        "rule": "stream-retention-lowered",
        "severity": "data-loss",
        "plan": "plan",
        "address": "aws_kinesis_stream.changes",
        "what": "aws_kinesis_stream.changes keeps records for 24 hours instead of 168",
        "why": rule.why,
        "instead": rule.instead,
        "sources": list(rule.sources),
        "attributes": [],
        "folded": [],
    }
    assert report["not_judged"] == {"changes": 0, "resources": 0, "types": []}


def test_sarif_has_what_code_scanning_requires() -> None:
    review = review_plans([corpus_plan("cluster-let-go")])
    report = json.loads(sarif_report(review, files={"cluster-let-go": "environments/a b.yaml"}))
    jsonschema.validate(report, _SARIF)
    (run,) = report["runs"]
    assert len(run["results"]) == len(review.findings)
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[each["ruleIndex"]]["id"] == each["ruleId"] for each in run["results"])
    fingerprints = {
        each["partialFingerprints"]["primaryLocationLineHash"] for each in run["results"]
    }
    assert len(fingerprints) == len(run["results"])
    place = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert place == "environments/a%20b.yaml"
    assert run["results"][0]["level"] == "error"


def test_what_is_not_judged_is_counted_by_type_in_every_format() -> None:
    review = review_plans(
        [
            plan(
                update("aws_ecs_service", "desired_count", 2, 0, name="a"),
                update("aws_ecs_service", "launch_type", "EC2", "FARGATE", name="b"),
                change("aws_novel_thing", None, {"name": "n"}),
            )
        ]
    )
    sentence = (
        "Not judged: 3 changes of 3 resources: aws_ecs_service (desired_count, launch_type); "
        "aws_novel_thing (created)."
    )
    terminal = StringIO()
    print_report(review, Console(file=terminal, width=200), fail_on=Severity.UNKNOWN)
    assert sentence in terminal.getvalue()
    assert sentence in markdown_report(review).replace("\\", "")
    assert json.loads(json_report(review, fail_on=Severity.UNKNOWN))["failed"] is True
    assert json.loads(json_report(review))["not_judged"] == {
        "changes": 3,
        "resources": 3,
        "types": [
            {
                "type": "aws_ecs_service",
                "resources": 2,
                "changes": 2,
                "attributes": ["desired_count", "launch_type"],
            },
            {"type": "aws_novel_thing", "resources": 1, "changes": 1, "attributes": []},
        ],
    }
    (run,) = json.loads(sarif_report(review))["runs"]
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    assert told["message"]["text"] == sentence


def test_sarif_stays_within_what_github_accepts(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sarif.MOST_RESULTS == 25_000
    monkeypatch.setattr(sarif, "MOST_RESULTS", 2)
    review = review_plans([plan(OPENED, LOWERED)])
    assert len(review.findings) == 3
    (run,) = json.loads(sarif_report(review))["runs"]
    assert [each["ruleId"] for each in run["results"]] == [
        "stream-retention-lowered",
        "tls-lowered",
    ]
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    assert told["message"]["text"].startswith("1 finding of the least serious is left out")


def test_sarif_calls_only_exposure_a_vulnerability() -> None:
    (run,) = json.loads(sarif_report(review_plans([plan(LOWERED)])))["runs"]
    severities = {rule.id: rule.severity for rule in ALL_RULES}
    for each in run["tool"]["driver"]["rules"]:
        exposure = severities[each["id"]] is Severity.EXPOSURE
        assert ("security-severity" in each["properties"]) is exposure
        assert ("security" in each["properties"]["tags"]) is exposure
        assert len(each["fullDescription"]["text"]) <= 1024


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("environments/a b.yaml", "environments/a%20b.yaml"),
        ("/somewhere/else/plan.json", "plan.json"),
        ("../plan.json", "plan.json"),
    ],
)
def test_sarif_names_no_file_outside_of_the_repository(file: str, uri: str) -> None:
    review = review_plans([plan(LOWERED)])
    for path, expected in ((file, uri), (str(Path.cwd() / "inside" / "p.json"), "inside/p.json")):
        (run,) = json.loads(sarif_report(review, files={"plan": path}))["runs"]
        place = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
        assert place == {"uri": expected, "uriBaseId": "%SRCROOT%"}


def test_findings_survive_when_a_comment_is_too_long() -> None:
    kept = [change("aws_vpc", None, {"id": "v"}, name=f"v{n}") for n in range(2_000)]
    lost = [
        update("aws_kinesis_stream", "retention_period", 168, 24, name=f"a_rather_long_name_{n:03}")
        for n in range(90)
    ]
    opened = [
        update(
            "aws_dms_endpoint",
            "ssl_mode",
            "verify-full",
            "none",
            name=f"another_name_{n:03}_{'x' * 150}",
        )
        for n in range(90)
    ]
    text = markdown_report(review_plans([plan(*kept, *opened, *lost)]))
    assert len(text) <= MOST_CHARACTERS
    assert all(f"a_rather_long_name_{n:03}`" in text for n in range(90))
    assert "Shortened, because a comment has room for no more" in text
    assert text.rstrip().endswith("</details>")


def test_two_plans_are_told_apart() -> None:
    first, second = corpus_plan("retention-lowered"), corpus_plan("expiry-shortened")
    review = review_plans([first, second])
    assert {finding.plan for finding in review.findings} == {first.name, second.name}
    assert "(expiry-shortened)" in markdown_report(review)


def test_table_of_rules_has_every_rule_and_nothing_twice() -> None:
    table = rule_table()
    assert all(table.count(f"| `{rule.id}` |") == 1 for rule in ALL_RULES)
