"""When S3 deletes objects: the lifecycle rules of a bucket, by their effect."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.values import at

CONFIGURATION = "aws_s3_bucket_lifecycle_configuration"
BUCKET = "aws_s3_bucket"


class Kind(StrEnum):
    """What a rule does to an object of some age."""

    DELETE = "objects are deleted"
    DELETE_OLD = "overwritten and deleted objects are gone for good"
    DELETE_AT = "objects are deleted on a date"
    ARCHIVE = "objects move to an archive"
    MOVE = "objects move to another storage class"


@dataclass(frozen=True)
class Reach:
    """Which objects a rule is about.

    Attributes:
        prefix: The beginning of their keys.
        tags: The tags that they carry.
        least_bytes: Their size is above this one.
        most_bytes: Their size is below this one.
    """

    prefix: str
    tags: frozenset[tuple[str, str]]
    least_bytes: float = 0
    most_bytes: float = float("inf")

    def within(self, other: "Reach") -> bool:
        """Whether the other one takes in all of these objects."""
        return (
            self.prefix.startswith(other.prefix)
            and self.tags >= other.tags
            and self.least_bytes >= other.least_bytes
            and self.most_bytes <= other.most_bytes
        )


@dataclass(frozen=True)
class Effect:
    """One thing that a rule does.

    Attributes:
        rule: The rule's id.
        kind: What it does.
        age_days: How old an object is then; 0 where it is a date.
        reach: To which objects.
        kept: How many newer versions are spared.
        date: The date, where it is one.
    """

    rule: str
    kind: Kind
    age_days: int
    reach: Reach
    kept: int = 0
    date: str = ""

    def does_no_more_than(self, other: "Effect") -> bool:
        """Whether whatever this one does, the other one does too, and as early."""
        return (
            self.kind is other.kind
            and self.reach.within(other.reach)
            and self.age_days >= other.age_days
            and self.kept >= other.kept
            # a date has no age to be compared with
            and bool(self.date) == bool(other.date)
            and self.date >= other.date
        )


_ARCHIVES = ("GLACIER", "DEEP_ARCHIVE")
SMALLEST_MOVED = "transition_default_minimum_object_size"
"""The attribute that says whether small objects move, too, where a rule names no size."""

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
_ARCHIVES_TAKE_ALL = "varies_by_storage_class"
_BELOW_128_KB = 128 * 1024 - 1


def effects(type_: str, values: Mapping[str, Any]) -> Iterator[Effect]:
    """What the lifecycle rules of a resource do."""
    rules = values.get("rule" if type_ == CONFIGURATION else "lifecycle_rule")
    for each in rules if isinstance(rules, list) else []:
        enabled = each.get("status") == "Enabled" or each.get("enabled") is True
        if isinstance(each, dict) and enabled:
            yield from _effects(each, values.get(SMALLEST_MOVED) == _ARCHIVES_TAKE_ALL)


def effects_before(plan: Plan, change: ResourceChange) -> list[Effect]:
    """What the rules of the same bucket do before this plan, in whichever resources they stand."""
    bucket = change.new("bucket") or change.old("bucket")
    others = plan.by_bucket.get(bucket, ()) if isinstance(bucket, str) else ()
    # of one that is laid on another bucket, what it did before counts there
    stays = change.old("bucket") in (None, bucket)
    found = list(_before(change)) if stays else []
    for other in others:
        if other is not change and other.type in (CONFIGURATION, BUCKET):
            found += _before(other)
    return list(dict.fromkeys(found))


def _before(change: ResourceChange) -> list[Effect]:
    if "effects" not in change.memo:
        change.memo["effects"] = list(effects(change.type, change.before))
    found: list[Effect] = change.memo["effects"]
    return found


def _effects(rule: dict[str, Any], archives_take_all: bool) -> Iterator[Effect]:
    name, reach = str(rule.get("id") or ""), reach_of(rule)
    if days := at(rule, "expiration.0.days"):
        yield Effect(name, Kind.DELETE, int(days), reach)
    if date := at(rule, "expiration.0.date"):
        yield Effect(name, Kind.DELETE_AT, 0, reach, date=str(date))
    for old in rule.get("noncurrent_version_expiration") or []:
        days = old.get("noncurrent_days") or old.get("days")
        kept = int(old.get("newer_noncurrent_versions") or 0)
        if days or kept:
            yield Effect(name, Kind.DELETE_OLD, int(days or 0), reach, kept)
    for path in ("transition", "noncurrent_version_transition"):
        for each in rule.get(path) or []:
            kind = Kind.ARCHIVE if each.get("storage_class") in _ARCHIVES else Kind.MOVE
            age = each.get("days") or each.get("noncurrent_days") or 0
            names_size = reach != replace(reach, least_bytes=0, most_bytes=float("inf"))
            takes_all = names_size or (kind is Kind.ARCHIVE and archives_take_all)
            moved = reach if takes_all else replace(reach, least_bytes=_BELOW_128_KB)
            yield Effect(name, kind, int(age), moved, date=str(each.get("date") or ""))


def reach_of(rule: Mapping[str, Any]) -> Reach:
    """The objects that a rule is about, by its prefix and filter."""
    filters = [each for each in rule.get("filter") or [] if isinstance(each, dict)]
    parts = [inner for each in filters for inner in [each, *(each.get("and") or [])]]
    prefix = rule.get("prefix") or next(
        (part["prefix"] for part in parts if part.get("prefix")), ""
    )
    tags = set((rule.get("tags") or {}).items())
    least, most = 0.0, float("inf")
    for part in parts:
        tags |= set((part.get("tags") or {}).items())
        tags |= {
            (str(tag.get("key")), str(tag.get("value")))
            for tag in part.get("tag") or []
            if isinstance(tag, dict)
        }
        least = float(part.get("object_size_greater_than") or least)
        most = float(part.get("object_size_less_than") or most)
    return Reach(str(prefix), frozenset(tags), least, most)
