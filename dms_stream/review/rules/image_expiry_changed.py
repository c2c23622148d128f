"""Images of a container registry expire."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.redaction import clean
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity
from dms_stream.review.words import count

_PATHS = {
    "aws_ecr_lifecycle_policy": "policy",
    "aws_ecr_repository_creation_template": "lifecycle_policy",
}


@rule(
    Severity.DATA_LOSS,
    types=tuple(_PATHS),
    judges={type_: (path,) for type_, path in _PATHS.items()},
    at_creation=("policy",),
    belongs_to=("repository", "aws_ecr_repository"),
    why="ECR deletes within 24 hours what a rule hits, images that are in use included.",
    instead=(
        "Try the rules first (`aws ecr start-lifecycle-policy-preview`), and keep the tags that "
        "are deployed."
    ),
    sources=(
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html",
        provider_page("ecr_lifecycle_policy"),
    ),
    others=(Severity.NOTICE,),
)
def image_expiry_changed(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A repository gets rules that expire images, its rules keep fewer, or a rule that kept images
    from the rules after it no longer does. On a new repository it is only said.
    """
    path = _PATHS[change.type]
    if not (change.makes or change.compares) or change.unknown(path) or not change.changed(path):
        return
    rules = change.new_document(path)
    before, after = _rules(change.old_document(path)), _rules(rules)
    more = [each for each in after if _expires_more(each, before, after)]
    if rules is not None and not more:
        return
    new = change.action is Action.CREATE and plan.makes_owner(
        change, "repository", "aws_ecr_repository"
    )
    many = f"gets {count(len(more), 'rule')} for expiring images"
    if rules is None:
        many = "gets rules that this review cannot read"
    elif {each.images for each in more} <= {each.images for each in before}:
        many = f"expires more images than before by {count(len(more), 'rule')}"
    yield Observation(
        f"{clean(str(change.new('repository') or change.name))} {many}",
        severity=Severity.NOTICE if new else None,
        why="The repository is new and empty." if new else None,
        instead="Check that the rules are right." if new else None,
    )


@dataclass(frozen=True)
class _Expiry:
    """What a rule does.

    Attributes:
        images: Which images it is about and how it counts them, as text.
        kept: How many of them, or for how many days, it keeps.
        tagged: Whether they have tags, in ECR's word.
    """

    images: str
    kept: float
    tagged: str


def _rules(document: Any) -> list[_Expiry]:
    rules = document.get("rules") if isinstance(document, dict) else None
    entries = [each for each in rules or [] if isinstance(each, dict)]
    return [_expiry(each) for each in sorted(entries, key=lambda each: each.get("rulePriority", 0))]


def _expiry(each: dict[str, Any]) -> _Expiry:
    selection = dict(each.get("selection") or {})
    kept = float(selection.pop("countNumber", 0))
    images = json.dumps([selection, each.get("action")], sort_keys=True)
    return _Expiry(images, kept, str(selection.get("tagStatus")))


def _expires_more(each: _Expiry, before: list[_Expiry], after: list[_Expiry]) -> bool:
    if not any(other.images == each.images and other.kept <= each.kept for other in before):
        return True
    # an image that a rule is about is none for the rules after it, whether or not it expires
    return not _spared(each, before) <= _spared(each, after)


def _spared(each: _Expiry, rules: list[_Expiry]) -> set[str]:
    """The images that the rules before it keep from it."""
    first = takewhile(lambda other: other.images != each.images, rules)
    return {
        other.images
        for other in first
        if each.tagged == other.tagged or "any" in (each.tagged, other.tagged)
    }
