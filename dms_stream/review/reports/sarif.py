"""A review for code scanning, as SARIF 2.1.0, within what GitHub accepts of it.

https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
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
_MOST_FOLDED = 50
_USUAL = {rule.id: rule.severity for rule in ALL_RULES}
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
    """The review as SARIF, without what is accepted: code scanning reads no suppressions, so it
    would show it as open.

    Args:
        review: The review.
        files: Plan, and the file of the repository that its findings are shown at; default: the
            plan's own name. A plan has no lines of the configuration, so it is the file's first.
    """
    given = {(each.rule, each.severity) for each in review.findings}
    kinds = [
        (rule, severity)
        for rule in ALL_RULES
        for severity in sorted(Severity, reverse=True)
        if severity is rule.severity or (rule.id, severity) in given
    ]
    rules = {(rule.id, severity): number for number, (rule, severity) in enumerate(kinds)}
    seen: Counter[str] = Counter()
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "dms-stream review",
                        "rules": [_rule(rule, severity) for rule, severity in kinds],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The repository."}}},
                "invocations": [
                    {
                        "executionSuccessful": True,
                        "toolExecutionNotifications": _notifications(review),
                    }
                ],
                "results": [
                    _result(finding, rules[finding.rule, finding.severity], seen, files or {})
                    for finding in review.findings[:MOST_RESULTS]
                ],
            }
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _notifications(review: Review) -> list[dict[str, Any]]:
    texts = [not_judged(review)] if review.not_judged else []
    more = len(review.findings) - MOST_RESULTS
    if more > 0:
        texts.append(
            f"{count(more, 'finding')} of the least serious {'is' if more == 1 else 'are'} left "
            f"out: GitHub accepts {MOST_RESULTS}."
        )
    return [{"level": "warning", "message": {"text": text}} for text in texts]


def _id(rule: str, severity: Severity, usual: Severity) -> str:
    # GitHub takes the score, and so whether it is a vulnerability, from the rule: one that finds
    # what is more or less serious is several, therefore
    return rule if severity is usual else f"{rule}/{severity.word}"


def _rule(rule: Rule, severity: Severity) -> dict[str, Any]:
    properties: dict[str, Any] = {"severity": severity.word, "tags": [severity.word]}
    if severity is Severity.EXPOSURE:
        properties |= {"security-severity": _EXPOSURE_SCORE, "tags": ["security", "exposure"]}
    return {
        "id": _id(rule.id, severity, rule.severity),
        "name": rule.id,
        "shortDescription": {"text": rule.explanation[:_MOST_DESCRIPTION]},
        "fullDescription": {"text": f"{rule.explanation} {rule.why}"[:_MOST_DESCRIPTION]},
        "help": {"text": f"{rule.instead}\n\n{chr(10).join(rule.sources)}"},
        "helpUri": rule.sources[0],
        "defaultConfiguration": {"level": _LEVELS[severity]},
        "properties": properties,
    }


def _result(
    finding: Finding, index: int, seen: Counter[str], files: Mapping[str, str]
) -> dict[str, Any]:
    folded = "".join(
        f"\n- {each.rule}, {each.address}: {each.what}" for each in finding.folded[:_MOST_FOLDED]
    )
    if len(finding.folded) > _MOST_FOLDED:
        folded += f"\n- … and {len(finding.folded) - _MOST_FOLDED} more in it"
    fingerprint = _fingerprint(finding)
    seen[fingerprint] += 1
    return {
        "ruleId": _id(finding.rule, finding.severity, _USUAL[finding.rule]),
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
        # GitHub tells findings apart by this one; the number behind the colon counts equal ones
        "partialFingerprints": {
            "primaryLocationLineHash": f"{fingerprint}:{seen[fingerprint]}",
        },
        "properties": {"severity": finding.severity.word},
    }


def _fingerprint(finding: Finding) -> str:
    # the plan as a file of the repository: a folder elsewhere may have another name the next time
    key = "\n".join(
        (finding.rule, finding.severity.word, _uri(finding.plan), finding.address, finding.what)
    )
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def _uri(file: str) -> str:
    # code scanning knows files of the repository only, and none by an absolute path
    path = Path(file)
    if path.is_absolute() or ".." in path.parts:
        here = Path.cwd()
        inside = path.is_absolute() and path.is_relative_to(here)
        path = path.relative_to(here) if inside else Path(path.name)
    return quote(path.as_posix())
