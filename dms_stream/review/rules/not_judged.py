"""Something changes that no rule knows."""

from collections.abc import Iterator

from dms_stream.review.harmless import why_harmless
from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.policy_attributes import documents
from dms_stream.review.provider_schema import has_default, policy_paths
from dms_stream.review.redaction import printable
from dms_stream.review.rule import Observation, rule
from dms_stream.review.severity import Severity
from dms_stream.review.stateful import is_known
from dms_stream.review.values import schema_path
from dms_stream.review.words import count

_MOST_NAMED = 8
_MAKES_MORE = (
    "aws_cloudformation_stack",
    "aws_cloudformation_stack_set_instance",
    "aws_cloudcontrolapi_resource",
    "aws_serverlessapplicationrepository_cloudformation_stack",
    "aws_servicecatalog_provisioned_product",
)
"""Types that run templates of their own."""


@rule(
    Severity.UNKNOWN,
    why="No rule knows what this does: it may be harmless, and it may not be.",
    instead="Read the change in the plan itself.",
    sources=("https://developer.hashicorp.com/terraform/internals/json-format",),
)
def not_judged(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """An attribute changes, or a resource is created, that no rule knows and that is not on the
    list of what does no harm. The findings of one type are folded into one.
    """
    if change.action is Action.CREATE:
        if change.type in _MAKES_MORE:
            yield Observation(f"{change.name} makes what no plan describes ({change.type})")
        elif not is_weighed(change.type):
            yield Observation(f"a resource of the type {change.type} is created")
        return
    if not change.compares:
        return
    paths = tuple(dict.fromkeys(schema_path(path) for path in _paths(change)))
    if paths:
        named = ", ".join(printable(path, 80) for path in paths[:_MOST_NAMED])
        named += ", …" * (len(paths) > _MOST_NAMED)
        verb = "changes" if len(paths) == 1 else "change"
        yield Observation(
            f"{count(len(paths), 'attribute')} {verb}: {named}",
            attributes=tuple(printable(path, 80) for path in paths),
        )


def is_weighed(type_: str) -> bool:
    """Whether the review knows what a new resource of a type means."""
    from dms_stream.review.rules import ALL_RULES

    if is_known(type_) or (type_.endswith("_policy") and policy_paths(type_)):
        return True
    return any(type_ in rule.types or type_ in rule.judges for rule in ALL_RULES)


def _paths(change: ResourceChange) -> Iterator[str]:
    from dms_stream.review.rules import judging, touched_by
    from dms_stream.review.rules.equal_in_meaning import means_the_same
    from dms_stream.review.rules.secret_in_state import secrets_written

    forced = {str(path[0]) for path in change.replace_paths if path}
    same: dict[str, bool] = {}
    secrets: set[str] | None = None
    for path in change.differing():
        top, plain = path.partition(".")[0], schema_path(path)
        if top in forced or why_harmless(change.type, plain) or judging(change.type, plain):
            continue
        if secrets is None:
            secrets = secrets_written(change)
        if top in documents(change) or path in secrets:
            continue
        if top not in same:
            same[top] = means_the_same(change, top)
        if not same[top]:
            yield path
    for path in change.unknown_paths():
        top, plain = path.partition(".")[0], schema_path(path)
        if top in forced or why_harmless(change.type, plain) or touched_by(change.type, plain):
            continue
        if change.old(path) is None or change.is_left_to_the_service(path):
            continue
        if not change.updates and has_default(change.type, plain):
            continue
        if judging(change.type, plain):
            continue
        yield path
