"""Somebody who works with the data may do less than before."""

from collections.abc import Iterator

from dms_stream.review.attachments import (
    ATTACHMENTS,
    BOUNDARY,
    BOUNDED,
    LIMITS,
    LISTS,
    attached,
    denials_laid,
    moves,
    only_denies,
)
from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.policies import (
    in_words,
    narrowed,
    newly_denied,
    only_refuses_insecure_transport,
)
from dms_stream.review.policy_attributes import (
    concerns_what_exists,
    documents,
    goes_alone,
    policy_after,
    policy_before,
)
from dms_stream.review.redaction import clean, printable
from dms_stream.review.rule import Observation, rule
from dms_stream.review.rules.shared import GRANTS, taken, what_is_granted
from dms_stream.review.severity import Severity


@rule(
    Severity.INTERRUPTION,
    judges={
        **LISTS,
        **{type_: (*LISTS.get(type_, ()), BOUNDARY) for type_ in BOUNDED},
    },
    judges_policies=True,
    why=(
        "If DMS, Firehose or a reader needs it, its next call is denied and the data stops flowing."
    ),
    instead=(
        "Check in CloudTrail who used it last, and take it away in a change of its own. A Deny "
        "wins over every Allow: name exactly whom and what it should hit."
    ),
    sources=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html",
        "https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html",
        "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Kinesis.html",
    ),
)
def access_removed(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A role, policy or attachment is destroyed or replaced, a policy allows less or denies more, a
    policy that only denies is attached, or a list of attachments becomes shorter or exclusive. What
    only moves to a resource of its own, or back, is none.
    """
    if change.type == "aws_iam_role" and change.destroys:
        because = f" {change.why_replaced()}" if change.makes else ""
        yield Observation(f"the role {change.name} is {change.action}{because}")
        return
    for right, holder in denials_laid(plan, change):
        yield Observation(f"{clean(right)}, which only denies, is attached to {clean(holder)}")
    if change.type in ATTACHMENTS and change.destroys:
        if change.type.endswith("_exclusive"):
            return
        for each in attached(change, before=True):
            _, right, holder = each
            if not moves(plan, each, away=True) and not only_denies(plan, right):
                yield Observation(f"{clean(right)} is detached from {clean(holder)}")
        return
    if change.type in GRANTS and change.action is Action.DELETE:
        yield Observation(f"taken back: {what_is_granted(change, before=True)}")
        return
    if change.type in GRANTS and change.compares:
        for path in ("operations", "permissions"):
            if gone := ", ".join(map(clean, taken(change, path))):
                yield Observation(f"taken back: {gone}; left: {what_is_granted(change)}")
        return
    yield from _limited(change)
    yield from _shorter_lists(plan, change)
    if change.action is Action.DELETE and not goes_alone(plan, change):
        return
    if change.action is Action.REPLACE and not change.type.endswith("_policy"):
        return
    for path in documents(change):
        if not change.unknown(path) and not change.sensitive(path):
            yield from _document(plan, change, path)


def _shorter_lists(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    right, _ = ATTACHMENTS.get(change.type, ("", ()))
    denies = bool(right) and only_denies(plan, str(change.old(right)))
    for path in LISTS.get(change.type, ()):
        if change.unknown(path) or denies:
            continue
        if change.action is Action.CREATE and change.type.endswith("_exclusive"):
            holder = next((name for name in _HOLDERS if change.new(name)), "")
            if holder and not plan.makes_owner(change, holder):
                listed = len(change.new(path) or [])
                yield Observation(
                    f"{path} of {clean(str(change.new(holder)))} becomes an exclusive list of "
                    f"{listed}: whatever else is attached to it is detached, and the plan does not "
                    "say what"
                )
        elif change.compares:
            moved = {
                right
                for kind, right, holder in attached(change, before=True)
                if moves(plan, (kind, right, holder), away=True)
            }
            gone = [
                each
                for each in _texts(change.old(path))
                if each not in _texts(change.new(path))
                and printable(each) not in moved
                and not only_denies(plan, each)
            ]
            if gone:
                shown = ", ".join(clean(each) for each in gone)
                verb = "is" if len(gone) == 1 else "are"
                yield Observation(f"{shown} {verb} taken out of {path} of {change.name}")


def _limited(change: ResourceChange) -> Iterator[Observation]:
    if change.type in BOUNDED and change.updates and not change.old(BOUNDARY):
        if change.new(BOUNDARY) or change.unknown(BOUNDARY):
            yield Observation(
                f"{change.name} may do no more than its boundary allows: {change.step(BOUNDARY)}"
            )
    elif change.type in LIMITS and change.action is Action.CREATE:
        right, holder = LIMITS[change.type]
        shown = [clean(str(change.new(path) or "something")) for path in (holder, right)]
        yield Observation("{} may do no more than {} allows".format(*shown))


_HOLDERS = ("role_name", "user_name", "group_name")


def _texts(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value] if value else []
    return [str(each) for each in values]


def _document(plan: Plan, change: ResourceChange, path: str) -> Iterator[Observation]:
    before, after = policy_before(plan, change, path), policy_after(plan, change, path)
    if before is not None:
        lost = narrowed(before, after)
        if lost:
            yield Observation(f"{path} of {change.name} no longer allows {in_words(lost)}")
    if after is None or not (change.compares or concerns_what_exists(plan, change)):
        return
    denied = [
        each for each in newly_denied(before, after) if not only_refuses_insecure_transport(each)
    ]
    if denied:
        yield Observation(f"{path} of {change.name} now denies {in_words(denied)}")
