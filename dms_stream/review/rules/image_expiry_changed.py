"""Images of a container registry expire."""

from collections.abc import Iterator
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
    """A repository gets rules that expire images, or its rules change. On a new repository it is
    only said.
    """
    path = _PATHS[change.type]
    if not (change.makes or change.compares) or change.unknown(path) or not change.changed(path):
        return
    rules = change.new_document(path)
    added = [each for each in _rules(rules) if each not in _rules(change.old_document(path))]
    if rules is not None and not added:
        return
    new = change.action is Action.CREATE and plan.makes_owner(
        change, "repository", "aws_ecr_repository"
    )
    many = f"{count(len(added), 'rule')} for expiring images"
    if rules is None:
        many = "rules that this review cannot read"
    yield Observation(
        f"{clean(str(change.new('repository') or change.name))} gets {many}",
        severity=Severity.NOTICE if new else None,
        why="The repository is new and empty." if new else None,
        instead="Check that the rules are right." if new else None,
    )


def _rules(document: Any) -> list[Any]:
    rules = document.get("rules") if isinstance(document, dict) else None
    return rules if isinstance(rules, list) else []
