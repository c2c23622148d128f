"""Somebody who works with the data may do less than before."""

from collections.abc import Iterator

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.policies import in_words, narrowed, read_policy
from dms_stream.review.policy_attributes import TYPES, documents
from dms_stream.review.rule import Observation, rule
from dms_stream.review.severity import Severity

_ATTACHMENTS = ("aws_iam_role_policy_attachment",)


@rule(
    Severity.INTERRUPTION,
    types=(*TYPES, *_ATTACHMENTS),
    why="If DMS, Firehose or a reader needs it, its next call is denied and the data stops.",
    instead="Check with CloudTrail who used it last, and take it away in a change of its own.",
    sources=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html",
        "https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html",
        "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Kinesis.html",
    ),
)
def access_removed(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A role, policy or attachment is destroyed or replaced, or a policy allows less."""
    if change.type == "aws_iam_role" and change.destroys:
        because = f", because of {change.reasons_for_replacement()}" if change.makes else ""
        yield Observation(f"the role {change.name} is {change.action}{because}")
    elif change.type in _ATTACHMENTS:
        if change.destroys:
            yield Observation(
                f"{change.old('policy_arn') or 'a policy'} is detached from "
                f"{change.old('role') or 'its role'}"
            )
    elif change.action in (Action.UPDATE, Action.REPLACE, Action.DELETE):
        if change.destroys and not _only_a_policy(plan, change):
            return
        for path in documents(change):
            if change.unknown(path) or change.sensitive(path):
                continue
            before = read_policy(change.old_document(path))
            if before is None:
                continue
            lost = narrowed(before, read_policy(change.new_document(path)))
            if lost:
                yield Observation(f"{path} of {change.name} no longer allows {in_words(lost)}")


def _only_a_policy(plan: Plan, change: ResourceChange) -> bool:
    # who is told that the thing itself goes knows that nobody may access it any more
    if not change.type.endswith("_policy"):
        return False
    return not plan.destroys("aws_iam_role", change.old("role"))
