"""A review for programs."""

import json
from typing import Any

from dms_stream.review.reviewing import Review
from dms_stream.review.rule import Finding
from dms_stream.review.severity import Severity

FORMAT_VERSION = "1.2"
"""Its minor part grows with additions, its major part with changes that break readers."""


def json_report(review: Review, *, fail_on: Severity = Severity.DATA_LOSS) -> str:
    """The review as JSON."""
    document = {
        "format_version": FORMAT_VERSION,
        "fail_on": fail_on.word,
        "failed": bool(review.at_least(fail_on)),
        "plans": [
            {
                "name": plan,
                "actions": {
                    str(action): count for action, count in sorted(review.actions[plan].items())
                },
            }
            for plan in review.plans
        ],
        "counts": {
            severity.word: sum(1 for each in review.findings if each.severity is severity)
            for severity in sorted(Severity, reverse=True)
        },
        "findings": [_finding(each) for each in review.findings],
        "not_judged": {
            "changes": sum(each.changes for each in review.not_judged),
            "resources": sum(each.resources for each in review.not_judged),
            "types": [
                {
                    "type": each.type,
                    "resources": each.resources,
                    "changes": each.changes,
                    "attributes": list(each.attributes),
                }
                for each in review.not_judged
            ],
        },
        "accepted": [
            {**_finding(finding), "reason": each.reason, "expires": each.expires.isoformat()}
            for finding, each in review.accepted
        ],
        "stale_acknowledgements": [
            {**each.acknowledgement.model_dump(mode="json"), "problem": each.problem}
            for each in review.stale
        ],
        "other_stacks": list(review.other_stacks),
        "without_findings": [
            {"plan": plan, "address": address, "action": str(action)}
            for plan, address, action in review.quiet
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.word,
        "plan": finding.plan,
        "address": finding.address,
        "what": finding.what,
        "why": finding.why,
        "instead": finding.instead,
        "sources": list(finding.sources),
        "attributes": list(finding.attributes),
        "folded": [_finding(each) for each in finding.folded],
    }
