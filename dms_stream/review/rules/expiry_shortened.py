"""Objects of a bucket are deleted earlier than before."""

from collections.abc import Iterator

from dms_stream.review.lifecycles import (
    BUCKET,
    CONFIGURATION,
    SMALLEST_MOVED,
    Effect,
    Kind,
    effects,
    effects_before,
)
from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.redaction import clean
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity
from dms_stream.review.words import amount


@rule(
    Severity.DATA_LOSS,
    types=(CONFIGURATION, BUCKET),
    judges={
        CONFIGURATION: (
            "rule.expiration",
            "rule.noncurrent_version_expiration",
            "rule.transition",
            "rule.noncurrent_version_transition",
            "rule.filter",
            "rule.prefix",
            "rule.status",
            "rule",
            SMALLEST_MOVED,
        ),
        BUCKET: ("lifecycle_rule",),
    },
    at_creation=("rule",),
    belongs_to=("bucket", BUCKET),
    why=(
        "S3 deletes what is older than the new age within a day or so, including everything that "
        "is already in the bucket."
    ),
    instead=(
        "Keep the age. If less should be kept, first see with S3 Inventory what would go, and copy "
        "what is still needed."
    ),
    sources=(
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-"
        "considerations.html",
        provider_page("s3_bucket_lifecycle_configuration"),
    ),
    others=(Severity.INTERRUPTION, Severity.NOTICE),
)
def expiry_shortened(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A lifecycle rule deletes objects or old versions earlier, is new, is enabled, or reaches more
    objects: compared with all rules of the bucket before, by what they do. On a bucket that is new
    it is only said. Objects that move to an archive cannot be read until they are restored.
    """
    if not (change.makes or change.compares):
        return
    path = "rule" if change.type == CONFIGURATION else "lifecycle_rule"
    if change.unknown(path) and not change.new(path):
        return
    new_bucket = (
        change.makes
        if change.type == BUCKET
        else plan.makes_owner(change, "bucket", BUCKET, "aws_s3_directory_bucket")
    )
    known = effects_before(plan, change)
    for each in effects(change.type, change.after):
        if any(each.does_no_more_than(other) for other in known):
            continue
        if new_bucket:
            yield _on_a_new_bucket(each)
        else:
            yield _observation(each, known)


def _observation(each: Effect, known: list[Effect]) -> Observation:
    alike = [other for other in known if other.kind is each.kind]
    overlapping = [other for other in alike if each.reach.within(other.reach)]
    text = _words(each)
    if overlapping:
        # what reached the objects first; of rules that spare as many versions where there are some
        before = min(
            overlapping, key=lambda other: (other.kept != each.kept, other.age_days, other.kept)
        )
        if before.age_days != each.age_days:
            text += f" instead of {amount(before.age_days)}"
        if before.kept != each.kept:
            text += (
                f", with {amount(each.kept, 'newer version')} kept instead of {amount(before.kept)}"
            )
    elif alike:
        text += ", and the rule now reaches objects that no such rule reached before"
    else:
        text += ", and there was no such rule before"
    match each.kind:
        case Kind.ARCHIVE:
            return Observation(
                text,
                severity=Severity.INTERRUPTION,
                why="Whoever reads an archived object is refused until it is restored, for hours.",
                instead="Check that nobody reads objects of that age, Athena and Glue included.",
            )
        case Kind.MOVE:
            return Observation(
                text,
                severity=Severity.NOTICE,
                why="The objects stay readable; what they cost changes.",
                instead="Nothing needs to be done.",
            )
        case _:
            return Observation(text)


def _on_a_new_bucket(each: Effect) -> Observation:
    return Observation(
        _words(each),
        severity=Severity.NOTICE,
        why="The bucket is new and empty, so only what arrives later is concerned.",
        instead="Check that the ages are right.",
    )


def _words(each: Effect) -> str:
    name = f"rule {clean(each.rule)}: " if each.rule else ""
    if each.date:
        verb = "are deleted" if each.kind is Kind.DELETE_AT else "move to another storage class"
        return f"{name}objects {verb} on {clean(each.date)}"
    where = f" below {clean(each.reach.prefix)}" if each.reach.prefix else ""
    return f"{name}{each.kind}{where} after {amount(each.age_days, 'day')}"
