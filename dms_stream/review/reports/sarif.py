"""A review for code scanning, as SARIF 2.1.0.

https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from dms_stream.review.reviewing import Review
from dms_stream.review.rule import Finding, Rule
from dms_stream.review.rules import ALL_RULES
from dms_stream.review.severity import Severity

_LEVELS = {
    Severity.DATA_LOSS: "error",
    Severity.EXPOSURE: "error",
    Severity.INTERRUPTION: "warning",
    Severity.UNKNOWN: "warning",
    Severity.NOTICE: "note",
    Severity.NOISE: "none",
}
# GitHub sorts by this, as it does vulnerabilities
_SCORES = {
    Severity.DATA_LOSS: "9.5",
    Severity.EXPOSURE: "8.0",
    Severity.INTERRUPTION: "6.0",
    Severity.UNKNOWN: "5.0",
    Severity.NOTICE: "2.0",
    Severity.NOISE: "0.0",
}


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
                "results": [
                    _result(finding, rules[finding.rule], reason, files or {})
                    for finding, reason in [*found, *known]
                ],
            }
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.explanation},
        "fullDescription": {"text": f"{rule.explanation} {rule.why}"},
        "help": {"text": f"{rule.instead}\n\n{chr(10).join(rule.sources)}"},
        "helpUri": rule.sources[0],
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"security-severity": _SCORES[rule.severity], "severity": rule.severity.word},
    }


def _result(
    finding: Finding, index: int, accepted: str | None, files: Mapping[str, str]
) -> dict[str, Any]:
    key = "\n".join((finding.rule, finding.plan, finding.address, finding.what))
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {
            "text": f"{finding.address}: {finding.what}\n\nWhy: {finding.why}\n\n"
            f"Instead: {finding.instead}"
        },
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(files.get(finding.plan, finding.plan))},
                    "region": {"startLine": 1},
                },
                "logicalLocations": [
                    {"fullyQualifiedName": finding.address, "kind": "resource"},
                ],
            }
        ],
        "partialFingerprints": {"finding/v1": hashlib.sha256(key.encode()).hexdigest()},
        "properties": {"severity": finding.severity.word},
    }
    if accepted is not None:
        result["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": accepted}
        ]
    return result
