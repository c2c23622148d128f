"""A review for code scanning, as SARIF 2.1.0, within what GitHub accepts of it.

https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote

from dms_stream.review.reports.blocks import not_judged
from dms_stream.review.reviewing import Review
from dms_stream.review.rule import Finding, Rule
from dms_stream.review.rules import ALL_RULES
from dms_stream.review.severity import Severity
from dms_stream.review.words import count

MOST_RESULTS = 25_000
"""GitHub refuses a file with more results in a run."""

_MOST_DESCRIPTION = 1_024
_LEVELS = {
    Severity.DATA_LOSS: "error",
    Severity.EXPOSURE: "error",
    Severity.INTERRUPTION: "warning",
    Severity.UNKNOWN: "warning",
    Severity.NOTICE: "note",
    Severity.NOISE: "note",
}
# a rule with this is shown as a vulnerability, which only exposure is
_EXPOSURE_SCORE = "8.0"


def sarif_report(review: Review, *, files: Mapping[str, str] | None = None) -> str:
    """The review as SARIF.

    Args:
        review: The review.
        files: Plan, and the file of the repository that its findings are shown at; default: the
            plan's own name. A plan has no lines of the configuration, so it is the file's first.
    """
    rules = {rule.id: number for number, rule in enumerate(ALL_RULES)}
    found = [(finding, None) for finding in review.findings]
    known = [(finding, each.reason) for finding, each in review.accepted]
    results = [*found, *known]
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "dms-stream review",
                        "rules": [_rule(rule) for rule in ALL_RULES],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The repository."}}},
                "invocations": [
                    {
                        "executionSuccessful": True,
                        "toolExecutionNotifications": _notifications(review, len(results)),
                    }
                ],
                "results": [
                    _result(finding, rules[finding.rule], reason, files or {})
                    for finding, reason in results[:MOST_RESULTS]
                ],
            }
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _notifications(review: Review, results: int) -> list[dict[str, Any]]:
    texts = [not_judged(review)] if review.not_judged else []
    if results > MOST_RESULTS:
        texts.append(
            f"{count(results - MOST_RESULTS, 'finding')} of the least serious "
            f"{'is' if results - MOST_RESULTS == 1 else 'are'} left out: GitHub accepts "
            f"{MOST_RESULTS}."
        )
    return [{"level": "warning", "message": {"text": text}} for text in texts]


def _rule(rule: Rule) -> dict[str, Any]:
    properties: dict[str, Any] = {"severity": rule.severity.word, "tags": [rule.severity.word]}
    if rule.severity is Severity.EXPOSURE:
        properties |= {"security-severity": _EXPOSURE_SCORE, "tags": ["security", "exposure"]}
    return {
        "id": rule.id,
        "name": rule.id,
        "shortDescription": {"text": rule.explanation[:_MOST_DESCRIPTION]},
        "fullDescription": {"text": f"{rule.explanation} {rule.why}"[:_MOST_DESCRIPTION]},
        "help": {"text": f"{rule.instead}\n\n{chr(10).join(rule.sources)}"},
        "helpUri": rule.sources[0],
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": properties,
    }


def _result(
    finding: Finding, index: int, accepted: str | None, files: Mapping[str, str]
) -> dict[str, Any]:
    folded = "".join(
        f"\n- {each.rule}, {each.address}: {each.what}" for each in finding.folded[:50]
    )
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {
            "text": f"{finding.address}: {finding.what}{folded}\n\nWhy: {finding.why}\n\n"
            f"Instead: {finding.instead}"
        },
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {
                        "uri": _uri(files.get(finding.plan, finding.plan)),
                        "uriBaseId": "%SRCROOT%",
                    },
                    "region": {"startLine": 1},
                },
                "logicalLocations": [
                    {"fullyQualifiedName": finding.address, "kind": "resource"},
                ],
            }
        ],
        # GitHub tells findings apart by this one; the number behind the colon is its convention
        "partialFingerprints": {"primaryLocationLineHash": f"{_fingerprint(finding)}:1"},
        "properties": {"severity": finding.severity.word},
    }
    if accepted is not None:
        result["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": accepted}
        ]
    return result


def _fingerprint(finding: Finding) -> str:
    key = "\n".join((finding.rule, PurePath(finding.plan).name, finding.address, finding.what))
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def _uri(file: str) -> str:
    # code scanning knows files of the repository only, and none by an absolute path
    path = Path(file)
    if path.is_absolute() or ".." in path.parts:
        here = Path.cwd()
        inside = path.is_absolute() and path.is_relative_to(here)
        path = path.relative_to(here) if inside else Path(path.name)
    return quote(path.as_posix())
