"""A bucket no longer keeps what is overwritten or deleted."""

from collections.abc import Iterator

from dms_stream.review.buckets import VERSIONING, moves_out
from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity

_TYPE = VERSIONING
_BUCKET = "aws_s3_bucket"


@rule(
    Severity.DATA_LOSS,
    types=(_TYPE, _BUCKET),
    judges={_TYPE: ("versioning_configuration",), _BUCKET: ("versioning",)},
    belongs_to=("bucket", _BUCKET),
    why="From then on, anything that is overwritten or deleted is gone.",
    instead="Leave versioning on; a lifecycle rule for noncurrent versions limits what it costs.",
    sources=(
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html",
        provider_page("s3_bucket_versioning"),
    ),
)
def versioning_suspended(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """Versioning or MFA delete of a bucket is suspended, or its resource destroyed. (Object lock:
    `data-unprotected`.)
    """
    inline = change.type == _BUCKET
    goes_inside = inline and change.updates and not change.new("versioning")
    if goes_inside and moves_out(plan, change, VERSIONING):
        return
    status = "versioning.0.enabled" if inline else "versioning_configuration.0.status"
    was_on = change.old(status) in ("Enabled", True)
    goes = change.action is Action.DELETE and not inline
    if goes and was_on and not plan.destroys(_BUCKET, change.old("bucket")):
        yield Observation(f"versioning of {change.name} is suspended, as its resource is destroyed")
    stays = change.compares and not change.unknown(status)
    if stays and was_on and change.new(status) not in ("Enabled", True):
        yield Observation(f"versioning of {change.name} is suspended")
    laid = change.action is Action.CREATE and not inline and not plan.makes_owner(change, "bucket")
    if laid and change.new(status) == "Suspended":
        yield Observation(f"versioning of {change.name} is suspended, if it was on")
    delete = "versioning.0.mfa_delete" if inline else "versioning_configuration.0.mfa_delete"
    needed = change.compares and change.old(delete) in ("Enabled", True)
    if needed and change.new(delete) in ("Disabled", False):
        yield Observation(f"{change.name}: deleting a version no longer needs a second factor")
