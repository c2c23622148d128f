"""A bucket no longer keeps what is overwritten or deleted."""

from collections.abc import Iterator

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity


@rule(
    Severity.DATA_LOSS,
    types=(
        "aws_s3_bucket_versioning",
        "aws_s3_bucket",
        "aws_s3_bucket_object_lock_configuration",
    ),
    watches=("versioning_configuration", "rule"),
    why="From then on what is overwritten or deleted, by whomever, is gone.",
    instead="Leave versioning on; a lifecycle rule for noncurrent versions limits what it costs.",
    sources=(
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html",
        provider_page("s3_bucket_versioning"),
    ),
)
def versioning_suspended(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """Versioning, MFA delete or object lock of a bucket is suspended, or its resource destroyed."""
    if change.type == "aws_s3_bucket_object_lock_configuration":
        if change.action is Action.DELETE:
            yield Observation("objects are no longer locked against deletion")
        return
    inline = change.type == "aws_s3_bucket"
    status = "versioning.0.enabled" if inline else "versioning_configuration.0.status"
    was_on = change.old(status) in ("Enabled", True)
    goes = change.action is Action.DELETE and not inline
    if goes and was_on and not plan.destroys("aws_s3_bucket", change.old("bucket")):
        yield Observation(f"versioning of {change.name} is suspended, as its resource is destroyed")
    stays = change.compares and not change.unknown(status)
    if stays and was_on and change.new(status) not in ("Enabled", True):
        yield Observation(f"versioning of {change.name} is suspended")
    delete = "versioning_configuration.0.mfa_delete"
    if change.compares and change.old(delete) == "Enabled" and change.new(delete) == "Disabled":
        yield Observation(f"{change.name}: deleting a version no longer needs a second factor")
