"""Objects of a bucket are deleted earlier than before."""

import json
from collections.abc import Iterator
from typing import Any

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.redaction import clean
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity
from dms_stream.review.values import at, same
from dms_stream.review.words import count

_AGES = {
    "expiration.0.days": "objects are deleted after {}",
    "noncurrent_version_expiration.0.noncurrent_days": (
        "overwritten and deleted objects can be had back for {}"
    ),
}


@rule(
    Severity.DATA_LOSS,
    types=("aws_s3_bucket_lifecycle_configuration",),
    watches=("rule",),
    why=(
        "S3 deletes what is older than the new age within a day or so, everything that lies there "
        "already included."
    ),
    instead=(
        "Keep the age. If less shall be kept, first see with S3 Inventory what would go, and copy "
        "what is still needed."
    ),
    sources=(
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-"
        "considerations.html",
        provider_page("s3_bucket_lifecycle_configuration"),
    ),
)
def expiry_shortened(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A lifecycle rule expires objects or old versions earlier, is new, is enabled, or reaches
    further.
    """
    if change.action not in (Action.CREATE, Action.UPDATE, Action.REPLACE):
        return
    if change.unknown("rule"):
        return
    old_rules = _by_id(change.old("rule"))
    for id_, new in _by_id(change.new("rule")).items():
        if new.get("status") != "Enabled":
            continue
        old = old_rules.get(id_)
        if old is not None and old.get("status") != "Enabled":
            old = None
        yield from _expires_earlier(change, id_, old, new)


def _expires_earlier(
    change: ResourceChange, id_: str, old: dict[str, Any] | None, new: dict[str, Any]
) -> Iterator[Observation]:
    # a bucket that is made in the same plan holds nothing that could expire
    first = change.action is Action.CREATE
    severity = Severity.NOTICE if first else None
    for path, words in _AGES.items():
        age, before = at(new, path), at(old, path) if old else None
        if not age:
            continue
        wider = old is not None and before and not _same_reach(old, new)
        if before and age >= before and not wider:
            continue
        text = f"rule {clean(id_)}: {words.format(count(age, 'day'))}"
        if wider and age >= (before or 0):
            text += ", and the rule now reaches other objects than before"
        elif not first:
            text += f" instead of {before}" if before else ", and there was no such rule before"
        yield Observation(
            text,
            severity=severity,
            why="The rules are new, so they delete what comes later." if first else None,
            instead="Check that the ages are meant." if first else None,
        )
    date, date_before = at(new, "expiration.0.date"), at(old, "expiration.0.date") if old else None
    if date and date != date_before:
        yield Observation(f"rule {clean(id_)}: objects are deleted on {clean(str(date))}")
    newer = "noncurrent_version_expiration.0.newer_noncurrent_versions"
    kept, kept_before = at(new, newer), at(old, newer) if old else None
    if kept_before and (kept or 0) < kept_before:
        yield Observation(
            f"rule {clean(id_)}: {count(kept or 0, 'old version')} kept instead of {kept_before}"
        )


def _same_reach(old: dict[str, Any], new: dict[str, Any]) -> bool:
    # the prefix of a rule may stand in its filter or beside it
    def reach(rule_: dict[str, Any]) -> Any:
        filters = [each for each in rule_.get("filter") or [] if each]
        return {"prefix": rule_.get("prefix") or at(filters, "0.prefix"), "filter": filters}

    one, other = reach(old), reach(new)
    return same(one["prefix"], other["prefix"]) and same(one["filter"], other["filter"])


def _by_id(rules: Any) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for each in rules if isinstance(rules, list) else []:
        if isinstance(each, dict):
            found[str(each.get("id") or json.dumps(each.get("filter"), sort_keys=True))] = each
    return found
